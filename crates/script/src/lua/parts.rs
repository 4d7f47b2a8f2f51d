//! The functions that blocks become which are nested too deeply for Lua's parser. They are written in `leave.rs`.

use crate::ir::{BlockId, Ir};

/// Blocks nested less deeply than this need no parts.
const FLAT: usize = 35;

/// The functions that deep blocks have become.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Whether some block is nested deeply.
    pub(super) needed: bool,
    /// Their text.
    pub(super) text: String,
    pub(super) count: usize,
    /// How many loops were open where the part begins that is being written; None in the script itself.
    pub(super) loops: Option<usize>,
}

impl Parts {
    pub(super) fn new(ir: &Ir) -> Self {
        let needed = depth(ir, ir.body) > FLAT;
        let text = if needed { "local parts = {}\n".to_owned() } else { String::new() };
        Self { needed, text, ..Self::default() }
    }
}

fn depth(ir: &Ir, block: BlockId) -> usize {
    let inner = ir.block(block).iter().flat_map(|stmt| stmt.kind.blocks());
    inner.flatten().map(|block| depth(ir, block) + 1).max().unwrap_or(0)
}
