//! The benchmark section of the README.

use std::io;

use super::{losses, markdown};
use crate::data::{Other, Results};

const BEGIN: &str = "<!-- benchmark -->\n";
const END: &str = "<!-- /benchmark -->";

/// The README with another section between its marks.
pub fn replaced(readme: &str, section: &str) -> io::Result<String> {
    let begin = readme.find(BEGIN).map(|at| at + BEGIN.len());
    let marks = begin.and_then(|begin| Some((begin, begin + readme[begin..].find(END)?)));
    let Some((begin, end)) = marks else {
        return Err(io::Error::other(format!("README.md has no section between {} and {END}", BEGIN.trim_end())));
    };
    Ok(format!("{}{section}{}", &readme[..begin], &readme[end..]))
}

/// The section.
pub fn section(results: &Results) -> String {
    let machine = &results.machine;
    let mut text = format!(
        "Measured on {} on {} ({} cores) with {}, by `make bench`: peers take turns in one run, medians of CPU time.\n\
         \"of 1.25\" is what was promised; it is bold where it is not kept.\n\n",
        machine.date,
        machine.cpu,
        machine.cores,
        machine.versions.join(", ")
    );
    text += "![How many times redipy's time the others take](docs/bench-ratios.svg)\n\n";
    text += &lost(results);
    let server = |other: &Other| ["redis", "valkey"].iter().any(|name| other.peer.starts_with(name));
    let speed = markdown::rows("in this process, · times redipy's", &results.speed, |other| !server(other));
    text += &folded("Speed of one operation: the bare map and kevy-embedded", &speed);
    let speed =
        markdown::rows("the server's own CPU time in pipelines of 100, · times redipy's", &results.speed, server);
    text += &folded("Speed of one operation: real servers", &speed);
    text += &folded("Scripts", &markdown::rows("script, · times redipy's", &results.scripts, |_| true));
    text += &folded("Memory for each key", &markdown::rows("one key, · times redipy's", &results.memory, |_| true));
    text += "![Cost against size](docs/bench-growth.svg)\n\n";
    text += &folded("Cost against size", &markdown::curves(&results.growth));
    text += &folded(
        "The worst single insertion",
        &markdown::rows("while growing, · times redipy's", &results.stalls, |_| true),
    );
    let loads = markdown::loads(&results.concurrency);
    let loads = if results.concurrency.is_empty() {
        loads
    } else {
        format!("Throughput · time of 50 / 99 / 99.9 % of the operations.\n\n{loads}")
    };
    text + &folded("Threads", &loads)
}

fn lost(results: &Results) -> String {
    let losses = losses::list(results);
    if losses.is_empty() {
        return "Where we lose: nowhere in these tables.\n\n".to_owned();
    }
    let lines: String = losses.iter().map(|loss| format!("- {loss}\n")).collect();
    format!("Where we lose:\n\n{lines}\n")
}

/// A part that the reader may open; nothing, if there is nothing in it.
fn folded(title: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("<details><summary>{title}</summary>\n\n{text}\n</details>\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let readme = "a\n<!-- benchmark -->\nold\n<!-- /benchmark -->\nb\n";
        let new = replaced(readme, "new\n").expect("both marks");
        assert_eq!(new, "a\n<!-- benchmark -->\nnew\n<!-- /benchmark -->\nb\n");
        assert!(replaced("no marks", "new").is_err());
    }
}
