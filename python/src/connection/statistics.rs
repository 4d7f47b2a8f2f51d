//! What has happened on the connections to the same data: how often each command was called, and how long that took.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use redipy::Error;

/// What has happened so far.
#[derive(Default)]
pub struct Statistics {
    pub connections: u64,
    pub commands: BTreeMap<&'static str, Calls>,
    /// How often errors came, by their first words.
    pub errors: BTreeMap<String, u64>,
}

/// The calls of a command.
#[derive(Default, Clone)]
pub struct Calls {
    pub done: u64,
    pub rejected: u64,
    pub failed: u64,
    pub time: Duration,
    /// How many took less than each power of two of nanoseconds, and not less than half of it.
    pub by_magnitude: HashMap<u32, u64>,
}

impl Statistics {
    /// Counts a command that was performed, and the error that it gave.
    pub fn count(&mut self, name: &'static str, time: Duration, failed: Option<&Error>) {
        let calls = self.commands.entry(name).or_default();
        calls.done += 1;
        calls.failed += u64::from(failed.is_some());
        calls.time += time;
        *calls.by_magnitude.entry(magnitude(time)).or_default() += 1;
        failed.into_iter().for_each(|error| self.count_error(error));
    }

    /// Counts a command that was refused.
    pub fn count_refusal(&mut self, name: &'static str, error: &Error) {
        self.commands.entry(name).or_default().rejected += 1;
        self.count_error(error);
    }

    fn count_error(&mut self, error: &Error) {
        *self.errors.entry(error.code().to_owned()).or_default() += 1;
    }
}

impl Calls {
    /// The time that this part of the calls did not exceed, in microseconds.
    pub fn percentile(&self, part: f64) -> f64 {
        let wanted = (self.done as f64 * part).ceil() as u64;
        let mut seen = 0;
        let mut magnitudes: Vec<_> = self.by_magnitude.iter().collect();
        magnitudes.sort_unstable();
        for (magnitude, count) in magnitudes {
            seen += count;
            if seen >= wanted {
                return 2f64.powi(*magnitude as i32) / 1000.0;
            }
        }
        0.0
    }
}

fn magnitude(time: Duration) -> u32 {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    u64::BITS - nanos.leading_zeros()
}
