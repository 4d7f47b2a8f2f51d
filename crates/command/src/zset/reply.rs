//! The replies of the sorted set commands that have several forms.

use crate::bytes::Bytes;
use crate::error::{Error, Kind, Result};
use crate::reply::{Reply, ScanReply, Scored, pairs, show_pairs};
use crate::sink::{Collection, ReplySink};
use crate::spec::Shape;
use crate::value::Value;

/// The reply of ZADD.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ZAddReply {
    /// The number of members that were added, or with CH added or changed.
    Count(u64),
    /// With INCR: the new score, or nothing when another option refused it.
    Score(Option<f64>),
}

impl ZAddReply {
    /// The number of members, for calls without INCR.
    pub fn count(self) -> u64 {
        match self {
            ZAddReply::Count(count) => count,
            ZAddReply::Score(score) => score.is_some().into(),
        }
    }

    /// The new score, for calls with INCR.
    pub fn score(self) -> Option<f64> {
        match self {
            ZAddReply::Count(_) => None,
            ZAddReply::Score(score) => score,
        }
    }
}

impl Reply for ZAddReply {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            count @ Value::Int(_) => u64::from_value(count).map(ZAddReply::Count),
            score => Option::from_value(score).map(ZAddReply::Score),
        }
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            ZAddReply::Count(count) => count.show(to),
            ZAddReply::Score(score) => score.show(to),
        }
    }
}

/// The number of members.
impl From<ZAddReply> for u64 {
    fn from(reply: ZAddReply) -> Self {
        reply.count()
    }
}

/// The new score.
impl From<ZAddReply> for Option<f64> {
    fn from(reply: ZAddReply) -> Self {
        reply.score()
    }
}

/// The reply of ZRANK and ZREVRANK.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ZRankReply {
    /// The rank, if there is such a member.
    Rank(Option<u64>),
    /// With WITHSCORE: rank and score.
    Scored(Option<(u64, f64)>),
}

impl Reply for ZRankReply {
    fn from_value(value: Value) -> Result<Self> {
        match value {
            pair @ Value::Array(_) => <(u64, f64)>::from_value(pair).map(Some).map(ZRankReply::Scored),
            Value::NullArray => Ok(ZRankReply::Scored(None)),
            rank => Option::from_value(rank).map(ZRankReply::Rank),
        }
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            ZRankReply::Rank(rank) => rank.show(to),
            ZRankReply::Scored(pair) => pair.show(to),
        }
    }
}

/// The rank.
impl From<ZRankReply> for Option<u64> {
    fn from(reply: ZRankReply) -> Self {
        match reply {
            ZRankReply::Rank(rank) => rank,
            ZRankReply::Scored(pair) => pair.map(|(rank, _)| rank),
        }
    }
}

/// Rank and score of a reply WITHSCORE; nothing of any other.
impl From<ZRankReply> for Option<(u64, f64)> {
    fn from(reply: ZRankReply) -> Self {
        match reply {
            ZRankReply::Rank(_) => None,
            ZRankReply::Scored(pair) => pair,
        }
    }
}

/// Members, with their scores if they were asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum ZRangeReply {
    /// The members.
    Members(Vec<Bytes>),
    /// With WITHSCORES.
    Scored(Scored),
}

impl ZRangeReply {
    /// The members, without scores.
    pub fn members(self) -> Vec<Bytes> {
        match self {
            ZRangeReply::Members(members) => members,
            ZRangeReply::Scored(scored) => scored.into_iter().map(|(member, _)| member).collect(),
        }
    }

    /// Members and scores, for calls with WITHSCORES; nothing for any other.
    pub fn scored(self) -> Scored {
        match self {
            ZRangeReply::Members(_) => Vec::new(),
            ZRangeReply::Scored(scored) => scored,
        }
    }
}

impl Reply for ZRangeReply {
    const PAIRS: bool = true;
    const SHAPE: Shape = Shape::Scored;

    fn from_value(value: Value) -> Result<Self> {
        let items = value.into_items()?;
        match items.first() {
            Some(Value::Array(_)) => pairs(Value::Array(items)).map(ZRangeReply::Scored),
            _ => Vec::from_value(Value::Array(items)).map(ZRangeReply::Members),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            ZRangeReply::Members(members) => members.show(to),
            ZRangeReply::Scored(scored) => show_pairs(scored, to),
        }
    }
}

/// The members.
impl From<ZRangeReply> for Vec<Bytes> {
    fn from(reply: ZRangeReply) -> Self {
        reply.members()
    }
}

/// Members and scores.
impl From<ZRangeReply> for Scored {
    fn from(reply: ZRangeReply) -> Self {
        reply.scored()
    }
}

/// The reply of ZPOPMIN and ZPOPMAX.
#[derive(Debug, Clone, PartialEq)]
pub enum ZPopReply {
    /// Without a count: a member and its score, if the key exists.
    One(Option<(Bytes, f64)>),
    /// The fields, with a count.
    Many(Scored),
}

impl Reply for ZPopReply {
    const PAIRS: bool = true;
    const SHAPE: Shape = Shape::Scored;

