//! `#[derive(Options)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, DeriveInput, Field, Type};

use crate::attrs::{AtLeast, TokenAttr, fields, find, option_of};

/// A field with what its attributes say.
struct Opt<'f> {
    field: &'f Field,
    attr: TokenAttr,
    /// The type of its values; none for a flag.
    payload: Option<&'f Type>,
    bound: Option<AtLeast>,
}

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = fields(input)?.into_iter().map(read_field).collect::<syn::Result<Vec<_>>>()?;
    let builders = builders(input, &options);
    let set = option_set_impl(input, &options);
    let field = field_impl(input, &options);
    Ok(quote!(#builders #set #field))
}

fn read_field(field: &Field) -> syn::Result<Opt<'_>> {
    let attr =
        find(&field.attrs, "token").ok_or_else(|| syn::Error::new_spanned(field, "expected #[token(\"NAME\")]"))?;
    Ok(Opt { field, attr: Attribute::parse_args(attr)?, payload: option_of(&field.ty), bound: AtLeast::of(field)? })
}

/// `new()` and one builder method per option.
fn builders(input: &DeriveInput, options: &[Opt<'_>]) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let methods = options.iter().map(|option| {
        let (name, vis) = (&option.field.ident, &option.field.vis);
        let docs = option.field.attrs.iter().filter(|attr| attr.path().is_ident("doc"));
        let (parameter, value) = match option.payload {
            None => (quote!(), quote!(true)),
            Some(ty) => (quote!(value: impl Into<#ty>), quote!(Some(value.into()))),
        };
        quote! {
            #(#docs)*
            #[must_use]
            #vis fn #name(mut self, #parameter) -> Self {
                self.#name = #value;
                self
            }
        }
    });
    quote! {
        impl #generics #ident #arguments {
            /// No option.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            #(#methods)*
        }
    }
}

fn option_set_impl(input: &DeriveInput, options: &[Opt<'_>]) -> TokenStream {
    let ident = &input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    let accepts = options.iter().map(accept);
    let groups = groups(options);
    quote! {
        impl<'a> ::redipy_command::field::OptionSet<'a> for #ident #arguments {
            #[allow(unused_variables)] // there may be no options
            fn accept(&mut self, token: &[u8], args: &mut ::redipy_command::Args<'a>) -> ::redipy_command::Result<bool> {
                #(#accepts)*
                Ok(false)
            }

            #[inline]
            fn compatible(&self) -> ::redipy_command::Result<()> {
                #(#groups)*
                Ok(())
            }
        }
    }
}

/// `if the token is this one, and its values are there, take them`.
fn accept(option: &Opt<'_>) -> TokenStream {
    let (name, token) = (&option.field.ident, &option.attr.token);
    let mut condition = quote!(token.eq_ignore_ascii_case(#token.as_bytes()));
    if option.attr.once {
        let unset = if option.payload.is_some() { quote!(self.#name.is_none()) } else { quote!(!self.#name) };
        condition = quote!(#condition && #unset);
    }
    let Some(ty) = option.payload else {
        return quote! {
            if #condition {
                self.#name = true;
                return Ok(true);
            }
        };
    };
    let read = match &option.bound {
        Some(bound) => bound.read(),
        None => quote!(<#ty as ::redipy_command::field::Field<'a>>::read(args)?),
    };
    quote! {
        if #condition && args.len() >= <#ty as ::redipy_command::field::Field<'a>>::MIN {
            self.#name = Some(<#ty as Default>::default());
            self.#name = Some(#read);
            return Ok(true);
        }
    }
}

/// Counts, for each group, how many of its options are set.
fn groups(options: &[Opt<'_>]) -> Vec<TokenStream> {
    let mut groups: Vec<(String, Vec<TokenStream>)> = Vec::new();
    for option in options {
        let Some(group) = &option.attr.group else { continue };
        let name = &option.field.ident;
        let set = if option.payload.is_some() { quote!(self.#name.is_some()) } else { quote!(self.#name) };
        match groups.iter_mut().find(|(known, _)| *known == group.value()) {
            Some((_, members)) => members.push(set),
            None => groups.push((group.value(), vec![set])),
        }
    }
    let check = |(_, members): &(String, Vec<TokenStream>)| {
        quote! {
            if #(u8::from(#members))+* > 1 {
                return ::redipy_command::texts::fail(::redipy_command::texts::SYNTAX);
            }
        }
    };
    groups.iter().map(check).collect()
}

/// `impl Field`, so that a command can hold the options as its last field.
fn field_impl(input: &DeriveInput, options: &[Opt<'_>]) -> TokenStream {
    let ident = &input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    let tokens = options.iter().map(|option| &option.attr.token);
    let writes = options.iter().map(|option| {
        let (name, token) = (&option.field.ident, &option.attr.token);
        match option.payload {
            None => quote!(if self.#name { out.arg(#token.as_bytes()); }),
            Some(_) => quote! {
                if let Some(value) = &self.#name {
                    out.arg(#token.as_bytes());
                    ::redipy_command::field::Field::write(value, out);
                }
            },
        }
    });
    let checks = options.iter().filter_map(|option| {
        let name = &option.field.ident;
        let value = format_ident!("value");
        option.payload?;
        let bound = option.bound.as_ref().map(|bound| bound.check(&quote!(*#value)));
        Some(quote! {
            if let Some(#value) = &self.#name {
                #bound
                ::redipy_command::field::Field::check(#value, command)?;
            }
        })
    });
    quote! {
        impl<'a> ::redipy_command::field::Field<'a> for #ident #arguments {
            const MIN: usize = 0;
            const OPEN: bool = true;
            const TOKENS: &'static [&'static str] = &[#(#tokens),*];

            #[allow(unused_variables)] // there may be no options
            fn write(&self, out: &mut dyn ::redipy_command::Sink) {
                #(#writes)*
            }

            fn read(args: &mut ::redipy_command::Args<'a>) -> ::redipy_command::Result<Self> {
                ::redipy_command::field::read_options(args)
            }

            #[inline]
            #[allow(unused_variables)] // there may be nothing to check
            fn check(&self, command: &'static str) -> ::redipy_command::Result<()> {
                ::redipy_command::field::OptionSet::compatible(self)?;
                #(#checks)*
                Ok(())
            }
        }
    }
}
