//! What is wrong, and where.

use std::fmt;

/// One thing to put right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the workspace.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong, and what to do.
    pub what: String,
}

/// Everything that is wrong, or nothing.
pub type Problems = Vec<Problem>;

impl Problem {
    /// A problem in a line.
    pub fn at(file: &str, line: usize, what: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into() }
    }

    /// A problem of a file as a whole.
    pub fn of(file: &str, what: impl Into<String>) -> Self {
        Self::at(file, 0, what)
    }

    /// What `syn` says of a file.
    pub fn syn(file: &str, error: &syn::Error) -> Self {
        Self::at(file, error.span().start().line, error.to_string())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.what),
            line => write!(f, "{}:{line}: {}", self.file, self.what),
        }
    }
}
