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

use crate::dispatch::{Arguments, Call, Row, row, unknown, unsupported};
use crate::host;
use crate::run::Reach;
use crate::shard_set::ShardSet;
use crate::shared::Shared;
use crate::space::{KnownKey, Space};

const SELECT: CommandId = Select::SPEC.id;
const UNWATCH: CommandId = Unwatch::SPEC.id;

/// Requests that can be executed: known commands with the right number of arguments, and scripts.
pub(crate) struct PreparedRequests<'r> {
    steps: SmallVec<[Step<'r>; 1]>,
    /// The arguments of all commands.
    arguments: Arguments<'r>,
    /// The shards that they need together.
    pub(crate) shards: ShardSet,
    /// Whether results keep what only RESP2 tells apart: null arrays and pairs.
    is_exact: bool,
}

enum Step<'r> {
    Command {
        row: &'static Row,
        arguments: Range<usize>,
        /// The key, for a command that names exactly one.
        key: KnownKey,
    },
    Select(Range<usize>),
    Unwatch,
    Script(&'r ScriptCall),
}

impl<'r> PreparedRequests<'r> {
    /// Looks up the requests of a transaction.
    ///
    /// # Errors
    /// `Unsupported` where a command does not belong to this place; `EXECABORT` where a server would not queue one.
    pub(crate) fn of(shared: &Shared, requests: &'r Requests, place: Place) -> Result<Self> {
        Self::of_all(shared, requests.iter(), place).map_err(|refused| {
            // What does not belong here comes first, wherever it stands.
            let misplaced =
                requests.iter().filter_map(RequestRef::command).find_map(|command| place.check(command).err());
            misplaced.unwrap_or_else(|| Error::from(texts::EXEC_ABORT).with_source(refused))
        })
    }

    /// Looks up one request.
    ///
    /// # Errors
    /// What a server says of it.
    pub(crate) fn of_one(shared: &Shared, request: RequestRef<'r>, place: Place) -> Result<Self> {
        Self::of_all(shared, std::iter::once(request), place)
    }

    /// Looks up requests that were looked up before, elsewhere.
    pub(crate) fn of_checked(shared: &Shared, requests: &'r Requests) -> Result<Self> {
        Self::of_all(shared, requests.iter(), Place::Session)
    }

    #[inline]
    fn of_all(shared: &Shared, requests: impl ExactSizeIterator<Item = RequestRef<'r>>, place: Place) -> Result<Self> {
        let mut all = PreparedRequests {
            steps: SmallVec::with_capacity(requests.len()),
            arguments: Arguments::new(),
            shards: ShardSet::default(),
            is_exact: false,
        };
        for request in requests {
            match request {
                RequestRef::Script(call) => all.script(shared, call),
                RequestRef::Command(command) => {
                    place.check(command)?;
                    let Some(spec) = command.spec() else { return Err(unknown(&command.to_vec())) };
                    let from = all.arguments.len();
                    command.arguments().for_each(|argument| all.arguments.push(argument));
                    Call::new(spec, &all.arguments[from..])?;
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

    /// Adds the command whose arguments begin here.
    #[inline]
    fn command(&mut self, shared: &Shared, spec: &'static Spec, from: usize) -> Result<()> {
        let arguments = from..self.arguments.len();
        match (row(spec), spec.id) {
            (Some(row), _) => {
                let key = self.add_shards_of(shared, row, arguments.clone());
                self.steps.push(Step::Command { row, arguments, key });
            }
            (None, SELECT) => self.steps.push(Step::Select(arguments)),
            (None, UNWATCH) => self.steps.push(Step::Unwatch),
            (None, _) => return Err(unsupported(spec)),
        }
        Ok(())
    }

    /// Adds what this command reaches, and hashes its key if it names one.
    #[inline]
    fn add_shards_of(&mut self, shared: &Shared, row: &Row, arguments: Range<usize>) -> KnownKey {
        let (spec, arguments) = (row.spec, &self.arguments[arguments]);
        match row.reach {
            Reach::Nothing => {}
            Reach::Everything => self.shards = ShardSet::everything(),
            Reach::Keys => {
                if let Some(key) = spec.only_key.and_then(|key| arguments.get(key)) {
                    let known = KnownKey::new((*key).into(), shared.seed);
                    self.shards.add(shared.shard_of(known.hash));
                    return known;
                }
                let shards = &mut self.shards;
                spec.key_arguments(arguments, &mut |at| shared.add_shard_of(shards, arguments[at]));
            }
        }
        KnownKey::default()
    }

    /// The same, with results for a caller that may speak RESP2: EXEC shows them.
    pub(crate) fn exact(self) -> Self {
        Self { is_exact: true, ..self }
    }

    /// Executes the requests, whose shards are locked, one after the other as they are asked for.
    pub(crate) fn run<'t>(&'t self, at: &'t mut Space<'_>) -> impl Iterator<Item = Result<Value>> + 't {
        self.steps.iter().map(|step| self.step(step, at))
    }

    #[inline]
    fn step(&self, step: &Step<'_>, at: &mut Space<'_>) -> Result<Value> {
        match step {
            Step::Script(call) => host::run(at, call, &mut NoTrace),
            Step::Unwatch => Ok(Value::OK),
            Step::Select(arguments) => {
                at.select(Select::parse(Args::new(Select::SPEC, &self.arguments[arguments.clone()]))?.index.get()?);
                Ok(Value::OK)
            }
            Step::Command { row, arguments, key } => {
                at.begin(row.spec, at.with_guard(*key));
                let mut reply = if self.is_exact { ValueSink::exact() } else { ValueSink::default() };
                (row.run)(at, Args::new(row.spec, &self.arguments[arguments.clone()]), &mut reply)?;
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
