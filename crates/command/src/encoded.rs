//! A command going out: its name and its arguments, as a list of byte strings.

use std::fmt;

use crate::arg::{Arg, MAX_LEN};
use crate::bytes::quote;
use crate::execute::Command;
use crate::sink::Sink;
use crate::spec::Spec;

/// A command in the form in which it is sent: its name and its arguments, in one buffer.
#[derive(Clone, PartialEq)]
pub struct Encoded {
    spec: Option<&'static Spec>,
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Encoded {
    /// A typed command, encoded.
    pub fn of<C: Command>(command: &C) -> Self {
        let mut size = Size::default();
        command.encode(&mut size);
        let mut out = Self::with_size(C::SPEC.name.as_bytes(), Some(C::SPEC), size);
        command.encode(&mut out);
        out
    }

    /// A raw command; its Spec is looked up among the commands that this library knows.
    pub fn raw(name: &[u8]) -> Self {
        Self::with_size(name, crate::methods::find(name), Size::default())
    }

    fn with_size(name: &[u8], spec: Option<&'static Spec>, size: Size) -> Self {
        let (bytes, ends) = (Vec::with_capacity(name.len() + size.bytes), Vec::with_capacity(1 + size.args));
        let mut out = Self { spec, bytes, ends };
        Sink::arg(&mut out, name);
        out
    }

    /// The same command with one more argument.
    #[must_use]
    pub fn arg<'a>(mut self, arg: impl Into<Arg<'a>>) -> Self {
        arg.into().write(&mut self);
        self
    }

    /// What is known of the command, if it is in the command table.
    pub fn spec(&self) -> Option<&'static Spec> {
        self.spec
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

    /// Whether no argument is longer than a server takes by default, [`MAX_LEN`].
    pub fn fits(&self) -> bool {
        self.bytes.len() <= MAX_LEN || self.args().all(|arg| arg.len() <= MAX_LEN)
    }

    fn get(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    /// The same command with every argument put through `map`, which sees position and bytes.
    #[must_use]
    pub fn map<'s>(&'s self, mut map: impl FnMut(usize, &'s [u8], &mut Vec<u8>)) -> Self {
        let mut out = Self { spec: self.spec, bytes: Vec::with_capacity(self.bytes.len()), ends: Vec::new() };
        for (i, arg) in self.args().enumerate() {
            map(i, arg, &mut out.bytes);
            out.ends.push(out.bytes.len());
        }
        out
    }
}

impl Sink for Encoded {
    fn arg(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
    }
}

/// How much a command writes: what is counted first is allocated once.
#[derive(Debug, Clone, Copy, Default)]
struct Size {
    args: usize,
    bytes: usize,
}

impl Sink for Size {
    fn arg(&mut self, bytes: &[u8]) {
        self.args += 1;
        self.bytes += bytes.len();
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
