//! Replies of commands inside scripts (the table "What a command returns inside a script").
//!
//! [`ReplyForm`] says it for one call; both targets follow it.

use redipy_command::{Shape, Spec, Value};

use crate::number;
use crate::types::Type;
use crate::value::{StrValue, Val, ops};

/// The conversion of a call's RESP3 reply to a value of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyForm {
    /// A string or None, as it is.
    Text,
    /// An integer, as it is.
    Count,
    /// 0 or 1.
    Bool,
    /// A list of these.
    Bools,
    /// SET without GET: whether it was set.
    Stored,
    /// SET whose options are known only when it is called.
    StoredOrText,
    /// HMGET: a dict of the fields, which are the arguments after the first.
    Fields,
    /// Members with scores, flat or in pairs; or members.
    Scored,
    /// TYPE.
    Type,
    /// Milliseconds to seconds.
    Seconds,
    /// The text of a number.
    Number,
    /// A list with one item, possibly None, for every argument after this many.
    Items(usize),
    /// A list of strings.
    List,
    /// A set of strings, or a list of them without an order: a sorted list.
    Members,
    /// A map of strings: a dict.
    Dict,
    /// By the type of the reply alone.
    Natural,
    /// As Lua has it on a server, with RESP2. No command of the table has it.
    Native,
}

/// The options of SET that are followed by a value. The Lua helper `stored` has them too.
const SET_VALUED: [&str; 8] = ["EX", "PX", "EXAT", "PXAT", "IFEQ", "IFNE", "IFDEQ", "IFDNE"];

/// Returns whether GET is among the options of a SET; None if one of them is not known, and it might be.
pub(crate) fn set_gets<'a>(mut options: impl Iterator<Item = Option<&'a [u8]>>) -> Option<bool> {
    while let Some(option) = options.next() {
        let option = option?;
        if option.eq_ignore_ascii_case(b"GET") {
            return Some(true);
        }
        if SET_VALUED.iter().any(|valued| option.eq_ignore_ascii_case(valued.as_bytes())) {
            options.next();
        }
    }
    Some(false)
}

impl ReplyForm {
    /// The form of a call with this many arguments; `gets` says whether a SET has the option GET, if that is known.
    pub(crate) fn of(spec: &Spec, args: usize, gets: Option<bool>) -> Self {
        match spec.shape {
            Shape::Text | Shape::OptionalText => ReplyForm::Text,
            Shape::OneOrMany if args == 1 => ReplyForm::Text,
            Shape::Count => ReplyForm::Count,
            Shape::Bool => ReplyForm::Bool,
            Shape::Bools => ReplyForm::Bools,
            Shape::List => ReplyForm::List,
            // The items are asked for by the last field, which is open; the name and the fields before it are not.
            Shape::Items => ReplyForm::Items(spec.arity.unsigned_abs() as usize - 2),
            Shape::Members => ReplyForm::Members,
            Shape::Dict => ReplyForm::Dict,
            Shape::Set => match gets {
                Some(true) => ReplyForm::Text,
                Some(false) => ReplyForm::Stored,
                None => ReplyForm::StoredOrText,
            },
            Shape::FieldsAsked => ReplyForm::Fields,
            Shape::Scored => ReplyForm::Scored,
            Shape::Type => ReplyForm::Type,
            Shape::Seconds => ReplyForm::Seconds,
            Shape::Number => ReplyForm::Number,
            _ => ReplyForm::Natural,
        }
    }

    /// The types of the values.
    pub(crate) fn gives(self) -> Type {
        match self {
            ReplyForm::Text | ReplyForm::Type => Type::STR.or(Type::NONE),
            ReplyForm::Count => Type::NUM,
            ReplyForm::Bool | ReplyForm::Stored => Type::BOOL,
            ReplyForm::StoredOrText => Type::BOOL.or(Type::STR).or(Type::NONE),
            ReplyForm::Fields | ReplyForm::Dict => Type::DICT,
            ReplyForm::Bools | ReplyForm::Scored | ReplyForm::Items(_) | ReplyForm::List | ReplyForm::Members => {
                Type::LIST
            }
            ReplyForm::Seconds | ReplyForm::Number => Type::NUM.or(Type::NONE),
            ReplyForm::Natural | ReplyForm::Native => Type::ANY,
        }
    }

    /// Converts the reply of a call with these arguments.
    #[inline]
    pub(crate) fn convert(self, reply: Value, args: &[&[u8]]) -> Val {
        match (self, reply) {
            (ReplyForm::Count, Value::Int(count)) => Val::Num(count as f64),
            (ReplyForm::Text, Value::Null) => Val::None,
            (form, reply) => form.convert_other(reply, args),
        }
    }

