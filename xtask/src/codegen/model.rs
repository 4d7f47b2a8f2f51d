//! The declarations of the commands, as data. What is made of them is in the files beside this one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Expr, Item, ItemStruct, Type};

use super::attrs::{self, CommandAttr, MethodAttr, MethodForm};
use super::scope::Scope;
use super::shapes::Shapes;
use super::taken::taken;
use super::types::{self, Definitions, Kind};
use crate::{Problem, Problems};

/// All commands.
pub(super) struct Model {
    /// By the name of their module.
    pub(super) families: Vec<Family>,
}

/// The commands of one module.
pub(super) struct Family {
    pub(super) name: String,
    /// In the order of the file.
    pub(super) commands: Vec<Command>,
}

/// One declaration.
pub(super) struct Command {
    pub(super) name: String,
    /// The name of the struct.
    pub(super) ident: String,
    /// Whether the struct has a lifetime.
    pub(super) borrows: bool,
    pub(super) docs: Vec<String>,
    /// Its group, and its flags.
    pub(super) words: Vec<String>,
    /// Whether the original Python library has it, by its own name or with its own arguments.
    pub(super) original: bool,
    /// The command that scripts send in its place.
    pub(super) in_scripts: Option<String>,
    pub(super) since: String,
    pub(super) complexity: String,
    pub(super) reply: Type,
    /// What a script sees of the reply: what the declaration says, or what follows from the type.
    pub(super) shape: String,
    pub(super) fields: Vec<Field>,
    pub(super) methods: Vec<Method>,
    /// The full paths of the names that the methods use.
    pub(super) imports: Vec<String>,
    /// The full paths of the names that only the documentation links to.
    pub(super) links: BTreeMap<String, String>,
}

/// One field of a declaration.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) kind: Kind,
}

/// One method of a command.
pub(super) struct Method {
    pub(super) name: String,
    /// The fields that are parameters.
    pub(super) params: Vec<String>,
    /// The fields that it sets by itself.
    pub(super) presets: Vec<(String, Expr)>,
    /// The type that the reply is read as, where it is not the command's own.
    pub(super) form: Option<Type>,
    /// What is said before the command's documentation.
    pub(super) doc: Option<String>,
}

impl Family {
    /// Whether any of its commands has a method.
    pub(super) fn has_methods(&self) -> bool {
        self.commands.iter().any(|command| !command.methods.is_empty())
    }
}

/// A parsed file.
struct Source {
    path: String,
    family: String,
    items: Vec<Item>,
    scope: Scope,
}

impl Model {
    /// Reads every file below `src`, a directory of the workspace `root`.
    pub(super) fn read(root: &Path, src: &str) -> Result<Self, Problems> {
        let mut paths = Vec::new();
        files(&root.join(src), &mut paths);
        paths.sort();
        let (mut texts, mut problems) = (Vec::new(), Problems::new());
        for path in paths {
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            match fs::read_to_string(&path) {
                Ok(text) => texts.push((name, text)),
                Err(error) => problems.push(Problem::of(&name, error.to_string())),
            }
        }
        if problems.is_empty() { Self::of(src, &texts) } else { Err(problems) }
    }

    /// The model of these files: path and text.
    pub(super) fn of(src: &str, texts: &[(String, String)]) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let mut keep = |path: &str, result: syn::Result<()>| {
            if let Err(error) = result {
                problems.extend(error.into_iter().map(|error| Problem::syn(path, &error)));
            }
        };
        let (mut sources, mut definitions) = (Vec::new(), Definitions::new());
        for (path, text) in texts {
            keep(path, Source::parse(src, path, text, &mut definitions).map(|source| sources.push(source)));
        }
        let mut shapes = Shapes::default();
        sources.iter().flat_map(|source: &Source| &source.items).for_each(|item| shapes.add(item));
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        for source in &sources {
            for item in source.commands() {
                let command = source.command(item, &definitions, &shapes).map(|command| {
                    let empty = || Family { name: source.family.clone(), commands: Vec::new() };
                    families.entry(source.family.clone()).or_insert_with(empty).commands.push(command);
                });
                keep(&source.path, command);
            }
        }
        let model = Self { families: families.into_values().collect() };
        problems.extend(model.ambiguous());
        if problems.is_empty() { Ok(model) } else { Err(problems) }
    }

    /// Names that two methods or two commands share.
    fn ambiguous(&self) -> Problems {
        let (mut seen, mut problems) = (BTreeMap::new(), Problems::new());
        for family in &self.families {
            for command in &family.commands {
                let methods = command.methods.iter().map(|method| format!("method `{}`", method.name));
                for name in methods.chain([format!("command `{}`", command.name)]) {
                    if let Some(other) = seen.insert(name.clone(), &command.ident) {
                        let what = format!("{name} belongs to both {other} and {}", command.ident);
                        problems.push(Problem::of(&format!("crates/command/src/{}.rs", family.name), what));
                    }
                }
            }
        }
        problems
    }
}

