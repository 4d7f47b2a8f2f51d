//! Hash commands: what they are. What they do is in the engine's file of the same name.

use crate::arg::{Arg, Key, Many};
use crate::args::Args;
use crate::bytes::Bytes;
use crate::error::Result;
use crate::execute::Parse;
use crate::field::Field;
use crate::reply::{Fields, Reply, ScanItem, ScanReply, pairs, show_pairs};
pub use crate::scan::HScanOptions;
use crate::scan::{Cursor, Late};
use crate::sink::ReplySink;
use crate::spec::{Argument, ArgumentKind, Shape};
use crate::texts::{self, fail};
use crate::value::Value;
use crate::{Command, Options};

/// Sets fields of a hash, which is created if missing; returns how many of them are new.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HSET", hash, write, denyoom, fast, since = "2.0.0", complexity = "O(1) for each field, O(N) for N fields", reply = u64)]
pub struct HSet<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// Fields and values.
    pub pairs: Many<(Arg<'a>, Arg<'a>)>,
}

/// Sets a field of a hash if the field does not exist; tells whether it did.
#[derive(Debug, Clone, Command)]
#[command("HSETNX", hash, write, denyoom, fast, since = "2.0.0", complexity = "O(1)", reply = bool)]
pub struct HSetNx<'a> {
    /// The key.
    #[key(RW, insert)]
    pub key: Key<'a>,
    /// The field.
    pub field: Arg<'a>,
    /// The value.
    pub value: Arg<'a>,
}

/// Sets fields of a hash, which is created if missing; HSET does the same and tells more.
#[derive(Debug, Clone, Command)]
#[command("HMSET", hash, write, denyoom, fast, since = "2.0.0", complexity = "O(N) for N fields", reply = (),
    deprecated = "4.0.0", instead = "`HSET` with multiple field-value pairs")]
pub struct HMSet<'a> {
    /// The key.
    #[key(RW, update)]
    pub key: Key<'a>,
    /// Fields and values.
    pub pairs: Many<(Arg<'a>, Arg<'a>)>,
}

/// Returns the value of a field, or nothing.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HGET", hash, readonly, fast, since = "2.0.0", complexity = "O(1)", reply = Option<Bytes>)]
#[method(hget(key, field) -> Option<Bytes>)]
#[method(hget_as(key, field) -> _, "Reads the value as `T`: `i64`, `String`, `Option<f64>` where the field may be missing. What does not read as `T` is an error.")]
pub struct HGet<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The field.
    pub field: Arg<'a>,
}

/// Returns the values of fields, in their order; nothing for a field that is missing.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HMGET", hash, readonly, fast, since = "2.0.0", complexity = "O(N) for N fields", reply = Vec<Option<Bytes>>, shape = FieldsAsked)]
pub struct HMGet<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The fields.
    pub fields: Many<Arg<'a>>,
}

/// Returns all fields and their values.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HGETALL", hash, readonly, since = "2.0.0", complexity = "O(N) in the size of the hash", reply = Fields, tip = "nondeterministic_output_order")]
pub struct HGetAll<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Removes fields, and the key with the last of them; returns how many were there.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HDEL", hash, write, fast, since = "2.0.0", complexity = "O(N) for N fields", reply = u64)]
pub struct HDel<'a> {
    /// The key.
    #[key(RW, delete)]
    pub key: Key<'a>,
    /// The fields.
    pub fields: Many<Arg<'a>>,
}

/// Returns whether a field exists.
#[derive(Debug, Clone, Command)]
#[command("HEXISTS", hash, readonly, fast, since = "2.0.0", complexity = "O(1)", reply = bool)]
pub struct HExists<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
    /// The field.
    pub field: Arg<'a>,
}

/// Returns the number of fields; 0 for a missing key.
#[derive(Debug, Clone, Command)]
#[command("HLEN", hash, readonly, fast, since = "2.0.0", complexity = "O(1)", reply = u64)]
pub struct HLen<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
}

/// Returns all fields.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HKEYS", hash, readonly, since = "2.0.0", complexity = "O(N) in the size of the hash", reply = Vec<Bytes>, shape = Members, tip = "nondeterministic_output_order")]
pub struct HKeys<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Returns all values.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HVALS", hash, readonly, since = "2.0.0", complexity = "O(N) in the size of the hash", reply = Vec<Bytes>, shape = Members, tip = "nondeterministic_output_order")]
pub struct HVals<'a> {
    /// The key.
    pub key: Key<'a>,
}

/// Returns the length of the value of a field in bytes; 0 for a missing field.
#[derive(Debug, Clone, Command)]
#[command("HSTRLEN", hash, readonly, fast, since = "3.2.0", complexity = "O(1)", reply = u64)]
pub struct HStrLen<'a> {
    /// The key.
    #[key(RO)]
    pub key: Key<'a>,
    /// The field.
    pub field: Arg<'a>,
}

