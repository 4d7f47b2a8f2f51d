//! The arguments of a command as a tree, as `COMMAND DOCS` has them.

/// An argument, or several that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// The name in the documentation.
    pub name: &'static str,
    /// The kind.
    pub kind: ArgumentKind,
    /// The text for users, where that is not the name.
    pub display: Option<&'static str>,
    /// The word that stands before it, or that it is.
    pub token: Option<&'static str>,
    /// The version that it came with, where that is later than the command's.
    pub since: Option<&'static str>,
    /// Whether it may be left out.
    pub optional: bool,
    /// Whether it may be repeated.
    pub multiple: bool,
    /// Whether the word is repeated with it.
    pub multiple_token: bool,
    /// The parts of a block, the choices of a `oneof`.
    pub inside: &'static [Argument],
}

/// The kinds of arguments, by the names of `COMMAND DOCS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ArgumentKind {
    /// The name of a key.
    Key,
    /// Any bytes.
    Str,
    /// An integer.
    Integer,
    /// A number.
    Double,
    /// A glob pattern.
    Pattern,
    /// A Unix time.
    UnixTime,
    /// A word that says something by being there.
    PureToken,
    /// One of the arguments inside.
    OneOf,
    /// All arguments inside, one after the other.
    Block,
    /// Those inside, each an argument of its own: the options of a command, or a count with its keys. `COMMAND DOCS` has
    /// them side by side with the others.
    Several,
}

impl ArgumentKind {
    /// The name that `COMMAND DOCS` gives it.
    pub const fn name(self) -> &'static str {
        match self {
            ArgumentKind::Key => "key",
            ArgumentKind::Str => "string",
            ArgumentKind::Integer => "integer",
            ArgumentKind::Double => "double",
            ArgumentKind::Pattern => "pattern",
            ArgumentKind::UnixTime => "unix-time",
            ArgumentKind::PureToken => "pure-token",
            ArgumentKind::OneOf => "oneof",
            ArgumentKind::Block | ArgumentKind::Several => "block",
        }
    }
}

impl Argument {
    /// No documented arguments.
    pub const NONE: &'static [Argument] = &[];

    /// An argument of this kind, without a name.
    pub const fn of(kind: ArgumentKind) -> Self {
        Argument {
            name: "",
            kind,
            display: None,
            token: None,
            since: None,
            optional: false,
            multiple: false,
            multiple_token: false,
            inside: &[],
        }
    }

    /// The same with a name. Two names say what is meant: a `pattern` is one, and `unix-time-..` a time.
    #[must_use]
    pub const fn named(self, name: &'static str) -> Self {
        let kind = match self.kind {
            ArgumentKind::Str if starts_with(name, "pattern") => ArgumentKind::Pattern,
            ArgumentKind::Integer if starts_with(name, "unix-time") => ArgumentKind::UnixTime,
            kind => kind,
        };
        Argument { name, kind, ..self }
    }

    /// The same argument as another kind.
    #[must_use]
    pub const fn as_kind(self, kind: ArgumentKind) -> Self {
        Argument { kind, ..self }
    }

    /// The same argument after a token.
    #[must_use]
    pub const fn after(self, token: &'static str) -> Self {
        Argument { token: Some(token), ..self }
    }

    /// The same argument with this text for users.
    #[must_use]
    pub const fn shown(self, display: &'static str) -> Self {
        Argument { display: Some(display), ..self }
    }

    /// The same argument, of a later version.
    #[must_use]
    pub const fn since(self, version: &'static str) -> Self {
        Argument { since: Some(version), ..self }
    }

    /// The same argument, optional.
    #[must_use]
    pub const fn optional(self) -> Self {
        Argument { optional: true, ..self }
    }

    /// The same argument, repeatable.
    #[must_use]
    pub const fn multiple(self) -> Self {
        Argument { multiple: true, ..self }
    }

    /// Calls `each` with it, or with the arguments that it stands for.
    pub fn each(&'static self, each: &mut dyn FnMut(&'static Argument)) {
        match self.kind {
            ArgumentKind::Several => self.inside.iter().for_each(|inner| inner.each(each)),
            _ => each(self),
        }
    }
}

/// The usual names of two arguments of these kinds that come together.
pub(crate) const fn pair_names(first: ArgumentKind, second: ArgumentKind) -> [&'static str; 2] {
    match (first, second) {
        (ArgumentKind::Key, _) => ["key", "value"],
        (ArgumentKind::Double, _) => ["score", "member"],
        (ArgumentKind::Integer, ArgumentKind::Integer) => ["offset", "count"],
        _ => ["field", "value"],
    }
}

const fn starts_with(text: &str, start: &str) -> bool {
    let (text, start) = (text.as_bytes(), start.as_bytes());
    let mut i = 0;
    while i < start.len() {
        if i == text.len() || text[i] != start[i] {
            return false;
        }
        i += 1;
    }
    true
}
