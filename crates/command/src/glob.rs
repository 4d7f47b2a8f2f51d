//! Glob patterns as Redis matches them (`stringmatchlen`): KEYS, SCAN MATCH, PSUBSCRIBE, CONFIG GET
//! and others.
//!
//! `*` is any bytes, `?` one byte, `[…]` one byte of a class, `\x` the byte x itself. The corner
//! cases are Redis' own and on purpose not repaired here:
//!
//! - The empty text matches only the empty pattern, not even `*`. (KEYS treats the pattern `*`
//!   before matching.)
//! - A class that is not closed ends with the pattern, so `[ab` is `[ab]` and `[^` is `?`. A class
//!   may be empty: `[]` matches nothing, `[^]` any byte.
//! - A range takes any byte as its end: `[a-]` is the range from `a` to `]`, in a class that is not
//!   closed yet. Its ends may be in either order, and bytes compare as signed, so `[a-\xff]` is the
//!   bytes up to `a`, and `\xff`.
//! - An escape in a class is never the start of a range and always has regard to the case.
//! - A backslash at the end is itself.
//! - A pattern with more than 1000 stars that have something after them never matches a text that
//!   gets that far.

/// The number of stars, not counting one at the end, that Redis follows.
const MAX_STARS: usize = 1000;

/// Returns whether the pattern matches the whole text; `nocase` folds ASCII letters.
///
/// The time is at most proportional to the product of the two lengths, the space is constant: since
/// every other part of a pattern takes exactly one byte, only the latest star ever needs to be
/// tried at a later position.
pub fn matches(pattern: &[u8], text: &[u8], nocase: bool) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    if text.is_empty() {
        return pattern.is_empty();
    }
    let mut stars = 0;
    // What follows the latest star, and the text from which it was last tried.
    let mut retry: Option<(&[u8], &[u8])> = None;
    while let Some((&byte, text_rest)) = text.split_first() {
        if let [b'*', rest @ ..] = pattern {
            pattern = skip_stars(rest);
            if pattern.is_empty() {
                return true;
            }
            stars += 1;
            if stars > MAX_STARS {
                return false;
            }
            retry = Some((pattern, text));
            continue;
        }
        match match_one(pattern, byte, nocase) {
            Some(pattern_rest) => (pattern, text) = (pattern_rest, text_rest),
            None => match retry {
                Some((after_star, tried)) => {
                    (pattern, text) = (after_star, &tried[1..]);
                    retry = Some((pattern, text));
                }
                None => return false,
            },
        }
    }
    skip_stars(pattern).is_empty()
}

/// The pattern that matches exactly this text.
pub fn escape(text: &[u8]) -> Vec<u8> {
    let mut pattern = Vec::with_capacity(text.len());
    for &byte in text {
        if matches!(byte, b'*' | b'?' | b'[' | b'\\') {
            pattern.push(b'\\');
        }
        pattern.push(byte);
    }
    pattern
}

fn skip_stars(pattern: &[u8]) -> &[u8] {
    let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
    &pattern[stars..]
}

/// Matches one byte with the first part of a pattern that does not begin with a star; gives the
/// rest of the pattern.
fn match_one(pattern: &[u8], byte: u8, nocase: bool) -> Option<&[u8]> {
    let (matched, rest) = match pattern {
        [] => return None,
        [b'?', rest @ ..] => (true, rest),
        [b'[', rest @ ..] => match_class(rest, byte, nocase),
        [b'\\', literal, rest @ ..] | [literal, rest @ ..] => (same(*literal, byte, nocase), rest),
    };
    matched.then_some(rest)
}

