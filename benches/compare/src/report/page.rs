//! The measured part of `docs/benchmarks.md`.

use super::{losses, summary, tables};
use crate::data::{Machine, Other, Results};

/// All of it.
pub fn section(results: &Results) -> String {
    let server = |other: &Other| ["redis", "valkey"].iter().any(|name| other.peer.starts_with(name));
    let speed_here = tables::rows("in this process · times redipy's", &results.speed, |other| !server(other));
    let speed_there =
        tables::rows("a server's own CPU time, in pipelines of 100 · times redipy's", &results.speed, server);
    let scripts = tables::rows("script · times redipy's", &results.scripts, |_| true);
    let memory = tables::rows("one key · times redipy's", &results.memory, |_| true);
    let stalls = tables::rows("while growing · times redipy's", &results.stalls, |_| true);
    let parts = [
        measured(&results.machine),
        summary::lines(results),
        "![How many times redipy's time or memory the others take](bench-ratios.svg)\n".to_owned(),
        part("Where others are faster or smaller", "", &losses::list(results)),
        part("Speed of one operation: other stores in the process", "", &speed_here),
        part("Speed of one operation: servers", "", &speed_there),
        part("Scripts", "", &scripts),
        part("Memory for each key", "", &memory),
        part("The worst single insertion", STALLS, &stalls),
        part("Cost against size", GROWTH, &tables::curves(&results.growth)),
        part("Threads", THREADS, &tables::loads(&results.concurrency)),
    ];
    parts.into_iter().filter(|part| !part.is_empty()).map(|part| part + "\n").collect()
}

const STALLS: &str = "A store is filled key by key, and every insertion is timed. \"New memory\" is fresh from the operating system, \
                      which has to clear it; \"memory at hand\" is memory that the process has used before, so that what is left \
                      is the store's own work.\n\n";
const GROWTH: &str = "Of redipy alone. \"Documented\" is the complexity that Redis documents; \"jumps\" says why the cost rises or falls steeply \
                      between two sizes.\n\n![Cost against size](bench-growth.svg)\n\n";
const THREADS: &str = "In a cell: million operations a second, all threads together · the time in which 50 / 99 / 99.9 % of the operations were done. \
     \"uniform\", \"zipf\" and \"hot\" say how keys are chosen: all alike, a few far more often, a thousand that fit into the caches. \
     Where a script runs, it takes the locks of all keys once in a millisecond.\n\n";

fn measured(machine: &Machine) -> String {
    let Machine { date, cpu, cores, versions } = machine;
    format!("Measured on {date} on {cpu} ({cores} cores) with {}, by `make bench`.\n", versions.join(", "))
}

/// A part with a heading; nothing, if there is nothing in it.
fn part(title: &str, explanation: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("## {title}\n\n{explanation}{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_without_rows_is_left_out() {
        assert_eq!(part("Speed", "Why.\n\n", "| a |\n"), "## Speed\n\nWhy.\n\n| a |\n");
        assert_eq!(part("Speed", "Why.\n\n", ""), "");
    }
}
