//! Requests: a command or a script with its arguments, alone or several in order.

use std::time::Duration;

use redipy_command::encoded;
use redipy_command::{Command, Encoded, EncodedList, EncodedRef, Error, Kind, Result, Spec, Value};
use redipy_script::ScriptCall;

/// The replies of several requests, each with an error of its own.
pub type Results = Vec<Result<Value>>;

/// A command or a script call, ready to be sent anywhere, and how it is to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    call: Call,
    response_timeout: Option<Duration>,
}

#[derive(Debug, Clone)]
enum Call {
    Command(Encoded),
    Script(ScriptCall),
}

/// A request that is borrowed from a [`Request`] or from [`Requests`].
#[derive(Debug, Clone, Copy)]
pub enum RequestRef<'a> {
    /// A command with its arguments.
    Command(EncodedRef<'a>),
    /// A script with its keys and arguments.
    Script(&'a ScriptCall),
}

impl Request {
    /// A typed command.
    pub fn of<C: Command>(command: &C) -> Self {
        Encoded::of(command).into()
    }

    /// The command or the script.
    #[inline]
    pub fn as_ref(&self) -> RequestRef<'_> {
        match &self.call {
            Call::Command(command) => RequestRef::Command(command.as_ref()),
            Call::Script(call) => RequestRef::Script(call),
        }
    }

    /// How long the reply may take, in place of what the backend says; a command that blocks takes that long besides. Data in
    /// the process has no such limit.
    #[must_use]
    pub fn with_response_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.response_timeout = timeout.into();
        self
    }

    /// The time limit of the reply, if this request has its own.
    pub fn response_timeout(&self) -> Option<Duration> {
        self.response_timeout
    }

    /// The errors of [`RequestRef::decode`].
    ///
    /// # Errors
    /// The error that the reply holds, or `Decode` when the reply is none of a script.
    pub fn decode(&self, reply: Value) -> Result<Value> {
        self.as_ref().decode(reply)
    }
}

impl<'a> RequestRef<'a> {
    /// The command, if it is one.
    #[inline]
    pub fn command(self) -> Option<EncodedRef<'a>> {
        match self {
            RequestRef::Command(command) => Some(command),
            RequestRef::Script(_) => None,
        }
    }

    /// What a server's reply to this request means: the generated Lua of a script gives its value in an envelope. For
    /// backends that send scripts to a server; callers of a backend get the value.
    ///
    /// # Errors
    /// The error that the reply holds, or `Decode` when the reply is none of a script.
    pub fn decode(self, reply: Value) -> Result<Value> {
        match self {
            RequestRef::Command(_) => reply.into_result(),
            RequestRef::Script(_) => redipy_script::decode_reply(reply).map_err(|error| match error.kind() {
                // Whatever it was that came back, the script has run.
                Kind::Decode => error.maybe_ran(),
                _ => error,
            }),
        }
    }
}

impl From<Encoded> for Request {
    fn from(command: Encoded) -> Self {
        Request { call: Call::Command(command), response_timeout: None }
    }
}

impl From<ScriptCall> for Request {
    fn from(call: ScriptCall) -> Self {
        Request { call: Call::Script(call), response_timeout: None }
    }
}

impl From<RequestRef<'_>> for Request {
    fn from(request: RequestRef<'_>) -> Self {
        match request {
            RequestRef::Command(command) => command.to_encoded().into(),
            RequestRef::Script(call) => call.clone().into(),
        }
    }
}

/// Requests in order: those of a pipeline or a transaction. Their commands share one buffer.
///
/// ```
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_command::methods as prelude; }
/// use redipy::Requests;
/// use redipy::Encoded;
///
/// let mut requests = Requests::default();
/// requests.push(Encoded::raw(b"SET").arg("k").arg(1));
/// requests.push(Encoded::raw(b"INCR").arg("k"));
/// let shown: Vec<String> = requests.iter().filter_map(|request| Some(request.command()?.to_string())).collect();
/// assert_eq!(shown, [r#"SET "k" "1""#, r#"INCR "k""#]);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Requests {
    commands: EncodedList,
    /// The scripts, each with its position among all requests.
    scripts: Vec<(usize, ScriptCall)>,
    response_timeout: Option<Duration>,
}

impl Requests {
    /// Adds a request, without what it says of its reply: see [`with_response_timeout`](Self::with_response_timeout).
    pub fn push(&mut self, request: impl Into<Request>) {
        match request.into().call {
            Call::Command(command) => self.commands.push_encoded(command.as_ref()),
            Call::Script(call) => self.script(call),
        }
    }

    /// Adds a typed command; an error that it was encoded with stays until it is executed.
    #[inline]
    pub fn command<C: Command>(&mut self, command: &C) {
        self.commands.push(command);
    }

