//! How everything here is measured: the ways of doing one thing take turns, and of each the median counts.
//!
//! A noisy machine slows down all ways alike then. The clock is the CPU time of this thread, or what a server says about
//! its own. What is done is in `speed` and `scripts`.

use cpu_time::ThreadTime;

use crate::data::{Other, Row};

/// How often each way is measured in a full run, and in a quick one.
pub fn rounds(quick: bool) -> usize {
    if quick { 5 } else { 15 }
}

/// Several ways of doing the same thing.
pub struct Contest<'a> {
    name: String,
    ways: Vec<Way<'a>>,
}

/// Does some of the work, and gives the nanoseconds of one operation.
type Turn<'a> = Box<dyn FnMut() -> f64 + 'a>;

struct Way<'a> {
    peer: String,
    turn: Turn<'a>,
}

impl<'a> Contest<'a> {
    /// A contest in what `name` says, with our way of doing it.
    pub fn new(name: impl Into<String>, ours: impl FnMut() -> f64 + 'a) -> Self {
        let ours = Way { peer: "redipy".to_owned(), turn: Box::new(ours) };
        Self { name: name.into(), ways: vec![ours] }
    }

    /// Adds a rival.
    pub fn against(mut self, peer: &str, turn: impl FnMut() -> f64 + 'a) -> Self {
        self.ways.push(Way { peer: peer.to_owned(), turn: Box::new(turn) });
        self
    }

    /// Lets the ways take turns, and makes a row of their medians.
    pub fn run(self, rounds: usize) -> Row {
        let name = self.name.clone();
        let mut others = self.medians(rounds);
        let own = others.remove(0).value;
        let row = Row { name, unit: "ns".to_owned(), own, others };
        progress(&row);
        row
    }

    /// The median of each way, ours first. Every way has one turn before that does not count.
    pub fn medians(mut self, rounds: usize) -> Vec<Other> {
        let mut times = vec![Vec::with_capacity(rounds); self.ways.len()];
        for round in 0..=rounds {
            for turn in 0..self.ways.len() {
                // Another one begins every time: what it leaves in the caches troubles each of the others alike.
                let way = (round + turn) % self.ways.len();
                let time = (self.ways[way].turn)();
                if round > 0 {
                    times[way].push(time);
                }
            }
        }
        let medians = self.ways.iter().zip(times);
        medians.map(|(way, times)| Other { peer: way.peer.clone(), value: median(times) }).collect()
    }
}

/// Tells what came out, while the rest is still measured.
pub fn progress(row: &Row) {
    let others = row.others.iter().map(|other| format!("  {} {:.2}x", other.peer, row.ratio(other)));
    eprintln!("  {:<40} {:>9.1} {}{}", row.name, row.own, row.unit, others.collect::<String>());
}

/// The CPU time of this thread for one of several operations, in nanoseconds.
pub fn cpu(operations: usize, work: impl FnOnce()) -> f64 {
    let start = ThreadTime::now();
    work();
    start.elapsed().as_nanos() as f64 / operations as f64
}

/// The middle one.
pub fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}
