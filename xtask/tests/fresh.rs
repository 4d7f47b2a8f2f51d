//! The generated text that is checked in is what the declarations say.

use redipy_command::methods;

#[test]
fn the_generated_files_are_fresh() {
    if let Err(problems) = xtask::codegen::check(&xtask::root()) {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        panic!("{}", lines.join("\n"));
    }
}

/// The generator reads shapes from source text; the compiler knows them better.
#[test]
fn the_shapes_in_the_table_are_those_of_the_commands() {
    let table = std::fs::read_to_string(xtask::root().join("docs/commands.md")).expect("the table can be read");
    let mut rows = 0;
    for row in table.lines() {
        let row = row.replace("\\|", "");
        let cells: Vec<&str> = row.split(" | ").map(|cell| cell.trim_matches([' ', '|'])).collect();
        let [name, _, _, _, shape, _] = cells[..] else { continue };
        if let Some(spec) = methods::find(name.as_bytes()) {
            assert_eq!(shape, format!("{:?}", spec.shape), "{name}");
            rows += 1;
        }
    }
    assert!(rows > 100, "{rows} rows were compared");
}
