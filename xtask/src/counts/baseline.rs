//! The counts of a run as a file, and what has changed between two.

use std::fmt::{self, Write as _};

/// What a run counted.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Counts {
    /// The versions that the counts depend on.
    pub(super) made_with: String,
    /// Instructions of each operation.
    pub(super) of: Vec<(String, u64)>,
}

/// Changes up to this many percent are not worth a warning.
const TOLERANCE: u64 = 5;

const HEAD: &str = "\
# Instructions of one operation: `make counts-write` writes this, `make counts` compares with it.
";

const MADE_WITH: &str = "# made with ";

impl Counts {
    /// Reads what `Display` writes; an error has its line.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, String)> {
        let mut counts = Counts::default();
        for (at, line) in text.lines().enumerate() {
            if let Some(made_with) = line.strip_prefix(MADE_WITH) {
                counts.made_with = made_with.to_owned();
            } else if !line.starts_with('#') && !line.trim().is_empty() {
                let pair = line.rsplit_once(' ').and_then(|(name, count)| Some((name.trim(), count.parse().ok()?)));
                let (name, count) = pair.ok_or_else(|| (at + 1, "this is no name with a count".to_owned()))?;
                counts.of.push((name.to_owned(), count));
            }
        }
        Ok(counts)
    }

    fn get(&self, name: &str) -> Option<u64> {
        self.of.iter().find(|(other, _)| other == name).map(|(_, count)| *count)
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{HEAD}{MADE_WITH}{}\n\n", self.made_with)?;
        self.of.iter().try_for_each(|(name, count)| writeln!(f, "{name:40} {count:8}"))
    }
}

/// How many percent more it is now.
fn percent(then: u64, now: u64) -> f64 {
    (now as f64 / (then as f64).max(1.0) - 1.0) * 100.0
}

/// All counts, before and now.
pub(super) fn table(then: &Counts, now: &Counts) -> String {
    let mut table = format!("{:40} {:>8} {:>8} {:>9}\n", "instructions of one operation", "baseline", "now", "change");
    for (name, now) in &now.of {
        let _ = match then.get(name) {
            Some(then) => writeln!(table, "{name:40} {then:8} {now:8} {:+8.1}%", percent(then, *now)),
            None => writeln!(table, "{name:40} {:>8} {now:8}", "-"),
        };
    }
    table
}

/// What has changed by more than the tolerance, appeared or gone.
pub(super) fn warnings(then: &Counts, now: &Counts) -> Vec<String> {
    let changed = now.of.iter().filter_map(|(name, now)| {
        let Some(then) = then.get(name) else { return Some(format!("{name}: not in the baseline")) };
        let percent = percent(then, *now);
        let more = if percent > 0.0 { "more" } else { "less" };
        let warning =
            || format!("{name}: {now} instructions, {:.1} % {more} than the {then} of the baseline", percent.abs());
        (now.abs_diff(then) * 100 > then * TOLERANCE).then(warning)
    });
    let gone = then.of.iter().filter(|(name, _)| now.get(name).is_none());
    changed.chain(gone.map(|(name, _)| format!("{name}: in the baseline, but not counted any more"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(of: &[(&str, u64)]) -> Counts {
        let of = of.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        Counts { made_with: "rustc 1, valgrind-3".to_owned(), of }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let counts = counts(&[("GET, hit", 288), ("LPUSH", 12_345_678_901)]);
        assert_eq!(Counts::parse(&counts.to_string()), Ok(counts));
        assert_eq!(Counts::parse("# x\n\nGET, hit 1o\n").unwrap_err().0, 3);
    }

    #[test]
    fn a_change_of_more_than_five_percent_is_a_warning() {
        let then = counts(&[("GET, hit", 288), ("INCR", 200), ("LPUSH", 100), ("DEL", 1)]);
        let now = counts(&[("GET, hit", 312), ("INCR", 180), ("LPUSH", 105), ("EXPIRE", 7)]);
        let expected = [
            "GET, hit: 312 instructions, 8.3 % more than the 288 of the baseline",
            "INCR: 180 instructions, 10.0 % less than the 200 of the baseline",
            "EXPIRE: not in the baseline",
            "DEL: in the baseline, but not counted any more",
        ];
        assert_eq!(warnings(&then, &now), expected);
        assert_eq!(warnings(&now, &now), [""; 0]);
        assert!(table(&then, &now).contains("LPUSH                                         100      105     +5.0%"));
    }
}
