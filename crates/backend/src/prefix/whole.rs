//! Operations on all keys of a namespace, for which a server has no single command.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use redipy_command::generic::{Del, RandomKey, Unlink};
use redipy_command::server::{DbSize, FlushAll, FlushDb, FlushOptions};
use redipy_command::spec::CommandId;
use redipy_command::{Args, Bytes, Command, Encoded, EncodedRef, Parse, Result, Spec, Value, texts};

use super::namespace::Namespace;
use crate::layer::Io;
use crate::request::Request;

const DBSIZE: CommandId = DbSize::SPEC.id;
const FLUSHALL: CommandId = FlushAll::SPEC.id;
const FLUSHDB: CommandId = FlushDb::SPEC.id;
const RANDOMKEY: CommandId = RandomKey::SPEC.id;

/// The COUNT of a SCAN.
const STEP: i64 = 1000;

/// The number of RANDOMKEY that may miss the namespace before all keys are scanned.
const TRIES: usize = 8;

/// An operation on all keys of a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    /// DBSIZE.
    Count,
    /// RANDOMKEY.
    Random,
    /// FLUSHDB or FLUSHALL.
    Clear {
        /// The name of the command.
        name: &'static str,
        /// The command that removes keys.
        remove: &'static str,
    },
}

impl Whole {
    /// Returns the operation of this command, if it is one on all keys.
    pub(super) fn of(spec: &'static Spec, command: EncodedRef<'_>) -> Result<Option<Self>> {
        let args = command.to_vec();
        let args = Args::new(spec, &args[1..]);
        let clear = |options: FlushOptions| {
            let remove = if options.sync { Del::SPEC } else { Unlink::SPEC };
            Some(Whole::Clear { name: spec.name, remove: remove.name })
        };
        match spec.id {
            DBSIZE | RANDOMKEY if !spec.accepts(args.len() + 1) => Err(texts::arity(spec.name)),
            DBSIZE => Ok(Some(Whole::Count)),
            RANDOMKEY => Ok(Some(Whole::Random)),
            FLUSHDB => FlushDb::parse(args).map(|flush| clear(flush.options)),
            FLUSHALL => FlushAll::parse(args).map(|flush| clear(flush.options)),
            _ => Ok(None),
        }
    }

    /// The command's name, for messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Whole::Count => DbSize::SPEC.name,
            Whole::Random => RandomKey::SPEC.name,
            Whole::Clear { name, .. } => name,
        }
    }
}

impl Namespace {
    /// Carries it out, one request after the other.
    pub(super) async fn whole(&self, whole: Whole, io: &mut impl Io) -> Result<Value> {
        match whole {
            Whole::Count => {
                // SCAN may give a key twice.
                let keys: HashSet<Bytes> = self.all_keys(io).await?.into_iter().collect();
                Ok(Value::Int(keys.len() as i64))
            }
            Whole::Random => self.random(io).await,
            Whole::Clear { remove, .. } => {
                let mut walk = KeyWalk::new(self);
                while let Some(found) = walk.step(io).await? {
                    if !found.is_empty() {
                        let name = Encoded::raw(remove.as_bytes());
                        let command = found.iter().fold(name, |command, key| command.arg(&**key));
                        io.call(command.into()).await?;
                    }
                }
                Ok(Value::OK)
            }
        }
    }

    /// A key by chance: one that the server picks, or, where the namespace is a small part of the
    /// database, one of all that SCAN finds.
    async fn random(&self, io: &mut impl Io) -> Result<Value> {
        for _ in 0..TRIES {
            match io.call(Request::of(&RandomKey {})).await? {
                Value::Bulk(key) => {
                    if let Some(name) = key.strip_prefix(&**self.prefix()) {
                        return Ok(Value::bulk(name));
                    }
                }
                other => return Ok(other),
            }
        }
        let keys = self.all_keys(io).await?;
        // Every `RandomState` is another one.
        let chance = RandomState::new().build_hasher().finish();
        let picked = usize::try_from(chance % keys.len().max(1) as u64).ok().and_then(|index| keys.get(index));
        Ok(picked.and_then(|key| key.strip_prefix(&**self.prefix())).map_or(Value::Null, Value::bulk))
    }

    /// Returns all keys of the namespace, with their prefix.
    async fn all_keys(&self, io: &mut impl Io) -> Result<Vec<Bytes>> {
        let (mut walk, mut keys) = (KeyWalk::new(self), Vec::new());
        while let Some(found) = walk.step(io).await? {
            keys.extend(found);
        }
        Ok(keys)
    }
}

/// A walk through all keys of a namespace.
struct KeyWalk {
    pattern: Vec<u8>,
    /// The cursor of the next step; `None` after the last one.
    cursor: Option<Bytes>,
}

impl KeyWalk {
    fn new(namespace: &Namespace) -> Self {
        KeyWalk { pattern: namespace.pattern(b"*"), cursor: Some("0".into()) }
    }

    /// The next keys, with their prefix; none after the last step.
    async fn step(&mut self, io: &mut impl Io) -> Result<Option<Vec<Bytes>>> {
        let Some(cursor) = self.cursor.take() else { return Ok(None) };
        let scan = Encoded::raw(b"SCAN").arg(&*cursor).arg("MATCH").arg(&*self.pattern).arg("COUNT").arg(STEP);
        let (next, keys): (Bytes, Vec<Bytes>) = io.call(scan.into()).await?.decode()?;
        self.cursor = (next != "0").then_some(next);
        Ok(Some(keys))
    }
}
