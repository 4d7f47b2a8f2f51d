//! A command going out: its name and its arguments, as a list of byte strings.

use std::fmt;

use smallvec::{SmallVec, smallvec};

use crate::bytes::quote;
use crate::elsewhere;
use crate::error::{Error, Result};
use crate::execute::Command;
use crate::forms::ToArgs;
use crate::methods;
use crate::room::{self, LARGE, Sizes};
use crate::sink::Sink;
use crate::spec::{Container, Handling, Spec};
use crate::texts::{self, fail};

/// A command in the form in which it is sent: its name and its arguments, in one buffer.
///
/// Making one does not fail. Where there was no room for its arguments they are empty, and whoever is to execute it refuses
/// it ([`check`](Self::check)).
#[derive(PartialEq)]
pub struct Encoded {
    spec: Option<&'static Spec>,
    bytes: Vec<u8>,
    /// Where each argument ends; most commands have few.
    ends: SmallVec<[usize; 4]>,
    lacks_room: bool,
}

impl Encoded {
    /// A typed command, encoded.
    pub fn of<C: Command>(command: &C) -> Self {
        let mut size = Sizes::default();
        command.encode(&mut size);
        let mut out = Self::with_size(C::SPEC, size);
        command.encode(&mut out);
        out
    }

    /// A raw command; its Spec is looked up among the commands that this library knows. The name of a subcommand is the
    /// first argument.
    pub fn raw(name: &[u8]) -> Self {
        let mut out = Self::empty(methods::find(name), name.len(), 1);
        Sink::arg(&mut out, name);
        out
    }

    fn with_size(spec: &'static Spec, size: Sizes) -> Self {
        let mut out = Self::empty(Some(spec), spec.name.len() + size.bytes, spec.words + size.count);
        if spec.words == 1 {
            Sink::arg(&mut out, spec.name.as_bytes());
        } else {
            spec.name_words().for_each(|word| Sink::arg(&mut out, word.as_bytes()));
        }
        out
    }

    /// Room for so many bytes and arguments.
    fn empty(spec: Option<&'static Spec>, bytes: usize, args: usize) -> Self {
        let mut out = Self { spec, bytes: Vec::new(), ends: SmallVec::with_capacity(args), lacks_room: false };
        if bytes <= LARGE {
            out.bytes.reserve_exact(bytes);
        } else {
            out.lacks_room = room::grow(&mut out.bytes, bytes).is_err();
        }
        out
    }

    /// One for whose arguments there is no room: all of them are empty.
    fn without_arguments(self, count: usize) -> Self {
        Self { spec: self.spec, bytes: Vec::new(), ends: smallvec![0; count], lacks_room: true }
    }

    /// The same command with one more argument, or several: `.arg("key")`, `.arg(&members)`.
    #[must_use]
    pub fn arg(mut self, arg: impl ToArgs) -> Self {
        arg.to_args().iter().for_each(|arg| arg.write(&mut self));
        self
    }

    /// What is known of the command, if it is in the command table.
    #[inline]
    pub fn spec(&self) -> Option<&'static Spec> {
        self.spec.or_else(|| self.subcommand())
    }

    /// The subcommand that the first argument names.
    #[cold]
    fn subcommand(&self) -> Option<&'static Spec> {
        if self.ends.len() < 2 { None } else { self.container()?.find(self.get(1)) }
    }

    /// What the name contains, if it is that of no command but of a container of subcommands.
    pub fn container(&self) -> Option<&'static Container> {
        methods::container(self.name())
    }

    /// How the call has to be handled: by its declaration or, where it is not declared, by what servers say of it.
    #[inline]
    pub fn handling(&self) -> &'static Handling {
        match self.spec() {
            Some(spec) => &spec.handling,
            None => elsewhere::handling(self.args()),
        }
    }

    /// What a server says of it that does not have it: one that has those commands for which `has` holds.
    #[cold]
    pub fn unknown(&self, has: impl Fn(&Spec) -> bool) -> Error {
        let args = self.to_vec();
        let container = self.container().filter(|container| container.commands.iter().any(|spec| has(spec)));
        match (container, &args[1..]) {
            (Some(container), []) => texts::arity(container.name),
            (Some(container), [word, ..]) => texts::unknown_subcommand(container.name, word),
            (None, rest) => texts::unknown_command(args[0], rest),
        }
    }

    /// The name in upper case, with that of the subcommand; what no server knows has one word.
    pub fn full_name(&self) -> String {
        match self.spec() {
            Some(spec) => spec.name.to_owned(),
            None => String::from_utf8_lossy(self.name()).to_ascii_uppercase(),
        }
    }

    /// The name and the arguments.
    pub fn args(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        (0..self.ends.len()).map(|i| self.get(i))
    }

    /// The name and the arguments, as a list.
    pub fn to_vec(&self) -> Vec<&[u8]> {
        self.args().collect()
    }

    /// The name as it was given.
    pub fn name(&self) -> &[u8] {
        self.get(0)
    }

    /// Refuses a command for whose arguments there was no room when it was made.
    ///
    /// # Errors
    /// `OOM`.
    pub fn check(&self) -> Result<()> {
        if self.lacks_room { fail(texts::NO_ROOM) } else { Ok(()) }
    }

    fn get(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    /// The same command with every argument put through `map`, which sees position and bytes.
    #[must_use]
    pub fn map<'s>(&'s self, mut map: impl FnMut(usize, &'s [u8], &mut Vec<u8>)) -> Self {
        let len = self.bytes.len();
        // A large one is not made larger than this by what is added to its arguments.
        let len = if len > LARGE { len + LARGE } else { len };
        let mut out = Self::empty(self.spec, len, self.ends.len());
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

impl Sink for Encoded {
    fn arg(&mut self, bytes: &[u8]) {
        if !self.lacks_room {
            self.lacks_room = room::append(&mut self.bytes, bytes).is_err();
        }
        self.ends.push(self.bytes.len());
    }
}

impl Clone for Encoded {
    fn clone(&self) -> Self {
        let mut out = Self::empty(self.spec, self.bytes.len(), self.ends.len());
        if self.lacks_room || out.lacks_room {
            return out.without_arguments(self.ends.len());
        }
        out.bytes.extend_from_slice(&self.bytes);
        out.ends.extend_from_slice(&self.ends);
        out
    }
}

impl fmt::Display for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(self.name()))?;
        for arg in self.args().skip(1) {
            f.write_str(" ")?;
            quote(arg, f)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
