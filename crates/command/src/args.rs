//! A raw command coming in: its arguments, read from front to back.

use crate::error::Result;
use crate::spec::Spec;
use crate::texts::{self, fail};

/// The arguments of a raw command, read from front to back; they are borrowed, never copied.
#[derive(Debug, Clone)]
pub struct Args<'a> {
    name: &'static str,
    rest: &'a [&'a [u8]],
}

impl<'a> Args<'a> {
    /// The arguments that follow the name of this command.
    pub fn new(spec: &'static Spec, rest: &'a [&'a [u8]]) -> Self {
        Self { name: spec.name, rest }
    }

    /// The command's name, for messages.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The number of arguments that are left.
    pub fn len(&self) -> usize {
        self.rest.len()
    }

    /// Returns whether none is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next argument, which stays.
    pub fn peek(&self) -> Option<&'a [u8]> {
        self.rest.first().copied()
    }

    /// The next argument.
    ///
    /// # Errors
    /// `syntax error` when none is left.
    pub fn take(&mut self) -> Result<&'a [u8]> {
        let Some((first, rest)) = self.rest.split_first() else { return fail(texts::SYNTAX) };
        self.rest = rest;
        Ok(first)
    }

    /// Refuses remaining arguments.
    ///
    /// # Errors
    /// `syntax error` when an argument is left.
    pub fn end(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { fail(texts::SYNTAX) }
    }

    /// Refuses remaining arguments, as a wrong number of arguments.
    ///
    /// # Errors
    /// `wrong number of arguments for '…' command` when an argument is left.
    pub fn end_arity(&self) -> Result<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(texts::arity(self.name)) }
    }

    /// Refuses the remaining arguments, as options that EXPIRE and similar commands do not know.
    ///
    /// # Errors
    /// `Unsupported option …` when an argument is left.
    pub fn end_unsupported(&self) -> Result<()> {
        self.peek().map_or(Ok(()), |option| Err(texts::unsupported_option(option)))
    }
}
