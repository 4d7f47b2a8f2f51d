//! No import loops between the files of one crate.
//!
//! A file depends on another one when it names something in it by a path that begins with `crate`
//! or `super`. A name that a parent module re-exports counts as the file it comes from. Parents and
//! the generated methods are left out: they name everything below them.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Item, UseTree, Visibility};

use super::sources::{Rust, Token, Tree};
use crate::{Problem, Problems};

/// The path of a module inside its crate; empty for `lib.rs`.
type Module = Vec<String>;

/// One crate: its files by module, and what its modules re-export.
#[derive(Default)]
struct Crate<'t> {
    files: BTreeMap<Module, &'t Rust>,
    exports: BTreeMap<(Module, String), Module>,
}

/// Module → module → where the first is named by the second.
type Graph = BTreeMap<Module, BTreeMap<Module, (String, usize)>>;

pub(super) fn check(tree: &Tree) -> Problems {
    let mut crates: BTreeMap<&str, Crate<'_>> = BTreeMap::new();
    // Benchmarks count as tests elsewhere; here they are programs as all others.
    for rust in tree.rust.iter().filter(|rust| !rust.test || rust.path.starts_with("benches/")) {
        if let Some(module) = module_of(rust) {
            crates.entry(rust.home()).or_default().files.insert(module, rust);
        }
    }
    crates
        .into_values()
        .flat_map(|mut of| {
            of.read_exports();
            loops(&of.graph())
        })
        .collect()
}

/// `["data", "list"]` for `crates/memory/src/data/list.rs`.
fn module_of(rust: &Rust) -> Option<Module> {
    let inside = rust.path.strip_prefix(rust.home())?.strip_prefix("/src/")?.strip_suffix(".rs")?;
    let mut parts: Module = inside.split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        parts.pop();
    }
    (parts.first().is_none_or(|first| first != "methods")).then_some(parts)
}

impl Crate<'_> {
    /// `pub use arg::{Arg, Key}` in a parent module.
    fn read_exports(&mut self) {
        for (module, rust) in &self.files {
            for item in &rust.file.items {
                let Item::Use(item) = item else { continue };
                if matches!(item.vis, Visibility::Inherited) {
                    continue;
                }
                let mut names = Vec::new();
                leaves(&item.tree, &mut Vec::new(), &mut names);
                for (path, name) in names {
                    let path = path.iter().filter(|part| *part != "self").cloned();
                    let from: Module = module.iter().cloned().chain(path).collect();
                    if self.files.contains_key(&from) {
                        self.exports.insert((module.clone(), name), from);
                    }
                }
            }
        }
    }

    /// The file in which the thing at this path stands.
    fn file_of(&self, path: &[String]) -> Option<Module> {
        let known = (0..=path.len()).rev().find(|end| self.files.contains_key(&path[..*end]))?;
        let module = path[..known].to_vec();
        let Some(name) = path.get(known) else {
            return Some(module);
        };
        match self.exports.get(&(module.clone(), name.clone())) {
            Some(from) => Some(from.clone()),
            None => Some(module),
        }
    }

    /// Edges between siblings: the modules where two paths part.
    fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        for (module, rust) in &self.files {
            for (path, line) in references(&rust.tokens, module) {
                let Some(target) = self.file_of(&path) else {
                    continue;
                };
                let common = module.iter().zip(&target).take_while(|(a, b)| a == b).count();
                if common >= module.len() || common >= target.len() {
                    continue; // itself, a parent or a child
                }
                let (from, to) = (module[..=common].to_vec(), target[..=common].to_vec());
                graph.entry(from).or_default().entry(to).or_insert((rust.path.clone(), line));
            }
        }
        graph
    }
}

/// The names that a `use` brings, with the path before them.
fn leaves(tree: &UseTree, path: &mut Vec<String>, out: &mut Vec<(Vec<String>, String)>) {
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            leaves(&tree.tree, path, out);
            path.pop();
        }
        UseTree::Name(tree) => out.push((path.clone(), tree.ident.to_string())),
        UseTree::Rename(tree) => out.push((path.clone(), tree.rename.to_string())),
        UseTree::Group(tree) => tree.items.iter().for_each(|item| leaves(item, path, out)),
        UseTree::Glob(_) => {}
    }
}

/// Every path that begins with `crate` or `super`, in full, and its line; `{..}` is opened.
fn references(tokens: &[Token], module: &Module) -> Vec<(Vec<String>, usize)> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let base = match tokens[at].text.as_str() {
            "crate" => Some(Module::new()),
            "super" if !module.is_empty() => Some(module[..module.len() - 1].to_vec()),
            _ => None,
        };
        // `super` inside an inner module of a file stays in the file; it names no other one.
        at += 1;
        if let Some(base) = base.filter(|_| follows(tokens, at)) {
            at = open(tokens, at, &base, &mut out);
        }
    }
    out
}

/// Whether `::` stands here.
fn follows(tokens: &[Token], at: usize) -> bool {
    matches!(tokens.get(at..at + 2), Some([a, b]) if a.text == ":" && b.text == ":")
}

