//! The documents: links between them lead somewhere, the front page is short, and its figures are those of the tables.

use std::collections::BTreeSet;

use super::sources::{Text, Tree};
use crate::{Problem, Problems};

/// How many lines the front page may have.
const FRONT_PAGE: usize = 120;

/// The marks between which `make bench` writes.
const MARKS: (&str, &str) = ("<!-- benchmark -->", "<!-- /benchmark -->");

pub(super) fn check(tree: &Tree) -> Problems {
    let documents = || tree.texts.iter().filter(|text| text.path.ends_with(".md"));
    let links = documents().flat_map(|document| dead_links(tree, document));
    links.chain(front_page(tree)).collect()
}

fn front_page(tree: &Tree) -> Problems {
    let find = |path: &str| tree.texts.iter().find(|text| text.path == path);
    let (Some(front), Some(tables)) = (find("README.md"), find("docs/benchmarks.md")) else { return Problems::new() };
    let mut problems = Problems::new();
    let lines = front.text.lines().count();
    if lines > FRONT_PAGE {
        problems.push(Problem::of(&front.path, format!("{lines} lines, shorten it: {FRONT_PAGE} are the limit")));
    }
    let known: BTreeSet<&str> = tables.text.lines().collect();
    let measured = front.text.lines().enumerate().skip_while(|(_, line)| *line != MARKS.0);
    let figures = measured.take_while(|(_, line)| *line != MARKS.1).filter(|(_, line)| line.starts_with("- "));
    problems.extend(figures.filter(|(_, line)| !known.contains(line)).map(|(at, _)| {
        let what = "a figure that docs/benchmarks.md does not have: run `scripts/bench report`";
        Problem::at(&front.path, at + 1, what)
    }));
    problems
}

/// Links to documents that are not there, or to headings that these do not have.
fn dead_links(tree: &Tree, document: &Text) -> Problems {
    let mut problems = Problems::new();
    for (at, line) in prose(&document.text) {
        for target in links(line).filter(|target| !target.contains("://")) {
            if !leads_somewhere(tree, &document.path, target) {
                problems.push(Problem::at(&document.path, at, format!("the link {target} leads nowhere")));
            }
        }
    }
    problems
}

/// Whether a link from the document `from` has a document and a heading; what is no document is not looked for.
fn leads_somewhere(tree: &Tree, from: &str, target: &str) -> bool {
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { from.to_owned() } else { joined(from, path) };
    if !path.ends_with(".md") {
        return true;
    }
    let document = tree.texts.iter().find(|text| text.path == path);
    document.is_some_and(|document| heading.is_empty() || headings(&document.text).any(|known| known == heading))
}

/// `python/README.md` and `../docs/python.md` make `docs/python.md`.
fn joined(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.join("/")
}

/// The lines outside of code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// What stands in `[..](here)`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The names by which headings are linked to: small letters and digits, with `-` for spaces.
fn headings(text: &str) -> impl Iterator<Item = String> {
    prose(text).filter_map(|(_, line)| line.strip_prefix('#')).map(|line| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
        kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(documents: &[(&str, &str)]) -> Vec<String> {
        let text = |(path, text): &(&str, &str)| Text { path: (*path).to_owned(), text: (*text).to_owned() };
        let tree = Tree { rust: Vec::new(), texts: documents.iter().map(text).collect() };
        check(&tree).iter().map(|problem| format!("{}:{}", problem.file, problem.line)).collect()
    }

    #[test]
    fn dead_links_are_found() {
        let there = ("docs/a.md", "# A\n\n## One thing, `x`\n");
        let here = |text| ("python/README.md", text);
        assert_eq!(
            problems(&[there, here("[a](../docs/a.md#one-thing-x), [web](https://x.y/z.md), [s](s/)")]),
            [""; 0]
        );
        assert_eq!(problems(&[there, here("\n[a](../docs/a.md#two)")]), ["python/README.md:2"]);
        assert_eq!(problems(&[there, here("[a](docs/a.md)\n```\n[b](b.md)\n```\n")]), ["python/README.md:1"]);
        assert_eq!(problems(&[("a.md", "# A\n[self](#a) [none](#b)")]), ["a.md:2"]);
    }

    #[test]
    fn the_front_page_is_short_and_has_measured_figures() {
        let tables = ("docs/benchmarks.md", "- GET: 1 ns\n");
        let figures = "<!-- benchmark -->\nMeasured.\n\n- GET: 1 ns\n<!-- /benchmark -->\n- a list\n";
        assert_eq!(problems(&[tables, ("README.md", figures)]), [""; 0]);
        assert_eq!(problems(&[tables, ("README.md", &figures.replace("1 ns", "0 ns"))]), ["README.md:4"]);
        assert_eq!(problems(&[tables, ("README.md", &"a\n".repeat(121))]), ["README.md:0"]);
    }
}
