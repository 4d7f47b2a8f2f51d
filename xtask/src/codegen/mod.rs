//! Text that follows from the declarations of the commands, written into the repository.
//!
//! `model` reads the declarations; each further file turns them into one kind of text. A new
//! output is one more file and one more line in `outputs`.

mod attrs;
mod docs;
mod elsewhere;
mod methods;
mod model;
mod objects;
mod original;
mod python;
mod redis_py;
mod scope;
mod shapes;
mod table;
mod taken;
mod types;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Problem, Problems};
use model::Model;

/// Where the generated method traits are; everything in there is ours.
const METHODS: &str = "crates/command/src/methods";

/// Where the generated methods of the objects of scripts are; everything in there is ours too.
const OBJECTS: &str = "crates/script/src/build/objects";

/// Where the names of all commands are, among files that are not generated.
const SPEC: &str = "crates/command/src/spec";

/// A generated file.
struct Output {
    /// Its path in the workspace.
    path: String,
    text: String,
}

/// All generated files, as they should be.
fn outputs(root: &Path) -> Result<Vec<Output>, Problems> {
    let model = Model::read(root, "crates/command/src")?;
    let mut outputs = vec![Output { path: "docs/commands.md".into(), text: docs::text(&model) }];
    outputs.extend(python::files(&model).map(|(path, text)| Output { path, text }));
    outputs.push(original::file(root).map(|(path, text)| Output { path, text })?);
    let mut rust = |dir: &str, name: &str, text: &str| -> Result<(), Problems> {
        let path = format!("{dir}/{name}.rs");
        let text = rustfmt(root, text).map_err(|what| vec![Problem::of(&path, what)])?;
        outputs.push(Output { path, text });
        Ok(())
    };
    rust(METHODS, "mod", &table::text(&model))?;
    rust(METHODS, "elsewhere", &elsewhere::text(root, &model)?)?;
    rust(SPEC, "names", &table::names(&model))?;
    for family in model.families.iter().filter(|family| family.has_methods()) {
        rust(METHODS, &family.name, &methods::text(family))?;
    }
    for (family, object) in model.families.iter().filter_map(objects::of) {
        rust(OBJECTS, &family.name, &objects::text(family, object))?;
    }
    Ok(outputs)
}

/// Writes what is stale, and gives its paths.
///
/// # Errors
/// What is wrong with the declarations, or a file that cannot be written.
pub fn write(root: &Path) -> Result<Vec<String>, Problems> {
    let mut written = Vec::new();
    let outputs = outputs(root)?;
    for path in superfluous(root, &outputs) {
        fs::remove_file(root.join(&path)).map_err(|error| vec![Problem::of(&path, error.to_string())])?;
    }
    for Output { path, text } in outputs.into_iter().filter(|output| !output.is_fresh(root)) {
        let to = root.join(&path);
        let done = to.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&to, text));
        done.map_err(|error| vec![Problem::of(&path, error.to_string())])?;
        written.push(path);
    }
    Ok(written)
}

/// Refuses generated files that are not what the declarations say.
///
/// # Errors
/// The stale files, or what is wrong with the declarations.
pub fn check(root: &Path) -> Result<(), Problems> {
    let outputs = outputs(root)?;
    let stale = outputs.iter().filter(|output| !output.is_fresh(root)).map(|output| output.path.clone());
    let problems: Problems = stale
        .chain(superfluous(root, &outputs))
        .map(|path| Problem::of(&path, "stale, run `cargo xtask codegen`"))
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

impl Output {
    fn is_fresh(&self, root: &Path) -> bool {
        fs::read_to_string(root.join(&self.path)).is_ok_and(|text| text == self.text)
    }
}

/// Files among the generated ones that no family calls for any more.
fn superfluous(root: &Path, outputs: &[Output]) -> Vec<String> {
    let files = |dir: &'static str| {
        let entries = fs::read_dir(root.join(dir)).into_iter().flatten().flatten();
        entries.map(move |entry| format!("{dir}/{}", entry.file_name().to_string_lossy()))
    };
    [METHODS, OBJECTS]
        .into_iter()
        .flat_map(files)
        .filter(|path| outputs.iter().all(|output| output.path != *path))
        .collect()
}

