//! A command going out: its name and its arguments, as a list of byte strings.

mod borrowed;
mod list;

use std::fmt;

use smallvec::{SmallVec, smallvec};

pub use self::borrowed::{EncodedRef, Words, spec_of, unknown};
pub use self::list::{EncodedList, Iter};
use crate::error::Result;
use crate::execute::Command;
use crate::forms::ToArgs;
use crate::methods;
use crate::room::{self, LARGE, Sizes};
use crate::sink::Sink;
use crate::spec::{Handling, Spec};

/// A command in the form in which it is sent: its name and its arguments, in one buffer.
///
/// Encoding does not fail. Where memory for the arguments was lacking they are empty, and the receiver refuses
/// it ([`check`](Self::check)).
#[derive(PartialEq)]
pub struct Encoded {
    spec: Option<&'static Spec>,
    bytes: Vec<u8>,
    /// The ends of the arguments, of which most commands have few.
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

    /// Reserves memory for this many bytes and arguments.
    fn empty(spec: Option<&'static Spec>, bytes: usize, args: usize) -> Self {
        let mut out = Self { spec, bytes: Vec::new(), ends: SmallVec::with_capacity(args), lacks_room: false };
        if bytes <= LARGE {
            out.bytes.reserve_exact(bytes);
        } else {
            out.lacks_room = room::grow(&mut out.bytes, bytes).is_err();
        }
        out
    }

    /// A command whose arguments lacked memory: all of them are empty.
    fn without_arguments(self, count: usize) -> Self {
        Self { spec: self.spec, bytes: Vec::new(), ends: smallvec![0; count], lacks_room: true }
    }

    /// The same command with one more argument, or several: `.arg("key")`, `.arg(&members)`.
    #[must_use]
    pub fn arg(mut self, arg: impl ToArgs) -> Self {
        arg.to_args().iter().for_each(|arg| arg.write(&mut self));
        self
    }

    /// The command, borrowed.
    #[inline]
    pub fn as_ref(&self) -> EncodedRef<'_> {
        let Self { spec, bytes, ends, lacks_room } = self;
        EncodedRef { spec: *spec, name: None, bytes, start: 0, ends, lacks_room: *lacks_room }
    }

    /// The specification of the command, if the command table has it.
    pub fn spec(&self) -> Option<&'static Spec> {
        self.as_ref().spec()
    }

    /// How the call has to be handled: by its declaration or, where it is not declared, by what servers say of it.
    pub fn handling(&self) -> &'static Handling {
        self.as_ref().handling()
    }

    /// The name in upper case, with that of the subcommand; what no server knows has one word.
    pub fn full_name(&self) -> String {
        self.as_ref().full_name()
    }

    /// The name and the arguments.
    pub fn args(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.as_ref().args()
    }

    /// The name and the arguments, as a list.
    pub fn to_vec(&self) -> Vec<&[u8]> {
        self.as_ref().to_vec()
    }

    /// The name as it was given.
    pub fn name(&self) -> &[u8] {
        self.as_ref().name()
    }

    /// Refuses a command for whose arguments there was no room when it was made.
    ///
    /// # Errors
    /// `OOM`.
    pub fn check(&self) -> Result<()> {
        self.as_ref().check()
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
        self.as_ref().to_encoded()
    }
}

impl fmt::Display for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.as_ref(), f)
    }
}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
