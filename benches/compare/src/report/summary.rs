//! The figures of the front page: five lines, each about a few rows of the tables.

use super::figure::figure;
use super::losses;
use crate::data::{Results, Row};

/// What the lines are of: rows, and what they are called here.
const COMMANDS: [(&str, &str); 5] =
    [("GET", "GET"), ("SET", "SET"), ("INCR", "INCR"), ("LPUSH", "LPUSH"), ("ZADD, update in 1,000 members", "ZADD")];
const MEMORY: [(&str, &str); 4] = [
    ("string of 64 bytes", "a string of 64 bytes"),
    ("hash of 10", "a hash of 10"),
    ("list of 100", "a list of 100"),
    ("hash of 1,000", "a hash of 1,000"),
];
const SCRIPT: [(&str, &str); 1] = [("Filter script, each of 10,000 items; Lua by hand", "for each item")];

const REDIS: &str = "redis 8.2";
const KEVY: &str = "kevy-embedded";

/// What stands between the marks of the README.
pub fn section(results: &Results) -> String {
    let machine = &results.machine;
    let (date, cpu, cores) = (&machine.date, &machine.cpu, machine.cores);
    format!("Measured on {date} on {cpu} ({cores} cores), medians of CPU time:\n\n{}", lines(results))
}

/// The lines; one that needs a peer or a row that was not measured is left out.
pub fn lines(results: &Results) -> String {
    let lines = [
        against(&results.speed, &COMMANDS, REDIS).map(|(own, times)| {
            format!(
                "**One command**: {own}. Redis 8.2, in pipelines of 100 and without the network: {times} times as long."
            )
        }),
        against(&results.speed, &COMMANDS, KEVY)
            .map(|(_, times)| format!("**The same in kevy-embedded**, another engine in Rust: {times} times as long.")),
        against(&results.scripts, &SCRIPT, REDIS).map(|(own, times)| {
            format!(
                "**A script that sorts items into two lists**, {own}. Lua by hand in Redis 8.2: {times} times as long."
            )
        }),
        against(&results.memory, &MEMORY, REDIS)
            .map(|(own, times)| format!("**Memory of a key**: {own}. Redis 8.2: {times} times as much.")),
        Some(lost(results)),
    ];
    lines.into_iter().flatten().map(|line| format!("- {line}\n")).collect()
}

/// Our figures of these rows, and how many times those a peer's are.
fn against(rows: &[Row], wanted: &[(&str, &str)], peer: &str) -> Option<(String, String)> {
    let (mut own, mut times) = (Vec::new(), Vec::new());
    for (name, called) in wanted {
        let row = rows.iter().find(|row| row.name == *name)?;
        let other = row.others.iter().find(|other| other.peer == peer)?;
        own.push(format!("{called}: {} {}", figure(row.own), row.unit));
        times.push(format!("{:.2}", row.ratio(other)));
    }
    Some((own.join("; "), times.join(", ")))
}

/// In how many comparisons another is ahead, and where by most.
fn lost(results: &Results) -> String {
    let (all, lost) = (losses::comparisons(results).len(), losses::lost(results));
    let worst = lost.iter().min_by(|one, other| one.ratio().total_cmp(&other.ratio()));
    let worst = worst.map_or_else(String::new, |worst| {
        format!(", most of all in \"{}\", {:.2} times redipy's", worst.title(), worst.ratio())
    });
    format!("**Where others are ahead**: in {} of {all} comparisons{worst}.", lost.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Other;

    fn row(name: &str, own: f64, others: &[(&str, f64)]) -> Row {
        let others = others.iter().map(|(peer, value)| Other { peer: (*peer).to_owned(), value: *value }).collect();
        Row { name: name.to_owned(), unit: "ns".to_owned(), own, others }
    }

    #[test]
    fn a_line_has_our_figures_and_their_multiples() {
        let scripts = vec![row(SCRIPT[0].0, 300.0, &[("redis 8.2", 2_400.0), ("redis 7.0", 150.0)])];
        let results = Results { scripts, ..Results::default() };
        let lines = lines(&results);
        let [script, lost] = lines.lines().collect::<Vec<_>>()[..] else { panic!("two lines: {lines}") };
        assert!(script.ends_with("each item: 300 ns. Lua by hand in Redis 8.2: 8.00 times as long."), "{script}");
        let worst =
            "most of all in \"Filter script, each of 10,000 items; Lua by hand; redis 7.0\", 0.50 times redipy's";
        assert_eq!(lost, format!("- **Where others are ahead**: in 1 of 2 comparisons, {worst}."));
    }

    #[test]
    fn a_line_without_its_peer_is_left_out() {
        let results = Results { scripts: vec![row(SCRIPT[0].0, 300.0, &[])], ..Results::default() };
        assert_eq!(lines(&results), "- **Where others are ahead**: in 0 of 0 comparisons.\n");
    }
}
