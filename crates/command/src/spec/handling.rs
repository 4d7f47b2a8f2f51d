//! How a call has to be handled by whoever sends it: how long it may wait, whether it can be sent again, and what it has to
//! do with the connection.

use super::field::OptionSpec;

/// How a call has to be handled by whoever sends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Handling {
    /// How it says how long it may wait for other clients, if it does.
    pub blocks: Option<Blocks>,
    /// Whether executing it twice, or not knowing whether it was executed, makes no difference.
    pub repeatable: bool,
    /// What it has to do with its connection, if that is more than a request and a reply.
    pub session: Option<SessionUse>,
}

/// What a command has to do with its connection besides being sent on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionUse {
    /// It belongs to a transaction of the connection: MULTI, WATCH.
    Transaction,
    /// It reads or changes the state of the connection: SELECT, AUTH.
    State,
    /// It turns the connection into a stream of messages: SUBSCRIBE.
    Subscription,
    /// It begins or ends a conversation: HELLO, QUIT.
    Handshake,
    /// It turns the connection into a stream that is no sequence of replies: MONITOR.
    Stream,
    /// Servers say it to each other, and it may have no reply: REPLCONF.
    Replication,
    /// It changes how the server replies on the connection: CLIENT REPLY.
    Replies,
}

/// Where a command says how long it may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// Where that argument stands.
    pub at: TimeoutAt,
    /// What it counts.
    pub unit: Unit,
}

/// Where the argument stands that says how long a command may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeoutAt {
    /// At this position; the name is position 0.
    Start(usize),
    /// So many before the last one.
    End(usize),
    /// Behind this word among these options, which begin at this position.
    Option(&'static str, usize, &'static [OptionSpec]),
}

/// What a timeout counts.
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
