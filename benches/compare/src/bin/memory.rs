//! Bytes for each key: redipy and its rivals in this process, and what `used_memory` of real servers grows by for the
//! same data. A program of its own, because a server counts jemalloc's size classes and so must we: jemalloc is the
//! allocator here, and a figure is what its `stats.allocated` grows by. Prints a JSON list of rows.

#[path = "memory/stores.rs"]
mod stores;

use std::process::ExitCode;

use redipy_compare::data::{Other, Row};
use redipy_conformance::server::Flavor;
use stores::{Measured, bare_map, kevy, redipy, server};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What a key holds; every value, element and member is made from its index, the same for everybody.
#[derive(Debug, Clone, Copy)]
pub enum Content {
    /// 64 bytes.
    Text,
    /// 64 bytes that expire tomorrow.
    Expiring,
    /// A number of six digits.
    Number,
    /// This many fields `field:1`, each with a value of ten bytes.
    Hash(usize),
    /// This many elements of 16 bytes.
    List(usize),
    /// This many members of 16 bytes.
    Set(usize),
    /// This many numbers.
    Numbers(usize),
    /// This many members `member:1`, each with a score that is no whole number.
    SortedSet(usize),
}

/// So many keys of one kind.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    name: &'static str,
    content: Content,
    keys: usize,
}

const fn case(name: &'static str, content: Content, keys: usize) -> Case {
    Case { name, content, keys }
}

const CASES: [Case; 13] = [
    case("string of 64 bytes", Content::Text, 1_000_000),
    case("hash of 10", Content::Hash(10), 200_000),
    case("list of 100", Content::List(100), 40_000),
    case("sorted set of 100", Content::SortedSet(100), 30_000),
    case("sorted set of 1,000", Content::SortedSet(1_000), 1_000),
    case("string, a number", Content::Number, 1_000_000),
    case("string of 64 bytes with a deadline", Content::Expiring, 500_000),
    case("set of 100 numbers", Content::Numbers(100), 100_000),
    case("set of 100", Content::Set(100), 40_000),
    case("set of 1,000", Content::Set(1_000), 1_000),
    case("hash of 1,000", Content::Hash(1_000), 1_000),
    case("list of 100,000", Content::List(100_000), 20),
    case("sorted set of 100,000", Content::SortedSet(100_000), 10),
];

fn main() -> ExitCode {
    let quick = std::env::args().any(|arg| arg == "--quick");
    let rows: Vec<Row> = CASES.into_iter().map(|case| row(shortened(case, quick))).collect();
    match serde_json::to_string_pretty(&rows) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("memory: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A tenth of the keys will do to look.
fn shortened(case: Case, quick: bool) -> Case {
    Case { keys: if quick { case.keys.div_ceil(10) } else { case.keys }, ..case }
}

fn row(case: Case) -> Row {
    let peers = [
        ("bare map".to_owned(), bare_map(case)),
        ("kevy-embedded".to_owned(), kevy(case)),
        (Flavor::Redis70.to_string(), server(Flavor::Redis70, case)),
        (Flavor::Redis82.to_string(), server(Flavor::Redis82, case)),
    ];
    let others = peers.into_iter().filter_map(|(peer, measured)| {
        let value = said(&peer, case, measured)?;
        Some(Other { peer, value })
    });
    let others = others.collect();
    let own = said("redipy", case, redipy(case)).unwrap_or(f64::NAN);
    Row { name: case.name.to_owned(), unit: "bytes".to_owned(), own, others }
}

/// The figure; a failure is told and leaves a gap.
fn said(peer: &str, case: Case, measured: Measured) -> Option<f64> {
    measured.unwrap_or_else(|error| {
        eprintln!("memory: {peer}, {}: {error}", case.name);
        None
    })
}
