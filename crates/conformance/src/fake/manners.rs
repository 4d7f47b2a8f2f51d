//! What the fake server does on a connection, as data.

use std::time::Duration;

use crate::command::Command;

/// Something that the server does.
#[derive(Debug, Clone)]
pub enum Act {
    /// Says nothing.
    Nothing,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends the last argument of the command back, as a bulk string.
    Echo,
    /// Sends these bytes one by one, and pauses after each.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes again and again.
    Flood(Vec<u8>),
    /// Waits.
    Wait(Duration),
    /// Reads and answers nothing any more and keeps the connection open, as a server that was stopped.
    Freeze,
    /// Closes the connection.
    Close,
}

impl Act {
    /// Sends these bytes.
    pub fn send(bytes: impl Into<Vec<u8>>) -> Act {
        Act::Send(bytes.into())
    }
}

/// What the server does on one connection.
#[derive(Debug, Clone, Default)]
pub struct Manners {
    first: Vec<Act>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    /// The command's first words, in upper case; none for every command.
    words: Vec<String>,
    acts: Vec<Act>,
    once: bool,
}

impl Manners {
    /// Logs in, answers PING, and refuses everything else.
    pub fn new() -> Manners {
        Manners::default()
    }

    /// What it does before it reads anything.
    #[must_use]
    pub fn first(mut self, acts: impl IntoIterator<Item = Act>) -> Manners {
        self.first.extend(acts);
        self
    }

    /// What it does to commands that begin with these words, unless an earlier rule says so already.
    #[must_use]
    pub fn on(self, words: &str, acts: impl IntoIterator<Item = Act>) -> Manners {
        self.rule(words, acts, false)
    }

    /// What it does to the next command that begins with these words; after that the following rules count.
    #[must_use]
    pub fn once(self, words: &str, acts: impl IntoIterator<Item = Act>) -> Manners {
        self.rule(words, acts, true)
    }

    fn rule(mut self, words: &str, acts: impl IntoIterator<Item = Act>, once: bool) -> Manners {
        let words = words.split_ascii_whitespace().map(str::to_ascii_uppercase).collect();
        self.rules.push(Rule { words, acts: acts.into_iter().collect(), once });
        self
    }

    pub(super) fn at_once(&mut self) -> Vec<Act> {
        std::mem::take(&mut self.first)
    }

    pub(super) fn answer(&mut self, command: &Command) -> Vec<Act> {
        match self.rules.iter().position(|rule| rule.fits(command)) {
            Some(at) if self.rules[at].once => self.rules.remove(at).acts,
            Some(at) => self.rules[at].acts.clone(),
            None => vec![Act::send(polite(command))],
        }
    }
}

impl Rule {
    fn fits(&self, command: &Command) -> bool {
        let mut given = command.iter();
        self.words.iter().all(|word| given.next().is_some_and(|given| given.eq_ignore_ascii_case(word.as_bytes())))
    }
}

/// What a server answers that does nothing but log clients in.
fn polite(command: &Command) -> Vec<u8> {
    let name = command.first().map(|name| name.to_ascii_uppercase()).unwrap_or_default();
    match name.as_slice() {
        b"HELLO" => b"%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n".to_vec(),
        b"SELECT" | b"CLIENT" | b"AUTH" => b"+OK\r\n".to_vec(),
        b"PING" => b"+PONG\r\n".to_vec(),
        _ => format!("-ERR the fake server has no answer to {}\r\n", name.escape_ascii()).into_bytes(),
    }
}
