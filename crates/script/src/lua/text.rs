//! Text in generated Lua (rule D9): numbers, and names that are made of harmless letters. Strings are in `quote.rs`.

use std::collections::BTreeSet;

use redipy_command::number::{FLOAT_LEN, format_number};

pub(super) use crate::quote::{quote, quoted};

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

/// Allocates unique Lua names, made from the user's.
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
