//! `#[derive(Command)]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, DeriveInput, Field, Ident, LitStr, Token, Type};

use crate::attrs::{AtLeast, fields, find, option_of, summary};

/// What `#[command(..)]` says.
struct Declared {
    name: LitStr,
    words: Vec<Ident>,
    session: bool,
    random: bool,
    since: LitStr,
    complexity: LitStr,
    acl: Vec<LitStr>,
    reply: Type,
    shape: Option<Ident>,
    excess: Option<Ident>,
    manual_parse: bool,
}

impl Parse for Declared {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: LitStr = input.parse()?;
        let (mut words, mut acl) = (Vec::new(), Vec::new());
        let (mut since, mut complexity, mut reply, mut shape, mut excess) = (None, None, None, None, None);
        let (mut manual_parse, mut session, mut random) = (false, false, false);
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let word: Ident = input.parse()?;
            if input.parse::<Option<Token![=]>>()?.is_none() {
                match word.to_string().as_str() {
                    "session" => session = true,
                    "random" => random = true,
                    _ => words.push(word),
                }
                continue;
            }
            match word.to_string().as_str() {
                "since" => since = Some(input.parse()?),
                "complexity" => complexity = Some(input.parse()?),
                "acl" => acl.push(input.parse()?),
                "reply" => reply = Some(input.parse()?),
                "shape" => shape = Some(input.parse()?),
                "excess" => excess = Some(input.parse()?),
                "parse" => manual_parse = input.parse::<Ident>()? == "manual",
                _ => return Err(syn::Error::new_spanned(word, "unknown property of a command")),
            }
        }
        let missing = |what: &str| syn::Error::new_spanned(&name, format!("the command needs `{what} = ..`"));
        Ok(Self {
            since: since.ok_or_else(|| missing("since"))?,
            complexity: complexity.ok_or_else(|| missing("complexity"))?,
            reply: reply.ok_or_else(|| missing("reply"))?,
            name,
            words,
            session,
            random,
            acl,
            shape,
            excess,
            manual_parse,
        })
    }
}

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let attr = find(&input.attrs, "command")
        .ok_or_else(|| syn::Error::new_spanned(&input.ident, "expected #[command(\"NAME\", ..)]"))?;
    let declared: Declared = attr.parse_args()?;
    let fields = fields(input)?;
    let command = command_impl(input, &declared, &fields)?;
    let parse = if declared.manual_parse { quote!() } else { parse_impl(input, &declared, &fields)? };
    Ok(quote!(#command #parse))
}

/// `impl Command`.
fn command_impl(input: &DeriveInput, declared: &Declared, fields: &[&Field]) -> syn::Result<TokenStream> {
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let spec = spec(input, declared, fields)?;
    let reply = &declared.reply;
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let command = &declared.name;
    let bounds = fields.iter().map(|field| bound_check(field)).collect::<syn::Result<Vec<_>>>()?;
    let stateless =
        (!declared.session).then(|| quote!(impl #generics ::redipy_command::Stateless for #ident #arguments {}));
    Ok(quote! {
        #stateless

        impl #generics ::redipy_command::Command for #ident #arguments {
            const SPEC: &'static ::redipy_command::Spec = &#spec;
            type Reply = #reply;

            #[allow(unused_variables)] // a command may have no fields
            fn encode(&self, out: &mut dyn ::redipy_command::Sink) {
                #(<#types as ::redipy_command::field::Field<'_>>::write(&self.#names, out);)*
            }

            #[inline]
            #[allow(unused_variables)] // a command may have no fields
            fn keys(&self, each: &mut dyn FnMut(::redipy_command::Key<'_>)) {
                #(<#types as ::redipy_command::field::Field<'_>>::each_key(&self.#names, each);)*
            }

            #[inline]
            fn check(&self) -> ::redipy_command::Result<()> {
                #(#bounds)*
                #(<#types as ::redipy_command::field::Field<'_>>::check(&self.#names, #command)?;)*
                Ok(())
            }

            #[inline]
            fn weight(&self) -> u64 {
                0 #(+ <#types as ::redipy_command::field::Field<'_>>::weight(&self.#names))*
            }
        }
    })
}

/// The `Spec`.
fn spec(input: &DeriveInput, declared: &Declared, fields: &[&Field]) -> syn::Result<TokenStream> {
    let Declared { name, session, random, since, complexity, acl, reply, .. } = declared;
    let summary = summary(&input.attrs);
    let (group, flags) = group_and_flags(declared)?;
    let names = fields.iter().map(|field| field.ident.as_ref().map(ToString::to_string));
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let shape = declared.shape.as_ref().map_or_else(
        || quote!(<#reply as ::redipy_command::Reply>::SHAPE),
        |shape| quote!(::redipy_command::Shape::#shape),
    );
    Ok(quote! {
        ::redipy_command::Spec {
            name: #name,
            summary: #summary,
            group: ::redipy_command::Group::#group,
            flags: ::redipy_command::Flags::NONE #(.and(::redipy_command::Flags::#flags))*,
            session: #session,
            random: #random,
            since: #since,
            complexity: #complexity,
            fields: &[#(::redipy_command::field::describe::<#types>(#names)),*],
            acl: &[#(#acl),*],
            shape: #shape,
        }
    })
}

/// Splits the words into the group (the first one) and the flags.
fn group_and_flags(declared: &Declared) -> syn::Result<(Ident, Vec<Ident>)> {
    let Some((group, flags)) = declared.words.split_first() else {
        return Err(syn::Error::new_spanned(&declared.name, "the command needs a group"));
    };
    let group = match group.to_string().as_str() {
        "zset" => format_ident!("SortedSet", span = group.span()),
        word => {
            let mut word = word.to_owned();
            word[..1].make_ascii_uppercase();
            Ident::new(&word, group.span())
        }
    };
    let upper = |flag: &Ident| Ident::new(&flag.to_string().to_uppercase(), flag.span());
    Ok((group, flags.iter().map(upper).collect()))
}

/// The check of a typed integer against `#[at_least]`.
fn bound_check(field: &Field) -> syn::Result<TokenStream> {
    let Some(bound) = AtLeast::of(field)? else { return Ok(quote!()) };
    let name = &field.ident;
    if option_of(&field.ty).is_none() {
        return Ok(bound.check(&quote!(self.#name)));
    }
    let check = bound.check(&quote!(value));
    Ok(quote!(if let Some(value) = self.#name { #check }))
}

/// `impl Parse`.
fn parse_impl(input: &DeriveInput, declared: &Declared, fields: &[&Field]) -> syn::Result<TokenStream> {
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let borrows = input.generics.lifetimes().next().is_some();
    let (generics, lifetime) = if borrows { (quote!(#generics), quote!('a)) } else { (quote!(<'a>), quote!('a)) };
    let names = fields.iter().map(|field| &field.ident);
    let reads = fields.iter().map(|field| read(field)).collect::<syn::Result<Vec<_>>>()?;
    let end = match declared.excess.as_ref().map(ToString::to_string).as_deref() {
        None | Some("syntax") => quote!(args.end()?),
        Some("arity") => quote!(args.end_arity()?),
        Some("unsupported") => quote!(args.end_unsupported()?),
        Some(_) => return Err(syn::Error::new_spanned(&declared.excess, "expected syntax, arity or unsupported")),
    };
    Ok(quote! {
        impl #generics ::redipy_command::Parse<#lifetime> for #ident #arguments {
            #[allow(unused_mut)] // a command may have no fields
            fn parse(mut args: ::redipy_command::Args<#lifetime>) -> ::redipy_command::Result<Self> {
                let command = Self { #(#names: #reads),* };
                #end;
                Ok(command)
            }
        }
    })
}

/// Reads one field.
fn read(field: &Field) -> syn::Result<TokenStream> {
    let ty = &field.ty;
    if let Some(bound) = AtLeast::of(field)? {
        let read = bound.read();
        return Ok(match option_of(ty) {
            None => read,
            Some(_) => quote!(if args.is_empty() { None } else { Some(#read) }),
        });
    }
    if let Some(text) = find(&field.attrs, "too_many").map(Attribute::parse_args::<Ident>).transpose()? {
        return Ok(quote!(::redipy_command::field::NumKeys::read_or(&mut args, ::redipy_command::texts::#text)?));
    }
    Ok(quote!(<#ty as ::redipy_command::field::Field<'a>>::read(&mut args)?))
}
