//! The generated text that is checked in is what the declarations say.

#[test]
fn the_generated_files_are_fresh() {
    if let Err(problems) = xtask::codegen::check(&xtask::root()) {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    }
}
