//! The Lua functions that generated scripts share. Only those that a script uses are sent with it.
//!
//! They stand in `helpers.lua`, each after a line with its name, in an order in which every one uses only earlier ones.
//! What a helper uses is read from its text. Values in Lua: None is nil in variables and `null` in lists and dicts; a
//! list keeps its length at position 0, which also tells it from a dict.
//!
//! Lua allows 200 locals. The helpers that few scripts need are fields of one of them, `lib`.
//!
//! Lua goes through a dict in no order, so what can fail goes through its sorted names. `pack` does that only after the
//! faster way has failed: then the first of several errors is the one that counts.

use std::collections::BTreeSet;
use std::sync::LazyLock;

struct Helper {
    name: &'static str,
    text: &'static str,
    uses: Vec<usize>,
}

static HELPERS: LazyLock<Vec<Helper>> = LazyLock::new(|| {
    let mut helpers: Vec<Helper> = Vec::new();
    for part in include_str!("helpers.lua").split("--@ ").skip(1) {
        let (name, text) = part.split_once('\n').unwrap_or((part, ""));
        let words: BTreeSet<&str> = words(text).collect();
        let is_used = |helper: &Helper| match helper.name.contains('.') {
            true => text.contains(&format!("{}(", helper.name)),
            false => words.contains(helper.name),
        };
        let uses = helpers.iter().enumerate().filter(|(_, helper)| is_used(helper)).map(|(at, _)| at).collect();
        helpers.push(Helper { name, text, uses });
    }
    helpers
});

/// The names in a piece of Lua that are not names of fields or methods.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_word = |char: char| char.is_ascii_alphanumeric() || char == '_';
    text.split_inclusive(move |char| !is_word(char)).scan(' ', move |before, piece| {
        let word = piece.trim_end_matches(|char| !is_word(char));
        let is_field = *before == '.' || *before == ':';
        *before = piece.chars().last().unwrap_or(' ');
        Some(if is_field { "" } else { word })
    })
}

/// Returns whether there is a helper of this name.
#[cfg(test)]
pub(crate) fn has_helper(name: &str) -> bool {
    HELPERS.iter().any(|helper| helper.name == name)
}

/// The helpers that a piece of Lua names.
pub(super) fn named_in(text: &str) -> impl Iterator<Item = &'static str> {
    let words: BTreeSet<&str> = words(text).collect();
    HELPERS.iter().map(|helper| helper.name).filter(move |name| words.contains(name))
}

/// The text of the helpers that are used, directly or by others.
pub(super) fn text_of(used: &BTreeSet<&'static str>) -> String {
    let helpers = &*HELPERS;
    let mut wanted = vec![false; helpers.len()];
    for at in (0..helpers.len()).rev() {
        wanted[at] |= used.contains(helpers[at].name);
        if wanted[at] {
            helpers[at].uses.iter().for_each(|used| wanted[*used] = true);
        }
    }
    helpers.iter().zip(wanted).filter(|(_, wanted)| *wanted).map(|(helper, _)| helper.text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn helpers_bring_what_they_use() {
        let text = text_of(&BTreeSet::from(["f_to_json"]));
        for needed in ["local function digits", "local function quote", "local function below", "local function fail"] {
            assert!(text.contains(needed), "{needed}");
        }
        assert!(!text.contains("local function f_num"));
        assert!(!text_of(&BTreeSet::from(["f_num"])).contains("fail"));
    }

    #[test]
    fn locals_are_enough_for_all_helpers_and_deep_loops() {
        // 60 variables, and five hidden locals in each of ten nested loops; or none, in twenty of them.
        let locals = HELPERS.iter().filter(|helper| helper.text.starts_with("local ")).count();
        assert!(locals + 60 + 5 * 10 <= 196 && locals + 5 * 20 <= 196, "{locals} helpers");
    }

    #[test]
    fn every_helper_is_named_as_it_is_defined() {
        for helper in HELPERS.iter() {
            let local = if helper.name.contains('.') { "" } else { "local " };
            let function = format!("{local}function {}(", helper.name);
            let constant = format!("local {} = ", helper.name);
            assert!(helper.text.starts_with(&function) || helper.text.starts_with(&constant), "{}", helper.name);
        }
    }

    #[test]
    fn phrases_are_the_same_in_both_languages() {
        use crate::texts::{CODE, DIVISION, MAX_DEPTH, NOT_FINITE, NOT_JSON, TOO_DEEP};
        let lua = include_str!("helpers.lua");
        for phrase in [CODE, DIVISION, NOT_FINITE, NOT_JSON, TOO_DEEP] {
            assert!(lua.contains(&format!("\"{phrase}")), "{phrase}");
        }
        assert_eq!(lua.matches("depth >= ").count(), lua.matches(&format!("depth >= {MAX_DEPTH}")).count());
    }
}
