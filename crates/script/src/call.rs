//! Calling scripts: keys and arguments by name, running a call here, and what is sent for it to a server.

use std::borrow::Cow;
use std::time::Duration;

use redipy_command::{Bytes, Error, FromReply, Result, ToKey, ToValue, Value};

use crate::argument;
use crate::script::{Script, Sent};
use crate::stop::Stop;
use crate::texts::{fail, missing};
use crate::vm::{Host, Limits, NoTrace, Parameters, Trace};

/// A call of a script with named keys and arguments. Mistakes are kept and reported when the call is made.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptCall {
    script: Script,
    keys: Vec<Option<Bytes>>,
    args: Vec<Option<Value>>,
    /// The prefix of the keys.
    prefix: Vec<u8>,
    steps: Option<u64>,
    memory: Option<usize>,
    time: Option<Duration>,
    stop: Option<Stop>,
    problem: Option<Error>,
}

/// A receiver of script calls: a client, a session, a pipeline, a transaction.
pub trait ExecuteScript {
    /// The result of a call: a reply, or a slot for one.
    type Output;

    /// Runs the call, or queues it.
    fn execute_script(self, call: ScriptCall) -> Self::Output;
}

/// What runs a script and reads its result as a type: a client, a session.
pub trait ReadScript: ExecuteScript {
    /// The result: a `Result<T>`, or a future of one.
    type Read<T: FromReply>;

    /// Runs the call, whose result is read as `T`.
    fn read_script<T: FromReply>(self, call: ScriptCall) -> Self::Read<T>;
}

/// Calls of scripts whose results are read as a type: `call.query::<T>(&r)`. A trait, so that the type of the result is all that
/// need be said.
pub trait QueryScript<E: ReadScript> {
    /// Runs it on a client or a session and reads its result as `T`.
    ///
    /// `let left: u64 = take.key("stock", "apples").query(&r)?`
    ///
    /// The errors are those of the script; [`Kind::Decode`](redipy_command::Kind::Decode) when the result is no `T`.
    fn query<T: FromReply>(self, on: E) -> E::Read<T>;
}

impl<E: ReadScript> QueryScript<E> for ScriptCall {
    fn query<T: FromReply>(self, on: E) -> E::Read<T> {
        on.read_script(self)
    }
}

impl ScriptCall {
    pub(crate) fn new(script: &Script) -> Self {
        let (keys, args) = (vec![None; script.keys().len()], vec![None; script.args().len()]);
        let (prefix, script) = (Vec::new(), script.clone());
        Self { script, keys, args, prefix, steps: None, memory: None, time: None, stop: None, problem: None }
    }

    /// The script.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Sets the key that this name stands for.
    #[must_use]
    pub fn key(mut self, name: &str, key: impl ToKey) -> Self {
        match self.script.keys().iter().position(|own| own == name) {
            Some(at) => self.keys[at] = Some(Bytes::copy(key.to_key().as_bytes())),
            None => self.refuse(format!("unknown key {name:?}; {}", known(self.script.keys()))),
        }
        self
    }

    /// Gives an argument. The value is copied: nothing that the script does to it is seen outside. A `Duration` is its
    /// number of seconds.
    #[must_use]
    pub fn arg(mut self, name: &str, value: impl ToValue) -> Self {
        match self.script.args().iter().position(|own| own == name) {
            Some(at) => match argument::checked(value.into_value(), 0) {
                Ok(value) => self.args[at] = Some(value),
                Err(why) => self.refuse(format!("argument {name:?}: {why}")),
            },
            None => self.refuse(format!("unknown argument {name:?}; {}", known(self.script.args()))),
        }
        self
    }

    /// Limits its steps on the engine; beyond that it ends with [`Kind::Timeout`](crate::Kind::Timeout).
    /// See [`Limits::steps`]. A server has a limit of its own.
    #[must_use]
    pub fn max_steps(mut self, steps: u64) -> Self {
        self.steps = Some(steps);
        self
    }

    /// Limits the bytes that its values take on the engine; beyond that it ends with
    /// [`Kind::OutOfMemory`](crate::Kind::OutOfMemory). See [`Limits::memory`].
    #[must_use]
    pub fn max_memory(mut self, bytes: usize) -> Self {
        self.memory = Some(bytes);
        self
    }

    /// Limits its time on the engine, and the time to wait for its keys; beyond that it ends with
    /// [`Kind::Timeout`](crate::Kind::Timeout), unless it has written something: then it goes on, as a script that
    /// has written cannot be killed on a server. A server has a limit of its own.
    #[must_use]
    pub fn max_time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// The call, and a handle by which another thread can stop it.
    #[must_use]
    pub fn stoppable(mut self) -> (Self, Stop) {
        let stop = self.stop.get_or_insert_default().clone();
        (self, stop)
    }

    /// Returns whether the call should end after this time: its limit is exceeded, or it was stopped. A host asks
    /// when its [`pulse`](Host::pulse) is called.
    pub fn should_end(&self, elapsed: Duration) -> bool {
        self.stop.as_ref().is_some_and(Stop::is_stopped) || self.time.is_some_and(|time| elapsed >= time)
    }

    /// The limits of this call, where it does not say otherwise those of the place where it runs.
    fn limits(&self, defaults: Limits) -> Limits {
        Limits { steps: self.steps.unwrap_or(defaults.steps), memory: self.memory.unwrap_or(defaults.memory) }
    }

    /// Runs it on a client, or queues it in a pipeline or a transaction.
    ///
    /// `total.key("counter", "hits").arg("by", 2).call(&r)?`
    pub fn call<E: ExecuteScript>(self, on: E) -> E::Output {
        on.execute_script(self)
    }

