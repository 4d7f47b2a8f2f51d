//! The fields of a declaration, as data: what `#[derive(Command)]` finds out from their types.

use super::argument::Argument;
use super::keys::{Access, Find};

/// A field of a command.
#[derive(Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// The name.
    pub name: &'static str,
    /// The fewest arguments it takes.
    pub min: usize,
    /// Whether it may take more than that.
    pub open: bool,
    /// The arguments that are keys.
    pub keys: Option<Find>,
    /// The access to these keys.
    pub access: Access,
    /// The names in its arguments that are no keys.
    pub names: Option<Names>,
    /// Whether it says how long the command may wait.
    pub timeout: bool,
    /// The options, or the alternatives of a token.
    pub options: &'static [OptionSpec],
    /// The entry in `COMMAND DOCS`.
    pub argument: Argument,
}

/// An option, known by its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OptionSpec {
    /// The word.
    pub token: &'static str,
    /// The fewest arguments that follow it.
    pub min: usize,
    /// Whether more may follow, to the end.
    pub open: bool,
    /// The arguments that are keys.
    pub keys: Option<Find>,
    /// From where `COMMAND INFO` says that the word is looked for, where that is not the first option.
    pub keys_from: Option<i32>,
    /// Whether it names keys of which `COMMAND INFO` does not say where they are: SORT's.
    pub hides_keys: bool,
    /// The access to these keys.
    pub access: Access,
    /// The names in its arguments that are no keys.
    pub names: Option<Names>,
    /// Whether it says how long the command may wait.
    pub timeout: bool,
}

/// Names in arguments that are no keys, and which a prefix concerns too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Names {
    /// A pattern of keys, such as that of KEYS.
    Keys,
    /// A channel of publish and subscribe.
    Channel,
    /// A pattern of channels.
    Channels,
}

/// The position of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// This position; the name has position 0.
    At(usize),
    /// The position after this token among options that begin at this position.
    After(&'static str, usize),
}

impl OptionSpec {
    /// An option of this token, which this many arguments follow.
    pub const fn of(token: &'static str, min: usize) -> Self {
        OptionSpec {
            token,
            min,
            open: false,
            keys: None,
            keys_from: None,
            hides_keys: false,
            access: Access::NONE,
            names: None,
            timeout: false,
        }
    }

    /// The same position, of arguments that go on to the end.
    #[must_use]
    pub const fn to_the_end(self) -> Self {
        OptionSpec { open: true, ..self }
    }

    /// Calls `each` with the options among these arguments from this position on, and with the positions of their words.
    ///
    /// They are found as a server finds them, one after the other, so that no name is taken for a word. What is unknown
    /// is passed over: the option of a later server.
    pub fn walk(options: &'static [Self], from: usize, args: &[&[u8]], each: &mut dyn FnMut(&'static Self, usize)) {
        let mut at = from;
        while let Some(arg) = args.get(at) {
            let known = options.iter().find(|option| arg.eq_ignore_ascii_case(option.token.as_bytes()));
            let Some(option) = known else {
                at += 1;
                continue;
            };
            each(option, at);
            if option.open {
                break;
            }
            at += 1 + option.min;
        }
    }
}
