//! Ranges of sorted sets: by rank, by score and by the bytes of the members. The commands are in
//! [`zset`](crate::zset).

use crate::arg::Arg;
use crate::args::Args;
use crate::error::Result;
use crate::field::Field;
use crate::forms::{ToFloat, ToInt, ToKey};
use crate::number::{FloatForm, FloatText, parse_int};
use crate::scan::c_string;
use crate::sink::Sink;
use crate::spec::{Argument, ArgumentKind};
use crate::texts::{self, fail};

/// One end of a range of scores.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::range::Bound;
///
/// assert_eq!(Bound::parse(b"(1.5"), Some(Bound::Exclusive(1.5)));
/// assert_eq!(Bound::parse(b"-inf"), Some(Bound::LOWEST));
/// assert_eq!(Bound::from(3), Bound::Inclusive(3.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// This score and those beyond it: `1.5`.
    Inclusive(f64),
    /// The scores beyond this one: `(1.5`.
    Exclusive(f64),
}

impl Bound {
    /// `-inf`
    pub const LOWEST: Bound = Bound::Inclusive(f64::NEG_INFINITY);
    /// `+inf`
    pub const HIGHEST: Bound = Bound::Inclusive(f64::INFINITY);

    /// Reads a bound as the server does, which is more lenient than with other floats: what is too
    /// large is infinite, nothing at all is 0 and a zero byte ends the text; but no hexadecimals.
    pub fn parse(text: &[u8]) -> Option<Self> {
        match text {
            [b'(', score @ ..] => parse_score(score).map(Bound::Exclusive),
            score => parse_score(score).map(Bound::Inclusive),
        }
    }

    /// The score at this end.
    pub fn score(self) -> f64 {
        match self {
            Bound::Inclusive(score) | Bound::Exclusive(score) => score,
        }
    }
}

fn parse_score(text: &[u8]) -> Option<f64> {
    let text = c_string(text);
    if text.is_empty() {
        return Some(0.0);
    }
    if let Some(int) = parse_int(text) {
        return Some(int as f64);
    }
    match FloatText::parse(text)?.form {
        FloatForm::Hex => None,
        FloatForm::Infinity | FloatForm::Decimal => std::str::from_utf8(text).ok()?.parse().ok(),
    }
}

impl<T: ToFloat> From<T> for Bound {
    fn from(score: T) -> Self {
        Bound::Inclusive(score.to_float())
    }
}

impl From<Bound> for std::ops::Bound<f64> {
    fn from(bound: Bound) -> Self {
        match bound {
            Bound::Inclusive(score) => std::ops::Bound::Included(score),
            Bound::Exclusive(score) => std::ops::Bound::Excluded(score),
        }
    }
}

impl<'a> Field<'a> for Bound {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Double);

    fn write(&self, out: &mut dyn Sink) {
        match *self {
            Bound::Inclusive(score) => Arg::Float(score).write(out),
            Bound::Exclusive(score) => out.arg(&prefixed(b'(', Arg::Float(score))),
        }
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        Bound::parse(args.take()?).map_or_else(|| fail(texts::MIN_MAX_NOT_FLOAT), Ok)
    }

    fn check(&self, _command: &'static str) -> Result<()> {
        if self.score().is_nan() { fail(texts::MIN_MAX_NOT_FLOAT) } else { Ok(()) }
    }
}

/// One end of a range by bytes, for sorted sets whose scores are all the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LexBound<'a> {
    /// Before every member: `-`.
    Lowest,
    /// After every member: `+`.
    Highest,
    /// This text and those beyond it: `[text`.
    Inclusive(Arg<'a>),
    /// The texts beyond this one: `(text`.
    Exclusive(Arg<'a>),
}

impl<'a> LexBound<'a> {
    /// Reads `-`, `+`, `[text` or `(text`.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        match text {
            [b'-'] | [b'-', 0, ..] => Some(LexBound::Lowest),
            [b'+'] | [b'+', 0, ..] => Some(LexBound::Highest),
            [b'[', text @ ..] => Some(LexBound::Inclusive(Arg::Bytes(text))),
            [b'(', text @ ..] => Some(LexBound::Exclusive(Arg::Bytes(text))),
            _ => None,
        }
    }

    fn write(&self, out: &mut dyn Sink) {
        match *self {
            LexBound::Lowest => out.arg(b"-"),
            LexBound::Highest => out.arg(b"+"),
            LexBound::Inclusive(text) => out.arg(&prefixed(b'[', text)),
            LexBound::Exclusive(text) => out.arg(&prefixed(b'(', text)),
        }
    }
}

fn prefixed(prefix: u8, arg: Arg<'_>) -> Vec<u8> {
    let text = arg.text();
    let mut out = Vec::with_capacity(1 + text.len());
    out.push(prefix);
    out.extend_from_slice(&text);
    out
}

/// One end of a range of ZRANGE: an index, a score with BYSCORE, a text with BYLEX.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Edge<'a> {
    /// A rank; negative ones count from the last member.
    Index(i64),
    /// A score.
    Score(Bound),
    /// A text.
    Lex(LexBound<'a>),
    /// The text of any of these.
    Text(&'a [u8]),
}

impl<'a> Edge<'a> {
    fn index(self) -> Result<i64> {
        let index = match self {
            Edge::Index(index) => Some(index),
            Edge::Score(Bound::Inclusive(score)) => parse_int(&Arg::Float(score).text()),
            Edge::Text(text) => parse_int(text),
            Edge::Score(Bound::Exclusive(_)) | Edge::Lex(_) => None,
        };
        index.map_or_else(|| fail(texts::NOT_INTEGER), Ok)
    }

    fn score(self) -> Result<Bound> {
        let bound = match self {
            Edge::Index(index) => Some(index.into()),
            Edge::Score(bound) => Some(bound),
            Edge::Text(text) => Bound::parse(text),
            Edge::Lex(_) => None,
        };
        bound.filter(|bound| !bound.score().is_nan()).map_or_else(|| fail(texts::MIN_MAX_NOT_FLOAT), Ok)
    }

    fn lex(self) -> Result<LexBound<'a>> {
        let bound = match self {
            Edge::Lex(bound) => Some(bound),
            Edge::Text(text) => LexBound::parse(text),
            Edge::Index(_) | Edge::Score(_) => None,
        };
        bound.map_or_else(|| fail(texts::MIN_MAX_NOT_STRING), Ok)
    }
}

