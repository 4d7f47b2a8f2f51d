//! What a run found out, told: the tables of `docs/benchmarks.md`, the figures of the README and two drawings.
//!
//! Files name only those below them: `page` and `summary` use `losses` and `tables`, and these use `figure`.

mod figure;
mod losses;
mod marks;
mod page;
mod plot;
mod summary;
mod tables;

use std::path::Path;
use std::{fs, io};

use crate::data::Results;

pub use page::section;

/// Writes the tables and the figures into the documents of the repository at `root`, and the drawings that they show.
pub fn write(root: &Path, results: &Results) -> io::Result<()> {
    let documents = [("docs/benchmarks.md", page::section(results)), ("README.md", summary::section(results))];
    // Nothing is written unless everything can be.
    let documents = documents.map(|(name, section)| {
        let text = marks::replaced(name, &fs::read_to_string(root.join(name))?, &section)?;
        Ok((name, text))
    });
    let documents = documents.into_iter().collect::<io::Result<Vec<_>>>()?;
    let drawing = |error: plot::Problem| io::Error::other(error.to_string());
    fs::write(root.join("docs/bench-ratios.svg"), plot::ratios(results).map_err(drawing)?)?;
    fs::write(root.join("docs/bench-growth.svg"), plot::growth(results).map_err(drawing)?)?;
    documents.into_iter().try_for_each(|(name, text)| fs::write(root.join(name), text))
}
