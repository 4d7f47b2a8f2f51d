//! JSON as scripts read and print it. The Lua twins are in `lua/helpers.lua`; both accept RFC 8259 and nothing else.
//!
//! Bytes that are not UTF-8 pass through unchanged in both directions.

use std::collections::BTreeMap;

use redipy_command::Result;
use redipy_command::room::{LARGE, afford, grow};

use super::ops::{check_depth, push_digits};
use super::room::LONGEST;
use super::{StrValue, Val};
use crate::texts::{self, fail};

/// The value that a text stands for.
pub(crate) fn parse(text: &[u8]) -> Result<Val> {
    // A string in it that grows as it is read takes up to twice its length.
    afford(2 * text.len())?;
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0)?;
    parser.space();
    if parser.at == text.len() { Ok(value) } else { Err(fail(texts::NOT_JSON)) }
}

struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self, word: &str, value: Val) -> Result<Val> {
        if !self.text[self.at..].starts_with(word.as_bytes()) {
            return Err(fail(texts::NOT_JSON));
        }
        self.at += word.len();
        Ok(value)
    }

    fn value(&mut self, depth: usize) -> Result<Val> {
        self.space();
        match self.peek() {
            Some(b'n') => self.word("null", Val::None),
            Some(b't') => self.word("true", Val::Bool(true)),
            Some(b'f') => self.word("false", Val::Bool(false)),
            Some(b'"') => self.string().map(Val::Str),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.dict(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(fail(texts::NOT_JSON)),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Val> {
        check_depth(depth)?;
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.take(b']') {
            return Ok(Val::list(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.take(b']') {
                return Ok(Val::list(items));
            }
            if !self.take(b',') {
                return Err(fail(texts::NOT_JSON));
            }
        }
    }

    fn dict(&mut self, depth: usize) -> Result<Val> {
        check_depth(depth)?;
        self.at += 1;
        let mut entries = BTreeMap::new();
        self.space();
        if self.take(b'}') {
            return Ok(Val::dict(entries));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(fail(texts::NOT_JSON));
            }
            let key = self.string()?;
            self.space();
            if !self.take(b':') {
                return Err(fail(texts::NOT_JSON));
            }
            entries.insert(key, self.value(depth + 1)?);
            self.space();
            if self.take(b'}') {
                return Ok(Val::dict(entries));
            }
            if !self.take(b',') {
                return Err(fail(texts::NOT_JSON));
            }
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Val> {
        let start = self.at;
        self.take(b'-');
        let leading_zero = self.peek() == Some(b'0');
        let whole = self.digits();
        let mut valid = whole > 0 && (whole == 1 || !leading_zero);
        if self.take(b'.') {
            valid &= self.digits() > 0;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            valid &= self.digits() > 0;
        }
        let number = crate::number::parse(&self.text[start..self.at]).filter(|_| valid);
        number.map(Val::Num).ok_or_else(|| fail(texts::NOT_JSON))
    }

    fn string(&mut self) -> Result<StrValue> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let byte = self.peek().ok_or_else(|| fail(texts::NOT_JSON))?;
            self.at += 1;
            match byte {
                b'"' => return Ok(out.into()),
                b'\\' => self.escape(&mut out)?,
                0..=0x1f => return Err(fail(texts::NOT_JSON)),
                byte => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let byte = self.peek().ok_or_else(|| fail(texts::NOT_JSON))?;
        self.at += 1;
        out.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let mut code = self.hex()?;
                if (0xd800..0xdc00).contains(&code) && self.text[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    let low = self.hex()?;
                    if !(0xdc00..0xe000).contains(&low) {
                        return Err(fail(texts::NOT_JSON));
                    }
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                }
                let char = char::from_u32(code).ok_or_else(|| fail(texts::NOT_JSON))?;
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(());
            }
            _ => return Err(fail(texts::NOT_JSON)),
        });
        Ok(())
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.text.get(self.at..self.at + 4).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit));
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(|| fail(texts::NOT_JSON))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).map_err(|_| fail(texts::NOT_JSON))
    }
}

/// Appends the text of a value, without spaces, the keys of dicts sorted bytewise.
pub(crate) fn print(value: &Val, out: &mut Vec<u8>, depth: usize) -> Result<()> {
    if out.len() > LONGEST {
        return Err(texts::out_of_memory());
    }
    match value {
        Val::None => out.extend_from_slice(b"null"),
        Val::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Val::Num(number) => push_digits(*number, out)?,
        Val::Str(text) => print_str(text, out)?,
        Val::List(list) => {
            check_depth(depth)?;
            out.push(b'[');
            for (i, item) in list.0.borrow().iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                print(item, out, depth + 1)?;
            }
            out.push(b']');
        }
        Val::Dict(dict) => {
            check_depth(depth)?;
            out.push(b'{');
            for (i, (key, value)) in dict.0.borrow().iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                print_str(key, out)?;
                out.push(b':');
                print(value, out, depth + 1)?;
            }
            out.push(b'}');
        }
    }
    Ok(())
}

/// Appends a quoted string.
///
/// # Errors
/// `OOM` where there is no room for one that is large.
pub(crate) fn print_str(text: &[u8], out: &mut Vec<u8>) -> Result<()> {
    if out.len() + text.len() > LARGE {
        let len = |byte: &u8| match byte {
            b'"' | b'\\' => 2,
            0..=0x1f => 6,
            _ => 1,
        };
        grow(out, text.iter().map(len).sum::<usize>() + 2)?;
    }
    out.push(b'"');
    for byte in text {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            0..=0x1f => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            byte => out.push(*byte),
        }
    }
    out.push(b'"');
    Ok(())
}