impl<'a> Field<'a> for Edge<'a> {
    const MIN: usize = 1;

    fn write(&self, out: &mut dyn Sink) {
        match self {
            Edge::Index(index) => index.write(out),
            Edge::Score(bound) => Field::write(bound, out),
            Edge::Lex(bound) => bound.write(out),
            Edge::Text(text) => out.arg(text),
        }
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        args.take().map(Edge::Text)
    }
}

macro_rules! edge_from {
    ($($from:ty => |$name:ident| $value:expr;)*) => {
        $(impl<'a> From<$from> for Edge<'a> { fn from($name: $from) -> Self { $value } })*
    };
    (index $($int:ty)*) => {
        $(impl From<$int> for Edge<'_> { fn from(index: $int) -> Self { Edge::Index(index.to_int()) } })*
    };
}

edge_from! { index i8 i16 i32 i64 isize u8 u16 u32 u64 usize }

edge_from! {
    f64 => |score| Edge::Score(score.into());
    f32 => |score| Edge::Score(score.into());
    Bound => |bound| Edge::Score(bound);
    LexBound<'a> => |bound| Edge::Lex(bound);
}

impl<'a, T: ToKey + ?Sized> From<&'a T> for Edge<'a> {
    fn from(text: &'a T) -> Self {
        Edge::Text(text.to_key().as_bytes())
    }
}

/// The selection of ZRANGE and ZRANGESTORE, parsed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selection<'a> {
    /// The range of members.
    pub span: Span<'a>,
    /// Whether the highest comes first.
    pub rev: bool,
    /// The numbers of members to skip and to take, all if negative; without effect by rank.
    pub limit: (i64, i64),
}

/// A range of members, lowest first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Span<'a> {
    /// Ranks, in the direction of the selection; negative ones count from the last member.
    Rank(i64, i64),
    /// Scores.
    Score(Bound, Bound),
    /// Texts.
    Lex(LexBound<'a>, LexBound<'a>),
}

/// The interpretation of a range by the options of ZRANGE and ZRANGESTORE.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    pub(crate) byscore: bool,
    pub(crate) bylex: bool,
    pub(crate) rev: bool,
    pub(crate) limit: Option<(i64, i64)>,
    pub(crate) withscores: bool,
}

impl<'a> Selection<'a> {
    /// Understands the ends of a range; with `rev`, scores and texts are given from the highest.
    pub(crate) fn new(start: Edge<'a>, stop: Edge<'a>, manner: Manner) -> Result<Self> {
        let Manner { byscore, bylex, rev, limit, withscores } = manner;
        let limit = limit.unwrap_or((0, -1));
        if limit.1 != -1 && !byscore && !bylex {
            return fail(texts::LIMIT_WITHOUT_RANGE);
        }
        if withscores && bylex {
            return fail(texts::WITHSCORES_BYLEX);
        }
        let (low, high) = if rev { (stop, start) } else { (start, stop) };
        let span = if byscore {
            Span::Score(low.score()?, high.score()?)
        } else if bylex {
            Span::Lex(low.lex()?, high.lex()?)
        } else {
            Span::Rank(start.index()?, stop.index()?)
        };
        Ok(Self { span, rev, limit })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_read_as_the_server_reads_them() {
        let read = |text: &[u8]| Bound::parse(text).map(Bound::score);
        let taken: [(&[u8], f64); 13] = [
            (b"", 0.0),
            (b"\0", 0.0),
            (b"1\0x", 1.0),
            (b"+3", 3.0),
            (b".5", 0.5),
            (b"5.", 5.0),
            (b"1e400", f64::INFINITY),
            (b"1e-400", 0.0),
            (b"INF", f64::INFINITY),
            (b"+infinity", f64::INFINITY),
            (b"-inf", f64::NEG_INFINITY),
            (b"(", 0.0),
            (b"(+1", 1.0),
        ];
        for (text, score) in taken {
            assert_eq!(read(text), Some(score), "{}", text.escape_ascii());
        }
        for text in [" 1", "1 ", "0x1", "nan", "((1", "1e", "( 1", "+", "-", ".", "e5", "+-1", "1_0"] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn an_end_is_understood_by_the_options() {
        let manner = Manner { byscore: false, bylex: false, rev: false, limit: None, withscores: false };
        let select = |manner| Selection::new("(1".into(), "+".into(), manner).map(|selection| selection.span);
        let text = |manner| select(manner).unwrap_err().message().to_owned();
        assert_eq!(text(manner), texts::NOT_INTEGER.0);
        assert_eq!(text(Manner { byscore: true, ..manner }), texts::MIN_MAX_NOT_FLOAT.0);
        let lex = Span::Lex(LexBound::Exclusive("1".into()), LexBound::Highest);
        assert_eq!(select(Manner { bylex: true, ..manner }), Ok(lex));
        assert_eq!(text(Manner { bylex: true, withscores: true, ..manner }), texts::WITHSCORES_BYLEX.0);
        assert_eq!(text(Manner { limit: Some((0, 1)), ..manner }), texts::LIMIT_WITHOUT_RANGE.0);
    }
}
