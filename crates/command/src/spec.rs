//! What is known of a command before it is called: the row of `COMMAND INFO` and more.

/// What a command is, in one place; built by `#[derive(Command)]`.
#[derive(Debug, PartialEq)]
pub struct Spec {
    /// The name in upper case.
    pub name: &'static str,
    /// The first paragraph of its documentation.
    pub summary: &'static str,
    /// The family it belongs to.
    pub group: Group,
    /// What it does to data, and how.
    pub flags: Flags,
    /// Whether it reads or changes the state of its connection, so that it needs one of its own.
    pub session: bool,
    /// Whether it draws lots, so that the same call on the same data gives another reply.
    pub random: bool,
    /// The first Redis version that has it.
    pub since: &'static str,
    /// Its cost, in the words of Redis' documentation.
    pub complexity: &'static str,
    /// Its arguments, in order.
    pub fields: &'static [FieldSpec],
    /// ACL categories beyond those that follow from group and flags.
    pub acl: &'static [&'static str],
    /// What its reply is inside a script.
    pub shape: Shape,
}

/// The families of commands, as `COMMAND DOCS` names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)] // the names are Redis' own
pub enum Group {
    String,
    List,
    Hash,
    Set,
    SortedSet,
    Generic,
    Connection,
    Server,
    Pubsub,
    Transactions,
    Scripting,
}

impl Group {
    /// The ACL category that every command of the group is in, if there is one.
    pub fn category(self) -> Option<&'static str> {
        Some(match self {
            Group::String => "string",
            Group::List => "list",
            Group::Hash => "hash",
            Group::Set => "set",
            Group::SortedSet => "sortedset",
            Group::Generic => "keyspace",
            Group::Connection => "connection",
            Group::Pubsub => "pubsub",
            Group::Transactions => "transaction",
            Group::Scripting => "scripting",
            Group::Server => return None,
        })
    }
}

/// The flags of a command, by the names that `COMMAND INFO` gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flags(u32);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $bit:literal;)*) => {
        impl Flags {
            $($(#[$doc])* pub const $name: Flags = Flags(1 << $bit);)*
            const NAMES: &'static [(Flags, &'static str)] = &[$((Flags::$name, $text)),*];
        }
    };
}

flags! {
    /// May change data.
    WRITE = "write", 0;
    /// Never changes data.
    READONLY = "readonly", 1;
    /// Takes constant or logarithmic time.
    FAST = "fast", 2;
    /// Refused when the memory limit is reached.
    DENYOOM = "denyoom", 3;
    /// May wait for another client.
    BLOCKING = "blocking", 4;
    /// Answered also while the data set is loading.
    LOADING = "loading", 5;
    /// Answered also by a replica with stale data.
    STALE = "stale", 6;
    /// Not allowed inside a script.
    NOSCRIPT = "noscript", 7;
    /// Not allowed inside MULTI.
    NO_MULTI = "no_multi", 8;
    /// Not allowed where replies come asynchronously.
    NO_ASYNC_LOADING = "no_async_loading", 9;
    /// Does not show in MONITOR.
    SKIP_MONITOR = "skip_monitor", 10;
    /// Does not show in the slow log.
    SKIP_SLOWLOG = "skip_slowlog", 11;
    /// Part of publish and subscribe.
    PUBSUB = "pubsub", 12;
    /// Key positions follow from an argument.
    MOVABLEKEYS = "movablekeys", 13;
    /// Allowed while a script is over its time.
    ALLOW_BUSY = "allow_busy", 14;
    /// May be called before AUTH.
    NO_AUTH = "no_auth", 15;
}

impl Flags {
    /// No flag.
    pub const NONE: Flags = Flags(0);

    /// Both sets of flags.
    pub const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Whether all of these flags are set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the flags that are set, as `COMMAND INFO` spells them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(flag, _)| self.has(*flag)).map(|(_, name)| *name)
    }
}

/// What a script sees of a command's reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// By the type of the RESP3 reply: status OK → true, map → dict, set → sorted list, null → None.
    Natural,
    /// Something else than a string, or null → None.
    Optional,
    /// A string.
    Text,
    /// A string, or null → None.
    OptionalText,
    /// Without a count a string or null → None, with it by the type of the reply (LPOP).
    OneOrMany,
    /// An integer → number.
    Count,
    /// An integer 0 or 1 that means no or yes → bool.
    Bool,
    /// A list of such integers → list of bools.
    Bools,
    /// A list of strings.
    List,
    /// One item for every asked key or member, null → None (MGET).
    Items,
    /// A set of strings, or a list of them without an order → sorted list.
    Members,
    /// A map of strings → dict.
    Dict,
    /// Null → False, OK → True; with GET the previous value (SET).
    Set,
    /// The asked fields in their order and their values → dict (HMGET).
    FieldsAsked,
    /// Members and scores, flat or in pairs → list of [member, number].
    Scored,
    /// `none` → None (TYPE).
    Type,
    /// Milliseconds, -1 without expiry, -2 without key → seconds, -1, None (TTL).
    Seconds,
    /// The text of a number → number (INCRBYFLOAT, HINCRBYFLOAT, ZINCRBY).
    Number,
}

impl Shape {
    /// The shape of a reply that may be null instead.
    pub const fn or_null(self) -> Shape {
        match self {
            Shape::Text => Shape::OptionalText,
            _ => Shape::Optional,
        }
    }

