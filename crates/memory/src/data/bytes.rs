//! A byte string of 24 bytes that keeps up to 22 bytes inside itself, and the text of an integer.
//! What the large encodings store their elements in; the small ones are [`Packed`](super::packed).

use std::fmt;
use std::ops::Deref;

/// The longest byte string kept inside a [`CompactBytes`] itself.
pub const INLINE: usize = 22;

/// Whether these are the same bytes. Most keys and fields have 8 to 16 bytes, which two overlapping words cover: for those
/// a call of `memcmp` would cost more than the comparison.
#[inline]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    match a.len() {
        len if len != b.len() => false,
        8..=16 => ends::<8>(a) == ends::<8>(b),
        _ => a == b,
    }
}

/// Whether a text is one of up to 32 bytes, as most keys and fields are. [`same_short`] compares it without a call, so that a
/// search for it need not keep its registers elsewhere.
#[inline]
pub fn is_short(text: &[u8]) -> bool {
    (1..=32).contains(&text.len())
}

/// Whether these are the same bytes, of which `b` [is short](is_short): two overlapping words cover it.
#[inline]
pub fn same_short(a: &[u8], b: &[u8]) -> bool {
    match b.len() {
        len if len != a.len() => false,
        8..=16 => ends::<8>(a) == ends::<8>(b),
        17..=32 => ends::<16>(a) == ends::<16>(b),
        4..8 => ends::<4>(a) == ends::<4>(b),
        len @ 1..4 => (a[0], a[len / 2], a[len - 1]) == (b[0], b[len / 2], b[len - 1]),
        _ => false,
    }
}

/// The first and the last `N` bytes.
#[inline]
fn ends<const N: usize>(text: &[u8]) -> (Option<&[u8; N]>, Option<&[u8; N]>) {
    (text.first_chunk(), text.last_chunk())
}

/// An owned byte string; up to [`INLINE`] bytes need no allocation.
#[derive(Clone)]
pub struct CompactBytes(Repr);

#[derive(Clone)]
enum Repr {
    Inline { len: u8, buf: [u8; INLINE] },
    Heap(Box<[u8]>),
}

impl CompactBytes {
    /// The empty byte string.
    pub const fn new() -> Self {
        CompactBytes(Repr::Inline { len: 0, buf: [0; INLINE] })
    }

    /// A byte string of the given length, written by `fill` into zeroes.
    pub fn build(len: usize, fill: impl FnOnce(&mut [u8])) -> Self {
        let mut bytes = if len <= INLINE {
            CompactBytes(Repr::Inline { len: len as u8, buf: [0; INLINE] })
        } else {
            CompactBytes(Repr::Heap(vec![0; len].into_boxed_slice()))
        };
        fill(bytes.as_mut_slice());
        bytes
    }

    /// The bytes.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline { len, buf } => buf.get(..usize::from(*len)).unwrap_or(buf),
            Repr::Heap(bytes) => bytes,
        }
    }

    /// The bytes, to be changed in place.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        match &mut self.0 {
            Repr::Inline { len, buf } => {
                let len = usize::from(*len).min(INLINE);
                &mut buf[..len]
            }
            Repr::Heap(bytes) => bytes,
        }
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        match &self.0 {
            Repr::Inline { .. } => 0,
            Repr::Heap(bytes) => bytes.len(),
        }
    }
}

impl Default for CompactBytes {
    fn default() -> Self {
        Self::new()
    }
}

impl From<&[u8]> for CompactBytes {
    fn from(text: &[u8]) -> Self {
        if text.len() <= INLINE {
            Self::build(text.len(), |buf| buf.copy_from_slice(text))
        } else {
            CompactBytes(Repr::Heap(text.into()))
        }
    }
}

impl From<Vec<u8>> for CompactBytes {
    fn from(text: Vec<u8>) -> Self {
        if text.len() <= INLINE {
            Self::from(text.as_slice())
        } else {
            CompactBytes(Repr::Heap(text.into_boxed_slice()))
        }
    }
}

