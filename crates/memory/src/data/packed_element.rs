//! How one element of a [`Packed`](super::packed) is stored: `head | body | length backwards`, in the sizes of Redis'
//! listpack.

use super::bytes::parse_int;
use super::item::Item;

/// An element as it is stored, without the length at its end; also what a search looks for.
pub struct PackedElement<'a> {
    /// Longer than any head, so that it can be copied by one instruction.
    head: [u8; HEAD],
    head_len: u8,
    body: &'a [u8],
}

/// The bytes of a head and what lies behind it.
pub(super) const HEAD: usize = 16;

impl<'a> PackedElement<'a> {
    /// The encoding of an element; the text of an integer becomes an integer.
    #[inline]
    pub fn new(item: Item<'a>) -> Self {
        match item {
            Item::Int(value) => Self::int(value),
            Item::Bytes(text) => parse_int(text).map_or_else(|| Self::raw(text), Self::int),
        }
    }

    /// The encoding of bytes that are no text: never an integer.
    pub fn raw(body: &'a [u8]) -> Self {
        let len = body.len();
        match len {
            0..64 => Self::with_head(&[0x80 | len as u8], body),
            64..4096 => Self::with_head(&[0xe0 | (len >> 8) as u8, len as u8], body),
            _ => {
                let [a, b, c, d] = (len as u32).to_le_bytes();
                Self::with_head(&[0xf0, a, b, c, d], body)
            }
        }
    }

    #[inline]
    fn int(value: i64) -> Self {
        let le = value.to_le_bytes();
        match value {
            0..128 => Self::with_head(&[value as u8], &[]),
            -4096..4096 => Self::with_head(&[0xc0 | (value >> 8 & 0x1f) as u8, value as u8], &[]),
            -0x8000..0x8000 => Self::with_tag(0xf1, &le[..2]),
            -0x80_0000..0x80_0000 => Self::with_tag(0xf2, &le[..3]),
            -0x8000_0000..0x8000_0000 => Self::with_tag(0xf3, &le[..4]),
            _ => Self::with_tag(0xf4, &le),
        }
    }

    #[inline]
    fn with_tag(tag: u8, le: &[u8]) -> Self {
        let mut head = [0; HEAD];
        head[0] = tag;
        head[1..=le.len()].copy_from_slice(le);
        PackedElement { head, head_len: le.len() as u8 + 1, body: &[] }
    }

    #[inline]
    fn with_head(bytes: &[u8], body: &'a [u8]) -> Self {
        let mut head = [0; HEAD];
        head[..bytes.len()].copy_from_slice(bytes);
        PackedElement { head, head_len: bytes.len() as u8, body }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        usize::from(self.head_len) + self.body.len()
    }

    /// Writes it as [`write`](Self::write) does, into more room than it needs: [`HEAD`] bytes at least.
    #[inline]
    pub(super) fn write_into(&self, room: &mut [u8]) {
        let len = self.len();
        // What is too much of the head is overwritten, or lies behind the end.
        room[..HEAD].copy_from_slice(&self.head);
        if !self.body.is_empty() {
            room[usize::from(self.head_len)..len].copy_from_slice(self.body);
        }
        if len < 128 {
            room[len] = len as u8;
        } else {
            write_back(len, &mut room[len..len + back_len(len)]);
        }
    }

    #[inline]
    pub(super) fn write(&self, out: &mut [u8]) {
        if out.len() >= HEAD {
            return self.write_into(out);
        }
        let (head, rest) = out.split_at_mut(usize::from(self.head_len));
        head.copy_from_slice(&self.head[..head.len()]);
        let (body, back) = rest.split_at_mut(self.body.len());
        body.copy_from_slice(self.body);
        write_back(self.len(), back);
    }

    /// The first and the last byte.
    #[inline]
    pub(super) fn ends(&self) -> (u8, u8) {
        let last = self.body.last().copied();
        (self.head[0], last.unwrap_or(self.head[usize::from(self.head_len).saturating_sub(1)]))
    }

    #[inline]
    pub(super) fn matches(&self, entry: &[u8]) -> bool {
        entry[0] == self.head[0] && entry.len() == self.len() && {
            let (head, body) = entry.split_at(usize::from(self.head_len));
            // The length of the body is all that a head says more, but for integers, which have no body.
            (!body.is_empty() || head == &self.head[..head.len()]) && body == self.body
        }
    }
}

/// A text of up to this many bytes has a head of one or two bytes and a length of one byte at its end.
const SHORT_MAX: usize = 125;

/// A short text that is no integer, as most elements are: it is written without a [`PackedElement`].
pub(super) struct Short<'a>(pub(super) &'a [u8]);