    /// The shape of a list of such replies.
    pub const fn listed(self) -> Shape {
        match self {
            Shape::Bool => Shape::Bools,
            Shape::Text => Shape::List,
            Shape::Optional | Shape::OptionalText => Shape::Items,
            _ => Shape::Natural,
        }
    }
}

/// Where the keys of a command stand among its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRange {
    /// One key at this position (the name is position 0).
    At(usize),
    /// From this position to the last argument, every `step`-th argument.
    Rest(usize, usize),
    /// A count at this position, followed by that many keys.
    Counted(usize),
}

/// A field of a command, as data.
#[derive(Debug, PartialEq, Eq)]
pub struct FieldSpec {
    /// Its name.
    pub name: &'static str,
    /// The fewest arguments it takes.
    pub min: usize,
    /// Whether it may take more than that.
    pub open: bool,
    /// Which of its arguments are keys.
    pub keys: Option<FieldKeys>,
    /// The tokens of its options, in order.
    pub tokens: &'static [&'static str],
}

/// Which of a field's arguments are keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKeys {
    /// The one argument.
    One,
    /// All up to the last argument, in steps of this size.
    Rest(usize),
    /// Those after the count.
    Counted,
}

impl FieldKeys {
    /// The range of a field that starts at this position.
    pub fn at(self, position: usize) -> KeyRange {
        match self {
            FieldKeys::One => KeyRange::At(position),
            FieldKeys::Rest(step) => KeyRange::Rest(position, step),
            FieldKeys::Counted => KeyRange::Counted(position),
        }
    }
}

impl Spec {
    /// The number of arguments with the name; negative when more may follow.
    pub const fn arity(&self) -> i32 {
        let (mut least, mut open, mut i) = (1, false, 0);
        while i < self.fields.len() {
            least += self.fields[i].min as i32;
            open |= self.fields[i].open;
            i += 1;
        }
        if open { -least } else { least }
    }

    /// Whether this many arguments, with the name, can be right.
    pub const fn accepts(&self, count: usize) -> bool {
        let arity = self.arity();
        if arity < 0 { count >= arity.unsigned_abs() as usize } else { count == arity as usize }
    }

    /// Where the keys stand.
    pub fn key_ranges(&self) -> impl Iterator<Item = KeyRange> + use<> {
        let mut position = 1;
        self.fields.iter().filter_map(move |field| {
            let at = position;
            position += field.min;
            field.keys.map(|keys| keys.at(at))
        })
    }

    /// Which argument is its key, counted from 0 without the name, if it names exactly one at a fixed position.
    pub fn only_key(&self) -> Option<usize> {
        match self.key_ranges().next() {
            Some(KeyRange::At(position)) if self.names_one_key() => position.checked_sub(1),
            _ => None,
        }
    }

    /// Whether it names exactly one key, whatever its arguments are.
    pub const fn names_one_key(&self) -> bool {
        let (mut ones, mut others, mut i) = (0, 0, 0);
        while i < self.fields.len() {
            match self.fields[i].keys {
                Some(FieldKeys::One) => ones += 1,
                Some(_) => others += 1,
                None => {}
            }
            i += 1;
        }
        ones == 1 && others == 0
    }

    /// Calls `each` with the position of every key in these arguments (the name is position 0).
    ///
    /// Counts that are no number or too large name no key: the command is refused anyway.
    pub fn key_positions(&self, args: &[&[u8]], each: &mut dyn FnMut(usize)) {
        for range in self.key_ranges() {
            match range {
                KeyRange::At(at) => (at..args.len()).take(1).for_each(&mut *each),
                KeyRange::Rest(from, step) => (from..args.len()).step_by(step).for_each(&mut *each),
                KeyRange::Counted(at) => {
                    let count = args.get(at).and_then(|text| crate::number::parse_int(text));
                    let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
                    if count <= args.len().saturating_sub(at + 1) {
                        (at + 1..=at + count).for_each(&mut *each);
                    }
                }
            }
        }
    }

    /// The first key, the last key and the step, as `COMMAND INFO` gives them; zeros where the
    /// positions follow from an argument.
    pub fn legacy_keys(&self) -> (i32, i32, i32) {
        let (mut first, mut last, mut step) = (0, 0, 0);
        for range in self.key_ranges() {
            let (from, to, by) = match range {
                KeyRange::At(at) => (at as i32, at as i32, 1),
                KeyRange::Rest(from, by) => (from as i32, -1, by as i32),
                KeyRange::Counted(_) => continue,
            };
            if first == 0 {
                first = from;
            }
            (last, step) = (to, by);
        }
        (first, last, step)
    }

    /// The ACL categories, sorted.
    pub fn acl_categories(&self) -> Vec<&'static str> {
        let mut all: Vec<_> = self.acl.iter().copied().chain(self.group.category()).collect();
        let by_flag = [(Flags::WRITE, "write"), (Flags::READONLY, "read"), (Flags::BLOCKING, "blocking")];
        all.extend(by_flag.iter().filter(|(flag, _)| self.flags.has(*flag)).map(|(_, name)| *name));
        all.push(if self.flags.has(Flags::FAST) { "fast" } else { "slow" });
        all.sort_unstable();
        all.dedup();
        all
    }
}
