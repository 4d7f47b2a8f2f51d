//! From checked IR to Lua 5.1, as servers run it: readable, deterministic, and exact where it matters.
//!
//! Plain Lua is written where the types prove it right; elsewhere a helper function does what the language says.
//!
//! **The call**: `EVALSHA sha numkeys key... argument...`, with the declared keys and arguments in order. How an
//! argument is written is in `argument.rs`, how a reply is read in `answer.rs`: numbers and byte strings survive exactly.

mod expr;
mod helpers;
mod leave;
mod parts;
mod text;
mod writer;

use redipy_command::Result;

use crate::check::Checked;

#[cfg(test)]
pub(crate) use helpers::has_helper;

/// The Lua text of a program.
///
/// # Errors
/// When the program is larger than what Lua can hold.
pub fn generate(checked: &Checked) -> Result<String> {
    writer::Writer::new(checked, false).write()
}

/// The Lua text of a program for calls under a prefix, which is the last argument then.
///
/// # Errors
/// As [`generate`], and for commands that cannot be called under a prefix.
pub(crate) fn generate_prefixed(checked: &Checked) -> Result<String> {
    writer::Writer::new(checked, true).write()
}