    /// Adds a copy of a command with this declaration and these arguments, which follow the name.
    pub fn arguments(&mut self, spec: &'static Spec, arguments: &[&[u8]]) {
        self.commands.push_arguments(spec, arguments);
    }

    /// Adds a copy of a request.
    pub fn push_ref(&mut self, request: RequestRef<'_>) {
        match request {
            RequestRef::Command(command) => self.commands.push_encoded(command),
            RequestRef::Script(call) => self.script(call.clone()),
        }
    }

    fn script(&mut self, call: ScriptCall) {
        self.scripts.push((self.len(), call));
    }

    /// The number of requests.
    #[inline]
    pub fn len(&self) -> usize {
        self.commands.len() + self.scripts.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The request at this position.
    #[inline]
    pub fn get(&self, position: usize) -> Option<RequestRef<'_>> {
        if self.scripts.is_empty() {
            return self.commands.get(position).map(RequestRef::Command);
        }
        match self.scripts.binary_search_by_key(&position, |(position, _)| *position) {
            Ok(at) => Some(RequestRef::Script(&self.scripts[at].1)),
            Err(before) => self.commands.get(position - before).map(RequestRef::Command),
        }
    }

    /// The requests.
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        Iter { commands: self.commands.iter(), scripts: self.scripts.iter(), position: 0 }
    }

    /// How long all replies may take together, in place of what the backend says; commands that block take that long
    /// besides.
    #[must_use]
    pub fn with_response_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.response_timeout = timeout.into();
        self
    }

    /// The time limit of all replies, if these requests have their own.
    pub fn response_timeout(&self) -> Option<Duration> {
        self.response_timeout
    }
}

/// The requests of [`Requests`].
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    commands: encoded::Iter<'a>,
    scripts: std::slice::Iter<'a, (usize, ScriptCall)>,
    position: usize,
}

impl<'a> Iterator for Iter<'a> {
    type Item = RequestRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<RequestRef<'a>> {
        match self.scripts.as_slice().first() {
            Some((at, call)) if *at == self.position => {
                self.scripts.next();
                self.position += 1;
                Some(RequestRef::Script(call))
            }
            _ => {
                self.position += 1;
                self.commands.next().map(RequestRef::Command)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.commands.len() + self.scripts.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'a> IntoIterator for &'a Requests {
    type Item = RequestRef<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl<R: Into<Request>> FromIterator<R> for Requests {
    fn from_iter<I: IntoIterator<Item = R>>(requests: I) -> Self {
        let mut all = Self::default();
        requests.into_iter().for_each(|request| all.push(request));
        all
    }
}

impl<R: Into<Request>, const N: usize> From<[R; N]> for Requests {
    fn from(requests: [R; N]) -> Self {
        requests.into_iter().collect()
    }
}

impl<R: Into<Request>> From<Vec<R>> for Requests {
    fn from(requests: Vec<R>) -> Self {
        requests.into_iter().collect()
    }
}

/// An error in place of each reply that a backend left out; no more replies than there are requests.
pub(crate) fn exactly(count: usize, results: Results) -> impl Iterator<Item = Result<Value>> {
    let missing = || Some(Err(Error::new(Kind::Decode, "a reply is missing")));
    results.into_iter().chain(std::iter::from_fn(missing)).take(count)
}

#[cfg(test)]
mod tests {
    use redipy_script::build::{NONE, script};

    use super::*;

    #[test]
    fn scripts_stand_among_commands_where_they_were_put() {
        let call = || script(|f| f.returns(NONE)).compile().map(|script| script.prepare()).expect("a script");
        let command = |name: &[u8]| Request::from(Encoded::raw(name));
        let kinds = |requests: &Requests| -> Vec<String> {
            let name =
                |request: RequestRef<'_>| request.command().map_or("script".into(), |command| command.full_name());
            let listed: Vec<String> = requests.iter().map(name).collect();
            let got: Vec<_> = (0..requests.len()).filter_map(|position| requests.get(position)).map(name).collect();
            assert_eq!((listed.len(), &listed), (requests.len(), &got));
            assert!(requests.get(requests.len()).is_none());
            listed
        };
        let mixed =
            [call().into(), command(b"a"), command(b"b"), call().into(), call().into(), command(b"c"), call().into()];
        let expected = ["script", "A", "B", "script", "script", "C", "script"];
        let requests = Requests::from(mixed);
        assert_eq!(kinds(&requests), expected);
        let mut copies = Requests::default();
        requests.iter().for_each(|request| copies.push_ref(request));
        assert_eq!(kinds(&copies), expected);
        assert_eq!(kinds(&requests.iter().skip(3).collect()), expected[3..]);
        assert_eq!(kinds(&Requests::default()), [""; 0]);
        assert_eq!(requests.iter().len(), 7);
    }
}
