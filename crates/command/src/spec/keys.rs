//! The keys among the arguments of a command, and the access to them.

/// The access to a key, by the names of `COMMAND INFO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Access(u16);

macro_rules! access {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $bit:literal;)*) => {
        impl Access {
            $($(#[$doc])* pub const $name: Access = Access(1 << $bit);)*
            const NAMES: &'static [(Access, &'static str)] = &[$((Access::$name, $text)),*];
        }
    };
}

access! {
    /// The value is read and not changed.
    RO = "RO", 0;
    /// The value is changed, and what it becomes depends on what it was.
    RW = "RW", 1;
    /// The value is replaced, whatever it was.
    OW = "OW", 2;
    /// The key is removed, whatever it held.
    RM = "RM", 3;
    /// Returns stored data.
    ACCESS = "access", 4;
    /// Changes what is there already.
    UPDATE = "update", 5;
    /// Adds, and changes nothing that is there already.
    INSERT = "insert", 6;
    /// Removes a part or all.
    DELETE = "delete", 7;
    /// Not a key, but in a cluster it belongs to a slot as keys do.
    NOT_KEY = "not_key", 8;
    /// There may be further keys.
    INCOMPLETE = "incomplete", 9;
    /// The access depends on the options.
    VARIABLE = "variable_flags", 10;
}

impl Access {
    /// No access.
    pub const NONE: Access = Access(0);

    /// The default access to the keys of a command that only reads.
    pub const READ: Access = Access::RO.and(Access::ACCESS);

    /// The union of both.
    pub const fn and(self, other: Access) -> Access {
        Access(self.0 | other.0)
    }

    /// Returns whether this contains all of the other.
    pub const fn has(self, other: Access) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the names of the properties, as `COMMAND INFO` spells them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.iter().filter(move |(one, _)| self.has(*one)).map(|(_, name)| *name)
    }
}

/// Keys of a command: where they begin, which they are from there, and what is done to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySpec {
    /// The beginning of the search.
    pub begin: Begin,
    /// The rule that finds the keys.
    pub find: Find,
    /// The access to the keys.
    pub access: Access,
}

/// The beginning of a search for keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begin {
    /// This position; the name has position 0.
    At(usize),
    /// Behind this word, which is looked for from this position on, or from the end if that is negative.
    After(&'static str, i32),
    /// The server does not say.
    Unknown,
}

/// The rules that find keys, from their beginning on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// The one there.
    One,
    /// Every `step`-th argument to the end, without the last ones.
    Rest {
        /// The distance from one to the next.
        step: usize,
        /// The number of arguments after the last key.
        but: usize,
    },
    /// As many as the number at the beginning says, after it.
    Counted,
    /// The first half of the arguments to the end.
    Half,
    /// The server does not say.
    Unknown,
}

impl Find {
    /// The distance from one key to the next.
    pub const fn step(self) -> usize {
        match self {
            Find::Rest { step, .. } => step,
            _ => 1,
        }
    }

    /// The same rule before `behind` further arguments, which keys up to the end leave out.
    pub(super) const fn before(self, behind: usize) -> Self {
        match self {
            Find::Rest { step, but } => Find::Rest { step, but: but + behind },
            find => find,
        }
    }

    /// Calls `each` with the position of every key among `count` arguments; `at` is where they begin.
    ///
    /// Counts that are no number or too large name no key: the command is refused anyway.
    pub(super) fn positions(self, at: usize, args: &[&[u8]], each: &mut dyn FnMut(usize)) {
        match self {
            Find::One => (at..args.len()).take(1).for_each(each),
            Find::Rest { step, but } => (at..args.len().saturating_sub(but)).step_by(step).for_each(each),
            Find::Half => (at..args.len()).take(args.len().saturating_sub(at) / 2).for_each(each),
            Find::Counted => {
                let count = args.get(at).and_then(|text| crate::number::parse_int(text));
                let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
                if count <= args.len().saturating_sub(at + 1) {
                    (at + 1..=at + count).for_each(each);
                }
            }
            Find::Unknown => {}
        }
    }
}

/// The first key, the last key and the step, as `COMMAND INFO` gives them besides; zeros where no key has a fixed position.
pub(super) fn legacy(specs: impl Iterator<Item = KeySpec>) -> (i32, i32, i32) {
    let (mut first, mut last, mut step) = (0, 0, 0);
    for spec in specs {
        let Begin::At(at) = spec.begin else { continue };
        let end = match spec.find {
            Find::One => at as i32,
            Find::Rest { but, .. } => -1 - but as i32,
            _ => continue,
        };
        if first == 0 {
            first = at as i32;
        }
        (last, step) = (end, spec.find.step() as i32);
    }
    (first, last, step)
}
