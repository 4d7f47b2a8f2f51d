//! Commands as text: a line of words, with quotes and escapes, that reads like a shell's.

use redipy_backend::Request;
use redipy_command::Encoded;

/// A command: its name and its arguments.
pub type Command = Vec<Vec<u8>>;

/// The request that a backend is sent for this command.
pub fn request(command: &[Vec<u8>]) -> Request {
    let (name, args) = command.split_first().map_or((&[][..], &[][..]), |(name, args)| (&name[..], args));
    args.iter().fold(Encoded::raw(name), |encoded, arg| encoded.arg(&arg[..])).into()
}

/// The name of a command in upper case.
pub fn name_of(command: &[Vec<u8>]) -> String {
    let name = command.first().map(|name| String::from_utf8_lossy(name).to_ascii_uppercase());
    name.unwrap_or_default()
}

/// Splits a line into words.
///
/// Words are parted by blanks. A word in double quotes may hold `\n`, `\r`, `\t`, `\\`, `\"` and `\xHH`;
/// `"ab"*3` is `ababab`. A bare word with `{1..5}` stands for five words, the numbers in its place.
///
/// # Errors
/// What is wrong with the line.
pub fn parse(line: &str) -> Result<Command, String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (word, after) = unquote(quoted)?;
            let (times, after) = repetition(after)?;
            if !after.is_empty() && !after.starts_with(' ') {
                return Err(format!("no blank after a quoted word: {line}"));
            }
            words.push(word.repeat(times));
            rest = after;
        } else {
            let (word, after) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
            words.extend(expand(word)?);
            rest = after;
        }
        rest = rest.trim_start();
    }
    if words.is_empty() { Err("no command".to_owned()) } else { Ok(words) }
}

/// `*3` after a quoted word.
fn repetition(rest: &str) -> Result<(usize, &str), String> {
    let Some(rest) = rest.strip_prefix('*') else { return Ok((1, rest)) };
    let (times, after) = rest.split_at(rest.find(' ').unwrap_or(rest.len()));
    let times = times.parse().map_err(|_| format!("not a number of repetitions: {times}"))?;
    Ok((times, after))
}

/// `m{1..3}` as `m1 m2 m3`; any other word as itself.
fn expand(word: &str) -> Result<Vec<Vec<u8>>, String> {
    let range = word.split_once('{').and_then(|(before, rest)| {
        let (range, after) = rest.split_once('}')?;
        Some((before, range.split_once("..")?, after))
    });
    let Some((before, (first, last), after)) = range else { return Ok(vec![word.into()]) };
    let number = |text: &str| text.parse::<i64>().map_err(|_| format!("not a range: {word}"));
    Ok((number(first)?..=number(last)?).map(|n| format!("{before}{n}{after}").into_bytes()).collect())
}

/// Reads a quoted word, whose opening quote was read already; gives what follows it.
///
/// # Errors
/// An unknown escape, or no closing quote.
pub(crate) fn unquote(text: &str) -> Result<(Vec<u8>, &str), String> {
    let mut word = Vec::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Ok((word, &text[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => word.push(b'\n'),
                Some((_, 'r')) => word.push(b'\r'),
                Some((_, 't')) => word.push(b'\t'),
                Some((_, same @ ('\\' | '"'))) => word.push(same as u8),
                Some((at, 'x')) => {
                    let digits = text.get(at + 1..at + 3).unwrap_or_default();
                    word.push(u8::from_str_radix(digits, 16).map_err(|_| format!("not a byte: \\x{digits}"))?);
                    chars.nth(1);
                }
                _ => return Err(format!("unknown escape: {text}")),
            },
            char => word.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    Err(format!("no closing quote: {text}"))
}

/// Bytes in double quotes, so that [`parse`] gives them back.
pub fn quote(bytes: &[u8]) -> String {
    let mut text = String::from('"');
    for chunk in bytes.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '"' | '\\' => text.extend(['\\', char]),
                '\n' => text.push_str("\\n"),
                '\r' => text.push_str("\\r"),
                '\t' => text.push_str("\\t"),
                char if char.is_control() => {
                    char.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
                }
                char => text.push(char),
            }
        }
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text.push('"');
    text
}

/// A command as a line that [`parse`] gives back; words are quoted when they have to be.
pub fn show(command: &[Vec<u8>]) -> String {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'{}\\".contains(byte);
    let word = |word: &Vec<u8>| match std::str::from_utf8(word) {
        Ok(text) if !word.is_empty() && word.iter().all(plain) => text.to_owned(),
        _ => quote(word),
    };
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_split_into_words() {
        let words = |line: &str| parse(line).unwrap();
        assert_eq!(words(r#"SET  k "a b""#), [b"SET".to_vec(), b"k".to_vec(), b"a b".to_vec()]);
        assert_eq!(words(r#"X "" "\x00\"\\\n""#), [b"X".to_vec(), vec![], b"\0\"\\\n".to_vec()]);
        assert_eq!(words(r#""ab"*2 m{1..3}x"#), [&b"abab"[..], b"m1x", b"m2x", b"m3x"]);
        assert!(parse(r#"SET "k"#).is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn what_is_shown_is_parsed_back() {
        let command = vec![b"SET".to_vec(), b"".to_vec(), b"\x00\xff\r\n\"\\ \xc3\xa9{1..2}".to_vec(), "\u{85}".into()];
        assert_eq!(parse(&show(&command)).unwrap(), command);
    }
}
