//! The engine against its rivals, in one run: `make bench` calls it, `compare --help` tells how to.

mod concurrency;
mod growth;
mod machine;
mod measure;
mod report;
mod scripts;
mod speed;
mod stalls;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs, io};

use clap::{Parser, Subcommand, ValueEnum};
use data::{Results, Row};
use peers::servers::{self, Rival};
use redipy_compare::{data, keys, peers};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Compares redipy's engine with its rivals and prints one table.
#[derive(Parser)]
struct Arguments {
    /// At reduced size: under two minutes, and less exact.
    #[arg(long)]
    quick: bool,
    /// Only these groups; the others stay as the last run with --write left them.
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Group>,
    /// Without the real servers, even if there are some.
    #[arg(long)]
    no_servers: bool,
    /// Keeps the results, and writes them into docs/benchmarks.md, its drawings and the README.
    #[arg(long)]
    write: bool,
    #[command(subcommand)]
    task: Option<Task>,
}

#[derive(Subcommand)]
enum Task {
    /// Measures nothing: writes docs/benchmarks.md, its drawings and the README's figures anew, from the results that were kept.
    Report,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Group {
    Speed,
    Memory,
    Growth,
    Stalls,
    Concurrency,
    Scripts,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.task {
        Some(Task::Report) => kept().and_then(|results| report::write(&root(), &results)),
        None => calm_allocator().and_then(|()| run(&arguments)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("compare: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where results are kept.
fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("results.json")
}

fn kept() -> io::Result<Results> {
    Ok(serde_json::from_slice(&fs::read(file())?)?)
}

/// Starts the program anew with the allocator told to take memory from the system piece by piece, unless it was told already:
/// it reads that before `main` begins. A whole arena at once is one insertion that takes milliseconds, for every store here.
fn calm_allocator() -> io::Result<()> {
    const SETTING: &str = "MIMALLOC_ARENA_EAGER_COMMIT";
    if env::var_os(SETTING).is_some() {
        return Ok(());
    }
    let status = Command::new(env::current_exe()?).args(env::args_os().skip(1)).env(SETTING, "0").status()?;
    std::process::exit(status.code().unwrap_or(1));
}

fn run(arguments: &Arguments) -> io::Result<()> {
    let wanted = |group| arguments.only.is_empty() || arguments.only.contains(&group);
    let servers = if arguments.no_servers { Vec::new() } else { servers::start_all() };
    let mut results = if arguments.write { kept().unwrap_or_default() } else { Results::default() };
    results.machine = machine::describe(&servers).or_as_before(&results.machine);
    for group in Group::value_variants().iter().copied().filter(|group| wanted(*group)) {
        let name = group.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
        eprintln!("{name}:");
        measure(group, arguments.quick, &servers, &mut results)?;
    }
    if arguments.write {
        fs::write(file(), serde_json::to_string_pretty(&results)? + "\n")?;
        report::write(&root(), &results)?;
    }
    println!("{}", report::section(&results));
    Ok(())
}

fn measure(group: Group, quick: bool, servers: &[Rival], results: &mut Results) -> io::Result<()> {
    match group {
        Group::Speed => results.speed = speed::measure(quick, servers),
        Group::Memory => results.memory = memory(quick)?,
        Group::Growth => results.growth = growth::measure(quick),
        Group::Concurrency => results.concurrency = concurrency::measure(quick),
        Group::Stalls => results.stalls = stalls::measure(quick),
        Group::Scripts => results.scripts = scripts::measure(quick, servers),
    }
    Ok(())
}

/// Runs the program beside this one, which has another allocator.
fn memory(quick: bool) -> io::Result<Vec<Row>> {
    let program = env::current_exe()?.with_file_name("memory");
    let output =
        Command::new(&program).args(quick.then_some("--quick")).stderr(std::process::Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{} failed: {}", program.display(), output.status)));
    }
    let rows: Vec<Row> = serde_json::from_slice(&output.stdout)?;
    rows.iter().for_each(measure::progress);
    Ok(rows)
}
