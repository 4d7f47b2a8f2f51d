//! Types of values before a script runs: sets of kinds.

use std::fmt;

/// A set of kinds of values.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Type(u8);

impl Type {
    /// No kind: the type of an expression that is never evaluated.
    pub const NEVER: Type = Type(0);
    /// None.
    pub const NONE: Type = Type(1);
    /// A boolean.
    pub const BOOL: Type = Type(2);
    /// A number.
    pub const NUM: Type = Type(4);
    /// A string.
    pub const STR: Type = Type(8);
    /// A list.
    pub const LIST: Type = Type(16);
    /// A dict.
    pub const DICT: Type = Type(32);
    /// Any kind.
    pub const ANY: Type = Type(63);

    /// The union of both.
    #[must_use]
    pub const fn or(self, other: Type) -> Type {
        Type(self.0 | other.0)
    }

    /// The kinds in both.
    #[must_use]
    pub const fn both(self, other: Type) -> Type {
        Type(self.0 & other.0)
    }

    /// Returns whether every kind of this is in the other.
    pub const fn is(self, other: Type) -> bool {
        self.0 & !other.0 == 0
    }

    /// Returns whether a kind is in both.
    pub const fn meets(self, other: Type) -> bool {
        self.0 & other.0 != 0
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 6] = ["None", "bool", "number", "str", "list", "dict"];
        let names: Vec<_> = (0..6).filter(|bit| self.0 >> bit & 1 == 1).map(|bit| NAMES[bit]).collect();
        f.write_str(&if *self == Type::ANY { "any value".to_owned() } else { names.join(" or ") })
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}
