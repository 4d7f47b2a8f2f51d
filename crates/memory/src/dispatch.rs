//! The command table: which commands the engine has, and how raw arguments become a call.

use redipy_command::spec::CommandId;
use redipy_command::{
    self as command, Args, Command, Error, Flags, Key, Kind, Parse, ReplySink, Result, Spec, encoded, room, texts,
};
use smallvec::SmallVec;

use crate::engine::Engine;
use crate::run::{Reach, Run};
use crate::space::{KnownKey, Space};

/// A command in the table.
pub(crate) struct Row {
    pub(crate) spec: &'static Spec,
    pub(crate) reach: Reach,
    /// Reads the arguments, takes the locks, executes the command and shows the reply.
    pub(crate) execute: fn(&Engine, usize, Args<'_>, &mut dyn ReplySink) -> Result<()>,
    /// Reads the arguments, executes the command where its keys are reachable already, and shows the reply.
    pub(crate) run: fn(&mut Space<'_>, Args<'_>, &mut dyn ReplySink) -> Result<()>,
    /// What a typed call gives.
    #[cfg(test)]
    pub(crate) typed: fn(&Engine, usize, Args<'_>) -> Result<command::Value>,
    /// What a typed caller reads of a reply, shown again.
    #[cfg(test)]
    pub(crate) read: fn(command::Value) -> Result<command::Value>,
}

macro_rules! table {
    ($($family:ident: $($command:ident)*;)*) => {
        /// All commands of the engine, in the order of their families.
        pub(crate) static ROWS: &[Row] = &[$($(Row {
            spec: command::$family::$command::SPEC,
            reach: command::$family::$command::REACH,
            execute: |engine, db, args, to| engine.show(db, command::$family::$command::parse(args)?, to),
            run: |at, args, to| command::$family::$command::parse(args)?.show(at, to),
            #[cfg(test)]
            typed: |engine, db, args| {
                engine.execute(db, command::$family::$command::parse(args)?).map(command::Reply::into_value)
            },
            #[cfg(test)]
            read: |reply| {
                reply.decode::<<command::$family::$command as Command>::Reply>().map(command::Reply::into_value)
            },
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

/// The rows by the numbers of their commands; behind the last one that of commands that are declared elsewhere, which is none.
static BY_ID: [Option<&Row>; CommandId::COUNT + 1] = {
    let (mut rows, mut i) = ([None; CommandId::COUNT + 1], 0);
    while i < ROWS.len() {
        rows[ROWS[i].spec.id.index()] = Some(&ROWS[i]);
        i += 1;
    }
    rows
};

/// The row of a command.
#[inline]
pub(crate) fn row(spec: &Spec) -> Option<&'static Row> {
    BY_ID[spec.id.index()]
}

/// A command as one place in a script calls it: everything that does not depend on the values of its arguments.
#[derive(Clone, Copy)]
pub(crate) struct Site {
    spec: &'static Spec,
    /// Which argument is the key, for a command that names exactly one.
    key: Option<usize>,
    /// Whether it may write.
    pub(crate) writes: bool,
    run: fn(&mut Space<'_>, Args<'_>, &mut dyn ReplySink) -> Result<()>,
}

impl Site {
    /// Looks a command up, which is called with so many arguments. None if it is none for scripts.
    ///
    /// # Errors
    /// `wrong number of arguments`.
    pub(crate) fn new(spec: &'static Spec, count: usize) -> Result<Option<Self>> {
        let Some(row) = row(spec).filter(|_| !spec.flags.has(Flags::NOSCRIPT)) else { return Ok(None) };
        if !spec.accepts(count + spec.words) {
            return Err(texts::arity(spec.name));
        }
        Ok(Some(Self { spec, key: spec.only_key, writes: spec.flags.has(Flags::WRITE), run: row.run }))
    }

    /// Whether it is a place of this command.
    #[inline]
    pub(crate) fn is_of(&self, spec: &'static Spec) -> bool {
        std::ptr::eq(self.spec, spec)
    }

    /// What is known of the key among these arguments, which has the same name as at the last call.
    #[inline]
    pub(crate) fn same_key(&self, known: KnownKey, args: &[&[u8]]) -> KnownKey {
        self.key.and_then(|key| args.get(key)).map_or_else(KnownKey::default, |key| known.moved(key))
    }

    /// What is known of the key among these arguments.
    #[inline]
    pub(crate) fn key(&self, at: &Space<'_>, args: &[&[u8]]) -> KnownKey {
        let key = self.key.and_then(|key| args.get(key));
        key.map_or_else(KnownKey::default, |key| at.look_up(Key::from(*key)))
    }

    /// Executes it with these arguments, where its keys are reachable already.
    ///
    /// # Errors
    /// Those of the command.
    #[inline]
    pub(crate) fn call(&self, at: &mut Space<'_>, key: KnownKey, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        room::admit_args(args)?;
        at.begin(self.spec, key);
        (self.run)(at, Args::new(self.spec, args), to)
    }
}

/// A raw command, looked up and with the right number of arguments.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) spec: &'static Spec,
    /// The arguments, without the name.
    arguments: &'a [&'a [u8]],
}

/// Arguments, those of most commands in place.
pub(crate) type Arguments<'a> = SmallVec<[&'a [u8]; 8]>;

impl<'a> Call<'a> {
    /// A command with this declaration and these arguments.
    ///
    /// # Errors
    /// `wrong number of arguments`, and where an argument is too long.
    #[inline]
    pub(crate) fn new(spec: &'static Spec, arguments: &'a [&'a [u8]]) -> Result<Self> {
        room::admit_args(arguments)?;
        if spec.accepts(spec.words + arguments.len()) {
            Ok(Self { spec, arguments })
        } else {
            Err(texts::arity(spec.name))
        }
    }

    /// A command as it came, its name first, with its declaration if it has one.
    ///
    /// # Errors
    /// `unknown command`, and those of [`new`](Self::new).
    pub(crate) fn of_words(spec: Option<&'static Spec>, words: &'a [&'a [u8]]) -> Result<Self> {
        match spec {
            // Two words are one name; more of them are there where the name was found.
            Some(spec) => Self::new(spec, &words[spec.words..]),
            None => Err(unknown(words)),
        }
    }

    /// The arguments, without the name.
    #[inline]
    pub(crate) fn args(self) -> Args<'a> {
        Args::new(self.spec, self.arguments)
    }

    /// Returns the arguments as a slice.
    pub(crate) fn arguments(self) -> &'a [&'a [u8]] {
        self.arguments
    }
}

/// The refusal of a command that is not declared.
#[cold]
pub(crate) fn unknown(words: &[&[u8]]) -> Error {
    encoded::unknown(words, |spec| row(spec).is_some())
}

/// The refusal of a command that is known and that the engine does not have.
#[cold]
pub(crate) fn unsupported(spec: &Spec) -> Error {
    Error::new(Kind::Unsupported, format!("{} is not possible here: the engine does not have it", spec.name))
}
