//! What clients must know of commands that are not declared: those that a server has and this library does not, which come
//! as raw calls. The rows follow from what servers say of them.

use crate::methods::elsewhere::ROWS;
use crate::spec::Handling;

/// The handling of a command that no known server has.
static UNKNOWN: Handling = Handling { blocks: None, repeatable: false, session: None };

/// How a call of this name, with this first argument, has to be handled. A command that no known server has waits for
/// nothing, and is not repeated.
#[cold]
pub fn handling<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> &'static Handling {
    let (name, argument) = (words.next().unwrap_or_default(), words.next());
    let Some(first) = name.first().map(u8::to_ascii_uppercase) else { return &UNKNOWN };
    let is = |row: &str| match row.split_once(' ') {
        None => name.eq_ignore_ascii_case(row.as_bytes()),
        Some((container, word)) => {
            name.eq_ignore_ascii_case(container.as_bytes())
                && argument.is_some_and(|argument| argument.eq_ignore_ascii_case(word.as_bytes()))
        }
    };
    let from = ROWS.partition_point(|(row, _)| row.as_bytes()[0] < first);
    let near = ROWS[from..].iter().take_while(|(row, _)| row.as_bytes()[0] == first);
    near.filter(|(row, _)| is(row)).map(|(_, handling)| handling).next().unwrap_or(&UNKNOWN)
}

/// The name of such a command, for messages: in upper case, without the word of a subcommand.
pub fn name(words: &[&[u8]]) -> String {
    String::from_utf8_lossy(words.first().copied().unwrap_or_default()).to_ascii_uppercase()
}