    fn convert_other(self, reply: Value, args: &[&[u8]]) -> Val {
        match (self, reply) {
            (ReplyForm::Bool, Value::Int(int)) => Val::Bool(int != 0),
            (ReplyForm::Bools, Value::Array(items)) => {
                Val::list(items.into_iter().map(|item| ReplyForm::Bool.convert(item, args)).collect())
            }
            (ReplyForm::StoredOrText, reply) if set_gets(args.iter().skip(2).map(|arg| Some(*arg))) == Some(true) => {
                natural(reply)
            }
            (ReplyForm::Stored | ReplyForm::StoredOrText, reply) => Val::Bool(reply != Value::Null),
            (ReplyForm::Fields, Value::Array(items)) => fields(items, args),
            (ReplyForm::Scored, Value::Array(items)) => scored(items),
            (ReplyForm::Type, Value::Status(text)) if text == "none" => Val::None,
            (ReplyForm::Type, Value::Status(text)) => Val::text(&text),
            (ReplyForm::Members, Value::Array(items)) => natural(Value::Set(items)),
            (ReplyForm::Seconds, Value::Int(-2)) => Val::None,
            (ReplyForm::Seconds, Value::Int(-1)) => Val::Num(-1.0),
            (ReplyForm::Seconds, Value::Int(ms)) => Val::Num(ms as f64 / 1000.0),
            (ReplyForm::Number, Value::Bulk(text)) => number::parse(&text).map_or(Val::None, Val::Num),
            (_, reply) => natural(reply),
        }
    }
}

/// By the type of the reply alone.
pub(crate) fn natural(reply: Value) -> Val {
    match reply {
        Value::Null | Value::NullArray => Val::None,
        Value::Bool(value) => Val::Bool(value),
        Value::Int(int) => Val::Num(int as f64),
        Value::Double(number) => Val::Num(number),
        Value::Status(text) if text == "OK" => Val::Bool(true),
        Value::Status(text) => Val::text(&text),
        Value::BigNumber(digits) => Val::text(&digits),
        Value::Bulk(text) => Val::Str(StrValue::from(text)),
        Value::Verbatim(verbatim) => Val::Str(StrValue::from(verbatim.text)),
        Value::Array(items) | Value::Push(items) => Val::list(items.into_iter().map(natural).collect()),
        Value::Set(items) => members(items.into_iter().map(natural).collect()),
        Value::Map(pairs) => dict(pairs.into_iter().flat_map(|(key, value)| [natural(key), natural(value)]).collect()),
        Value::Pairs(pairs) => {
            let pair = |(one, other)| Val::list(vec![natural(one), natural(other)]);
            Val::list(pairs.into_iter().map(pair).collect())
        }
        Value::Error(error) => Val::Str(StrValue::from(error.message_bytes())),
    }
}

/// The members of a set, which have no order: a sorted list.
pub(crate) fn members(members: Vec<Val>) -> Val {
    let mut members: Vec<StrValue> = members.into_iter().filter_map(text).collect();
    members.sort_unstable();
    Val::list(members.into_iter().map(Val::Str).collect())
}

/// The keys and values of a map, in turns.
pub(crate) fn dict(elements: Vec<Val>) -> Val {
    let mut elements = elements.into_iter();
    let pairs = std::iter::from_fn(|| Some((elements.next()?, elements.next()?)));
    Val::dict(pairs.filter_map(|(key, value)| Some((text(key)?, value))).collect())
}

/// The text of a member or of the key of a map.
fn text(value: Val) -> Option<StrValue> {
    match value {
        Val::Str(text) => Some(text),
        Val::Num(number) => {
            let mut digits = Vec::new();
            ops::push_digits(number, &mut digits).ok()?;
            Some(digits.into())
        }
        _ => None,
    }
}

fn fields(items: Vec<Value>, args: &[&[u8]]) -> Val {
    let asked = args.iter().skip(1).map(|field| StrValue::from(*field));
    Val::dict(asked.zip(items.into_iter().map(natural)).collect())
}

fn scored(items: Vec<Value>) -> Val {
    let flat = matches!(items.get(1), Some(Value::Double(_)));
    if !flat {
        return Val::list(items.into_iter().map(natural).collect());
    }
    let mut pairs = Vec::with_capacity(items.len() / 2);
    let mut items = items.into_iter();
    while let (Some(member), Some(score)) = (items.next(), items.next()) {
        pairs.push(Val::list(vec![natural(member), natural(score)]));
    }
    Val::list(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_is_found_among_the_options_of_set() {
        let gets = |options: &[Option<&'static str>]| set_gets(options.iter().map(|option| option.map(str::as_bytes)));
        assert_eq!(gets(&[Some("NX"), Some("px"), None, Some("get")]), Some(true));
        assert_eq!(gets(&[Some("IFEQ"), Some("GET")]), Some(false));
        assert_eq!(gets(&[Some("NX"), None, Some("GET")]), None);
    }

    #[test]
    fn lua_knows_the_same_options() {
        let lua = include_str!("lua/helpers.lua");
        let line = lua.lines().find(|line| line.starts_with("local valued = ")).unwrap_or_default();
        assert_eq!(line.matches("= true").count(), SET_VALUED.len());
        SET_VALUED.iter().for_each(|option| assert!(line.contains(&format!("{option} = true")), "{option}"));
    }
}