/// Adds `by` to the integer stored in a field, 0 if missing; returns the sum.
#[derive(Debug, Clone, Command)]
#[original]
#[command("HINCRBY", hash, write, denyoom, fast, since = "2.0.0", complexity = "O(1)", reply = i64, in_scripts = "HINCRBYFLOAT")]
pub struct HIncrBy<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// The field.
    pub field: Arg<'a>,
    /// The number to add.
    #[argument("increment")]
    pub by: i64,
}

/// Adds `by` to the number stored in a field, 0 if missing; returns the sum as it is stored.
///
/// The sum is computed with the 64-bit mantissa of an x87 long double: 0.1 three times is "0.3".
#[derive(Debug, Clone, Command)]
#[command("HINCRBYFLOAT", hash, write, denyoom, fast, since = "2.6.0", complexity = "O(1)", reply = Bytes, shape = Number)]
pub struct HIncrByFloat<'a> {
    /// The key.
    #[key(RW, access, update)]
    pub key: Key<'a>,
    /// The field.
    pub field: Arg<'a>,
    /// The number to add, or the text of one with more digits than a float holds.
    #[argument("increment", Double)]
    pub by: Arg<'a>,
}

/// Returns random fields.
///
/// A positive count gives that many different fields, or all of them; a negative one gives exactly
/// that many, which may be the same.
#[derive(Debug, Clone, Command)]
#[command("HRANDFIELD", hash, random, readonly, since = "6.2.0", complexity = "O(N) in the fields returned", reply = HRandFieldReply, parse = manual, arguments = RANDOM_FIELDS, tip = "nondeterministic_output")]
#[method(hrandfield(key) -> Option<Bytes>, "Returns a random field.")]
#[method(hrandfield_count(key, count) -> Vec<Bytes>)]
#[method(hrandfield_withvalues(key, count, options = HRandFieldOptions::new().withvalues()) -> Vec<(Bytes, Bytes)>, "Returns random fields and their values.")]
pub struct HRandField<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The number of fields; without it a single field, not in a list.
    #[at_least(-i64::MAX, RANK_RANGE)]
    pub count: Option<i64>,
    /// Whether with values.
    pub options: HRandFieldOptions,
}

/// A key and perhaps a count, without which there are no options.
const RANDOM_FIELDS: &[Argument] = &[
    Argument::of(ArgumentKind::Key).named("key"),
    Argument {
        name: "options",
        optional: true,
        inside: &[
            Argument::of(ArgumentKind::Integer).named("count"),
            Argument::of(ArgumentKind::PureToken).named("withvalues").after("WITHVALUES").optional(),
        ],
        ..Argument::of(ArgumentKind::Block)
    },
];

/// The options of HRANDFIELD, for calls with a count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Options)]
pub struct HRandFieldOptions {
    /// Returns the values too.
    #[token("WITHVALUES", once)]
    pub withvalues: bool,
}

impl<'a> Parse<'a> for HRandField<'a> {
    fn parse(mut args: Args<'a>) -> Result<Self> {
        let key = Key::read(&mut args)?;
        let count = read_random_count(&mut args)?;
        let options = HRandFieldOptions::read(&mut args)?;
        args.end()?;
        Ok(Self { key, count, options })
    }
}

/// Reads the count of HRANDFIELD and ZRANDMEMBER, if there is one.
pub(crate) fn read_random_count(args: &mut Args<'_>) -> Result<Option<i64>> {
    match Option::<i64>::read(args)? {
        Some(i64::MIN) => fail(texts::RANK_RANGE),
        count => Ok(count),
    }
}

/// The reply of HRANDFIELD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HRandFieldReply {
    /// Without a count: a field, if the key exists.
    One(Option<Bytes>),
    /// The fields, with a count.
    Fields(Vec<Bytes>),
    /// Fields and values, with a count and WITHVALUES.
    Pairs(Vec<(Bytes, Bytes)>),
}

impl Reply for HRandFieldReply {
    const PAIRS: bool = true;
    const SHAPE: Shape = Shape::OneOrMany;

    fn from_value(value: Value) -> Result<Self> {
        match value {
            listed @ Value::Pairs(_) => pairs(listed).map(HRandFieldReply::Pairs),
            Value::Array(items) if matches!(items.first(), Some(Value::Array(_))) => {
                pairs(Value::Array(items)).map(HRandFieldReply::Pairs)
            }
            Value::Array(items) => Vec::from_value(Value::Array(items)).map(HRandFieldReply::Fields),
            one => Option::from_value(one).map(HRandFieldReply::One),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            HRandFieldReply::One(one) => one.show(to),
            HRandFieldReply::Fields(fields) => fields.show(to),
            HRandFieldReply::Pairs(pairs) => show_pairs(pairs, to),
        }
    }
}