/// Matches one byte with a class, given from after its bracket; gives also what follows the class.
fn match_class(class: &[u8], byte: u8, nocase: bool) -> (bool, &[u8]) {
    let (negated, mut class) = match class {
        [b'^', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    let mut found = false;
    loop {
        class = match class {
            [b'\\', literal, rest @ ..] => {
                found |= *literal == byte;
                rest
            }
            [b']', rest @ ..] => return (found != negated, rest),
            [] => return (found != negated, class),
            [start, b'-', end, rest @ ..] => {
                found |= in_range(*start, *end, byte, nocase);
                rest
            }
            [literal, rest @ ..] => {
                found |= same(*literal, byte, nocase);
                rest
            }
        };
    }
}

fn same(a: u8, b: u8, nocase: bool) -> bool {
    a == b || (nocase && a.eq_ignore_ascii_case(&b))
}

/// The ends are put in order before letters are folded, as Redis does: without case `[Z-a]` is
/// empty.
fn in_range(start: u8, end: u8, byte: u8, nocase: bool) -> bool {
    let fold = |byte: u8| (if nocase { byte.to_ascii_lowercase() } else { byte }).cast_signed();
    let (start, end) = if start.cast_signed() > end.cast_signed() { (end, start) } else { (start, end) };
    (fold(start)..=fold(end)).contains(&fold(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Redis 8.2 by KEYS.
    #[rustfmt::skip]
    const RECORDED: &[(&[u8], &[u8], bool)] = &[
        (b"", b"a", false),
        (b"*", b"a", true),
        (b"**", b"abc", true),
        (b"a", b"a", true),
        (b"a", b"ab", false),
        (b"?", b"a", true),
        (b"?", b"ab", false),
        (b"a?c", b"abc", true),
        (b"*b", b"ab", true),
        (b"*b", b"ba", false),
        (b"a*", b"a", true),
        (b"a**", b"a", true),
        (b"a*b*c", b"aXbYbZc", true),
        (b"a*b*c", b"aXbYbZ", false),
        (b"*a*a*a", b"aa", false),
        (b"*ab", b"aab", true),
        (b"[ab]", b"b", true),
        (b"[ab]", b"c", false),
        (b"[a-c]", b"b", true),
        (b"[c-a]", b"b", true),
        (b"[^a-c]", b"d", true),
        (b"[^a-c]", b"b", false),
        (b"[]", b"a", false),
        (b"[]", b"[]", false),
        (b"[]a]", b"a]", false),
        (b"[]a]", b"]", false),
        (b"[^]", b"x", true),
        (b"[^]a", b"xa", true),
        (b"[^", b"x", true),
        (b"[", b"[", false),
        (b"[a", b"a", true),
        (b"[ab", b"b", true),
        (b"[a-", b"-", true),
        (b"[a-", b"a", true),
        (b"[a-c", b"b", true),
        (b"[a-]", b"-", false),
        (b"[a-]", b"a", true),
        (b"[a-]", b"^", true),
        (b"[a-]x]", b"x", true),
        (b"[a-]]", b"_", true),
        (b"[-a]", b"-", true),
        (b"[--a]", b"A", true),
        (b"[a^]", b"^", true),
        (b"[a\\]b]", b"]", true),
        (b"[\\^a]", b"^", true),
        (b"[\\a-c]", b"b", false),
        (b"[\\a-c]", b"-", true),
        (b"[a-\\c]", b"b", false),
        (b"[a-\\]c]", b"_", false),
        (b"[\\", b"\\", true),
        (b"[^\\", b"\\", false),
        (b"[*]", b"*", true),
        (b"[?]", b"a", false),
        (b"\\*", b"*", true),
        (b"\\*", b"a", false),
        (b"\\a", b"a", true),
        (b"\\\\", b"\\", true),
        (b"\\", b"\\", true),
        (b"a\\", b"a\\", true),
        (b"a\\", b"a", false),
        (b"*\\", b"x\\", true),
        (b"\\[a]", b"[a]", true),
        (b"a]", b"a]", true),
        (b"^a", b"^a", true),
        (b"[a-\xff]", b"b", false),
        (b"[a-\xff]", b"A", true),
        (b"[a-\xff]", b"\xff", true),
        (b"[a-\xff]", b"\xfe", false),
        (b"[\x80-\xff]", b"\x90", true),
        (b"a\0b", b"a\0b", true),
        (b"[\0]", b"\0", true),
        (b"*[^", b"a", true),
        (b"*[^", b"ab", true),
        (b"*[a-c]?[^x]*", b"zzbyyx", true),
        (b"", b"", true),
        (b"**", b"", false),
        (b"[^", b"", false),
    ];

    /// Recorded from Redis 8.2 by COMMAND LIST FILTERBY PATTERN.
    #[rustfmt::skip]
    const RECORDED_WITHOUT_CASE: &[(&[u8], &[u8], bool)] = &[
        (b"GET", b"get", true),
        (b"g[A-F]t", b"get", true),
        (b"g[a-F]t", b"get", false),
        (b"G[E]T", b"get", true),
        (b"G[Z-a]T", b"get", false),
        (b"s[Z-a]t", b"set", false),
        (b"g[A-z]t", b"get", true),
        (b"g[z-A]t", b"get", true),
        (b"g[^E]t", b"get", false),
        (b"g[\\E]t", b"get", false),
        (b"g[\\e]t", b"get", true),
        (b"\\G\\E\\T", b"get", true),
        (b"*E*", b"get", true),
        (b"G?T", b"get", true),
        (b"[^a-Z]et", b"get", true),
    ];

    #[test]
    fn matches_as_recorded() {
        for &(pattern, text, expected) in RECORDED {
            let (shown, of) = (pattern.escape_ascii(), text.escape_ascii());
            assert_eq!(matches(pattern, text, false), expected, "{shown} on {of}");
        }
        for &(pattern, text, expected) in RECORDED_WITHOUT_CASE {
            let (shown, of) = (pattern.escape_ascii(), text.escape_ascii());
            assert_eq!(matches(pattern, text, true), expected, "{shown} on {of} without case");
        }
    }

    /// All strings over an alphabet up to a length.
    fn strings(alphabet: &[u8], max: usize) -> Vec<Vec<u8>> {
        let mut all = vec![vec![]];
        let mut start = 0;
        for _ in 0..max {
            let end = all.len();
            for index in start..end {
                for &byte in alphabet {
                    let mut longer = all[index].clone();
                    longer.push(byte);
                    all.push(longer);
                }
            }
            start = end;
        }
        all
    }

    /// Tries every position for every star.
    fn naive(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern, text) {
            ([], _) => text.is_empty(),
            ([b'*', rest @ ..], _) => naive(rest, text) || (!text.is_empty() && naive(pattern, &text[1..])),
            (_, []) => false,
            (_, [byte, text @ ..]) => match_one(pattern, *byte, false).is_some_and(|rest| naive(rest, text)),
        }
    }

    #[test]
    fn every_short_pattern_matches_as_if_all_positions_were_tried() {
        let texts = strings(b"ab]-", 4);
        for pattern in strings(b"*?[]^-\\a", 4).iter().chain(&strings(b"*?ab", 6)) {
            for text in &texts[1..] {
                assert_eq!(
                    matches(pattern, text, false),
                    naive(pattern, text),
                    "{} on {}",
                    pattern.escape_ascii(),
                    text.escape_ascii()
                );
            }
        }
    }

    #[test]
    fn an_escaped_text_matches_itself_only() {
        let texts = strings(b"*?[]^-\\a", 3);
        for text in &texts {
            let pattern = escape(text);
            for other in &texts {
                assert_eq!(matches(&pattern, other, false), text == other, "{}", pattern.escape_ascii());
            }
        }
    }

    #[test]
    fn at_most_a_thousand_stars_are_followed() {
        for (stars, expected) in [(1000, true), (1001, false)] {
            for end in ["", "*"] {
                let pattern = "*a".repeat(stars) + end;
                let text = "ba".repeat(stars);
                assert_eq!(matches(pattern.as_bytes(), text.as_bytes(), false), expected, "{stars}");
            }
        }
        assert!(matches("*".repeat(5000).as_bytes(), b"a", false));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let pattern = "*a".repeat(900) + "*b";
        let text = "a".repeat(20_000);
        assert!(!matches(pattern.as_bytes(), text.as_bytes(), false));
    }
}
