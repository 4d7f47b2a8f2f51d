//! What SCAN, HSCAN, SSCAN and ZSCAN share: cursors, patterns, counts and the structs of their
//! options. The commands are in the files of their families, the replies in [`reply`](crate::reply).

use crate::Options;
use crate::arg::Arg;
use crate::args::Args;
use crate::error::Result;
use crate::field::{Field, OptionSet, read_options};
use crate::forms::{ToInt, ToKey};
use crate::number::parse_int;
use crate::sink::Sink;
use crate::spec::{Argument, ArgumentKind, OptionSpec};
use crate::texts::{self, fail};

/// The position of an iteration: 0 to begin, then the cursor of the reply before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cursor(pub u64);

impl From<u64> for Cursor {
    fn from(cursor: u64) -> Self {
        Cursor(cursor)
    }
}

/// For literals such as `0`.
impl From<i32> for Cursor {
    fn from(cursor: i32) -> Self {
        Cursor(i64::from(cursor).cast_unsigned())
    }
}

impl Cursor {
    /// Reads a cursor as Redis' `string2ull` does: an integer that is not negative or, failing
    /// that, what C's `strtoull` takes, which may begin with spaces and wraps a minus around.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = c_string(text);
        if let Some(int) = parse_int(text) {
            return u64::try_from(int).ok().map(Cursor);
        }
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
        let (negative, digits) = match &text[text.iter().take_while(|byte| is_space(byte)).count()..] {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] | digits => (false, digits),
        };
        let mut cursor = if digits.is_empty() { None } else { Some(0u64) };
        for digit in digits {
            let digit = char::from(*digit).to_digit(10)?;
            cursor = cursor?.checked_mul(10)?.checked_add(digit.into());
        }
        cursor.map(|cursor| Cursor(if negative { cursor.wrapping_neg() } else { cursor }))
    }
}

/// The bytes before the first zero, where a C string ends.
pub(crate) fn c_string(text: &[u8]) -> &[u8] {
    text.split(|byte| *byte == 0).next().unwrap_or_default()
}

impl<'a> Field<'a> for Cursor {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Integer);

    fn write(&self, out: &mut dyn Sink) {
        out.arg(self.0.to_string().as_bytes());
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        Cursor::parse(args.take()?).map_or_else(|| fail(texts::INVALID_CURSOR), Ok)
    }
}

/// A glob pattern that the names found must match; see [`glob`](crate::glob).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pattern<'a>(pub Arg<'a>);

impl Pattern<'_> {
    /// Returns whether this text is matched; `*` matches also the empty one, unlike in [`glob`](crate::glob).
    pub fn matches(&self, text: &[u8]) -> bool {
        let pattern = self.0.text();
        *pattern == *b"*" || crate::glob::matches(&pattern, text, false)
    }
}

/// The pattern that matches everything.
impl Default for Pattern<'_> {
    fn default() -> Self {
        Pattern(Arg::Bytes(b"*"))
    }
}

impl<'a, T: Into<Arg<'a>>> From<T> for Pattern<'a> {
    fn from(pattern: T) -> Self {
        Pattern(pattern.into())
    }
}

impl<'a> Field<'a> for Pattern<'a> {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Pattern);

    fn write(&self, out: &mut dyn Sink) {
        self.0.write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        Arg::read(args).map(Pattern)
    }
}

/// About how many elements one step looks at; at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub i64);

impl Count {
    /// The count as a size.
    pub fn get(self) -> usize {
        usize::try_from(self.0).unwrap_or(1)
    }
}

/// The count of a step that does not say one.
impl Default for Count {
    fn default() -> Self {
        Count(10)
    }
}

impl<T: ToInt> From<T> for Count {
    fn from(count: T) -> Self {
        Count(count.to_int())
    }
}

impl<'a> Field<'a> for Count {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Integer);

    fn write(&self, out: &mut dyn Sink) {
        self.0.write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        let count = Count(i64::read(args)?);
        count.check(args.name()).map(|()| count)
    }

    fn check(&self, _command: &'static str) -> Result<()> {
        if self.0 < 1 { fail(texts::SYNTAX) } else { Ok(()) }
    }
}

/// The options of SSCAN and ZSCAN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct ScanOptions<'a> {
    /// Only members that match this pattern; it is applied after the elements of a step were chosen.
    #[token("MATCH", name = "pattern")]
    pub pattern: Option<Pattern<'a>>,
    /// About how many elements a step looks at, 10 if not said.
    #[token("COUNT")]
    pub count: Option<Count>,
}

/// The options of HSCAN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct HScanOptions<'a> {
    /// Only fields that match this pattern; it is applied after the elements of a step were chosen.
    #[token("MATCH", name = "pattern")]
    pub pattern: Option<Pattern<'a>>,
    /// About how many fields a step looks at, 10 if not said.
    #[token("COUNT")]
    pub count: Option<Count>,
    /// Gives the fields without their values. Only `hscan_novalues` sets it: the reply does not say which of both it is.
    #[token("NOVALUES")]
    pub(crate) novalues: bool,
}

