//! `#[derive(Token)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(&input.ident, "expected an enum"));
    };
    let ident = &input.ident;
    let variants: Vec<_> = data.variants.iter().map(|variant| &variant.ident).collect();
    let names: Vec<_> = variants.iter().map(|variant| variant.to_string().to_lowercase()).collect();
    let tokens: Vec<_> = variants.iter().map(|variant| variant.to_string().to_uppercase()).collect();
    Ok(quote! {
        impl<'a> ::redipy_command::field::Field<'a> for #ident {
            const MIN: usize = 1;
            const ARGUMENT: ::redipy_command::spec::Argument = ::redipy_command::spec::Argument {
                inside: &[#(
                    ::redipy_command::spec::Argument::of(::redipy_command::spec::ArgumentKind::PureToken)
                        .named(#names)
                        .after(#tokens)
                ),*],
                ..::redipy_command::spec::Argument::of(::redipy_command::spec::ArgumentKind::OneOf)
            };

            fn write(&self, out: &mut dyn ::redipy_command::Sink) {
                out.arg(match self { #(Self::#variants => #tokens.as_bytes()),* });
            }

            fn read(args: &mut ::redipy_command::Args<'a>) -> ::redipy_command::Result<Self> {
                let token = args.take()?;
                #(if token.eq_ignore_ascii_case(#tokens.as_bytes()) { return Ok(Self::#variants); })*
                ::redipy_command::texts::fail(::redipy_command::texts::SYNTAX)
            }
        }
    })
}
