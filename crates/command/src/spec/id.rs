//! The numbers of commands: dense, in the order of their names.

use super::names::NAMES;

/// The number of a command: its place among all declared commands, so that a table can be asked without hashing.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::{Command, hash::HGet, spec::CommandId};
///
/// assert_eq!(CommandId::of("HGET"), HGet::SPEC.id);
/// assert!(HGet::SPEC.id.index() < CommandId::COUNT);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CommandId(u16);

impl CommandId {
    /// The number of commands that this crate declares.
    pub const COUNT: usize = NAMES.len();

    /// The number of every command that is declared elsewhere, by a user: the one behind the last.
    pub const FOREIGN: CommandId = CommandId(NAMES.len() as u16);

    /// The number of the command of this name.
    pub const fn of(name: &str) -> Self {
        let (mut from, mut to) = (0, NAMES.len());
        while from < to {
            let middle = (from + to) / 2;
            match compare(NAMES[middle], name) {
                0 => return CommandId(middle as u16),
                less if less < 0 => from = middle + 1,
                _ => to = middle,
            }
        }
        CommandId::FOREIGN
    }

    /// The number, at most [`COUNT`](Self::COUNT).
    #[inline]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Negative, zero or positive, as `a` comes before, with or after `b`.
const fn compare(a: &str, b: &str) -> i32 {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() {
        if a[i] != b[i] {
            return a[i] as i32 - b[i] as i32;
        }
        i += 1;
    }
    a.len() as i32 - b.len() as i32
}