/// Reads `:: name :: name` or `:: { .. }` after a base; gives where it ends.
fn open(tokens: &[Token], mut at: usize, base: &[String], out: &mut Vec<(Vec<String>, usize)>) -> usize {
    let mut path = base.to_vec();
    while follows(tokens, at) {
        at += 2;
        let Some(token) = tokens.get(at) else { break };
        if token.text == "{" {
            return group(tokens, at + 1, &path, out);
        }
        if token.text == "super" {
            path.pop();
        } else {
            path.push(token.text.clone());
        }
        at += 1;
    }
    out.push((path, tokens.get(at - 1).map_or(0, |token| token.line)));
    at
}

/// Reads the inside of `{ a, b::c, d::{..} }`.
fn group(tokens: &[Token], mut at: usize, base: &[String], out: &mut Vec<(Vec<String>, usize)>) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.text.as_str() {
            "}" => return at + 1,
            "," | "self" => at += 1,
            name => {
                let path: Vec<String> = base.iter().cloned().chain([name.to_owned()]).collect();
                at = open(tokens, at + 1, &path, out);
            }
        }
    }
    at
}

/// One problem for each set of modules that reach each other.
fn loops(graph: &Graph) -> Problems {
    let reach: BTreeMap<&Module, BTreeSet<&Module>> = graph.keys().map(|from| (from, reachable(graph, from))).collect();
    let mutual = |a: &Module, b: &Module| {
        let sees = |a, b| reach.get(a).is_some_and(|seen| seen.contains(b));
        sees(a, b) && sees(b, a)
    };
    let (mut problems, mut done) = (Problems::new(), BTreeSet::new());
    for from in graph.keys().filter(|from| mutual(from, from)) {
        if done.contains(from) {
            continue;
        }
        let members: Vec<&Module> = graph.keys().filter(|other| mutual(from, other)).collect();
        done.extend(members.iter().copied());
        for member in &members {
            for (to, (file, line)) in graph.get(*member).into_iter().flatten().filter(|(to, _)| members.contains(to)) {
                let names: Vec<String> = members.iter().map(|module| module.join("::")).collect();
                let what = format!(
                    "{} -> {} is part of a loop ({}): move what is shared into a file below",
                    member.join("::"),
                    to.join("::"),
                    names.join(", ")
                );
                problems.push(Problem::at(file, *line, what));
            }
        }
    }
    problems
}

fn reachable<'g>(graph: &'g Graph, from: &Module) -> BTreeSet<&'g Module> {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        for to in graph.get(module).into_iter().flat_map(BTreeMap::keys) {
            if seen.insert(to) {
                next.push(to);
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let rust = files.iter().map(|(path, text)| Rust::parse(&format!("crates/x/src/{path}"), text).unwrap());
        let tree = Tree { rust: rust.collect(), texts: Vec::new() };
        check(&tree)
            .iter()
            .map(|problem| format!("{}:{}", problem.file.trim_start_matches("crates/x/src/"), problem.line))
            .collect()
    }

    #[test]
    fn loops_are_found() {
        let lib = ("lib.rs", "pub mod a; pub mod b; pub use b::B;");
        assert_eq!(
            problems(&[lib, ("a.rs", "use crate::b::B;"), ("b.rs", "use crate::{c::C};"), ("c.rs", "")]),
            [""; 0]
        );
        assert_eq!(
            problems(&[lib, ("a.rs", "use crate::b::B;"), ("b.rs", "\nfn f(_: crate::a::A) {}")]),
            ["a.rs:1", "b.rs:2"]
        );
        assert_eq!(
            problems(&[lib, ("a.rs", "use crate::{x, B};"), ("b.rs", "use super::a::A;")]),
            ["a.rs:1", "b.rs:1"]
        );
    }

    #[test]
    fn siblings_below_are_looked_at_too_and_parents_are_not() {
        let files = [
            ("d/mod.rs", "pub mod p; pub mod q; use self::p::P;"),
            ("d/p.rs", "use super::q::Q; use super::D;"),
            ("d/q.rs", "use crate::d::p::P;"),
        ];
        assert_eq!(problems(&files), ["d/p.rs:1", "d/q.rs:1"]);
        assert_eq!(
            problems(&[("d/mod.rs", "mod p;"), ("d/p.rs", "use super::D;"), ("e.rs", "use crate::d::D;")]),
            [""; 0]
        );
    }

    #[test]
    fn benchmarks_have_no_loops_either() {
        let file = |name: &str, text| Rust::parse(&format!("benches/compare/src/{name}"), text).unwrap();
        let rust = vec![file("report/a.rs", "use super::b::B;"), file("report/b.rs", "use crate::report::a::A;")];
        assert_eq!(check(&Tree { rust, texts: Vec::new() }).len(), 2);
    }

    #[test]
    fn tests_may_name_anything() {
        let test = "#[cfg(test)]\nmod tests { use crate::b::B; }";
        assert_eq!(problems(&[("a.rs", test), ("b.rs", "use crate::a::A;")]), [""; 0]);
    }
}
