//! The files of the repository, and Rust files as the tokens that the rules look at.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, File, Item};

use crate::{Problem, Problems};

/// Endings of the files that the rules read.
const TEXT: &[&str] = &["rs", "toml", "md", "py", "pyi", "sh", "yml", "yaml", "json", "lua", "txt"];

/// All files.
#[derive(Default)]
pub(super) struct Tree {
    /// Rust files that parse.
    pub(super) rust: Vec<Rust>,
    /// Every other text.
    pub(super) texts: Vec<Text>,
}

/// A text file.
pub(super) struct Text {
    /// Relative to the workspace, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

/// A Rust file.
pub(super) struct Rust {
    pub(super) path: String,
    pub(super) text: String,
    /// The parsed file without items for tests only.
    pub(super) file: File,
    /// The tokens of `file`, without documentation.
    pub(super) tokens: Vec<Token>,
    /// Whether the whole file is for tests only.
    pub(super) test: bool,
}

/// A word, a sign or a literal.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
}

impl Tree {
    /// Reads the workspace; hidden directories (but `.github` and `.cargo`) and `target` are not ours.
    pub(super) fn read(root: &Path, problems: &mut Problems) -> Self {
        let (mut tree, mut texts) = (Self::default(), Vec::new());
        collect(root, "", &mut texts);
        for text in texts {
            if !text.path.ends_with(".rs") {
                tree.texts.push(text);
                continue;
            }
            match Rust::parse(&text.path, &text.text) {
                Ok(rust) => tree.rust.push(rust),
                Err(error) => problems.push(Problem::syn(&text.path, &error)),
            }
        }
        tree.mark_test_modules();
        tree
    }

    /// Marks files whose `mod` line stands under `#[cfg(test)]`.
    fn mark_test_modules(&mut self) {
        let mut roots = BTreeSet::new();
        for rust in &self.rust {
            // The items were dropped from `file`, so the text is asked.
            let Ok(file) = syn::parse_file(&rust.text) else {
                continue;
            };
            let inside = module_dir(&rust.path);
            for item in file.items.iter().filter(|item| is_test(attributes(item))) {
                if let Item::Mod(module) = item {
                    roots.insert(format!("{inside}/{}", module.ident));
                }
            }
        }
        for rust in &mut self.rust {
            let stem = rust.path.trim_end_matches(".rs");
            rust.test |= roots.iter().any(|root| stem == root || stem.starts_with(&format!("{root}/")));
        }
    }

    /// The Rust files that are not for tests only.
    pub(super) fn code(&self) -> impl Iterator<Item = &Rust> {
        self.rust.iter().filter(|rust| !rust.test)
    }
}

impl Rust {
    /// A file from its text.
    pub(super) fn parse(path: &str, text: &str) -> syn::Result<Self> {
        let mut file = syn::parse_file(text)?;
        let test = path.split('/').any(|part| matches!(part, "tests" | "benches" | "fuzz")) || is_test(&file.attrs);
        file.items.retain(|item| !is_test(attributes(item)));
        let mut tokens = Vec::new();
        flatten(file.to_token_stream(), &mut tokens);
        Ok(Self { path: path.to_owned(), text: text.to_owned(), file, tokens, test })
    }

    /// The same file with its tests.
    pub(super) fn with_tests(path: &str, text: &str) -> syn::Result<Self> {
        let file = syn::parse_file(text)?;
        let mut tokens = Vec::new();
        flatten(file.to_token_stream(), &mut tokens);
        Ok(Self { path: path.to_owned(), text: text.to_owned(), file, tokens, test: false })
    }

    /// The lines on which these tokens follow each other.
    pub(super) fn lines_with<'t>(&'t self, words: &'t [&str]) -> impl Iterator<Item = usize> + 't {
        let same = move |window: &&[Token]| window.iter().zip(words).all(|(token, word)| token.text == *word);
        self.tokens.windows(words.len()).filter(same).map(|window| window[0].line)
    }

    /// `crates/memory` for `crates/memory/src/engine.rs`: the directory of the package, of one part or two.
    pub(super) fn home(&self) -> &str {
        let parts = if self.path.starts_with("crates/") || self.path.starts_with("benches/compare/") { 2 } else { 1 };
        let end = self.path.match_indices('/').nth(parts - 1).map_or(self.path.len(), |(at, _)| at);
        &self.path[..end]
    }
}

/// The directory in which the child modules of a file stand.
fn module_dir(path: &str) -> String {
    let stem = path.trim_end_matches(".rs");
    match stem.rsplit_once('/') {
        Some((dir, "mod" | "lib" | "main")) => dir.to_owned(),
        _ => stem.to_owned(),
    }
}

fn collect(root: &Path, below: &str, out: &mut Vec<Text>) {
    let Ok(entries) = fs::read_dir(root.join(below)) else {
        return;
    };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    for name in names {
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        let hidden = name.starts_with('.') && !matches!(name.as_str(), ".github" | ".cargo");
        if hidden || matches!(name.as_str(), "target" | "node_modules" | "__pycache__" | "Cargo.lock") {
            continue;
        }
        let full = root.join(&path);
        if full.is_dir() {
            collect(root, &path, out);
        } else if name.rsplit_once('.').is_none_or(|(_, ending)| TEXT.contains(&ending)) {
            out.extend(fs::read_to_string(full).ok().map(|text| Text { path, text }));
        }
    }
}

/// `#[test]`, `#[cfg(test)]` and `#[cfg(all(test, ..))]`, but not `#[cfg(not(test))]`.
fn is_test(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        let text = attr.meta.to_token_stream().to_string().replace(' ', "");
        text == "test" || text == "cfg(test)" || text.starts_with("cfg(all(test")
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The tokens in order; what is inside `#[doc = ..]` is left out.
fn flatten(stream: TokenStream, out: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        let mut push = |text: &str, line| out.push(Token { text: text.to_owned(), line });
        match tree {
            TokenTree::Group(group) => {
                let inside = group.stream();
                let first = inside.clone().into_iter().next().map(|tree| tree.to_string());
                if group.delimiter() == Delimiter::Bracket && first.as_deref() == Some("doc") {
                    continue;
                }
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(open, line);
                flatten(inside, out);
                out.push(Token { text: close.to_owned(), line: group.span_close().start().line });
            }
            other => push(&other.to_string(), line),
        }
    }
}
