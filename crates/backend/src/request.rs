//! One thing that a user wants done: a command or a script, with its arguments.

use redipy_command::{Command, Encoded, Kind, Result, Value};
use redipy_script::ScriptCall;

/// The replies of several requests, each with an error of its own.
pub type Results = Vec<Result<Value>>;

/// A command or a script call, ready to be sent anywhere.
#[derive(Debug, Clone)]
pub enum Request {
    /// A command with its arguments.
    Command(Encoded),
    /// A script with its keys and arguments.
    Script(ScriptCall),
}

impl Request {
    /// A typed command.
    pub fn of<C: Command>(command: &C) -> Self {
        Request::Command(Encoded::of(command))
    }

    /// What a server's reply to this request means: the generated Lua of a script gives its value in
    /// an envelope. For backends that send scripts to a server; callers of a backend get the value.
    ///
    /// # Errors
    /// The error that the reply holds, or `Decode` when the reply is none of a script.
    pub fn decode(&self, reply: Value) -> Result<Value> {
        match self {
            Request::Command(_) => reply.into_result(),
            Request::Script(_) => redipy_script::decode_reply(reply).map_err(|error| match error.kind() {
                // Whatever it was that came back, the script has run.
                Kind::Decode => error.maybe_ran(),
                _ => error,
            }),
        }
    }
}

impl From<Encoded> for Request {
    fn from(command: Encoded) -> Self {
        Request::Command(command)
    }
}

impl From<ScriptCall> for Request {
    fn from(call: ScriptCall) -> Self {
        Request::Script(call)
    }
}