/// The field of a reply without a count, else the first one.
impl From<HRandFieldReply> for Option<Bytes> {
    fn from(reply: HRandFieldReply) -> Self {
        match reply {
            HRandFieldReply::One(one) => one,
            other => Vec::from(other).into_iter().next(),
        }
    }
}

/// The fields, without values.
impl From<HRandFieldReply> for Vec<Bytes> {
    fn from(reply: HRandFieldReply) -> Self {
        match reply {
            HRandFieldReply::One(one) => one.into_iter().collect(),
            HRandFieldReply::Fields(fields) => fields,
            HRandFieldReply::Pairs(pairs) => pairs.into_iter().map(|(field, _)| field).collect(),
        }
    }
}

/// The pairs of a reply WITHVALUES; none of any other.
impl From<HRandFieldReply> for Vec<(Bytes, Bytes)> {
    fn from(reply: HRandFieldReply) -> Self {
        match reply {
            HRandFieldReply::Pairs(pairs) => pairs,
            _ => Vec::new(),
        }
    }
}

/// Iterates over the fields of a hash and their values, step by step.
///
/// A field that exists from the first to the last step is returned at least once.
#[derive(Debug, Clone, Command)]
#[command("HSCAN", hash, readonly, since = "2.8.0", complexity = "O(1) for every call, O(N) for a complete iteration", reply = ScanReply<(Bytes, Option<Bytes>)>, tip = "nondeterministic_output")]
#[method(hscan(key, cursor) -> ScanReply<(Bytes, Bytes)>)]
#[method(hscan_with(key, cursor, options) -> ScanReply<(Bytes, Bytes)>)]
#[method(hscan_novalues(key, cursor, options = HScanOptions::new().novalues()) -> ScanReply<Bytes>, "Goes through the fields without their values.")]
pub struct HScan<'a> {
    /// The key.
    pub key: Key<'a>,
    /// The cursor of the step.
    pub cursor: Cursor,
    /// Options of the step.
    pub options: Option<Late<HScanOptions<'a>>>,
}

/// A field and its value.
impl ScanItem for (Bytes, Bytes) {
    fn read(value: Value) -> Result<Vec<Self>> {
        pairs(value)
    }

    fn strings(&self) -> usize {
        2
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.owned_bulk(self.0);
        to.owned_bulk(self.1);
    }
}

/// The fields and their values.
impl From<ScanReply<(Bytes, Option<Bytes>)>> for ScanReply<(Bytes, Bytes)> {
    fn from(scan: ScanReply<(Bytes, Option<Bytes>)>) -> Self {
        let items = scan.items.into_iter().filter_map(|(field, value)| value.map(|value| (field, value)));
        ScanReply { cursor: scan.cursor, items: items.collect() }
    }
}

/// The fields alone.
impl From<ScanReply<(Bytes, Option<Bytes>)>> for ScanReply<Bytes> {
    fn from(scan: ScanReply<(Bytes, Option<Bytes>)>) -> Self {
        ScanReply { cursor: scan.cursor, items: scan.items.into_iter().map(|(field, _)| field).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a, C: Parse<'a>>(args: &'a [&'a [u8]]) -> std::result::Result<C, String> {
        assert!(C::SPEC.accepts(args.len() + 1));
        C::parse(Args::new(C::SPEC, args)).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_malformed_argument_of_hrandfield_is_reported() {
        let error = |args: &[&str]| {
            let args: Vec<&[u8]> = args.iter().map(|arg| arg.as_bytes()).collect();
            parse::<HRandField<'_>>(&args).map(|command| command.count).unwrap_err()
        };
        assert_eq!(error(&["h", "x", "FOO"]), texts::NOT_INTEGER.0);
        assert_eq!(error(&["h", "-9223372036854775808", "FOO"]), texts::RANK_RANGE.0);
        assert_eq!(error(&["h", "1", "FOO"]), texts::SYNTAX.0);
        assert_eq!(error(&["h", "1", "WITHVALUES", "WITHVALUES"]), texts::SYNTAX.0);
    }

    #[test]
    fn the_options_of_hscan_are_judged_after_the_key() {
        let scan: HScan<'_> = parse(&[b"h", b"0", b"COUNT", b"0"]).unwrap();
        assert_eq!(scan.options.unwrap().get().unwrap_err().message(), texts::SYNTAX.0);
        let refused = parse::<HScan<'_>>(&[b"h", b"x", b"FOO"]).map(|_| ());
        assert_eq!(refused, Err(texts::INVALID_CURSOR.0.to_owned()));
    }
}
