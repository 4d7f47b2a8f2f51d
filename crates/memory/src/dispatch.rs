//! The command table: which commands the engine has, and how raw arguments become a call.

use std::collections::HashMap;
use std::sync::LazyLock;

use redipy_command::spec::KeyRange;
use redipy_command::{self as command, Args, Command, Encoded, Flags, Key, Parse, ReplySink, Result, Spec, texts};

use crate::engine::Engine;
use crate::run::{Reach, Run};
use crate::space::Space;

/// A command in the table.
pub(crate) struct Row {
    pub(crate) spec: &'static Spec,
    pub(crate) reach: Reach,
    /// Reads the arguments, takes the locks, executes the command and shows the reply.
    pub(crate) execute: fn(&Engine, usize, Args<'_>, &mut dyn ReplySink) -> Result<()>,
    /// Reads the arguments, executes the command where its keys are reachable already, and shows the reply.
    pub(crate) run: fn(&mut Space<'_>, Args<'_>, &mut dyn ReplySink) -> Result<()>,
}

macro_rules! table {
    ($($family:ident: $($command:ident)*;)*) => {
        /// All commands of the engine, in the order of their families.
        static ROWS: &[Row] = &[$($(Row {
            spec: command::$family::$command::SPEC,
            reach: command::$family::$command::REACH,
            execute: |engine, db, args, to| engine.show(db, command::$family::$command::parse(args)?, to),
            run: |at, args, to| command::$family::$command::parse(args)?.show(at, to),
        }),*),*];
    };
}

table! {
    string: Set Get GetDel GetEx GetSet MGet MSet MSetNx SetNx SetEx PSetEx Append StrLen GetRange SetRange
        Incr Decr IncrBy DecrBy IncrByFloat;
    list: LPush RPush LPushX RPushX LPop RPop LRange LLen LIndex LSet LInsert LRem LTrim LPos LMove RPopLPush LMPop;
    hash: HSet HSetNx HMSet HGet HMGet HGetAll HDel HExists HLen HKeys HVals HStrLen HIncrBy HIncrByFloat
        HRandField HScan;
    set: SAdd SRem SIsMember SMIsMember SCard SMembers SPop SRandMember SMove SInter SUnion SDiff
        SInterStore SUnionStore SDiffStore SInterCard SScan;
    zset: ZAdd ZRem ZScore ZMScore ZIncrBy ZCard ZCount ZRank ZRevRank ZRange ZRangeStore ZPopMin ZPopMax
        ZRandMember ZScan;
    generic: Del Unlink Exists Touch Type Keys Scan RandomKey Rename RenameNx CopyKey
        Expire PExpire ExpireAt PExpireAt Ttl PTtl ExpireTime PExpireTime Persist;
    connection: Ping Echo;
    server: Time DbSize FlushDb FlushAll;
    pubsub: Publish;
}

/// The row of a command.
pub(crate) fn row(spec: &'static Spec) -> Option<&'static Row> {
    static BY_NAME: LazyLock<HashMap<&str, &Row, foldhash::fast::FixedState>> =
        LazyLock::new(|| ROWS.iter().map(|row| (row.spec.name, row)).collect());
    BY_NAME.get(spec.name).copied()
}

/// A command as scripts call it: everything that does not depend on its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    pub(crate) spec: &'static Spec,
    /// How many arguments it takes, with the name, and whether it takes more.
    least: usize,
    open: bool,
    /// Which argument is the key, for a command that names exactly one.
    key: Option<usize>,
    run: fn(&mut Space<'_>, Args<'_>, &mut dyn ReplySink) -> Result<()>,
}

impl Site {
    /// Looks a command up, if it is one for scripts.
    pub(crate) fn new(spec: &'static Spec) -> Option<Self> {
        let row = row(spec).filter(|_| !spec.flags.has(Flags::NOSCRIPT))?;
        let key = match spec.key_ranges().next() {
            Some(KeyRange::At(position)) if spec.names_one_key() => position.checked_sub(1),
            _ => None,
        };
        let arity = spec.arity();
        Some(Self { spec, least: arity.unsigned_abs() as usize, open: arity < 0, key, run: row.run })
    }

    /// Executes it with these arguments, where its keys are reachable already.
    ///
    /// # Errors
    /// `wrong number of arguments`, and those of the command.
    pub(crate) fn call(&self, at: &mut Space<'_>, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        let count = args.len() + 1;
        if count < self.least || (count > self.least && !self.open) {
            return Err(texts::arity(self.spec.name));
        }
        at.know(self.key.and_then(|key| args.get(key)).map(|key| Key::from(*key)));
        (self.run)(at, Args::new(self.spec, args), to)
    }
}

/// A raw command, looked up and with the right number of arguments.
pub(crate) struct Call<'a> {
    pub(crate) spec: &'static Spec,
    /// The name and the arguments.
    pub(crate) args: Vec<&'a [u8]>,
}

impl<'a> Call<'a> {
    /// Looks a command up.
    ///
    /// # Errors
    /// `unknown command`, `wrong number of arguments`.
    pub(crate) fn new(command: &'a Encoded) -> Result<Self> {
        let args = command.to_vec();
        let Some(spec) = command.spec() else { return Err(texts::unknown_command(args[0], &args[1..])) };
        if spec.accepts(args.len()) { Ok(Self { spec, args }) } else { Err(texts::arity(spec.name)) }
    }

    /// The arguments, without the name.
    pub(crate) fn args(&self) -> Args<'_> {
        Args::new(self.spec, &self.args[1..])
    }
}
