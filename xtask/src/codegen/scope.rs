//! What a name means in a file: its imports and its own items.

use std::collections::BTreeMap;

use syn::{Expr, Item, Type, UseTree};

/// Names that need no import.
const PRELUDE: &[&str] =
    &["Option", "Vec", "String", "Box", "bool", "i64", "i32", "u64", "u32", "usize", "f64", "str", "u8"];

/// The full paths of the names of a file.
#[derive(Default)]
pub(super) struct Scope(BTreeMap<String, String>);

impl Scope {
    /// The scope of the file of module `module` (`crate::hash`).
    pub(super) fn of(items: &[Item], module: &str) -> Self {
        let mut scope = Self::default();
        for item in items {
            let own = match item {
                Item::Use(item) => {
                    scope.import(&item.tree, "");
                    continue;
                }
                Item::Struct(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Type(item) => &item.ident,
                _ => continue,
            };
            scope.0.insert(own.to_string(), format!("{module}::{own}"));
        }
        scope
    }

    fn import(&mut self, tree: &UseTree, path: &str) {
        let join = |name: &str| {
            if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") }
        };
        match tree {
            UseTree::Path(tree) => self.import(&tree.tree, &join(&tree.ident.to_string())),
            UseTree::Name(tree) => {
                self.0.insert(tree.ident.to_string(), join(&tree.ident.to_string()));
            }
            UseTree::Rename(tree) => {
                self.0.insert(tree.rename.to_string(), join(&tree.ident.to_string()));
            }
            UseTree::Group(tree) => tree.items.iter().for_each(|item| self.import(item, path)),
            UseTree::Glob(_) => {} // what it brings is not known; a name that needs it is an error
        }
    }

    /// The full path of a name.
    pub(super) fn path(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The full paths of the names in a type that need an import.
    pub(super) fn imports(&self, ty: &Type) -> syn::Result<Vec<String>> {
        let mut finder = Names { scope: self, found: Vec::new(), error: None };
        syn::visit::Visit::visit_type(&mut finder, ty);
        finder.error.map_or(Ok(finder.found), Err)
    }

    /// The full paths of the types whose functions an expression calls (`XOptions::new()`).
    pub(super) fn heads(&self, value: &Expr) -> Vec<String> {
        let mut heads = Heads { scope: self, found: Vec::new() };
        syn::visit::Visit::visit_expr(&mut heads, value);
        heads.found
    }
}

struct Heads<'s> {
    scope: &'s Scope,
    found: Vec<String>,
}

impl<'ast> syn::visit::Visit<'ast> for Heads<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let first = path.segments.first().and_then(|first| self.scope.path(&first.ident.to_string()));
        self.found.extend(first.map(str::to_owned));
    }
}

struct Names<'s> {
    scope: &'s Scope,
    found: Vec<String>,
    error: Option<syn::Error>,
}

impl<'ast> syn::visit::Visit<'ast> for Names<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if let Some(ident) = path.segments.first().filter(|_| path.segments.len() == 1).map(|first| &first.ident) {
            let name = ident.to_string();
            match self.scope.path(&name) {
                Some(path) => self.found.push(path.to_owned()),
                None if PRELUDE.contains(&name.as_str()) => {}
                None => {
                    self.error.get_or_insert(syn::Error::new_spanned(
                        ident,
                        format!("codegen does not know the type `{name}`: import it by name"),
                    ));
                }
            }
        }
        syn::visit::visit_path(self, path);
    }
}
