//! The properties of a command that a sender has to respect: how long it may wait, whether it can be sent again, and its use
//! of the connection.

use super::field::OptionSpec;

/// The properties of a command that a sender has to respect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Handling {
    /// The argument that says how long it may block, if it blocks.
    pub blocks: Option<Blocks>,
    /// Whether executing it twice, or not knowing whether it was executed, makes no difference.
    pub repeatable: bool,
    /// The use of the connection, beyond a request and a reply.
    pub session: Option<SessionUse>,
}

/// The use that a command makes of its connection, beyond a request and a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionUse {
    /// Part of a transaction of the connection: MULTI, WATCH.
    Transaction,
    /// Reads or changes the state of the connection: SELECT, AUTH.
    State,
    /// Turns the connection into a stream of messages: SUBSCRIBE.
    Subscription,
    /// Begins or ends the conversation: HELLO, QUIT.
    Handshake,
    /// Turns the connection into a stream that is no sequence of replies: MONITOR.
    Stream,
    /// Servers say it to each other, and it may have no reply: REPLCONF.
    Replication,
    /// Changes the replies on the connection: CLIENT REPLY.
    Replies,
}

/// The timeout argument of a blocking command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// The position of the argument.
    pub at: TimeoutAt,
    /// The unit.
    pub unit: Unit,
}

/// The position of a timeout argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutAt {
    /// This position; the name has position 0.
    Start(usize),
    /// The position counted from the last argument.
    End(usize),
    /// Behind this word among these options, which begin at this position.
    Option(&'static str, usize, &'static [OptionSpec]),
}

/// The units of timeouts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Seconds, also parts of them.
    Seconds,
    /// Milliseconds.
    Milliseconds,
}

impl Blocks {
    /// The argument that says how long, among the name and the arguments; None where it waits for nothing.
    pub fn argument<'a>(&self, args: &[&'a [u8]]) -> Option<&'a [u8]> {
        match self.at {
            TimeoutAt::Start(at) => args.get(at).copied(),
            TimeoutAt::End(but) => args.len().checked_sub(1 + but).filter(|at| *at > 0).map(|at| args[at]),
            TimeoutAt::Option(token, from, options) => {
                let mut found = None;
                OptionSpec::walk(options, from, args, &mut |option, at| {
                    if option.token == token {
                        found = args.get(at + 1).copied();
                    }
                });
                found
            }
        }
    }
}
