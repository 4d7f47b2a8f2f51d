//! A finished script: checked, compiled for both targets, cheap to clone and safe to share. How it is called is in
//! `call.rs`.

use std::fmt;
use std::sync::Arc;

use redipy_command::{Bytes, Result, Value};

use crate::check::{Checked, Problem, Reach, check};
use crate::ir::Ir;
use crate::value::Val;
use crate::vm::{self, Code, Host, Limits, Trace};

/// A script that can be called.
#[derive(Clone)]
pub struct Script(Arc<Inner>);

struct Inner {
    checked: Checked,
    lua: String,
    sha1: String,
    code: Code,
}

impl Script {
    /// Checks a program and compiles it for both targets.
    ///
    /// # Errors
    /// One error of [`Kind::Script`](redipy_command::Kind::Script) that lists every problem with its place.
    pub fn new(ir: Ir) -> Result<Self> {
        Self::of(check(ir)?)
    }

    /// Compiles a program that passed the checks.
    pub(crate) fn of(checked: Checked) -> Result<Self> {
        let lua = crate::lua::generate(&checked)?;
        let sha1 = sha1_smol::Sha1::from(&lua).digest().to_string();
        let code = vm::compile(&checked)?;
        Ok(Self(Arc::new(Inner { checked, lua, sha1, code })))
    }

    /// The program.
    pub fn ir(&self) -> &Ir {
        self.0.checked.ir()
    }

    /// The program as Lua, for EVAL and SCRIPT LOAD.
    pub fn lua(&self) -> &str {
        &self.0.lua
    }

    /// The SHA-1 of the Lua text, for EVALSHA.
    pub fn sha1(&self) -> &str {
        &self.0.sha1
    }

    /// The names of the declared keys, in order.
    pub fn keys(&self) -> &[String] {
        &self.ir().keys
    }

    /// The names of the arguments, in order.
    pub fn args(&self) -> &[String] {
        &self.ir().args
    }

    /// Which keys the script can touch.
    pub fn reach(&self) -> Reach {
        self.0.checked.reach()
    }

    /// Whether the script can touch keys that it does not declare, so that an engine must lock all.
    pub fn needs_all_keys(&self) -> bool {
        self.reach() != Reach::Declared
    }

    /// The commands on keys that are not made from a declared key. A cluster cannot tell where such a key is, and
    /// [`Draft::strict`](crate::Draft::strict) refuses them.
    pub fn undeclared(&self) -> &[Problem] {
        self.0.checked.undeclared()
    }

    /// What is allowed and yet looks like a mistake.
    pub fn warnings(&self) -> &[Problem] {
        self.0.checked.warnings()
    }

    /// Runs it with these keys and arguments, in the order of their declaration.
    pub(crate) fn execute<T: Trace>(
        &self,
        host: &mut dyn Host,
        keys: &[Bytes],
        args: Vec<Val>,
        limits: Limits,
        trace: &mut T,
    ) -> Result<Value> {
        vm::run(&self.0.code, keys, args, host, limits, trace)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("sha1", &self.sha1()).field("keys", &self.keys()).finish_non_exhaustive()
    }
}

/// Two scripts are the same when they are sent as the same text.
impl PartialEq for Script {
    fn eq(&self, other: &Self) -> bool {
        self.sha1() == other.sha1()
    }
}

impl Eq for Script {}