impl Source {
    fn parse(src: &str, path: &str, text: &str, definitions: &mut Definitions) -> syn::Result<Self> {
        let file = syn::parse_file(text)?;
        let inside = path.strip_prefix(src).unwrap_or(path).trim_start_matches('/').trim_end_matches(".rs");
        let family = inside.split('/').next().unwrap_or(inside).to_owned();
        let module = format!("crate::{family}");
        for item in &file.items {
            types::define(item, &module, definitions)?;
        }
        let scope = Scope::of(&file.items, &module);
        Ok(Self { path: path.to_owned(), family, items: file.items, scope })
    }

    fn commands(&self) -> impl Iterator<Item = &ItemStruct> {
        self.items.iter().filter_map(|item| match item {
            Item::Struct(item) if attrs::derives(&item.attrs, "Command") => Some(item),
            _ => None,
        })
    }

    fn command(&self, item: &ItemStruct, definitions: &Definitions, shapes: &Shapes) -> syn::Result<Command> {
        attrs::only(&item.attrs, &["doc", "derive", "command", "method", "original", "must_use", "allow"])?;
        let attr = attrs::find(&item.attrs, "command")
            .ok_or_else(|| syn::Error::new_spanned(&item.ident, "expected #[command(\"NAME\", ..)]"))?;
        let attr: CommandAttr = attr.parse_args()?;
        let fields = item.fields.iter().map(|field| self.field(field, definitions)).collect::<syn::Result<Vec<_>>>()?;
        let methods = methods(item, &attr, &fields)?;
        let docs = attrs::docs(&item.attrs);
        let mut command = Command {
            name: attr.name,
            ident: item.ident.to_string(),
            borrows: item.generics.lifetimes().next().is_some(),
            links: self.links(&docs, &methods),
            docs,
            words: attr.words,
            original: attrs::find(&item.attrs, "original").is_some(),
            in_scripts: attr.in_scripts,
            since: attr.since,
            complexity: attr.complexity,
            shape: attr.shape.unwrap_or_else(|| shapes.of(&attr.reply).to_owned()),
            reply: attr.reply,
            fields,
            methods,
            imports: Vec::new(),
        };
        command.imports = self.imports(&command)?;
        Ok(command)
    }

    fn field(&self, field: &syn::Field, definitions: &Definitions) -> syn::Result<Field> {
        attrs::only(&field.attrs, &["doc", "argument", "at_least", "key", "names", "timeout", "too_many"])?;
        let name = field.ident.as_ref().ok_or_else(|| syn::Error::new_spanned(field, "expected named fields"))?;
        let kind = types::kind(&field.ty, &self.scope, definitions)?;
        Ok(Field { name: name.to_string(), ty: field.ty.clone(), kind })
    }

    /// The paths of all names in the signatures of the methods.
    fn imports(&self, command: &Command) -> syn::Result<Vec<String>> {
        let mut paths = Vec::new();
        for method in &command.methods {
            paths.push(format!("crate::{}::{}", self.family, command.ident));
            for field in command.fields.iter().filter(|field| method.params.contains(&field.name)) {
                match taken(&field.kind, &field.ty).form {
                    Some(form) => paths.push(form),
                    None => paths.extend(self.scope.imports(types::option_of(&field.ty).unwrap_or(&field.ty))?),
                }
            }
            paths.extend(self.scope.imports(method.form.as_ref().unwrap_or(&command.reply))?);
            for (_, value) in &method.presets {
                paths.extend(self.scope.heads(value));
            }
        }
        Ok(paths)
    }

