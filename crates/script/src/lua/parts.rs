//! The functions that blocks become which are nested too deeply for Lua. They are written in `leave.rs`.

use crate::ir::{BlockId, Ir, StmtKind};

/// Blocks nested less deeply than this need no parts: Lua's parser allows 200 levels.
const FLAT: usize = 35;

/// Loops over lists nested less deeply than this need none either: each has up to five hidden locals.
const FLAT_LOOPS: usize = 10;

/// The functions that deep blocks have become.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Whether some block is nested deeply. Then no variable is a local.
    pub(super) needed: bool,
    /// Their text.
    pub(super) text: String,
    pub(super) count: usize,
    /// The number of loops that were open at the beginning of the current part; `None` in the script itself.
    pub(super) loops: Option<usize>,
}

impl Parts {
    pub(super) fn new(ir: &Ir) -> Self {
        let (blocks, loops) = depth(ir, ir.body);
        let needed = blocks > FLAT || loops > FLAT_LOOPS;
        let text = if needed { "local parts = {}\n".to_owned() } else { String::new() };
        Self { needed, text, ..Self::default() }
    }
}

/// The depths of nested blocks and of nested loops over lists in a block.
fn depth(ir: &Ir, block: BlockId) -> (usize, usize) {
    let (mut blocks, mut loops) = (0, 0);
    for stmt in ir.block(block) {
        let own = usize::from(matches!(stmt.kind, StmtKind::For { .. }));
        for inner in stmt.kind.blocks().into_iter().flatten() {
            let (inner_blocks, inner_loops) = depth(ir, inner);
            (blocks, loops) = (blocks.max(inner_blocks + 1), loops.max(inner_loops + own));
        }
    }
    (blocks, loops)
}
