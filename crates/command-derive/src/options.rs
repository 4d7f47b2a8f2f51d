//! `#[derive(Options)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{DeriveInput, Index, Type};

use crate::attrs::{Opt, fields};
use crate::described;

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let options = fields(input)?.into_iter().map(Opt::of).collect::<syn::Result<Vec<_>>>()?;
    let builders = builders(input, &options);
    let set = option_set_impl(input, &options);
    let field = field_impl(input, &options)?;
    Ok(quote!(#builders #set #field))
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
            Some(ty) => {
                let (takes, given) = taken(ty, quote!(value));
                (quote!(value: #takes), quote!(Some(#given)))
            }
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
            /// No options.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }

            #(#methods)*
        }
    }
}

/// What a builder takes for a payload of this type, and what it makes of it: any number for a number, in tuples too.
fn taken(ty: &Type, value: TokenStream) -> (TokenStream, TokenStream) {
    if let Type::Tuple(tuple) = ty {
        let parts = tuple.elems.iter().enumerate().map(|(at, ty)| {
            let at = Index::from(at);
            taken(ty, quote!(#value.#at))
        });
        let (takes, given): (Vec<_>, Vec<_>) = parts.unzip();
        return (quote!((#(#takes,)*)), quote!((#(#given,)*)));
    }
    match ty {
        Type::Path(path) if path.path.is_ident("i64") => {
            (quote!(impl ::redipy_command::ToInt), quote!(::redipy_command::ToInt::to_int(&#value)))
        }
        Type::Path(path) if path.path.is_ident("f64") => {
            (quote!(impl ::redipy_command::ToFloat), quote!(::redipy_command::ToFloat::to_float(&#value)))
        }
        _ => (quote!(impl Into<#ty>), quote!(#value.into())),
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

/// Writes an option if it is set.
fn write(option: &Opt<'_>) -> TokenStream {
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
}

/// Checks the value of an option that has one.
fn check(option: &Opt<'_>) -> Option<TokenStream> {
    option.payload?;
    let (name, value) = (&option.field.ident, format_ident!("value"));
    let bound = option.bound.as_ref().map(|bound| bound.check(&quote!(*#value)));
    Some(quote! {
        if let Some(#value) = &self.#name {
            #bound
            ::redipy_command::field::Field::check(#value, command)?;
        }
    })
}

/// `impl Field`, so that a command can hold the options as its last field.
fn field_impl(input: &DeriveInput, options: &[Opt<'_>]) -> syn::Result<TokenStream> {
    let ident = &input.ident;
    let (_, arguments, _) = input.generics.split_for_impl();
    let specs = options.iter().map(described::option).collect::<syn::Result<Vec<_>>>()?;
    let inside = described::arguments(options);
    let writes = options.iter().map(write);
    let keys = options.iter().filter(|option| option.payload.is_some()).map(|option| {
        let name = &option.field.ident;
        quote!(if let Some(value) = &self.#name { ::redipy_command::field::Field::each_key(value, each); })
    });
    let must_be: Vec<_> = options.iter().filter(|option| option.attr.required && option.payload.is_some()).collect();
    let required: Vec<_> = must_be.iter().map(|option| &option.field.ident).collect();
    let required_types = must_be.iter().filter_map(|option| option.payload);
    let checks = options.iter().filter_map(check);
    // Most calls have no options: then nothing is looked for.
    let none = required.is_empty().then(|| {
        quote! {
            if args.is_empty() {
                return Ok(Self::default());
            }
        }
    });
    Ok(quote! {
        impl<'a> ::redipy_command::field::Field<'a> for #ident #arguments {
            const MIN: usize = 0 #(+ 1 + <#required_types as ::redipy_command::field::Field<'_>>::MIN)*;
            const OPEN: bool = true;
            const OPTIONS: &'static [::redipy_command::spec::OptionSpec] = &[#(#specs),*];
            const ARGUMENT: ::redipy_command::spec::Argument = ::redipy_command::spec::Argument {
                inside: &[#(#inside),*],
                ..::redipy_command::spec::Argument::of(::redipy_command::spec::ArgumentKind::Several)
            };

            #[allow(unused_variables)] // there may be no options
            fn write(&self, out: &mut dyn ::redipy_command::Sink) {
                #(#writes)*
            }

            #[inline]
            fn read(args: &mut ::redipy_command::Args<'a>) -> ::redipy_command::Result<Self> {
                #none
                let options: Self = ::redipy_command::field::read_options(args)?;
                #(if options.#required.is_none() {
                    return ::redipy_command::texts::fail(::redipy_command::texts::SYNTAX);
                })*
                Ok(options)
            }

            #[inline]
            #[allow(unused_variables)] // there may be no values
            fn each_key(&self, each: &mut dyn FnMut(::redipy_command::Key<'_>)) {
                #(#keys)*
            }

            #[inline]
            #[allow(unused_variables)] // there may be nothing to check
            fn check(&self, command: &'static str) -> ::redipy_command::Result<()> {
                ::redipy_command::field::OptionSet::compatible(self)?;
                #(if self.#required.is_none() {
                    return ::redipy_command::texts::fail(::redipy_command::texts::SYNTAX);
                })*
                #(#checks)*
                Ok(())
            }
        }
    })
}
