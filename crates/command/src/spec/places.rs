//! The positions of the keys of a command, by its fields.

use super::field::{FieldSpec, OptionSpec};
use super::keys::{Begin, Find, KeySpec};

/// The fields of a command, each with the position of its first argument and the minimal number of arguments after it.
fn placed(words: usize, fields: &'static [FieldSpec]) -> impl Iterator<Item = (usize, usize, &'static FieldSpec)> {
    let mut at = words;
    fields.iter().enumerate().map(move |(index, field)| {
        let begin = at;
        at += field.min;
        (begin, fields[index + 1..].iter().map(|field| field.min).sum(), field)
    })
}

/// Returns the key specifications of `COMMAND INFO`.
pub(super) fn specs(words: usize, fields: &'static [FieldSpec]) -> impl Iterator<Item = KeySpec> {
    placed(words, fields).flat_map(|(at, behind, field)| {
        let own =
            field.keys.map(|find| KeySpec { begin: Begin::At(at), find: find.before(behind), access: field.access });
        let of_option = move |option: &'static OptionSpec| {
            let from = option.keys_from.unwrap_or(at as i32);
            match (option.keys, option.hides_keys) {
                (_, true) => Some(KeySpec { begin: Begin::Unknown, find: Find::Unknown, access: option.access }),
                (Some(find), _) => {
                    Some(KeySpec { begin: Begin::After(option.token, from), find, access: option.access })
                }
                (None, _) => None,
            }
        };
        own.into_iter().chain(field.options.iter().filter_map(of_option))
    })
}

/// Calls `each` with the position of every key.
pub(super) fn positions(words: usize, fields: &'static [FieldSpec], args: &[&[u8]], each: &mut dyn FnMut(usize)) {
    for (at, behind, field) in placed(words, fields) {
        if let Some(find) = field.keys {
            find.before(behind).positions(at, args, each);
        }
        if field.options.iter().any(|option| option.keys.is_some()) {
            OptionSpec::walk(field.options, at, args, &mut |option, at| {
                if let Some(find) = option.keys {
                    find.positions(at + 1, args, each);
                }
            });
        }
    }
}

/// Returns the position of the only key, counted from the words of the name, if the fields name exactly one whatever the
/// arguments are.
pub(super) const fn only_key(fields: &'static [FieldSpec]) -> Option<usize> {
    let (mut found, mut at, mut i) = (None, 0, 0);
    while i < fields.len() {
        match (fields[i].keys, found) {
            (None, _) => {}
            (Some(Find::One), None) => found = Some(at),
            _ => return None,
        }
        let mut option = 0;
        while option < fields[i].options.len() {
            if fields[i].options[option].keys.is_some() || fields[i].options[option].hides_keys {
                return None;
            }
            option += 1;
        }
        at += fields[i].min;
        i += 1;
    }
    found
}
