//! A client's buffer: bytes of a connection in, replies and pushes out.

use std::io;

use redipy_command::{Value, ValueSink, room};

use crate::token::{Aggregate, Malformed, ReplyLimits, Token, Tokenizer};

/// The number of bytes that are read at once where no larger string is expected.
const CHUNK: usize = 16 << 10;

/// A buffer above this size is given back when it is empty.
const LARGE: usize = 1 << 20;

/// A message of a server.
#[derive(Debug, PartialEq)]
pub enum Incoming {
    /// The reply to a command. An error anywhere in it stays where it stands.
    Reply(Value),
    /// A push, which answers no command: its kind, and its content.
    Push(Vec<Value>),
}

/// Reads the replies of one connection. Attributes are passed over: nothing that is asked for comes with any.
#[derive(Debug, Default)]
pub struct ReplyReader {
    /// Received bytes; those between `at` and `end` are not read yet.
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    tokens: Tokenizer,
    sink: ValueSink,
    /// Attributes are passed over that began at this depth.
    passed_over: Option<usize>,
}

impl ReplyReader {
    /// A reader with these limits.
    pub fn new(limits: ReplyLimits) -> Self {
        Self { tokens: Tokenizer::new(limits), ..Self::default() }
    }

    /// Room for what is received next, never empty.
    ///
    /// # Errors
    /// `OutOfMemory` where there is no room for more of a large reply.
    pub fn room(&mut self) -> io::Result<&mut [u8]> {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
            if self.buffer.len() > LARGE {
                self.buffer = Vec::new();
            }
        }
        if self.buffer.len() - self.end < CHUNK {
            self.make_room()?;
        }
        Ok(&mut self.buffer[self.end..])
    }

    fn make_room(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.at..self.end, 0);
        self.end -= self.at;
        self.at = 0;
        if self.buffer.len() - self.end < CHUNK {
            let len = self.end * 2 + CHUNK;
            self.buffer.try_reserve(len - self.buffer.len()).map_err(|_| io::ErrorKind::OutOfMemory)?;
            self.buffer.resize(len, 0);
        }
        Ok(())
    }

    /// Marks `count` bytes of the room as received.
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.buffer.len());
    }

    /// Returns whether a reply has begun and is not complete, or was not taken.
    pub fn is_amid_reply(&self) -> bool {
        match self.tokens.amid() {
            Some(outermost) => outermost != Aggregate::Push,
            None => self.at < self.end && self.buffer[self.at] != b'>',
        }
    }

    /// The next reply or push, if it is complete.
    ///
    /// # Errors
    /// The bytes are no reply. Nothing can be read after that.
    pub fn read(&mut self) -> Result<Option<Incoming>, Malformed> {
        loop {
            let is_first = self.tokens.amid().is_none();
            let Some((token, used)) = self.tokens.next(&self.buffer[self.at..self.end])? else { return Ok(None) };
            self.at += used;
            if let Some(depth) = self.passed_over {
                self.passed_over = Some(depth).filter(|depth| self.tokens.depth() > *depth);
            } else if let Token::Begin(Aggregate::Attribute, len) = token {
                self.passed_over = (len > 0).then(|| self.tokens.depth() - 1);
            } else if let (Token::Bulk(bytes), true) = (token, is_first) {
                // Most replies are no more than that. One that there is no room for is an error of its call alone.
                return Ok(Some(Incoming::Reply(room::copy(bytes).map_or_else(Value::Error, Value::Bulk))));
            } else {
                token.show(&mut self.sink);
                match self.sink.take() {
                    None => {}
                    Some(Value::Push(parts)) => return Ok(Some(Incoming::Push(parts))),
                    Some(reply) => return Ok(Some(Incoming::Reply(reply))),
                }
            }
        }
    }
}