    /// What the links of the documentation mean: [`Name`] or [`Name::item`], by the imports here.
    fn links(&self, docs: &[String], methods: &[Method]) -> BTreeMap<String, String> {
        let texts = docs.iter().chain(methods.iter().filter_map(|method| method.doc.as_ref()));
        let mut links = BTreeMap::new();
        for piece in texts.flat_map(|text| text.split("[`").skip(1)) {
            let Some((name, after)) = piece.split_once("`]") else {
                continue;
            };
            let (first, rest) = name.split_once("::").unwrap_or((name, ""));
            if let Some(path) = self.scope.path(first).filter(|_| !after.starts_with(['(', '['])) {
                let rest = if rest.is_empty() { String::new() } else { format!("::{rest}") };
                links.insert(name.to_owned(), format!("{path}{rest}"));
            }
        }
        links
    }
}

/// The methods that a declaration asks for, or those that follow from its fields.
fn methods(item: &ItemStruct, attr: &CommandAttr, fields: &[Field]) -> syn::Result<Vec<Method>> {
    let mut forms = item.attrs.iter().filter(|attr| attr.path().is_ident("method")).peekable();
    if forms.peek().is_none() {
        return Ok(default_methods(attr, fields));
    }
    let mut methods = Vec::new();
    for form in forms {
        if let Some(form) = form.parse_args::<MethodAttr>()?.0 {
            methods.push(declared_method(form, &attr.reply, fields)?);
        }
    }
    Ok(methods)
}

fn declared_method(form: MethodForm, own: &Type, fields: &[Field]) -> syn::Result<Method> {
    let named = || form.params.iter().chain(form.presets.iter().map(|(name, _)| name));
    if let Some(stranger) = named().find(|name| !fields.iter().any(|field| *name == field.name.as_str())) {
        return Err(syn::Error::new_spanned(stranger, "the command has no field of this name"));
    }
    let left_out = |field: &&Field| !named().any(|name| name == field.name.as_str());
    if let Some(field) = fields.iter().filter(left_out).find(|field| !field.is_optional()) {
        let what = format!("the method has to take `{}`, which is not optional", field.name);
        return Err(syn::Error::new_spanned(&form.name, what));
    }
    let same = |ty: &Type| ty.to_token_stream().to_string() == own.to_token_stream().to_string();
    Ok(Method {
        name: callable(&form.name.unraw().to_string()),
        params: form.params.iter().map(ToString::to_string).collect(),
        presets: form.presets.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
        form: form.reply.filter(|ty| !same(ty)),
        doc: form.doc,
    })
}

/// One method with what is required, and `.._with` that takes the options too.
fn default_methods(attr: &CommandAttr, fields: &[Field]) -> Vec<Method> {
    let names = |fields: &mut dyn Iterator<Item = &Field>| fields.map(|field| field.name.clone()).collect::<Vec<_>>();
    let name = attr.name.to_lowercase().replace([' ', '|', '-'], "_");
    let required = names(&mut fields.iter().filter(|field| !field.is_optional()));
    let plain = |name, params, doc| Method { name, params, presets: Vec::new(), form: None, doc };
    let mut methods = vec![plain(callable(&name), required, None)];
    if fields.iter().any(|field| matches!(field.kind, Kind::Options(_))) {
        let all = |field: &&Field| !matches!(field.kind, Kind::Option(_));
        let params = names(&mut fields.iter().filter(all));
        let doc = format!("[`{first}`](Self::{first}) with options.", first = methods[0].name);
        methods.push(plain(format!("{name}_with"), params, Some(doc)));
    }
    methods
}

/// The name, with an underscore where it is a word of Rust.
pub(super) fn callable(name: &str) -> String {
    if syn::parse_str::<syn::Ident>(name).is_ok() { name.to_owned() } else { format!("{name}_") }
}

impl Method {
    /// Whether the caller names the type of the reply: `get_as::<i64>(key)`.
    pub(super) fn names_its_reply(&self) -> bool {
        matches!(self.form, Some(Type::Infer(_)))
    }
}

impl Field {
    /// Whether a method need not name it.
    pub(super) fn is_optional(&self) -> bool {
        matches!(self.kind, Kind::Option(_) | Kind::Options(_))
    }
}

/// The Rust files below a directory, without the generated ones.
fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "methods") {
                files(&path, out);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}