impl HScanOptions<'_> {
    /// Returns whether the fields are wanted without their values.
    pub fn without_values(&self) -> bool {
        self.novalues
    }
}

/// The options of SCAN.
#[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
pub struct KeyScanOptions<'a> {
    /// Only keys that match this pattern; it is applied after the keys of a step were chosen.
    #[token("MATCH", name = "pattern")]
    #[names(Keys)]
    pub pattern: Option<Pattern<'a>>,
    /// About how many keys a step looks at, 10 if not said.
    #[token("COUNT")]
    pub count: Option<Count>,
    /// Only keys that hold this type, in the words of TYPE; an unknown one is the type of no key.
    #[token("TYPE", since = "6.0.0")]
    pub of_type: Option<TypeName<'a>>,
}

/// The name of a type, in any case: `string`, `list`, `set`, `zset`, `hash`, `stream`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeName<'a>(pub &'a [u8]);

impl TypeName<'_> {
    /// Returns whether this is the name of that type.
    pub fn is(&self, name: &str) -> bool {
        self.0.eq_ignore_ascii_case(name.as_bytes())
    }
}

impl std::fmt::Debug for TypeName<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        crate::bytes::quote(self.0, f)
    }
}

impl<'a, T: ToKey + ?Sized> From<&'a T> for TypeName<'a> {
    fn from(name: &'a T) -> Self {
        TypeName(name.to_key().as_bytes())
    }
}

impl<'a> Field<'a> for TypeName<'a> {
    const MIN: usize = 1;

    fn write(&self, out: &mut dyn Sink) {
        out.arg(self.0);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        args.take().map(TypeName)
    }
}

/// Reads the options of a SCAN to the end of the arguments.
///
/// # Errors
/// Errors of the options; NOVALUES outside HSCAN has its own text.
pub fn read_all<'a, O: OptionSet<'a>>(args: &mut Args<'a>) -> Result<O> {
    let options = read_options(args)?;
    match args.peek() {
        Some(token) if token.eq_ignore_ascii_case(b"NOVALUES") => fail(texts::NOVALUES_OUTSIDE_HSCAN),
        _ => args.end().map(|()| options),
    }
}

/// Options that a server reads only after it has looked at the key: for a missing key HSCAN, SSCAN
/// and ZSCAN give an empty step, and for a wrong type that error, whatever the options are.
#[derive(Debug, Clone, PartialEq)]
pub struct Late<O>(Result<O>);

impl<O> Late<O> {
    /// The options.
    ///
    /// # Errors
    /// The error that a server gives for these options.
    pub fn get(self) -> Result<O> {
        self.0
    }
}

impl<O> From<O> for Late<O> {
    fn from(options: O) -> Self {
        Late(Ok(options))
    }
}

impl<O: Default> Default for Late<O> {
    fn default() -> Self {
        O::default().into()
    }
}

impl<'a, O: OptionSet<'a> + Field<'a>> Field<'a> for Late<O> {
    const MIN: usize = 0;
    const OPEN: bool = true;
    const OPTIONS: &'static [OptionSpec] = O::OPTIONS;
    const ARGUMENT: Argument = O::ARGUMENT;

    fn write(&self, out: &mut dyn Sink) {
        if let Ok(options) = &self.0 {
            options.write(out);
        }
    }

    /// Never fails; what is wrong is kept for [`Late::get`].
    fn read(args: &mut Args<'a>) -> Result<Self> {
        let options = read_all(args);
        while args.take().is_ok() {}
        Ok(Late(options))
    }

    fn check(&self, command: &'static str) -> Result<()> {
        self.0.as_ref().map_or(Ok(()), |options| options.check(command))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_what_the_server_takes_for_one() {
        let taken: [(&[u8], u64); 12] = [
            (b"0", 0),
            (b"18446744073709551615", u64::MAX),
            (b"-0", 0),
            (b" 5", 5),
            (b"\x0b 3", 3),
            (b" -1", u64::MAX),
            (b"+3", 3),
            (b"007", 7),
            (b"-18446744073709551615", 1),
            (b"-9223372036854775809", 9_223_372_036_854_775_807),
            (b"1\0x", 1),
            (b"1\0", 1),
        ];
        for (text, cursor) in taken {
            assert_eq!(Cursor::parse(text), Some(Cursor(cursor)), "{}", text.escape_ascii());
        }
        for text in ["", " ", "1 ", "-1", "x", "0x10", "-", "+ 1", "18446744073709551616", "-18446744073709551616"] {
            assert_eq!(Cursor::parse(text.as_bytes()), None, "{text}");
        }
    }
}
