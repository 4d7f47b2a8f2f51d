//! Messages that wait for their reader: as many bytes of them as a limit allows.

use std::collections::VecDeque;

use redipy_command::{Error, Kind, Result};

use crate::message::Message;

/// The default limit on the bytes of waiting messages: what a server allows its own clients
/// (`client-output-buffer-limit pubsub`).
pub const LIMIT: usize = 32 << 20;

/// Messages in the order in which they came. The one that goes beyond the limit ends the subscription: those before it
/// can still be read, then comes the error that says so.
#[derive(Debug)]
pub struct Backlog {
    messages: VecDeque<Message>,
    bytes: usize,
    limit: usize,
    over: bool,
}

impl Default for Backlog {
    fn default() -> Self {
        Self::new(LIMIT)
    }
}

impl Backlog {
    /// An empty backlog that takes at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { messages: VecDeque::new(), bytes: 0, limit, over: false }
    }

    /// Keeps a message; `false` if the subscription has ended, with this message or before.
    pub fn push(&mut self, message: Message) -> bool {
        let bytes = self.bytes.saturating_add(message.size());
        self.over |= bytes > self.limit;
        if !self.over {
            self.bytes = bytes;
            self.messages.push_back(message);
        }
        !self.over
    }

    /// The next message, or the end.
    pub fn take(&mut self) -> Option<Result<Message>> {
        match self.messages.pop_front() {
            Some(message) => {
                self.bytes -= message.size();
                Some(Ok(message))
            }
            None => self.over.then(|| Err(fallen_behind(self.limit))),
        }
    }

    /// The number of bytes that wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns whether neither a message nor the end waits.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && !self.over
    }

    /// Returns whether more arrived than the limit allows.
    pub fn is_over(&self) -> bool {
        self.over
    }
}

/// The end of a subscription whose messages are not read as fast as they come.
pub fn fallen_behind(limit: usize) -> Error {
    let text = format!(
        "this subscription has ended: more than {limit} bytes of messages waited to be read; read them faster, or allow \
         more in the URL: ?message_limit={}",
        limit.saturating_mul(2)
    );
    Error::new(Kind::Connection, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(payload: &str) -> Message {
        Message { channel: "news".into(), pattern: None, payload: payload.into() }
    }

    #[test]
    fn what_goes_beyond_the_limit_ends_it_after_what_came_before() {
        let mut backlog = Backlog::new(2 * message("a").size());
        assert!(backlog.push(message("a")) && backlog.push(message("b")));
        assert_eq!(backlog.take(), Some(Ok(message("a"))));
        assert!(backlog.push(message("c")) && !backlog.push(message("d")));
        assert!(!backlog.push(message("e")));
        assert_eq!(backlog.take(), Some(Ok(message("b"))));
        assert!(!backlog.push(message("f")), "it has ended, whatever fits now");
        assert_eq!(backlog.take(), Some(Ok(message("c"))));
        for _ in 0..2 {
            let end = backlog.take().expect("the end").expect_err("an error");
            assert_eq!(end.kind(), Kind::Connection);
            assert!(end.message().contains("bytes of messages waited"), "{end}");
        }
        assert_eq!((backlog.bytes(), backlog.is_empty(), backlog.is_over()), (0, false, true));
    }

    #[test]
    fn nothing_is_no_end() {
        let mut backlog = Backlog::default();
        assert_eq!((backlog.take(), backlog.is_empty()), (None, true));
    }
}