impl Deref for CompactBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl PartialEq for CompactBytes {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for CompactBytes {}

impl fmt::Debug for CompactBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

/// The two digits of every number below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut i = 0;
    while i < pairs.len() {
        pairs[i] = [b'0' + (i / 10) as u8, b'0' + (i % 10) as u8];
        i += 1;
    }
    pairs
};

/// The decimal text of an integer, on the stack.
#[derive(Clone, Copy)]
pub struct IntText {
    buf: [u8; 20],
    start: u8,
}

impl IntText {
    /// The text of `value`.
    pub fn new(value: i64) -> Self {
        let mut buf = [0; 20];
        let mut start = buf.len();
        let mut rest = value.unsigned_abs();
        while rest >= 10 {
            start -= 2;
            buf[start..start + 2].copy_from_slice(&PAIRS[(rest % 100) as usize]);
            rest /= 100;
        }
        // An even number of digits leaves nothing; zero has one digit.
        if rest > 0 || start == buf.len() {
            start -= 1;
            buf[start] = b'0' + rest as u8;
        }
        if value < 0 {
            start -= 1;
            buf[start] = b'-';
        }
        IntText { buf, start: start as u8 }
    }

    /// The text.
    pub fn as_slice(&self) -> &[u8] {
        &self.buf[usize::from(self.start)..]
    }
}

/// The integer whose decimal text is exactly `text`, if there is one: no sign but a needed minus, no leading zero.
#[inline]
pub fn parse_int(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] if digits.len() <= 19 => {}
        _ => return None,
    }
    let mut value = 0_u64; // 19 digits always fit
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value * 10 + u64::from(digit - b'0');
    }
    if negative { 0_i64.checked_sub_unsigned(value) } else { i64::try_from(value).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes() {
        assert_eq!(size_of::<CompactBytes>(), 24);
        assert_eq!(CompactBytes::from([7; INLINE].as_slice()).memory(), 0);
        assert_eq!(CompactBytes::from([7; INLINE + 1].as_slice()).memory(), INLINE + 1);
    }

    #[test]
    fn only_canonical_text_is_an_integer() {
        for text in ["0", "7", "-1", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(parse_int(text.as_bytes()), text.parse().ok(), "{text}");
            assert_eq!(IntText::new(text.parse().unwrap()).as_slice(), text.as_bytes());
        }
        for text in ["", "-", "+1", "007", "-0", "00", "1 ", " 1", "1.0", "9223372036854775808", "-9223372036854775809"]
        {
            assert_eq!(parse_int(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_of_an_integer_is_parsed_back(value: i64) {
            prop_assert_eq!(parse_int(IntText::new(value).as_slice()), Some(value));
            prop_assert_eq!(IntText::new(value).as_slice().to_vec(), value.to_string().into_bytes());
        }

        #[test]
        fn the_same_bytes_are_the_same(a in prop::collection::vec(0..2_u8, 1..40), b in prop::collection::vec(0..2_u8, 0..40)) {
            prop_assert_eq!(is_short(&a), a.len() <= 32);
            let both = |a: &[u8], b: &[u8]| (same(a, b), is_short(b).then(|| same_short(a, b)));
            let expected = |is: bool, b: &[u8]| (is, is_short(b).then_some(is));
            prop_assert_eq!(both(&a, &b), expected(a == b, &b));
            prop_assert_eq!(both(&a, &a.clone()), expected(true, &a));
            for at in 0..a.len() {
                let mut other = a.clone();
                other[at] ^= 0x80;
                prop_assert_eq!(both(&other, &a), expected(false, &a));
            }
        }

        #[test]
        fn bytes_keep_what_they_are_given(text in prop::collection::vec(any::<u8>(), 0..60)) {
            let bytes = CompactBytes::from(text.as_slice());
            prop_assert_eq!(bytes.as_slice(), text.as_slice());
            prop_assert_eq!(&CompactBytes::from(text), &bytes);
        }
    }
}
