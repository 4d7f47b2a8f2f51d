//! Programs of the original, in its intermediate form, read into a [`Draft`] by the builder's calls.
//!
//! The form is a tree of dictionaries that `kind` tells apart: statements, expressions and sequences of
//! statements. It is taken as a [`Value`], as a binding has it. What redipy 0.4.2 and what 0.7.1 write
//! differs in one field, and both are read.
//!
//! The form, and its meaning here:
//!
//! - A value means itself under the rules of this language, not what either backend of the original makes
//!   of it: conditions are Python's, `add` is typed, a reply is converted by the command's row.
//! - Indices and dict keys are as in Python, so nothing is added to them.
//! - `or` after a call that is marked `no_adjust` is how the original writes "the value, or this where
//!   there is none": it becomes a default. Other calls have no unadjusted form.
//! - `EXPIRE` carries milliseconds in the original, so it becomes `PEXPIRE`.
//! - An argument or key that is assigned to becomes a variable.
//! - `return` without a value returns None.
//!
//! Nothing here panics: what is not of the form is refused with the path to it, and what is of the form
//! and wrong as a program is reported when the draft is compiled. Statements are numbered in the order of
//! the text; the number stands for the line.

mod expressions;
mod natives;
mod statements;

use std::collections::{HashMap, HashSet};

use crate::functions::Function;
use crate::{Block, Draft, Expr, Var};
use redipy_command::{Error, Kind, Result, Value};

/// The maximal depth of a program: a deeper tree would exhaust the stack.
const MAX_DEPTH: usize = 1000;

/// Functions and commands of a program that the language does not have.
#[derive(Debug, Clone, Default)]
pub struct Extras {
    /// Functions, by the name that the program calls them by. They win over standard functions.
    pub functions: HashMap<String, Function>,
    /// What stands in place of commands, by the name that the program calls them by: it is given the arguments of the
    /// call. They win over commands.
    pub commands: HashMap<String, Function>,
    /// Whether a name that is none of the language's may be one of a server's Lua, such as `table.concat`.
    pub has_lua: bool,
}

/// Reads a program.
///
/// # Errors
/// [`Kind::Script`] with the path to what is not of the form, such as `cmds[2].value: unknown kind "x"`.
pub fn import(program: &Value) -> Result<Draft> {
    import_with(program, &Extras::default())
}

/// Reads a program that calls more than the language has.
///
/// In such a program a call may have the field `native`: it is then the command or the function that a server's Lua has by
/// this name, with its reply or result as it is there.
///
/// # Errors
/// The errors of [`import`].
pub fn import_with(program: &Value, extras: &Extras) -> Result<Draft> {
    let draft = Draft::new();
    let mut import = Import { extras: extras.clone(), ..Import::default() };
    let script = import.node(program)?;
    if script.kind != "script" {
        return Err(import.wrong(format!("a script is wanted, not {:?}", script.kind)));
    }
    for name in import.names(script, "keyv")? {
        import.keys.push(draft.root().key(&name));
    }
    for name in import.names(script, "argv")? {
        import.args.push(draft.root().arg(&name));
    }
    find_assigned(program, 0, &mut import.assigned);
    import.commands(draft.root(), script)?;
    Ok(draft)
}

/// The parameters that some statement assigns to, by the names that the form gives them.
fn find_assigned(part: &Value, depth: usize, found: &mut HashSet<String>) {
    if depth > MAX_DEPTH {
        return;
    }
    match part {
        Value::Array(items) => items.iter().for_each(|item| find_assigned(item, depth + 1, found)),
        Value::Map(pairs) => {
            let node = Node { fields: pairs, kind: "" };
            if let (Some("assign"), Some(Value::Map(target))) = (node.text("kind"), node.get("assign")) {
                let target = Node { fields: target, kind: "" };
                if matches!(target.text("kind"), Some("arg" | "key")) {
                    found.extend(target.text("name").map(String::from));
                }
            }
            pairs.iter().for_each(|(_, value)| find_assigned(value, depth + 1, found));
        }
        _ => {}
    }
}

/// A dictionary with its kind.
#[derive(Clone, Copy)]
struct Node<'v> {
    fields: &'v [(Value, Value)],
    kind: &'v str,
}

impl<'v> Node<'v> {
    fn get(self, name: &str) -> Option<&'v Value> {
        let is_it = |key: &Value| matches!(key, Value::Bulk(key) if **key == *name.as_bytes());
        self.fields.iter().find(|(key, _)| is_it(key)).map(|(_, value)| value)
    }

    fn text(self, name: &str) -> Option<&'v str> {
        match self.get(name)? {
            Value::Bulk(text) => text.as_str(),
            _ => None,
        }
    }
}

