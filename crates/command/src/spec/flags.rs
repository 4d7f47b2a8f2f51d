//! The flags of commands.

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
    /// Constant or logarithmic time.
    FAST = "fast", 2;
    /// Refused when the memory limit is reached.
    DENYOOM = "denyoom", 3;
    /// May wait for another client.
    BLOCKING = "blocking", 4;
    /// Answered also while the data set is loading.
    LOADING = "loading", 5;
    /// Answered also by a replica with stale data.
    STALE = "stale", 6;
    /// Refused in scripts.
    NOSCRIPT = "noscript", 7;
    /// Refused in MULTI.
    NO_MULTI = "no_multi", 8;
    /// Refused while data is loaded asynchronously.
    NO_ASYNC_LOADING = "no_async_loading", 9;
    /// Not shown in MONITOR.
    SKIP_MONITOR = "skip_monitor", 10;
    /// Not shown in the slow log.
    SKIP_SLOWLOG = "skip_slowlog", 11;
    /// Part of publish and subscribe.
    PUBSUB = "pubsub", 12;
    /// Key positions follow from an argument.
    MOVABLEKEYS = "movablekeys", 13;
    /// Allowed while a script is over its time.
    ALLOW_BUSY = "allow_busy", 14;
    /// May be called before AUTH.
    NO_AUTH = "no_auth", 15;
    /// For administrators.
    ADMIN = "admin", 16;
    /// Keys are optional, although some of its arguments may be keys.
    NO_MANDATORY_KEYS = "no_mandatory_keys", 17;
}

impl Flags {
    /// No flag.
    pub const NONE: Flags = Flags(0);

    /// The union of both sets of flags.
    pub const fn and(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Returns whether all of these flags are set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the flags that are set, as `COMMAND INFO` spells them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(flag, _)| self.has(*flag)).map(|(_, name)| *name)
    }
}
