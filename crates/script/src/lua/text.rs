//! Text in generated Lua (rule D9): strings are escaped completely, and names are made of harmless letters.

use std::collections::BTreeSet;

use redipy_command::number::{FLOAT_LEN, format_number};

/// Writes a string literal: every byte outside printable ASCII, the backslash and the quote as numbers.
pub(super) fn quote(text: &[u8], out: &mut String) {
    out.push('"');
    for byte in text {
        match byte {
            b'"' | b'\\' | 0..=0x1f | 0x7f.. => {
                out.push('\\');
                out.extend([byte / 100, byte / 10 % 10, byte % 10].map(|digit| char::from(b'0' + digit)));
            }
            byte => out.push(char::from(*byte)),
        }
    }
    out.push('"');
}

/// A string literal.
pub(super) fn quoted(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(text, &mut out);
    out
}

/// Writes a number literal.
pub(super) fn number(value: f64, out: &mut String) {
    let text = crate::number::text(value);
    if text.starts_with('-') {
        out.push_str(&format!("({text})"));
    } else {
        out.push_str(&text);
    }
}

/// Writes the text of a number as a string literal.
pub(super) fn quote_number(value: f64, out: &mut String) {
    quote(format_number(value, &mut [0; FLOAT_LEN]), out);
}

/// Gives out Lua names that are made from the user's and used once.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    pub(super) fn new_name(&mut self, prefix: &str, name: &str) -> String {
        const LONGEST: usize = 30;
        let letters = name.chars().take(LONGEST);
        let plain: String = letters.map(|char| if char.is_ascii_alphanumeric() { char } else { '_' }).collect();
        let base = format!("{prefix}_{plain}");
        let mut name = base.clone();
        let mut count = 1;
        while !self.0.insert(name.clone()) {
            count += 1;
            name = format!("{base}_{count}");
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_cannot_break_out() {
        assert_eq!(quoted(b"a\"b\\c\n\0\x7f\xff"), r#""a\034b\092c\010\000\127\255""#);
    }

    #[test]
    fn names_are_harmless_and_unique() {
        let mut names = Names::default();
        assert_eq!(names.new_name("arg", "a\nb]]"), "arg_a_b__");
        assert_eq!(names.new_name("arg", "a b--"), "arg_a_b___2");
    }
}
