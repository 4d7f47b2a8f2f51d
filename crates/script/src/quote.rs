//! Strings in generated Lua (rule D9): they are escaped completely.

/// Writes a string literal: every byte outside printable ASCII, the backslash and the quote as numbers.
pub(crate) fn quote(text: &[u8], out: &mut String) {
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
pub(crate) fn quoted(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    quote(text, &mut out);
    out
}
