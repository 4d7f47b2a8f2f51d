//! How a method takes a field of a command: what callers may write, and what makes the field of it.

use quote::ToTokens;
use syn::Type;

use super::types::{self, Kind};

/// The type of a parameter, and what follows its name where the field is made.
pub(super) struct Taken {
    pub(super) ty: String,
    pub(super) made: &'static str,
    /// The path of the trait, for one of `forms`.
    pub(super) form: Option<String>,
}

/// One of the traits of `forms` where there is one for this kind, and what converts into the type otherwise. Options and words
/// are taken as they are.
pub(super) fn taken(kind: &Kind, ty: &Type) -> Taken {
    // Naming an optional field in a method is giving it.
    let (kind, ty) = match kind {
        Kind::Option(inner) => (&**inner, types::option_of(ty).unwrap_or(ty)),
        kind => (kind, ty),
    };
    let own = ty.to_token_stream().to_string();
    if let Kind::Options(_) | Kind::Words(_) = kind {
        return Taken { ty: own, made: "", form: None };
    }
    match form(kind) {
        Some((name, made)) => Taken { ty: format!("impl {name}"), made, form: Some(format!("crate::forms::{name}")) },
        None => Taken { ty: format!("impl Into<{own}>"), made: ".into()", form: None },
    }
}

/// The trait of `forms` that takes such a field, and how.
fn form(kind: &Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::Key => ("ToKey", ".to_key()"),
        Kind::Arg => ("ToArg", ".to_arg()"),
        Kind::Int => ("ToInt", ".to_int()"),
        Kind::Float => ("ToFloat", ".to_float()"),
        Kind::NumKeys => ("ToKeys", ".to_keys().into()"),
        Kind::Many(item) => match &**item {
            Kind::Key => ("ToKeys", ".to_keys()"),
            Kind::Arg => ("ToArgs", ".to_args()"),
            Kind::Pair(pair) if matches!(pair[..], [Kind::Key, _]) => ("ToEntries", ".to_entries()"),
            Kind::Pair(pair) if matches!(pair[..], [Kind::Float, _]) => ("ToScored", ".to_scored()"),
            Kind::Pair(_) => ("ToFields", ".to_fields()"),
            _ => return None,
        },
        _ => return None,
    })
}