    fn from_value(value: Value) -> Result<Self> {
        let items = value.into_items()?;
        match items.first() {
            None => Ok(ZPopReply::Many(Vec::new())),
            Some(Value::Array(_)) => pairs(Value::Array(items)).map(ZPopReply::Many),
            Some(_) if items.len() == 2 => Reply::from_value(Value::Array(items)).map(Some).map(ZPopReply::One),
            Some(_) => Err(Error::new(Kind::Decode, "expected members and scores")),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            ZPopReply::One(None) => to.begin(Collection::Array, 0),
            ZPopReply::One(Some(pair)) => pair.show(to),
            ZPopReply::Many(scored) => show_pairs(scored, to),
        }
    }
}

/// The member of a reply without a count, else the first one.
impl From<ZPopReply> for Option<(Bytes, f64)> {
    fn from(reply: ZPopReply) -> Self {
        match reply {
            ZPopReply::One(one) => one,
            ZPopReply::Many(scored) => scored.into_iter().next(),
        }
    }
}

/// The members and their scores.
impl From<ZPopReply> for Scored {
    fn from(reply: ZPopReply) -> Self {
        match reply {
            ZPopReply::One(one) => one.into_iter().collect(),
            ZPopReply::Many(scored) => scored,
        }
    }
}

/// The reply of ZRANDMEMBER.
#[derive(Debug, Clone, PartialEq)]
pub enum ZRandMemberReply {
    /// Without a count: a member, if the key exists.
    One(Option<Bytes>),
    /// With a count, and perhaps WITHSCORES.
    Many(ZRangeReply),
}

impl Reply for ZRandMemberReply {
    const PAIRS: bool = true;
    const SHAPE: Shape = Shape::OneOrMany;

    fn from_value(value: Value) -> Result<Self> {
        match value {
            items @ (Value::Array(_) | Value::Pairs(_)) => ZRangeReply::from_value(items).map(ZRandMemberReply::Many),
            one => Option::from_value(one).map(ZRandMemberReply::One),
        }
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        match self {
            ZRandMemberReply::One(one) => one.show(to),
            ZRandMemberReply::Many(many) => many.show(to),
        }
    }
}

/// The member of a reply without a count, else the first one.
impl From<ZRandMemberReply> for Option<Bytes> {
    fn from(reply: ZRandMemberReply) -> Self {
        match reply {
            ZRandMemberReply::One(one) => one,
            ZRandMemberReply::Many(many) => many.members().into_iter().next(),
        }
    }
}

/// The members.
impl From<ZRandMemberReply> for Vec<Bytes> {
    fn from(reply: ZRandMemberReply) -> Self {
        match reply {
            ZRandMemberReply::One(one) => one.into_iter().collect(),
            ZRandMemberReply::Many(many) => many.members(),
        }
    }
}

/// Members and scores of a reply WITHSCORES; nothing of any other.
impl From<ZRandMemberReply> for Scored {
    fn from(reply: ZRandMemberReply) -> Self {
        match reply {
            ZRandMemberReply::One(_) => Vec::new(),
            ZRandMemberReply::Many(many) => many.scored(),
        }
    }
}

/// One step of ZSCAN.
#[derive(Debug, Clone, PartialEq)]
pub struct ZScanReply {
    /// The step.
    pub scan: ScanReply<(Bytes, f64)>,
    /// Whether a server prints the scores with 17 digits: it does so where the sorted set is large.
    pub long: bool,
}

impl Reply for ZScanReply {
    fn from_value(value: Value) -> Result<Self> {
        ScanReply::from_value(value).map(|scan| ZScanReply { scan, long: false })
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        if !self.long {
            return self.scan.show(to);
        }
        let ScanReply { cursor, items } = self.scan;
        let items = items.into_iter().flat_map(|(member, score)| [member, long_text(score).into()]).collect();
        ScanReply::<Bytes> { cursor, items }.show(to);
    }
}

/// C's `%.17g`.
fn long_text(score: f64) -> String {
    const DIGITS: i32 = 17;
    let text = format!("{score:.16e}");
    let Some((digits, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let short = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if (-4..DIGITS).contains(&exponent) {
        let places = (DIGITS - 1 - exponent).unsigned_abs() as usize;
        return short(&format!("{score:.places$}"));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", short(digits), exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_large_sorted_sets_have_17_digits_in_a_scan() {
        let texts = [
            (0.1, "0.10000000000000001"),
            (3.3, "3.2999999999999998"),
            (1e-7, "9.9999999999999995e-08"),
            (1e17, "1e+17"),
            (4_611_686_018_427_387_904.0, "4.6116860184273879e+18"),
            (2.5, "2.5"),
            (100.0, "100"),
            (-0.0, "-0"),
            (1e300, "1.0000000000000001e+300"),
            (0.000_123, "0.00012300000000000001"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (score, text) in texts {
            assert_eq!(long_text(score), text);
        }
    }

    #[test]
    fn a_pop_reads_every_form_of_reply() {
        let pair = || Value::Array(vec![Value::bulk("a"), Value::Double(1.0)]);
        let read = |value| Option::<(Bytes, f64)>::from(ZPopReply::from_value(value).unwrap());
        assert_eq!(read(Value::Array(vec![])), None);
        assert_eq!(read(pair()), Some(("a".into(), 1.0)));
        assert_eq!(read(Value::Array(vec![pair()])), Some(("a".into(), 1.0)));
    }
}
