//! What the type of a command's field means for a parameter and for the grammar of its arguments.

use std::collections::BTreeMap;

use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Fields, GenericArgument, Item, PathArguments, Token, Type};

use super::attrs;
use super::scope::Scope;

/// The type of a field.
pub(super) enum Kind {
    Key,
    Arg,
    Int,
    Float,
    NumKeys,
    Many(Box<Kind>),
    Pair(Vec<Kind>),
    Option(Box<Kind>),
    /// Something that is looked at only after the key.
    Late(Box<Kind>),
    /// A struct of options.
    Options(Vec<Opt>),
    /// An enum of words.
    Words(Vec<String>),
    /// A type that implements `Field` by hand.
    Own,
}

/// One option of a struct of options.
#[derive(Clone)]
pub(super) struct Opt {
    pub(super) token: String,
    /// The name of what follows it.
    pub(super) name: Option<String>,
    pub(super) group: Option<String>,
    pub(super) payload: Option<Type>,
}

/// What the crate defines for fields besides the built-in types.
pub(super) enum Defined {
    Options(Vec<Opt>),
    Words(Vec<String>),
    Own,
}

/// The definitions by full path.
pub(super) type Definitions = BTreeMap<String, Defined>;

/// Adds what an item defines. `module` is where it stands.
pub(super) fn define(item: &Item, module: &str, into: &mut Definitions) -> syn::Result<()> {
    let (name, defined) = match item {
        Item::Struct(item) if attrs::derives(&item.attrs, "Options") => {
            (item.ident.to_string(), Defined::Options(options(&item.fields)?))
        }
        Item::Enum(item) if attrs::derives(&item.attrs, "Token") => {
            let words = item.variants.iter().map(|variant| variant.ident.to_string().to_uppercase());
            (item.ident.to_string(), Defined::Words(words.collect()))
        }
        Item::Impl(item) => match (&item.trait_, last_segment(&item.self_ty)) {
            (Some((_, path, _)), Some(own)) if path.segments.last().is_some_and(|last| last.ident == "Field") => {
                (own.ident.to_string(), Defined::Own)
            }
            _ => return Ok(()),
        },
        _ => return Ok(()),
    };
    into.entry(format!("{module}::{name}")).or_insert(defined);
    Ok(())
}

/// The options of a struct, with what their attributes say.
fn options(fields: &Fields) -> syn::Result<Vec<Opt>> {
    let mut out = Vec::new();
    for field in fields {
        attrs::only(&field.attrs, &["doc", "at_least", "key", "names", "timeout", "token"])?;
        let missing = || syn::Error::new_spanned(field, "expected #[token(\"NAME\")]");
        let attr = attrs::find(&field.attrs, "token").ok_or_else(missing)?;
        let parts = attr.parse_args_with(Punctuated::<syn::Expr, Token![,]>::parse_terminated)?;
        let (mut token, mut name, mut group) = (None, None, None);
        for part in &parts {
            match part {
                syn::Expr::Lit(literal) => token = text(&literal.lit),
                syn::Expr::Assign(assign) => match assign.left.to_token_stream().to_string().as_str() {
                    "name" => name = literal(&assign.right),
                    "group" | "oneof" => group = literal(&assign.right),
                    _ => {} // `since`
                },
                _ => {} // `once`
            }
        }
        let payload = option_of(&field.ty).cloned();
        out.push(Opt { token: token.ok_or_else(missing)?, name, group, payload });
    }
    Ok(out)
}

fn literal(expr: &syn::Expr) -> Option<String> {
    match expr {
        syn::Expr::Lit(literal) => text(&literal.lit),
        _ => None,
    }
}

fn text(literal: &syn::Lit) -> Option<String> {
    match literal {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}

/// What a type means, or an error that says where it stands.
pub(super) fn kind(ty: &Type, scope: &Scope, definitions: &Definitions) -> syn::Result<Kind> {
    if let Type::Tuple(tuple) = ty {
        return tuple
            .elems
            .iter()
            .map(|item| kind(item, scope, definitions))
            .collect::<syn::Result<_>>()
            .map(Kind::Pair);
    }
    let unknown = || syn::Error::new_spanned(ty, "codegen does not know this type of a field");
    let last = last_segment(ty).ok_or_else(unknown)?;
    let inner = || argument(ty).ok_or_else(unknown).and_then(|ty| kind(ty, scope, definitions)).map(Box::new);
    let name = last.ident.to_string();
    Ok(match name.as_str() {
        "Key" => Kind::Key,
        "Arg" => Kind::Arg,
        "i64" => Kind::Int,
        "LateInt" | "Seconds" | "Millis" | "UnixSeconds" | "UnixMillis" => Kind::Late(Box::new(Kind::Int)),
        "f64" => Kind::Float,
        "NumKeys" => Kind::NumKeys,
        "Many" => Kind::Many(inner()?),
        "Option" => Kind::Option(inner()?),
        "Late" => Kind::Late(inner()?),
        _ => match scope.path(&name).and_then(|path| definitions.get(path)).ok_or_else(unknown)? {
            Defined::Options(options) => Kind::Options(options.clone()),
            Defined::Words(words) => Kind::Words(words.clone()),
            Defined::Own => Kind::Own,
        },
    })
}

/// `T` of `Option<T>`.
pub(super) fn option_of(ty: &Type) -> Option<&Type> {
    last_segment(ty).filter(|last| last.ident == "Option").and_then(|_| argument(ty))
}

/// The last segment of a path type.
pub(super) fn last_segment(ty: &Type) -> Option<&syn::PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// The first type argument of a path type.
pub(super) fn argument(ty: &Type) -> Option<&Type> {
    let PathArguments::AngleBracketed(args) = &last_segment(ty)?.arguments else {
        return None;
    };
    args.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}