impl<'a> Short<'a> {
    /// The element if it is one, or else the element again, an integer if its text is that of one.
    #[inline]
    pub(super) fn of(item: Item<'a>) -> Result<Self, Item<'a>> {
        match item {
            Item::Bytes(text) if text.len() <= SHORT_MAX => {
                parse_int(text).map_or(Ok(Short(text)), |int| Err(Item::Int(int)))
            }
            item => Err(item),
        }
    }

    #[inline]
    fn head_len(&self) -> usize {
        if self.0.len() < 64 { 1 } else { 2 }
    }

    #[inline]
    pub(super) fn full_len(&self) -> usize {
        self.head_len() + self.0.len() + 1
    }

    /// Writes it into exactly as much room as it needs.
    #[inline]
    pub(super) fn write(&self, room: &mut [u8]) {
        let (text, len) = (self.0, self.0.len());
        let head_len = self.head_len();
        let (head, rest) = room.split_at_mut(head_len);
        match head {
            [head] => *head = 0x80 | len as u8,
            head => head.copy_from_slice(&[0xe0, len as u8]),
        }
        rest[..len].copy_from_slice(text);
        rest[len] = (head_len + len) as u8;
    }
}

/// Bytes taken by the length at the end of an element of `len` bytes. But for the first, a server gives the greatest
/// number of each width one byte more than it needs.
#[inline]
pub(super) fn back_len(len: usize) -> usize {
    match len {
        0..0x80 => 1,
        0x80..0x3fff => 2,
        0x3fff..0x1f_ffff => 3,
        0x1f_ffff..0xfff_ffff => 4,
        _ => 5,
    }
}

/// Seven bits a byte, most significant first; every byte but the first says that more stand to its left.
fn write_back(len: usize, out: &mut [u8]) {
    let mut rest = len;
    for byte in out.iter_mut().skip(1).rev() {
        *byte = 0x80 | (rest & 0x7f) as u8;
        rest >>= 7;
    }
    if let Some(first) = out.first_mut() {
        *first = (rest & 0x7f) as u8;
    }
}

/// Length of the element at the start of `data`, without the length at its end.
#[inline]
pub(super) fn entry_len(data: &[u8]) -> usize {
    match data[0] {
        0x00..0x80 => 1,
        head @ 0x80..0xc0 => 1 + usize::from(head & 0x3f),
        0xc0..0xe0 => 2,
        head @ 0xe0..0xf0 => 2 + (usize::from(head & 0xf) << 8 | usize::from(data[1])),
        0xf0 => 5 + u32::from_le_bytes([data[1], data[2], data[3], data[4]]) as usize,
        0xf1 => 3,
        0xf2 => 4,
        0xf3 => 5,
        _ => 9,
    }
}

/// Reads an element from exactly its bytes.
#[inline]
pub(super) fn decode(entry: &[u8]) -> Item<'_> {
    match (entry[0], &entry[1..]) {
        (head @ 0x00..0x80, _) => Item::Int(i64::from(head)),
        (0x80..0xc0, text) => Item::Bytes(text),
        (head @ 0xc0..0xe0, rest) => {
            let bits = u16::from(head & 0x1f) << 8 | u16::from(rest[0]);
            Item::Int(i64::from((bits << 3) as i16 >> 3))
        }
        (0xe0..0xf0, rest) => Item::Bytes(&rest[1..]),
        (0xf0, rest) => Item::Bytes(&rest[4..]),
        (0xf1, &[a, b, ..]) => Item::Int(i16::from_le_bytes([a, b]).into()),
        (0xf2, &[a, b, c, ..]) => Item::Int((i32::from_le_bytes([0, a, b, c]) >> 8).into()),
        (0xf3, &[a, b, c, d, ..]) => Item::Int(i32::from_le_bytes([a, b, c, d]).into()),
        (_, le) => Item::Int(le.first_chunk().map_or(0, |le| i64::from_le_bytes(*le))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands at the end of the payload of DUMP for a hash with one value of this length with its head, on Redis 8.2;
    /// the longest take a server 800 MB, so that they are not asked for again here, as others are in `packed.rs`.
    #[test]
    fn the_length_behind_an_element_is_a_servers() {
        let lengths: [(usize, &[u8]); 12] = [
            (126, b"\x7e"),
            (127, b"\x7f"),
            (128, b"\x01\x80"),
            (16_382, b"\x7f\xfe"),
            (16_383, b"\x00\xff\xff"),
            (16_384, b"\x01\x80\x80"),
            (2_097_150, b"\x7f\xff\xfe"),
            (2_097_151, b"\x00\xff\xff\xff"),
            (2_097_152, b"\x01\x80\x80\x80"),
            (268_435_454, b"\x7f\xff\xff\xfe"),
            (268_435_455, b"\x00\xff\xff\xff\xff"),
            (268_435_456, b"\x01\x80\x80\x80\x80"),
        ];
        for (len, expected) in lengths {
            let mut back = vec![0; back_len(len)];
            write_back(len, &mut back);
            assert_eq!(back, expected, "{len}");
        }
    }
}
