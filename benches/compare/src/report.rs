//! What a run found out, told: the tables of the README's benchmark section and two drawings beside it.

mod losses;
mod markdown;
mod plot;
mod readme;

use std::path::Path;
use std::{fs, io};

use crate::data::Results;

pub use readme::section;

/// Writes the section into the README of the repository at `root`, and the drawings that it shows.
pub fn write(root: &Path, results: &Results) -> io::Result<()> {
    let readme = root.join("README.md");
    let text = readme::replaced(&fs::read_to_string(&readme)?, &section(results))?;
    let drawing = |error: plot::Problem| io::Error::other(error.to_string());
    fs::write(root.join("docs/bench-ratios.svg"), plot::ratios(results).map_err(drawing)?)?;
    fs::write(root.join("docs/bench-growth.svg"), plot::growth(results).map_err(drawing)?)?;
    fs::write(readme, text)
}
