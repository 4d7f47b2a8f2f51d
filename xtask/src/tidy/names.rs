//! One name for one thing: a type that more than its file can see has a name that no other such type has.

use std::collections::BTreeMap;

use syn::{Attribute, Item, Visibility};

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

/// The crates that users and contributors read as one. The Python package, the tools and the tests have words of their own.
const LIBRARY: &[&str] = &[
    "crates/backend",
    "crates/command",
    "crates/command-derive",
    "crates/memory",
    "crates/redipy",
    "crates/remote",
    "crates/resp",
    "crates/script",
];

/// Names that several types have for a reason.
const SHARED: &[(&str, &str)] = &[
    ("Iter", "the iterator of the collection of its module, as in the standard library"),
    ("AsyncSession", "what a backend implements, `futures::AsyncSession`, and what a user holds"),
    ("AsyncSubscription", "what a backend implements, `futures::AsyncSubscription`, and what a user holds"),
    ("Session", "what a backend implements, `backend::Session`, and what a user holds"),
    ("Subscription", "what a backend implements, `backend::Subscription`, and what a user holds"),
];

/// A declaration of a type.
struct Declared<'t> {
    name: String,
    path: &'t str,
    line: usize,
}

pub(super) fn check(tree: &Tree) -> Problems {
    of(tree.code().filter(|rust| LIBRARY.contains(&rust.home())))
}

fn of<'t>(files: impl Iterator<Item = &'t Rust>) -> Problems {
    let mut by_name: BTreeMap<String, Vec<Declared<'t>>> = BTreeMap::new();
    for declared in files.flat_map(|rust| rust.file.items.iter().filter_map(move |item| declared(rust, item))) {
        by_name.entry(declared.name.clone()).or_default().push(declared);
    }
    let is_shared = |name: &str| SHARED.iter().any(|(shared, _)| *shared == name);
    let twice = by_name.into_iter().filter(|(name, all)| all.len() > 1 && !is_shared(name));
    let problem = |(name, all): (String, Vec<Declared<'_>>)| {
        let places: Vec<&str> = all.iter().map(|declared| declared.path).collect();
        let what = format!("`{name}` is declared in {}: give each thing a name of its own", places.join(", "));
        Problem::at(all[0].path, all[0].line, what)
    };
    twice.map(problem).collect()
}

/// The type that an item declares, if more than its file can see it. Commands are called as Redis calls them.
fn declared<'t>(rust: &'t Rust, item: &Item) -> Option<Declared<'t>> {
    let (name, visibility, attributes) = match item {
        Item::Enum(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Struct(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Trait(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Type(item) => (&item.ident, &item.vis, &item.attrs),
        Item::Union(item) => (&item.ident, &item.vis, &item.attrs),
        _ => return None,
    };
    (is_wide(visibility) && !is_command(attributes)).then(|| Declared {
        name: name.to_string(),
        path: &rust.path,
        line: name.span().start().line,
    })
}

/// `pub` and `pub(crate)`, but neither `pub(super)` nor `pub(in path)`.
fn is_wide(visibility: &Visibility) -> bool {
    match visibility {
        Visibility::Public(_) => true,
        Visibility::Restricted(restricted) => restricted.path.is_ident("crate"),
        Visibility::Inherited => false,
    }
}

fn is_command(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.path().is_ident("command"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(texts: &[&str]) -> Vec<String> {
        let path = |at: usize| format!("crates/memory/src/x{at}.rs");
        let files: Vec<Rust> =
            texts.iter().enumerate().map(|(at, text)| Rust::parse(&path(at), text).unwrap()).collect();
        of(files.iter()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_that_two_types_have_is_found() {
        let found = problems(&["pub struct Place;", "\npub(crate) enum Place {}"]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("`Place`") && found[0].contains("x0.rs") && found[0].contains("x1.rs"), "{found:?}");
    }

    #[test]
    fn private_types_commands_and_what_has_a_reason_may_share_a_name() {
        assert!(problems(&["struct State;", "pub(super) struct State;", "pub struct State;"]).is_empty());
        assert!(problems(&["#[command(\"SET\")] pub struct Set;", "pub struct Set;"]).is_empty());
        assert!(problems(&["pub struct Iter;", "pub struct Iter;"]).is_empty());
        assert!(problems(&["pub struct A;", "#[cfg(test)]\nmod tests { pub struct A; }"]).is_empty());
    }
}
