//! A finished script: checked, compiled for both targets, cheap to clone and safe to share. How it is called is in
//! `call.rs`.

use std::fmt;
use std::sync::{Arc, OnceLock};

use redipy_command::{Result, Value};

use crate::check::{Checked, KeyScope, Problem, check};
use crate::ir::Ir;
use crate::vm::{self, Code, Host, Limits, Parameters, Trace};

/// A script that can be called.
#[derive(Clone)]
pub struct Script(Arc<Inner>);

struct Inner {
    checked: Checked,
    sent: Sent,
    /// The text for calls with a prefix; few scripts ever need it.
    prefixed: OnceLock<Result<Sent>>,
    code: Code,
}

/// A script as it is sent to a server.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) lua: String,
    /// Made when it is first needed, which in the process is never.
    sha1: OnceLock<String>,
}

impl Sent {
    fn new(lua: String) -> Self {
        Self { lua, sha1: OnceLock::new() }
    }

    pub(crate) fn sha1(&self) -> &str {
        self.sha1.get_or_init(|| sha1_smol::Sha1::from(&self.lua).digest().to_string())
    }
}

impl Script {
    /// Checks a program and compiles it for both targets.
    ///
    /// # Errors
    /// One error of [`Kind::Script`](crate::Kind::Script) that lists every problem with its place.
    pub fn new(ir: Ir) -> Result<Self> {
        Self::of(check(ir)?)
    }

    /// Compiles a program that passed the checks.
    pub(crate) fn of(checked: Checked) -> Result<Self> {
        let sent = Sent::new(crate::lua::generate(&checked)?);
        let code = vm::compile(&checked)?;
        Ok(Self(Arc::new(Inner { checked, sent, prefixed: OnceLock::new(), code })))
    }

    /// The program.
    pub fn ir(&self) -> &Ir {
        self.0.checked.ir()
    }

    /// The program as Lua, for EVAL and SCRIPT LOAD.
    pub fn lua(&self) -> &str {
        &self.0.sent.lua
    }

    /// The SHA-1 of the Lua text, for EVALSHA.
    pub fn sha1(&self) -> &str {
        self.0.sent.sha1()
    }

    pub(crate) fn sent(&self) -> &Sent {
        &self.0.sent
    }

    /// The text that is sent for calls with a prefix.
    pub(crate) fn prefixed(&self) -> Result<&Sent> {
        let make = || crate::lua::generate_prefixed(&self.0.checked).map(Sent::new);
        self.0.prefixed.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// The names of the declared keys, in order.
    pub fn keys(&self) -> &[String] {
        &self.ir().keys
    }

    /// The names of the arguments, in order.
    pub fn args(&self) -> &[String] {
        &self.ir().args
    }

    /// The keys that the script can touch.
    pub fn reach(&self) -> KeyScope {
        self.0.checked.reach()
    }

    /// Returns whether the script can touch keys that it does not declare, so that an engine must lock all.
    pub fn needs_all_keys(&self) -> bool {
        self.reach() != KeyScope::Declared
    }

    /// Returns whether it has loops: one without takes about as long as its commands do.
    pub fn has_loops(&self) -> bool {
        self.0.code.has_loops
    }

    /// The commands on keys that are not made from a declared key. A cluster cannot tell where such a key is, and
    /// [`Draft::strict`](crate::Draft::strict) refuses them.
    pub fn undeclared(&self) -> &[Problem] {
        self.0.checked.undeclared()
    }

    /// Warnings: what is allowed and looks like a mistake.
    pub fn warnings(&self) -> &[Problem] {
        self.0.checked.warnings()
    }

    /// Runs it with these keys and arguments, in the order of their declaration.
    pub(crate) fn execute<T: Trace>(
        &self,
        host: &mut dyn Host,
        call: Parameters<'_>,
        limits: Limits,
        trace: &mut T,
    ) -> Result<Value> {
        vm::run(&self.0.code, call, host, limits, trace)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("sha1", &self.sha1()).field("keys", &self.keys()).finish_non_exhaustive()
    }
}

/// Scripts are equal when their Lua texts are.
impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        self.lua() == other.lua()
    }
}

impl Eq for Script {}
