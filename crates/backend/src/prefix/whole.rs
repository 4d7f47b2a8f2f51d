//! What concerns all keys of a namespace: a server has no single command for it.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use redipy_command::{Bytes, Encoded, Result, Spec, Value, texts};

use super::namespace::Namespace;
use crate::request::Request;

/// How many keys SCAN looks at in one request.
const STEP: i64 = 1000;

/// How often RANDOMKEY of the whole database may miss before all keys are gone through.
const TRIES: usize = 8;

/// Something that concerns all keys of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// DBSIZE.
    Count,
    /// RANDOMKEY.
    Random,
    /// FLUSHDB or FLUSHALL.
    Clear {
        /// Which of the two.
        name: &'static str,
        /// The command that removes keys.
        remove: &'static str,
    },
}

/// Sends one request and gives its reply.
type Call<'c> = &'c mut dyn FnMut(&Request) -> Result<Value>;

impl Whole {
    /// What this command asks for, if it is of this sort.
    pub(super) fn of(spec: &Spec, command: &Encoded) -> Result<Option<Self>> {
        let args = command.to_vec();
        let clear = |remove| Ok(Some(Whole::Clear { name: spec.name, remove }));
        match (spec.name, &args[1..]) {
            ("DBSIZE", []) => Ok(Some(Whole::Count)),
            ("RANDOMKEY", []) => Ok(Some(Whole::Random)),
            ("DBSIZE" | "RANDOMKEY", _) => Err(texts::arity(spec.name)),
            ("FLUSHDB" | "FLUSHALL", []) => clear("UNLINK"),
            ("FLUSHDB" | "FLUSHALL", [mode]) if mode.eq_ignore_ascii_case(b"ASYNC") => clear("UNLINK"),
            ("FLUSHDB" | "FLUSHALL", [mode]) if mode.eq_ignore_ascii_case(b"SYNC") => clear("DEL"),
            ("FLUSHDB" | "FLUSHALL", _) => texts::fail(texts::SYNTAX),
            _ => Ok(None),
        }
    }

    /// The command's name, for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Whole::Count => "DBSIZE",
            Whole::Random => "RANDOMKEY",
            Whole::Clear { name, .. } => name,
        }
    }
}

impl Namespace {
    /// Carries it out, one request after the other.
    pub(super) fn whole(&self, whole: Whole, call: Call<'_>) -> Result<Value> {
        match whole {
            Whole::Count => {
                // SCAN may give a key twice.
                let mut keys = HashSet::new();
                self.scan_all(call, &mut |_, found| {
                    keys.extend(found);
                    Ok(())
                })?;
                Ok(Value::Int(keys.len() as i64))
            }
            Whole::Random => self.random(call),
            Whole::Clear { remove, .. } => {
                self.scan_all(call, &mut |call, found| {
                    if found.is_empty() {
                        return Ok(());
                    }
                    let name = Encoded::raw(remove.as_bytes());
                    let command = found.iter().fold(name, |command, key| command.arg(&**key));
                    call(&command.into()).map(|_| ())
                })?;
                Ok(Value::OK)
            }
        }
    }

    /// A key by chance: one that the server picks, or, where the namespace is a small part of the
    /// database, one of all that SCAN finds.
    fn random(&self, call: Call<'_>) -> Result<Value> {
        for _ in 0..TRIES {
            match call(&Encoded::raw(b"RANDOMKEY").into())? {
                Value::Bulk(key) => {
                    if let Some(name) = key.strip_prefix(&**self.prefix()) {
                        return Ok(Value::bulk(name));
                    }
                }
                other => return Ok(other),
            }
        }
        let mut keys: Vec<Bytes> = Vec::new();
        self.scan_all(call, &mut |_, found| {
            keys.extend(found);
            Ok(())
        })?;
        // Every `RandomState` is another one.
        let chance = RandomState::new().build_hasher().finish();
        let picked = usize::try_from(chance % keys.len().max(1) as u64).ok().and_then(|index| keys.get(index));
        Ok(picked.and_then(|key| key.strip_prefix(&**self.prefix())).map_or(Value::Null, Value::bulk))
    }

    /// Goes through all keys of the namespace, with their prefix.
    fn scan_all(&self, call: Call<'_>, each: &mut dyn FnMut(Call<'_>, Vec<Bytes>) -> Result<()>) -> Result<()> {
        let all = self.pattern(b"*");
        let mut cursor = Bytes::from("0");
        loop {
            let scan = Encoded::raw(b"SCAN").arg(&*cursor).arg("MATCH").arg(&*all).arg("COUNT").arg(STEP);
            let (next, keys): (Bytes, Vec<Bytes>) = call(&scan.into())?.decode()?;
            each(call, keys)?;
            if next == "0" {
                return Ok(());
            }
            cursor = next;
        }
    }
}
