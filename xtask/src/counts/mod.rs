//! How many instructions the hottest operations take, against a baseline that is kept in the repository.
//!
//! [`compare`] prints a table and warns of what has changed; [`write()`] makes the baseline anew. `benches/instructions.rs`
//! says what is counted, `measure` runs it, `baseline` is the file between two runs.
//!
//! Two runs of one program count the same. The counts depend on the compiler, and on the machine through its C library:
//! the allocator is in it, and it chooses how to copy memory by the CPU. The baseline notes these versions.

mod baseline;
mod measure;

use std::fs;
use std::path::Path;

use self::baseline::Counts;
use self::measure::Measured;
use crate::{Problem, Problems};

/// The baseline, relative to the workspace.
const BASELINE: &str = "benches/instructions.txt";

/// Counts and compares with the baseline. Changes are warnings.
///
/// # Errors
/// Why nothing could be counted, unless what counts is not installed: then that is said, and nothing more.
pub fn compare(root: &Path) -> Result<(), Problems> {
    let Some(now) = counted(root)? else { return Ok(()) };
    let then =
        fs::read_to_string(root.join(BASELINE)).map_err(|error| vec![Problem::of(BASELINE, error.to_string())])?;
    let then = Counts::parse(&then).map_err(|(line, what)| vec![Problem::at(BASELINE, line, what)])?;
    print!("{}", baseline::table(&then, &now));
    if then.made_with != now.made_with {
        println!("note: the baseline was made with {}, this is {}", then.made_with, now.made_with);
    }
    let warnings = baseline::warnings(&then, &now);
    warnings.iter().for_each(|warning| println!("warning: {warning}"));
    if !warnings.is_empty() {
        println!("When that is meant to be, `make counts-write` makes the baseline anew.");
    }
    Ok(())
}

/// Counts and writes the baseline.
///
/// # Errors
/// Why nothing could be counted, or the file could not be written.
pub fn write(root: &Path) -> Result<(), Problems> {
    let Some(now) = counted(root)? else { return Ok(()) };
    fs::write(root.join(BASELINE), now.to_string()).map_err(|error| vec![Problem::of(BASELINE, error.to_string())])?;
    println!("wrote {BASELINE}: {} operations", now.of.len());
    Ok(())
}

/// `None`, said aloud, where there is nothing to count with.
fn counted(root: &Path) -> Result<Option<Counts>, Problems> {
    match measure::run(root)? {
        Measured::Counts(counts) => Ok(Some(counts)),
        Measured::Missing(what) => {
            eprintln!("!!! ---------------------------------------------------------------------------");
            eprintln!("!!! NO INSTRUCTIONS WERE COUNTED: there is no {what}.");
            eprintln!("!!! scripts/fetch-counters installs it where it can.");
            eprintln!("!!! ---------------------------------------------------------------------------");
            Ok(None)
        }
    }
}
