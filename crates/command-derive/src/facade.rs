//! The same derives for programs that depend on `redipy` alone: what they name is found through it.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::DeriveInput;

/// The text of a derive with `::redipy_command` replaced by what `redipy` re-exports it as.
pub(crate) fn renamed(text: TokenStream) -> TokenStream {
    text.into_iter()
        .flat_map(|token| match token {
            TokenTree::Ident(ident) if ident == "redipy_command" => path(&ident),
            TokenTree::Group(group) => {
                let mut inside = Group::new(group.delimiter(), renamed(group.stream()));
                inside.set_span(group.span());
                TokenStream::from(TokenTree::Group(inside))
            }
            other => other.into(),
        })
        .collect()
}

fn path(ident: &Ident) -> TokenStream {
    let (redipy, command) = (Ident::new("redipy", ident.span()), Ident::new("__command", ident.span()));
    quote!(#redipy::#command)
}

/// A command, and what makes it one that clients take: by its name, since the engine has nothing of this type.
pub(crate) fn command(input: &DeriveInput) -> syn::Result<TokenStream> {
    let text = renamed(crate::command::expand(input)?);
    if crate::command::needs_session(input)? {
        return Ok(text);
    }
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    Ok(quote!(#text ::redipy::__callable! { [#generics] [#ident #arguments] }))
}
