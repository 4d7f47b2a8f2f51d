//! The rules of the repository that no compiler knows: one file per rule, each a function from the
//! sources to problems.

mod arrows;
mod commands;
mod cycles;
mod documents;
mod errors;
mod examples;
mod handed;
mod leftovers;
mod length;
mod modules;
mod names;
mod paths;
mod sources;
mod unsafety;
mod words;

use std::path::Path;

use crate::{Problems, codegen};
use sources::Tree;

/// Checks every rule.
///
/// # Errors
/// Everything that breaks one, sorted by place.
pub fn check(root: &Path) -> Result<(), Problems> {
    let mut problems = Problems::new();
    let tree = Tree::read(root, &mut problems);
    let rules: [fn(&Tree) -> Problems; 13] = [
        arrows::check,
        cycles::check,
        documents::check,
        errors::check,
        examples::check,
        handed::check,
        leftovers::check,
        length::check,
        modules::check,
        names::check,
        paths::check,
        unsafety::check,
        words::check,
    ];
    problems.extend(rules.iter().flat_map(|rule| rule(&tree)));
    problems.extend(commands::check(root, &tree));
    problems.extend(codegen::check(root).err().unwrap_or_default());
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
