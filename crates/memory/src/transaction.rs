//! Requests that are executed at one moment: looked up and hashed once, then their shards are locked, then they run in
//! order.

use std::ops::Range;

use redipy_backend::{Place, RequestRef, Requests};
use redipy_command::connection::Select;
use redipy_command::spec::CommandId;
use redipy_command::transaction::Unwatch;
use redipy_command::{Args, Command, Error, Flags, Parse, Result, Spec, Value, ValueSink, texts};
use redipy_script::{NoTrace, ScriptCall};
use smallvec::SmallVec;

use crate::dispatch::{Call, Row, row, unsupported};
use crate::host;
use crate::run::Reach;
use crate::shard_set::ShardSet;
use crate::shared::Shared;
use crate::space::{KnownKey, Space};

const SELECT: CommandId = Select::SPEC.id;
const UNWATCH: CommandId = Unwatch::SPEC.id;

/// Requests that can be executed: known commands with the right number of arguments, and scripts.
pub(crate) struct Transaction<'r> {
    steps: SmallVec<[Step<'r>; 1]>,
    /// The names and arguments of all commands.
    words: SmallVec<[&'r [u8]; 8]>,
    /// The shards that they need together.
    pub(crate) shards: ShardSet,
}

enum Step<'r> {
    Command {
        row: &'static Row,
        words: Range<usize>,
        /// The key, for a command that names exactly one.
        key: KnownKey,
    },
    Select(Range<usize>),
    Unwatch,
    Script(&'r ScriptCall),
}

impl<'r> Transaction<'r> {
    /// Looks these requests up.
    ///
    /// # Errors
    /// The server's, of the first request that it would not queue.
    pub(crate) fn of(shared: &Shared, requests: impl ExactSizeIterator<Item = RequestRef<'r>>) -> Result<Self> {
        let mut all = Transaction {
            steps: SmallVec::with_capacity(requests.len()),
            words: SmallVec::new(),
            shards: ShardSet::default(),
        };
        for request in requests {
            match request {
                RequestRef::Script(call) => all.script(shared, call),
                RequestRef::Command(command) => {
                    command.check()?;
                    let from = all.words.len();
                    all.words.extend(command.args());
                    let call = Call::new(command.spec(), &all.words[from..])?;
                    let spec = call.spec;
                    all.command(shared, spec, from)?;
                }
            }
        }
        Ok(all)
    }

    fn script(&mut self, shared: &Shared, call: &'r ScriptCall) {
        host::add_shards_of(&mut self.shards, shared, call);
        self.steps.push(Step::Script(call));
    }

    /// Adds the command whose words begin here.
    fn command(&mut self, shared: &Shared, spec: &'static Spec, from: usize) -> Result<()> {
        let words = from..self.words.len();
        match (row(spec), spec.id) {
            (Some(row), _) => {
                let key = self.add_shards_of(shared, row, words.clone());
                self.steps.push(Step::Command { row, words, key });
            }
            (None, SELECT) => self.steps.push(Step::Select(words)),
            (None, UNWATCH) => self.steps.push(Step::Unwatch),
            (None, _) => return Err(unsupported(spec)),
        }
        Ok(())
    }

    /// Adds what this command reaches, and hashes its key if it names one.
    fn add_shards_of(&mut self, shared: &Shared, row: &Row, words: Range<usize>) -> KnownKey {
        let (spec, words) = (row.spec, &self.words[words]);
        match row.reach {
            Reach::Nothing => {}
            Reach::Everything => self.shards = ShardSet::everything(),
            Reach::Keys => {
                if let Some(key) = spec.only_key.and_then(|key| words.get(spec.words + key)) {
                    let known = KnownKey::new((*key).into(), shared.seed);
                    self.shards.add(shared.shard_of(known.hash));
                    return known;
                }
                let shards = &mut self.shards;
                spec.key_positions(words, &mut |at| shared.add_shard_of(shards, words[at]));
            }
        }
        KnownKey::default()
    }

    /// Executes the requests, whose shards are locked, one after the other as they are asked for.
    pub(crate) fn run<'t>(&'t self, at: &'t mut Space<'_>) -> impl Iterator<Item = Result<Value>> + 't {
        self.steps.iter().map(|step| self.step(step, at))
    }

    fn step(&self, step: &Step<'_>, at: &mut Space<'_>) -> Result<Value> {
        match step {
            Step::Script(call) => host::run(at, call, &mut NoTrace),
            Step::Unwatch => Ok(Value::OK),
            Step::Select(words) => {
                at.select(Select::parse(Args::new(Select::SPEC, &self.words[words.clone()][1..]))?.index.get()?);
                Ok(Value::OK)
            }
            Step::Command { row, words, key } => {
                at.begin(row.spec, at.with_guard(*key));
                let mut reply = ValueSink::default();
                (row.run)(at, Args::new(row.spec, &self.words[words.clone()][row.spec.words..]), &mut reply)?;
                Ok(reply.into_value())
            }
        }
    }

    /// Whether the next requests may write, one by one.
    pub(crate) fn may_write(&self) -> impl Iterator<Item = bool> {
        self.steps.iter().map(|step| match step {
            Step::Command { row, .. } => row.spec.flags.has(Flags::WRITE),
            Step::Script(_) => true,
            Step::Select(_) | Step::Unwatch => false,
        })
    }
}

/// Refuses a transaction in which a command does not belong to this place.
///
/// # Errors
/// `Unsupported`, before anything is done.
pub(crate) fn check_places(requests: &Requests, place: Place) -> Result<()> {
    requests.iter().filter_map(RequestRef::command).try_for_each(|command| place.check(command))
}

/// What EXEC says where a server would not have queued a command.
pub(crate) fn aborted(refused: Error) -> Error {
    Error::from(texts::EXEC_ABORT).with_source(refused)
}
