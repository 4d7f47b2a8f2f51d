//! Inline commands: a line of words, as people type it.

/// Splits a line into words as Redis does (`sdssplitargs`); none if quotes are not balanced.
///
/// Words are parted by blanks. In double quotes `\n`, `\r`, `\t`, `\b`, `\a` and `\xHH` stand for bytes, and a backslash before
/// anything else for that; in single quotes `\'` stands for a quote. After a closing quote comes a blank or nothing. A NUL ends
/// the line.
///
/// ```
/// use redipy_resp::split_args;
///
/// let words = split_args(br#"set "a b" 'it\'s' "\x41\n""#).unwrap();
/// assert_eq!(words, [&b"set"[..], b"a b", b"it's", b"A\n"]);
/// assert_eq!(split_args(b"get \"a"), None);
/// ```
pub fn split_args(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut line = Line { rest: line.split(|byte| *byte == 0).next().unwrap_or_default() };
    let mut words = Vec::new();
    loop {
        line.skip_blanks();
        if line.rest.is_empty() {
            return Some(words);
        }
        words.push(line.word()?);
    }
}

/// C's `isspace`.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

struct Line<'l> {
    rest: &'l [u8],
}

impl Line<'_> {
    fn skip_blanks(&mut self) {
        self.rest = &self.rest[self.rest.iter().take_while(|byte| is_blank(**byte)).count()..];
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// A word, or the rest of one behind bare bytes; none if its quotes are not closed. Vertical tabs and form feeds part no
    /// bare words.
    fn word(&mut self) -> Option<Vec<u8>> {
        let mut word = Vec::new();
        while let Some(byte) = self.next() {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => break,
                b'"' => return self.double_quoted(word),
                b'\'' => return self.single_quoted(word),
                byte => word.push(byte),
            }
        }
        Some(word)
    }

    fn double_quoted(&mut self, mut word: Vec<u8>) -> Option<Vec<u8>> {
        loop {
            match (self.next()?, self.rest) {
                (b'"', _) => return self.closed(word),
                (b'\\', [b'x', high, low, rest @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    word.push(nibble(*high) << 4 | nibble(*low));
                    self.rest = rest;
                }
                (b'\\', [escaped, rest @ ..]) => {
                    word.push(unescaped(*escaped));
                    self.rest = rest;
                }
                (byte, _) => word.push(byte),
            }
        }
    }

    fn single_quoted(&mut self, mut word: Vec<u8>) -> Option<Vec<u8>> {
        loop {
            match (self.next()?, self.rest) {
                (b'\'', _) => return self.closed(word),
                (b'\\', [b'\'', rest @ ..]) => {
                    word.push(b'\'');
                    self.rest = rest;
                }
                (byte, _) => word.push(byte),
            }
        }
    }

    /// The word, if nothing stands right behind its closing quote.
    fn closed(&self, word: Vec<u8>) -> Option<Vec<u8>> {
        self.rest.first().is_none_or(|byte| is_blank(*byte)).then_some(word)
    }
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

fn unescaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'a' => 7,
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &[u8]) -> Option<Vec<String>> {
        Some(split_args(line)?.iter().map(|word| word.escape_ascii().to_string()).collect())
    }

    #[test]
    fn words_are_split_as_a_server_splits_them() {
        let cases: &[(&[u8], &[&str])] = &[
            (b"", &[]),
            (b" \t\x0b\x0c\r ", &[]),
            (b"  PING  ", &["PING"]),
            (b"a\tb\rc\nd", &["a", "b", "c", "d"]),
            (b"a\x0bb \x0bc", &["a\\x0bb", "c"]),
            (br#""a b" "" 'c d' ''"#, &["a b", "", "c d", ""]),
            (br#"a"b c" d'e f'"#, &["ab c", "de f"]),
            (br#""\x41\n\r\t\b\a\q\"\\""#, &[r#"A\n\r\t\x08\x07q\"\\"#]),
            (br#""\xZZ\x4" \x41"#, &["xZZx4", r"\\x41"]),
            (br"'a\'b\n'", &[r"a\'b\\n"]),
            (b"a\0b c", &["a"]),
            (b"\xa0a\x85", &[r"\xa0a\x85"]),
            (b"\"a\"\x0bb", &["a", "b"]),
        ];
        for (line, expected) in cases {
            assert_eq!(words(line).unwrap(), *expected, "{}", line.escape_ascii());
        }
    }

    #[test]
    fn quotes_that_are_not_balanced_are_refused() {
        for line in [r#""a"#, "'a", r#""a"b"#, "'a'b", r#"a"b"#, r#""a\"#, r"'a\\'x", r#""\x4"#, r"'a\'", "\"a\0\""] {
            assert_eq!(words(line.as_bytes()), None, "{line}");
        }
    }
}
