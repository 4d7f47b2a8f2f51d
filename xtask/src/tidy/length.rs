//! Files of at most 800 lines and functions of at most 80. Advice is half of that, the limit is firm.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::sources::{Rust, Tree};
use crate::{Problem, Problems};

const FILE: usize = 800;
const FUNCTION: usize = 80;

pub(super) fn check(tree: &Tree) -> Problems {
    tree.rust.iter().flat_map(of).collect()
}

fn of(rust: &Rust) -> Problems {
    let mut problems = Problems::new();
    let lines = rust.text.lines().count();
    let generated = rust.path.contains("/src/methods/");
    if lines > FILE && !generated {
        problems.push(Problem::of(&rust.path, format!("{lines} lines, split it: {FILE} are the limit")));
    }
    if !generated {
        let mut finder = Functions { rust, problems };
        finder.visit_file(&rust.file);
        problems = finder.problems;
    }
    problems
}

struct Functions<'r> {
    rust: &'r Rust,
    problems: Problems,
}

impl Functions<'_> {
    fn measure(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let (first, last) = (signature.span().start().line, block.span().end().line);
        let lines = last - first + 1;
        if lines > FUNCTION {
            let what = format!("fn {} has {lines} lines, split it: {FUNCTION} are the limit", signature.ident);
            self.problems.push(Problem::at(&self.rust.path, first, what));
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.measure(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.measure(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_functions_and_files_are_found() {
        let body = "let _ = 1;\n".repeat(90);
        let rust =
            Rust::parse("crates/x/src/y.rs", &format!("//! x\nimpl X {{\nfn long() {{\n{body}}}\n}}\n")).unwrap();
        let problems = of(&rust);
        assert_eq!(problems.len(), 1);
        assert_eq!((problems[0].line, problems[0].what.contains("92 lines")), (3, true), "{problems:?}");
        let rust = Rust::parse("crates/x/src/y.rs", &"const X: u8 = 1;\n".repeat(801)).unwrap();
        assert!(of(&rust)[0].what.starts_with("801 lines"));
        let rust = Rust::parse("crates/command/src/methods/y.rs", &"const X: u8 = 1;\n".repeat(801)).unwrap();
        assert!(of(&rust).is_empty());
    }
}
