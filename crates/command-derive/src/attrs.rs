//! What the attributes say, read once for all derives.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Data, DeriveInput, Expr, ExprLit, Field, Ident, Lit, LitStr, Token, Type};

/// The named fields of a struct.
pub(crate) fn fields(input: &DeriveInput) -> syn::Result<Vec<&Field>> {
    let Data::Struct(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "expected a struct"));
    };
    if data.fields.iter().any(|field| field.ident.is_none()) {
        return Err(syn::Error::new_spanned(&input.ident, "expected named fields"));
    }
    Ok(data.fields.iter().collect())
}

/// The first attribute of this name.
pub(crate) fn find<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attrs.iter().find(|attr| attr.path().is_ident(name))
}

/// The first paragraph of the documentation, on one line.
pub(crate) fn summary(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter(|attr| attr.path().is_ident("doc")).filter_map(|attr| {
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &attr.meta.require_name_value().ok()?.value else {
            return None;
        };
        Some(text.value().trim().to_owned())
    });
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// `Some(T)` for a field of type `Option<T>`.
pub(crate) fn option_of(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    match args.args.first()? {
        syn::GenericArgument::Type(inner) if last.ident == "Option" => Some(inner),
        _ => None,
    }
}

/// `#[at_least(1, TEXT)]`: the lowest integer, and the text of what lies below or is no integer.
pub(crate) struct AtLeast {
    pub(crate) least: Expr,
    pub(crate) text: Ident,
}

impl Parse for AtLeast {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let least = input.parse()?;
        input.parse::<Token![,]>()?;
        Ok(Self { least, text: input.parse()? })
    }
}

impl AtLeast {
    /// The attribute of this field, if it has one.
    pub(crate) fn of(field: &Field) -> syn::Result<Option<Self>> {
        find(&field.attrs, "at_least").map(Attribute::parse_args).transpose()
    }

    /// Reads such an integer from `args`.
    pub(crate) fn read(&self) -> TokenStream {
        let Self { least, text } = self;
        quote!(::redipy_command::field::at_least(args.take()?, #least, ::redipy_command::texts::#text)?)
    }

    /// Refuses a typed value below the bound.
    pub(crate) fn check(&self, value: &TokenStream) -> TokenStream {
        let Self { least, text } = self;
        quote! {
            if #value < #least {
                return ::redipy_command::texts::fail(::redipy_command::texts::#text);
            }
        }
    }
}

/// `#[token("EX", group = "expiry", once)]`.
pub(crate) struct TokenAttr {
    pub(crate) token: LitStr,
    pub(crate) group: Option<LitStr>,
    pub(crate) once: bool,
}

impl Parse for TokenAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut out = Self { token: input.parse()?, group: None, once: false };
        while input.parse::<Option<Token![,]>>()?.is_some() {
            let word: Ident = input.parse()?;
            match word.to_string().as_str() {
                "once" => out.once = true,
                "group" => {
                    input.parse::<Token![=]>()?;
                    out.group = Some(input.parse()?);
                }
                _ => return Err(syn::Error::new_spanned(word, "expected `group = \"..\"` or `once`")),
            }
        }
        Ok(out)
    }
}
