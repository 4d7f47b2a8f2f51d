//! Requests as the bytes of one write, and how many replies they will have.

use std::collections::HashSet;

use redipy_backend::RequestRef;
use redipy_command::{Result, room};
use redipy_resp::write_command;
use redipy_script::ScriptCall;

use crate::time_limit::{Blocking, blocking_time};

/// The form in which a script is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    /// By its digest (EVALSHA), which the server may not know: `NOSCRIPT`.
    ByDigest,
    /// With its text where it comes first, so that nothing after it can be unknown: what is queued
    /// in a transaction or follows in a pipeline cannot be repeated in its place.
    WithText,
}

/// Commands that are sent together.
#[derive(Debug)]
pub(crate) struct Batch {
    commands: Vec<u8>,
    replies: usize,
    block: Blocking,
    /// The digests of the scripts whose text is in this batch.
    texts: HashSet<Vec<u8>>,
    scripts: Scripts,
}

impl Batch {
    /// An empty batch.
    pub(crate) fn new(scripts: Scripts) -> Self {
        Self { commands: Vec::new(), replies: 0, block: Blocking::NONE, texts: HashSet::new(), scripts }
    }

    /// A batch of one request.
    ///
    /// # Errors
    /// The error of a script call that lacks a key or an argument.
    pub(crate) fn of(request: RequestRef<'_>, scripts: Scripts) -> Result<Self> {
        let mut batch = Self::new(scripts);
        batch.request(request)?;
        Ok(batch)
    }

    /// A batch of these requests.
    pub(crate) fn of_all<'r>(requests: impl IntoIterator<Item = RequestRef<'r>>) -> Result<Self> {
        let mut batch = Self::new(Scripts::WithText);
        requests.into_iter().try_for_each(|request| batch.request(request))?;
        Ok(batch)
    }

    /// A batch of these requests between MULTI and EXEC, where no command blocks.
    pub(crate) fn transaction<'r>(requests: impl IntoIterator<Item = RequestRef<'r>>) -> Result<Self> {
        let mut batch = Self::new(Scripts::WithText);
        batch.command(&[b"MULTI"]);
        requests.into_iter().try_for_each(|request| batch.request(request))?;
        batch.command(&[b"EXEC"]);
        batch.block = Blocking::NONE;
        Ok(batch)
    }

    /// Adds a command, its name first.
    pub(crate) fn command(&mut self, args: &[&[u8]]) {
        self.write(args.iter().copied());
    }

    fn request(&mut self, request: RequestRef<'_>) -> Result<()> {
        match request {
            RequestRef::Command(command) => {
                self.block = self.block.and(blocking_time(command));
                self.reserve(command.args())?;
                self.write(command.args());
                Ok(())
            }
            RequestRef::Script(call) => self.script(call),
        }
    }

    fn script(&mut self, call: &ScriptCall) -> Result<()> {
        let args = call.evalsha_args()?;
        let with_text = self.scripts == Scripts::WithText && self.texts.insert(args[0].clone());
        let mut args: Vec<&[u8]> =
            std::iter::once(b"EVALSHA".as_slice()).chain(args.iter().map(Vec::as_slice)).collect();
        if with_text {
            (args[0], args[1]) = (b"EVAL", call.lua()?.as_bytes());
        }
        self.reserve(args.iter().copied())?;
        self.command(&args);
        Ok(())
    }

    /// Reserves memory for a large command.
    fn reserve<'a>(&mut self, args: impl Iterator<Item = &'a [u8]>) -> Result<()> {
        /// The bytes that the protocol adds to an argument, at most.
        const FRAME: usize = 32;
        let len: usize = args.map(|arg| arg.len() + FRAME).sum();
        if self.commands.len() + len > room::LARGE { room::grow(&mut self.commands, len + FRAME) } else { Ok(()) }
    }

    fn write<'a>(&mut self, args: impl ExactSizeIterator<Item = &'a [u8]>) {
        write_command(args, &mut self.commands);
        self.replies += 1;
    }

    /// The bytes to be sent.
    pub(crate) fn commands(&self) -> &[u8] {
        &self.commands
    }

    /// What is to be sent, without the rest.
    #[cfg(feature = "async")]
    pub(crate) fn into_commands(self) -> Vec<u8> {
        self.commands
    }

    /// The number of expected replies.
    pub(crate) fn replies(&self) -> usize {
        self.replies
    }

    /// The time for which the server may block on these commands.
    pub(crate) fn block(&self) -> Blocking {
        self.block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use redipy_backend::Request;
    use redipy_command::Encoded;

    #[test]
    fn commands_are_arrays_of_bulk_strings() {
        let get = Request::from(Encoded::raw(b"GET").arg("a\r\n"));
        let ping = Request::from(Encoded::raw(b"PING"));
        let batch = Batch::of_all([get.as_ref(), ping.as_ref()]).expect("complete");
        assert_eq!(
            batch.commands().escape_ascii().to_string(),
            r"*2\r\n$3\r\nGET\r\n$3\r\na\r\n\r\n*1\r\n$4\r\nPING\r\n"
        );
        assert_eq!(batch.replies(), 2);
    }

    #[test]
    fn nothing_blocks_in_a_transaction() {
        let pop = Request::from(Encoded::raw(b"BLPOP").arg("a").arg(0));
        let batch = Batch::of(pop.as_ref(), Scripts::ByDigest).expect("complete");
        assert_eq!((batch.block(), batch.replies()), (Blocking::Forever, 1));
        let batch = Batch::transaction([pop.as_ref()]).expect("complete");
        assert_eq!((batch.block(), batch.replies()), (Blocking::NONE, 3));
    }
}
