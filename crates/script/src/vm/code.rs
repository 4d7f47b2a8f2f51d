//! The instructions of the register machine. They are made in `compile.rs` and run in `run.rs`.

use crate::functions::Function;
use crate::host::CallSite;
use crate::ir::BinaryOp;
use crate::reply::ReplyForm;
use crate::source_line::SourceLine;
use crate::value::{StrValue, Val};

/// A register. Constants, keys and arguments are registers too, filled before the first instruction.
pub(crate) type Reg = u16;

/// The position of an instruction.
pub(crate) type At = u32;

/// Registers in a row of the operand table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Regs {
    pub(crate) from: u32,
    pub(crate) count: u32,
}

/// An instruction. The first register is the target, where there is a result.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    Move(Reg, Reg),
    /// The truth of a register.
    Truth(Reg, Reg),
    Not(Reg, Reg),
    Binary(BinaryOp, Reg, Reg, Reg),
    Index(Reg, Reg, Reg),
    Get(Reg, Reg, Reg),
    SetAt(Reg, Reg, Reg),
    SetKey(Reg, Reg, Reg),
    List(Reg, Regs),
    Dict(Reg, Regs),
    /// The number in a text: the one function that every loop calls.
    Num(Reg, Reg),
    /// A function, by its position in [`Code::functions`].
    Call(Reg, u16, Regs),
    /// A command, by its site.
    Command(Reg, u16, Regs),
    Log(Reg, Reg),
    Jump(At),
    JumpIf(Reg, At),
    JumpUnless(Reg, At),
    /// Jumps if a register is None, or if it is not.
    JumpNone(Reg, bool, At),
    /// Jumps unless two registers compare like this.
    JumpCompare(BinaryOp, Reg, Reg, At),
    /// Refuses what is no list, before a loop over it.
    ForStart(Reg),
    /// Reads the next item of a list: list, position (counted up), item, and the target of the jump after the last one.
    ForNext {
        list: Reg,
        index: Reg,
        item: Reg,
        end: At,
    },
    Return(Reg),
}

/// A compiled program.
#[derive(Debug, Default)]
pub(crate) struct Code {
    pub(crate) ops: Vec<Op>,
    /// For each instruction, which of `lines` it comes from.
    pub(crate) places: Vec<u32>,
    /// The source locations of the statements.
    pub(crate) lines: Vec<SourceLine>,
    pub(crate) operands: Vec<Reg>,
    pub(crate) functions: Vec<Function>,
    pub(crate) sites: Vec<(CallSite, ReplyForm)>,
    pub(crate) constants: Vec<(Reg, Constant)>,
    pub(crate) keys: Reg,
    pub(crate) args: Reg,
    pub(crate) registers: usize,
    /// Whether an instruction can run more than once.
    pub(crate) has_loops: bool,
}

impl Code {
    /// The registers in a row of the operand table.
    #[inline]
    pub(crate) fn operands(&self, regs: Regs) -> &[Reg] {
        let from = regs.from as usize;
        &self.operands[from..from + regs.count as usize]
    }
}

/// A literal, in a form that can be shared between threads.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Constant {
    None,
    Bool(bool),
    Num(f64),
    Str(Vec<u8>),
}

impl Constant {
    pub(crate) fn value(&self) -> Val {
        match self {
            Constant::None => Val::None,
            Constant::Bool(value) => Val::Bool(*value),
            Constant::Num(number) => Val::Num(*number),
            Constant::Str(text) => Val::Str(StrValue::from(text.as_slice())),
        }
    }
}
