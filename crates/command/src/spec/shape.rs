//! The shapes of replies in scripts.

/// The shape of a command's reply in scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// By the type of the RESP3 reply: status OK → true, map → dict, set → sorted list, null → None.
    Natural,
    /// Any other type than a string, or null → None.
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
    /// An item for every requested key or member, null → None (MGET).
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
