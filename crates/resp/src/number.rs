//! Lengths at the beginning of a line, which nearly every line of the protocol has.

/// Longer numbers are left to the general reader.
const MAX_DIGITS: usize = 10;

/// The number that these bytes begin with, and where its line ends, `\r\n` included.
///
/// Only what is usual is found: few digits, and the whole line. Who gets nothing looks again.
#[inline]
pub(crate) fn short_number(bytes: &[u8]) -> Option<(usize, usize)> {
    let (mut number, mut at) = (0, 0);
    loop {
        let byte = *bytes.get(at)?;
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            let is_canonical = at == 1 || (at > 1 && bytes[0] != b'0');
            let ends = byte == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            return (is_canonical && ends).then_some((number, at + 2));
        }
        at += 1;
        if at == MAX_DIGITS {
            return None;
        }
        number = number * 10 + usize::from(digit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_numbers_are_found_and_others_are_not() {
        assert_eq!(short_number(b"0\r\n"), Some((0, 3)));
        assert_eq!(short_number(b"7\r\nabc"), Some((7, 3)));
        assert_eq!(short_number(b"123456789\r\n"), Some((123_456_789, 11)));
        for other in ["", "\r\n", "1", "1\r", "1\n", "1\rx", "01\r\n", "00\r\n", "-1\r\n", "1x\r\n", "1234567890\r\n"] {
            assert_eq!(short_number(other.as_bytes()), None, "{other:?}");
        }
    }
}