    #[cold]
    fn refuse(&mut self, why: String) {
        self.problem.get_or_insert_with(|| fail(why));
    }

    /// The keys and arguments in the order of their declaration.
    ///
    /// # Errors
    /// [`Kind::Script`](crate::Kind::Script) with the name that is missing, unknown or has a refused value.
    pub fn parts(&self) -> Result<(Vec<&Bytes>, &[Option<Value>])> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        if let Some(at) = self.args.iter().position(Option::is_none) {
            return Err(missing("argument", &self.script.args()[at]));
        }
        let names = self.script.keys();
        let keys = self.keys.iter().zip(names).map(|(key, name)| key.as_ref().ok_or_else(|| missing("key", name)));
        Ok((keys.collect::<Result<_>>()?, &self.args))
    }

    /// Puts something before every key that the script's commands use. The script itself does not see it: to it, keys
    /// have the names that they have in the call.
    ///
    /// # Errors
    /// When the script calls commands that cannot have a prefix, such as KEYS.
    pub fn prefixed(mut self, prefix: &[u8]) -> Result<Self> {
        self.script.prefixed()?;
        self.prefix.splice(..0, prefix.iter().copied());
        Ok(self)
    }

    fn sent(&self) -> Result<&Sent> {
        if self.prefix.is_empty() { Ok(self.script.sent()) } else { self.script.prefixed() }
    }

    /// The Lua text of this call, for EVAL.
    ///
    /// # Errors
    /// The errors of [`ScriptCall::prefixed`].
    pub fn lua(&self) -> Result<&str> {
        self.sent().map(|sent| sent.lua.as_str())
    }

    /// Calls `see` with the keys that are set, as they are stored, with the prefix.
    pub fn each_stored_key(&self, mut see: impl FnMut(&[u8])) {
        for key in self.keys.iter().flatten() {
            if self.prefix.is_empty() { see(key) } else { see(&[&self.prefix, &**key].concat()) }
        }
    }

    /// The keys as they are stored, with the prefix.
    ///
    /// # Errors
    /// The errors of [`ScriptCall::parts`].
    pub fn stored_keys(&self) -> Result<Vec<Cow<'_, [u8]>>> {
        let stored = |key: &'_ Bytes| [&self.prefix, &**key].concat();
        let (keys, _) = self.parts()?;
        Ok(match self.prefix[..] {
            [] => keys.into_iter().map(|key| Cow::Borrowed(&**key)).collect(),
            _ => keys.into_iter().map(|key| Cow::Owned(stored(key))).collect(),
        })
    }

    /// Returns the arguments of EVALSHA: the SHA-1, the number of keys, the keys, the arguments.
    ///
    /// # Errors
    /// The errors of [`ScriptCall::parts`].
    pub fn evalsha_args(&self) -> Result<Vec<Vec<u8>>> {
        let (keys, (_, args)) = (self.stored_keys()?, self.parts()?);
        let mut out = vec![self.sent()?.sha1().as_bytes().to_vec(), keys.len().to_string().into_bytes()];
        out.extend(keys.into_iter().map(Cow::into_owned));
        for arg in args.iter().flatten() {
            out.push(argument::encode(arg)?);
        }
        if !self.prefix.is_empty() {
            out.push(self.prefix.clone());
        }
        Ok(out)
    }

    /// Runs the script on the register machine; see [`Script::run`].
    ///
    /// # Errors
    /// The errors of [`Script::run`].
    pub fn run(&self, host: &mut dyn Host) -> Result<Value> {
        self.script.run(host, self)
    }
}

impl Script {
    /// Starts a call with the key of this name.
    pub fn key(&self, name: &str, key: impl ToKey) -> ScriptCall {
        self.prepare().key(name, key)
    }

    /// Starts a call with the argument of this name.
    pub fn arg(&self, name: &str, value: impl ToValue) -> ScriptCall {
        self.prepare().arg(name, value)
    }

    /// Starts a call, to which keys and arguments can be added.
    pub fn prepare(&self) -> ScriptCall {
        ScriptCall::new(self)
    }

    /// Runs a script that needs neither keys nor arguments on a client, or queues it.
    pub fn call<E: ExecuteScript>(&self, on: E) -> E::Output {
        self.prepare().call(on)
    }

    /// Runs the script here, on the register machine.
    ///
    /// # Errors
    /// Those of its commands, its own, and those of the call: missing and unknown names, refused values.
    pub fn run(&self, host: &mut dyn Host, call: &ScriptCall) -> Result<Value> {
        self.run_with(host, call, Limits::default(), &mut NoTrace)
    }

    /// Runs the script with limits, unless the call has its own, and with a hook that sees every step.
    ///
    /// # Errors
    /// The errors of [`Script::run`]; [`Kind::Timeout`](crate::Kind::Timeout) and
    /// [`Kind::OutOfMemory`](crate::Kind::OutOfMemory) when a budget is used up.
    pub fn run_with<T: Trace>(
        &self,
        host: &mut dyn Host,
        call: &ScriptCall,
        limits: Limits,
        trace: &mut T,
    ) -> Result<Value> {
        let (keys, args) = call.parts()?;
        let limits = call.limits(limits);
        let (args, weight) = argument::to_vals(self.args(), args, limits.memory)?;
        self.execute(host, Parameters { keys: &keys, args, weight, prefix: &call.prefix }, limits, trace)
    }
}

fn known(names: &[String]) -> String {
    if names.is_empty() { "there is none".to_owned() } else { format!("known are {}", names.join(", ")) }
}
