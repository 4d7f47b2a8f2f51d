//! A command going out, borrowed.

use std::fmt;

use super::Encoded;
use crate::bytes::quote;
use crate::elsewhere;
use crate::error::{Error, Result};
use crate::methods;
use crate::room::LARGE;
use crate::spec::{Container, Handling, Spec};
use crate::texts::{self, fail};

/// A command in the form in which it is sent, borrowed from an [`Encoded`] or from a list of many
/// ([`EncodedList`](super::EncodedList)).
#[derive(Clone, Copy)]
pub struct EncodedRef<'a> {
    pub(super) spec: Option<&'static Spec>,
    pub(super) bytes: &'a [u8],
    /// Where the first argument begins.
    pub(super) start: usize,
    /// Where each argument ends.
    pub(super) ends: &'a [usize],
    pub(super) lacks_room: bool,
}

impl<'a> EncodedRef<'a> {
    /// What is known of the command, if it is in the command table.
    #[inline]
    pub fn spec(self) -> Option<&'static Spec> {
        self.spec.or_else(|| self.subcommand())
    }

    /// The subcommand that the first argument names.
    #[cold]
    fn subcommand(self) -> Option<&'static Spec> {
        if self.ends.len() < 2 { None } else { self.container()?.find(self.get(1)) }
    }

    /// What the name contains, if it is that of no command but of a container of subcommands.
    pub fn container(self) -> Option<&'static Container> {
        methods::container(self.name())
    }

    /// How the call has to be handled: by its declaration or, where it is not declared, by what servers say of it.
    #[inline]
    pub fn handling(self) -> &'static Handling {
        match self.spec() {
            Some(spec) => &spec.handling,
            None => elsewhere::handling(self.args()),
        }
    }

    /// The name in upper case, with that of the subcommand; what no server knows has one word.
    pub fn full_name(self) -> String {
        match self.spec() {
            Some(spec) => spec.name.to_owned(),
            None => elsewhere::name(&[self.name()]),
        }
    }

    /// The name and the arguments.
    #[inline]
    pub fn args(self) -> impl ExactSizeIterator<Item = &'a [u8]> {
        let mut start = self.start;
        self.ends.iter().map(move |end| {
            let arg = &self.bytes[start..*end];
            start = *end;
            arg
        })
    }

    /// The name and the arguments, as a list.
    pub fn to_vec(self) -> Vec<&'a [u8]> {
        self.args().collect()
    }

    /// The name as it was given.
    pub fn name(self) -> &'a [u8] {
        self.get(0)
    }

    /// Refuses a command for whose arguments there was no room when it was made.
    ///
    /// # Errors
    /// `OOM`.
    #[inline]
    pub fn check(self) -> Result<()> {
        if self.lacks_room { fail(texts::NO_ROOM) } else { Ok(()) }
    }

    fn get(self, i: usize) -> &'a [u8] {
        let start = if i == 0 { self.start } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    /// Bytes of all arguments.
    fn len(self) -> usize {
        self.ends.last().map_or(0, |end| end - self.start)
    }

    /// A copy.
    pub fn to_encoded(self) -> Encoded {
        let mut out = Encoded::empty(self.spec, self.len(), self.ends.len());
        if self.lacks_room || out.lacks_room {
            return out.without_arguments(self.ends.len());
        }
        out.bytes.extend_from_slice(&self.bytes[self.start..self.start + self.len()]);
        out.ends.extend(self.ends.iter().map(|end| end - self.start));
        out
    }

    /// A copy with every argument put through `map`, which sees position and bytes.
    #[must_use]
    pub fn map(self, mut map: impl FnMut(usize, &'a [u8], &mut Vec<u8>)) -> Encoded {
        let len = self.len();
        // A large one is not made larger than this by what is added to its arguments.
        let len = if len > LARGE { len + LARGE } else { len };
        let mut out = Encoded::empty(self.spec, len, self.ends.len());
        if self.lacks_room || out.lacks_room {
            return out.without_arguments(self.ends.len());
        }
        for (i, arg) in self.args().enumerate() {
            map(i, arg, &mut out.bytes);
            out.ends.push(out.bytes.len());
        }
        out
    }
}

/// The declaration of a command, name and arguments, if it has one.
pub fn spec_of(words: &[&[u8]]) -> Option<&'static Spec> {
    let (name, rest) = words.split_first()?;
    methods::find(name).or_else(|| methods::container(name)?.find(rest.first()?))
}

/// What a server says of a command that it does not have, name and arguments: one that has those commands for which `has`
/// holds.
#[cold]
pub fn unknown(words: &[&[u8]], has: impl Fn(&Spec) -> bool) -> Error {
    let (name, rest) = words.split_first().map_or((&[][..], words), |(name, rest)| (*name, rest));
    let container = methods::container(name).filter(|container| container.commands.iter().any(|spec| has(spec)));
    match (container, rest) {
        (Some(container), []) => texts::arity(container.name),
        (Some(container), [word, ..]) => texts::unknown_subcommand(container.name, word),
        (None, rest) => texts::unknown_command(name, rest),
    }
}

impl PartialEq for EncodedRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.spec == other.spec && self.lacks_room == other.lacks_room && self.args().eq(other.args())
    }
}

impl fmt::Display for EncodedRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.name()))?;
        for arg in self.args().skip(1) {
            f.write_str(" ")?;
            quote(arg, f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for EncodedRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