/// Formats as `cargo fmt` does, with the configuration of the workspace.
fn rustfmt(root: &Path, text: &str) -> Result<String, String> {
    let failed = |error: std::io::Error| format!("cannot run rustfmt: {error}");
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--quiet"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    // rustfmt reads all of its input before it writes, so one pipe after the other is enough.
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("rustfmt refuses the generated text: {}\n{text}", String::from_utf8_lossy(&output.stderr)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "use crate::arg::{Arg, Key, Many};\n";

    fn model(text: &str) -> Result<Model, Vec<String>> {
        let file = ("src/hash.rs".to_owned(), format!("{HEAD}{text}"));
        Model::of("src", &[file]).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    fn declared(method: &str, fields: &str) -> String {
        let attr = r#"#[command("HX", hash, write, since = "1.0.0", complexity = "O(1)", reply = i64)]"#;
        format!("/// Does x.\n#[derive(Command)]\n{attr}\n{method}\npub struct HX<'a> {{ {fields} }}\n")
    }

    /// The methods of such a declaration, without documentation.
    fn signatures(method: &str, fields: &str) -> Vec<String> {
        let options = "#[derive(Options)] pub struct HXOptions { #[token(\"NX\")] pub nx: bool }";
        let model = model(&(declared(method, fields) + options)).unwrap();
        let text = methods::text(&model.families[0]);
        text.lines().filter(|line| line.starts_with("fn ")).map(str::to_owned).collect()
    }

    #[test]
    fn methods_follow_from_the_fields() {
        let fields = "pub key: Key<'a>, pub pairs: Many<(Arg<'a>, Arg<'a>)>, pub by: i64, pub options: HXOptions";
        let found = signatures("", fields);
        assert_eq!(
            found[0],
            "fn hx(self, key: impl ToKey, pairs: impl ToFields, by: impl ToInt) \
             -> Self::Output<i64> where Self: for<'x> Execute<HX<'x>> \
             { self.call(HX { key: key.to_key(), pairs: pairs.to_fields(), by: by.to_int(), options: Default::default(), }) }"
        );
        assert!(found[1].starts_with("fn hx_with(self,") && found[1].contains("options: HXOptions)"), "{found:?}");
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn methods_are_declared_too() {
        let fields = "pub key: Key<'a>, pub count: Option<i64>, pub options: HXOptions";
        let forms = "#[method(type(key) -> i64)] #[method(hx_nx(key, count, options = HXOptions::new().nx()) -> Option<i64>, \"Not.\")]";
        let found = signatures(forms, fields);
        assert!(
            found[0].starts_with(
                "fn type_(self, key: impl ToKey) -> Self::Output<i64> where Self: for<'x> Execute<HX<'x>>"
            ),
            "{found:?}"
        );
        assert!(found[0].contains("count: None, options: Default::default(),"), "{found:?}");
        assert!(found[1].contains("count: impl ToInt) -> Self::Output<Option < i64 >> where"), "{found:?}");
        assert!(found[1].contains("Execute<Form<HX<'x>, Option < i64 >>>"), "{found:?}");
        assert!(found[1].contains("count: Some(count.to_int()), options: HXOptions :: new () . nx (),"), "{found:?}");
        assert_eq!(signatures("#[method()]", fields), [""; 0]);
    }

    /// The signatures and bodies of an object's methods.
    fn object_methods(method: &str, fields: &str) -> Vec<(String, String)> {
        let options = "#[derive(Options)] pub struct HXOptions { #[token(\"NX\")] pub nx: bool }";
        let model = model(&(declared(method, fields) + options)).unwrap();
        let (family, object) = objects::of(&model.families[0]).unwrap();
        let text = objects::text(family, object);
        let methods = text.lines().filter_map(|line| line.strip_prefix("pub fn ")?.split_once(" -> Expr "));
        methods.map(|(signature, body)| (signature.to_owned(), body.to_owned())).collect()
    }

    #[test]
    fn methods_of_objects_pass_their_arguments_on_in_order() {
        let fields = "pub key: Key<'a>, pub by: i64, pub options: HXOptions, pub pairs: Many<(f64, Arg<'a>)>";
        let found = object_methods("", fields);
        let plain = (
            "hx(&self, by: impl Into<Expr>, pairs: impl IntoPairs)",
            "[by.into()].into_iter().chain(pairs.into_pairs())",
        );
        let with = (
            "hx_with(&self, by: impl Into<Expr>, pairs: impl IntoPairs, options: impl IntoIterator<Item = Expr>)",
            "[by.into()].into_iter().chain(options).chain(pairs.into_pairs())",
        );
        let expected = [plain, with]
            .map(|(signature, args)| (signature.to_owned(), format!("{{ self.command(\"HX\", {args}) }}")));
        assert_eq!(found, expected);
    }

    #[test]
    fn methods_of_objects_take_a_count_where_there_may_be_one() {
        let names = |fields: &str| {
            object_methods("", fields)
                .into_iter()
                .map(|(signature, _)| signature.replace("impl Into<Expr>", "_"))
                .collect::<Vec<_>>()
        };
        assert_eq!(names("pub key: Key<'a>, pub count: Option<i64>"), ["hx(&self)", "hx_count(&self, count: _)"]);
        let found = names("pub key: Key<'a>, pub count: Option<i64>, pub options: HXOptions");
        assert_eq!(found[2], "hx_with(&self, count: _, options: impl IntoIterator<Item = Expr>)");
        assert_eq!(names("pub keys: Many<Key<'a>>"), ["hx(&self, others: impl IntoExprs)"]);
        assert_eq!(names("pub field: Arg<'a>, pub key: Key<'a>"), [""; 0]);
    }

    #[test]
    fn what_is_not_understood_is_named_with_its_line() {
        let error = |method: &str, fields: &str| model(&declared(method, fields)).err().unwrap_or_default().join("\n");
        assert_eq!(error("", "\npub key: Map<'a>"), "src/hash.rs:7: codegen does not know this type of a field");
        assert!(
            error("", "\n#[secret] pub key: Key<'a>")
                .starts_with("src/hash.rs:7: codegen does not know this attribute here")
        );
        assert_eq!(
            error("#[method(x(kye))]", "pub key: Key<'a>"),
            "src/hash.rs:5: the command has no field of this name"
        );
        assert!(error("#[method(x())]", "pub key: Key<'a>").contains("has to take `key`"));
        assert!(
            error("#[method(x(key))]\n#[method(x(key))]", "pub key: Key<'a>").contains("method `x` belongs to both")
        );
    }
}
