//! What happens to keys, by the names that keyspace notifications give it.

/// What happened to a key: the name of a keyspace notification and the class that turns it on.
///
/// A command of one's own has an event of its own:
///
/// ```
/// # mod redipy { pub use redipy_backend::*; pub use redipy_command::*; pub use redipy_memory as memory; }
/// use redipy::memory::{Class, Event};
///
/// const LOCKED: Event = Event::new("locked", Class::Module);
/// assert_eq!(LOCKED.name(), "locked");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    name: &'static str,
    class: Class,
}

/// The classes of events, in the letters of `notify-keyspace-events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Class {
    /// `g`: of commands for keys of any type.
    Generic,
    /// `$`: of string commands.
    String,
    /// `l`: of list commands.
    List,
    /// `s`: of set commands.
    Set,
    /// `h`: of hash commands.
    Hash,
    /// `z`: of sorted set commands.
    SortedSet,
    /// `x`: a deadline has passed.
    Expired,
    /// `d`: of commands that are not Redis' own.
    Module,
    /// `n`: a key is new.
    New,
    /// `o`: a value was replaced.
    Overwritten,
    /// `c`: a value was replaced by one of another type.
    TypeChanged,
}

impl Class {
    /// Its letter in `notify-keyspace-events`.
    pub(crate) const fn letter(self) -> u8 {
        match self {
            Class::Generic => b'g',
            Class::String => b'$',
            Class::List => b'l',
            Class::Set => b's',
            Class::Hash => b'h',
            Class::SortedSet => b'z',
            Class::Expired => b'x',
            Class::Module => b'd',
            Class::New => b'n',
            Class::Overwritten => b'o',
            Class::TypeChanged => b'c',
        }
    }
}

impl Event {
    /// An event of this name.
    pub const fn new(name: &'static str, class: Class) -> Self {
        Self { name, class }
    }

    /// The name, as a notification has it.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// The class that it belongs to.
    pub const fn class(self) -> Class {
        self.class
    }
}

macro_rules! events {
    ($($class:ident: $($name:ident $text:literal)*;)*) => {
        #[allow(missing_docs)] // the names are Redis' own
        impl Event {
            $($(pub const $name: Event = Event::new($text, Class::$class);)*)*
        }
    };
}

events! {
    Generic: COPY_TO "copy_to" DEL "del" EXPIRE "expire" PERSIST "persist" RENAME_FROM "rename_from"
        RENAME_TO "rename_to";
    String: APPEND "append" INCRBY "incrby" INCRBYFLOAT "incrbyfloat" SET "set" SETRANGE "setrange";
    List: LINSERT "linsert" LPOP "lpop" LPUSH "lpush" LREM "lrem" LSET "lset" LTRIM "ltrim" RPOP "rpop" RPUSH "rpush";
    Set: SADD "sadd" SDIFFSTORE "sdiffstore" SINTERSTORE "sinterstore" SPOP "spop" SREM "srem"
        SUNIONSTORE "sunionstore";
    Hash: HDEL "hdel" HINCRBY "hincrby" HINCRBYFLOAT "hincrbyfloat" HSET "hset";
    SortedSet: ZADD "zadd" ZINCR "zincr" ZPOPMAX "zpopmax" ZPOPMIN "zpopmin" ZRANGESTORE "zrangestore" ZREM "zrem";
    Expired: EXPIRED "expired";
    New: NEW "new";
    Overwritten: OVERWRITTEN "overwritten";
    TypeChanged: TYPE_CHANGED "type_changed";
}
