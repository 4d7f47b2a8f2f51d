//! `cargo xtask <task>`: see [`xtask`] for what the tasks do.

use std::process::ExitCode;

use xtask::{codegen, counts, root, tidy};

const USAGE: &str = "\
cargo xtask codegen          writes the generated files
cargo xtask codegen --check  fails when one of them is stale
cargo xtask counts           compares the instructions of the hottest operations with the baseline
cargo xtask counts --write   writes that baseline
cargo xtask tidy             checks the rules of the repository";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let problems = match args[..] {
        ["codegen"] => codegen::write(&root()).map(|written| {
            written.iter().for_each(|path| println!("wrote {path}"));
        }),
        ["codegen", "--check"] => codegen::check(&root()),
        ["counts"] => counts::compare(&root()),
        ["counts", "--write"] => counts::write(&root()),
        ["tidy"] => tidy::check(&root()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let Err(problems) = problems else {
        return ExitCode::SUCCESS;
    };
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    ExitCode::FAILURE
}
