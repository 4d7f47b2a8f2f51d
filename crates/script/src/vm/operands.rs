//! The arguments of a command, from registers: strings where they are, numbers printed.

use redipy_command::Result;
use redipy_command::number::FLOAT_LEN;

use super::code::Reg;
use crate::texts::fail;
use crate::value::{Val, ops};

/// The texts of the numbers among the arguments of one command, one after the other.
#[derive(Debug, Default)]
pub(super) struct Printed {
    texts: Vec<u8>,
    lengths: Vec<u8>,
}

impl Printed {
    /// Prints the numbers among these registers, and refuses what is no argument.
    pub(super) fn print(&mut self, regs: &[Val], operands: &[Reg]) -> Result<()> {
        self.texts.clear();
        self.lengths.clear();
        for reg in operands {
            match &regs[usize::from(*reg)] {
                Val::Str(_) => {}
                Val::Num(number) => {
                    let before = self.texts.len();
                    ops::push_digits(*number, &mut self.texts)?;
                    let length = (self.texts.len() - before).min(FLOAT_LEN);
                    self.lengths.push(length as u8);
                }
                other => return Err(fail(format!("command argument must be str or number, not {}", other.kind()))),
            }
        }
        Ok(())
    }

    /// Fills slots with the texts of these registers, with numbers as they were printed.
    pub(super) fn fill<'a>(&'a self, regs: &'a [Val], operands: &[Reg], slots: &mut [&'a [u8]]) {
        let (mut rest, mut lengths) = (&self.texts[..], self.lengths.iter());
        for (slot, reg) in slots.iter_mut().zip(operands) {
            *slot = match &regs[usize::from(*reg)] {
                Val::Str(text) => text,
                _ => {
                    let length = usize::from(lengths.next().copied().unwrap_or_default());
                    let (text, more) = rest.split_at(length);
                    rest = more;
                    text
                }
            };
        }
    }
}

/// Fills slots with the texts of these registers; `false` if one is no string.
#[inline]
pub(super) fn texts<'a>(regs: &'a [Val], operands: &[Reg], slots: &mut [&'a [u8]]) -> bool {
    for (slot, reg) in slots.iter_mut().zip(operands) {
        let Val::Str(text) = &regs[usize::from(*reg)] else { return false };
        *slot = text;
    }
    true
}
