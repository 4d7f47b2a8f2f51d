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
    /// The name, where it is not the first word in the buffer.
    pub(super) name: Option<&'static str>,
    pub(super) bytes: &'a [u8],
    /// The beginning of the first word in the buffer.
    pub(super) start: usize,
    /// The ends of the words in the buffer.
    pub(super) ends: &'a [usize],
    pub(super) lacks_room: bool,
}

impl<'a> EncodedRef<'a> {
    /// The specification of the command, if the command table has it.
    #[inline]
    pub fn spec(self) -> Option<&'static Spec> {
        self.spec.or_else(|| self.subcommand())
    }

    /// The subcommand that the first argument names.
    #[cold]
    fn subcommand(self) -> Option<&'static Spec> {
        let mut words = self.args();
        self.container().zip(words.nth(1)).and_then(|(container, word)| container.find(word))
    }

    /// The container of subcommands that the name stands for, if it is no command.
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

    /// The words of the name, and the arguments.
    #[inline]
    pub fn args(self) -> Words<'a> {
        Words { name: self.name, rest: self.buffered() }
    }

    /// The arguments, without the words of the name that the declaration has.
    #[inline]
    pub fn arguments(self) -> impl Iterator<Item = &'a [u8]> {
        let words = if self.name.is_some() { 0 } else { self.spec().map_or(1, |spec| spec.words) };
        let mut rest = self.buffered();
        for _ in 0..words {
            rest.next();
        }
        rest
    }

    #[inline]
    pub(super) fn buffered(self) -> Buffered<'a> {
        Buffered { bytes: self.bytes, start: self.start, ends: self.ends.iter() }
    }

    /// The name and the arguments, as a list.
    pub fn to_vec(self) -> Vec<&'a [u8]> {
        self.args().collect()
    }

    /// The name as it was given, without that of a subcommand.
    pub fn name(self) -> &'a [u8] {
        self.args().next().unwrap_or_default()
    }

    /// Refuses a command for whose arguments there was no room when it was made.
    ///
    /// # Errors
    /// `OOM`.
    #[inline]
    pub fn check(self) -> Result<()> {
        if self.lacks_room { fail(texts::NO_ROOM) } else { Ok(()) }
    }

    /// A copy.
    pub fn to_encoded(self) -> Encoded {
        self.map(|_, arg, out| out.extend_from_slice(arg))
    }

    /// A copy with every argument put through `map`, which sees position and bytes.
    #[must_use]
    pub fn map(self, mut map: impl FnMut(usize, &'a [u8], &mut Vec<u8>)) -> Encoded {
        let len = self.args().map(<[u8]>::len).sum();
        // A large one is not made larger than this by what is added to its arguments.
        let len = if len > LARGE { len + LARGE } else { len };
        let mut out = Encoded::empty(self.spec, len, self.args().len());
        if self.lacks_room || out.lacks_room {
            return out.without_arguments(self.args().len());
        }
        for (i, arg) in self.args().enumerate() {
            map(i, arg, &mut out.bytes);
            out.ends.push(out.bytes.len());
        }
        out
    }
}

/// The words of the name of a command, and its arguments.
#[derive(Debug, Clone)]
pub struct Words<'a> {
    /// The rest of a name that is not in the buffer.
    name: Option<&'static str>,
    rest: Buffered<'a>,
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let Some(name) = self.name else { return self.rest.next() };
        let (word, rest) = name.split_once(' ').map_or((name, None), |(word, rest)| (word, Some(rest)));
        self.name = rest;
        Some(word.as_bytes())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let words = self.name.map_or(0, |name| name.split(' ').count());
        (words + self.rest.len(), Some(words + self.rest.len()))
    }
}

impl ExactSizeIterator for Words<'_> {}

/// Words in a buffer.
#[derive(Debug, Clone)]
pub(super) struct Buffered<'a> {
    bytes: &'a [u8],
    start: usize,
    ends: std::slice::Iter<'a, usize>,
}

impl<'a> Iterator for Buffered<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let end = *self.ends.next()?;
        let word = &self.bytes[self.start..end];
        self.start = end;
        Some(word)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ends.size_hint()
    }
}

impl ExactSizeIterator for Buffered<'_> {}

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
