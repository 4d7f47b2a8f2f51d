//! What the benchmarks here and the comparison in `compare/` have in common: the scripts that are measured.

pub mod programs;