/// The meaning of a name in the imported form.
#[derive(Clone)]
enum Named {
    /// A parameter: it cannot be assigned to.
    Fixed(Expr),
    Variable(Var),
}

/// A step on the way to the part that is being read.
enum Step {
    Field(&'static str),
    Item(usize),
}

/// A program that is being read.
#[derive(Default)]
struct Import {
    extras: Extras,
    keys: Vec<Expr>,
    args: Vec<Expr>,
    assigned: HashSet<String>,
    /// The names that can be seen, by block, the innermost last.
    scopes: Vec<HashMap<String, Named>>,
    path: Vec<Step>,
    statements: u32,
}

impl Import {
    /// Reads a part of what is being read.
    fn within<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.path.len() >= MAX_DEPTH {
            return Err(Error::new(Kind::Script, "the program is nested too deeply"));
        }
        self.path.push(step);
        let result = read(self);
        self.path.pop();
        result
    }

    #[cold]
    fn wrong(&self, what: impl AsRef<str>) -> Error {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Field(name) if path.is_empty() => path.push_str(name),
                Step::Field(name) => path.extend([".", name]),
                Step::Item(at) => path.push_str(&format!("[{at}]")),
            }
        }
        let colon = if path.is_empty() { "" } else { ": " };
        Error::new(Kind::Script, format!("{path}{colon}{}", what.as_ref()))
    }

    fn node<'v>(&self, part: &'v Value) -> Result<Node<'v>> {
        let Value::Map(fields) = part else {
            return Err(self.wrong(format!("a dictionary is wanted, not a {}", part.shape())));
        };
        let node = Node { fields, kind: "" };
        let kind = node.text("kind").ok_or_else(|| self.wrong("there is no `kind`"))?;
        Ok(Node { fields, kind })
    }

    fn field<'v>(&self, node: Node<'v>, name: &str) -> Result<&'v Value> {
        node.get(name).ok_or_else(|| self.wrong(format!("`{}` has no `{name}`", node.kind)))
    }

    fn text<'v>(&self, node: Node<'v>, name: &str) -> Result<&'v str> {
        node.text(name).ok_or_else(|| self.wrong(format!("`{}` has no text `{name}`", node.kind)))
    }

    fn items<'v>(&self, node: Node<'v>, name: &str) -> Result<&'v [Value]> {
        match self.field(node, name)? {
            Value::Array(items) => Ok(items),
            other => Err(self.wrong(format!("`{name}` must be a list, not a {}", other.shape()))),
        }
    }

    fn names(&self, node: Node<'_>, name: &str) -> Result<Vec<String>> {
        let text = |item: &Value| match item {
            Value::Bulk(text) => text.as_str().map(String::from),
            _ => None,
        };
        let names = self.items(node, name)?.iter().map(text).collect::<Option<_>>();
        names.ok_or_else(|| self.wrong(format!("`{name}` must be a list of names")))
    }

    /// Resolves a reference.
    fn reference(&self, node: Node<'_>) -> Result<Named> {
        let name = self.text(node, "name")?;
        let known = self.scopes.iter().rev().find_map(|scope| scope.get(name));
        known.cloned().ok_or_else(|| {
            self.wrong(format!("{:?} is used outside of its block or before its declaration", named(node, name)))
        })
    }

    /// The variable that a statement assigns to.
    fn target(&self, node: Node<'_>) -> Result<Var> {
        match self.reference(node)? {
            Named::Variable(var) => Ok(var),
            Named::Fixed(_) => Err(self.wrong(format!("{:?} cannot be assigned to", self.text(node, "name")?))),
        }
    }

    fn declare(&mut self, name: &str, named: Named) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name.to_owned(), named);
        }
    }

    /// Reads the statements of a script or sequence into a block.
    fn commands(&mut self, block: &Block, sequence: Node<'_>) -> Result<()> {
        self.scopes.push(HashMap::new());
        let result = self.within(Step::Field("cmds"), |import| {
            for (at, command) in import.items(sequence, "cmds")?.iter().enumerate() {
                import.within(Step::Item(at), |import| import.statement(block, command))?;
            }
            Ok(())
        });
        self.scopes.pop();
        result
    }
}

/// The user's name of a parameter, or the form's name of a variable.
fn named<'v>(node: Node<'v>, name: &'v str) -> &'v str {
    node.text("readable").unwrap_or(name)
}
