//! What the repository does to itself: [`codegen`] writes the text that follows from the commands'
//! declarations, [`tidy`] checks the rules that no compiler knows, [`counts`] compares the instructions of
//! the hottest operations with a baseline.
//!
//! A library too, so that a test can ask whether the generated text is fresh.

pub mod codegen;
pub mod counts;
mod problem;
pub mod tidy;

use std::path::{Path, PathBuf};

pub use problem::{Problem, Problems};

/// The directory of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
