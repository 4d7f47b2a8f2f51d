//! What a script sees of a reply, by its type: the constants `Reply::SHAPE`, read from their text.

use std::collections::BTreeMap;

use syn::{Expr, ImplItem, Item, Type};

use super::types::{argument, last_segment};

/// The name of a `Shape` where nothing is said.
const NATURAL: &str = "Natural";

/// The names of the shapes, by the name of the type that implements `Reply`.
#[derive(Default)]
pub(super) struct Shapes(BTreeMap<String, String>);

impl Shapes {
    /// Adds what an item says, if it is `impl Reply for ..` with a shape in it.
    pub(super) fn add(&mut self, item: &Item) {
        let Item::Impl(item) = item else { return };
        let replies = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        let (Some(reply), Some(own)) = (replies, last_segment(&item.self_ty)) else { return };
        let shape = item.items.iter().find_map(|inner| match inner {
            ImplItem::Const(inner) if inner.ident == "SHAPE" => name_of(&inner.expr),
            _ => None,
        });
        if let Some(shape) = shape.filter(|_| reply.ident == "Reply") {
            self.0.insert(own.ident.to_string(), shape);
        }
    }

    /// The shape of a reply of this type.
    pub(super) fn of(&self, ty: &Type) -> &str {
        let Some(last) = last_segment(ty) else { return NATURAL };
        let inner = argument(ty).map(|inner| self.of(inner));
        // As `Shape::or_null` and `Shape::listed` have it.
        match (last.ident.to_string().as_str(), inner) {
            ("Option", Some("Text")) => "OptionalText",
            ("Option", _) => "Optional",
            ("Vec", Some("Bool")) => "Bools",
            ("Vec", Some("Text")) => "List",
            ("Vec", Some("Optional" | "OptionalText")) => "Items",
            ("OneOrMany", None | Some("Text")) => "OneOrMany",
            (name, _) => self.0.get(name).map_or(NATURAL, String::as_str),
        }
    }
}

/// `Bool` of `Shape::Bool`; shapes that are computed have rules of their own in [`Shapes::of`].
fn name_of(shape: &Expr) -> Option<String> {
    match shape {
        Expr::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
}
