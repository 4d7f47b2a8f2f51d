//! `#[derive(Command)]`.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, DeriveInput, Expr, Field, Ident, LitStr, Token, Type};

use crate::attrs::{AtLeast, fields, find, option_of, summary};
use crate::described;

/// What `#[command(..)]` says.
struct Declared {
    name: LitStr,
    /// Words that are no group and no flag.
    own: Vec<Ident>,
    words: Vec<Ident>,
    /// Values that occur once, by name.
    values: BTreeMap<String, Expr>,
    acl: Vec<LitStr>,
    tips: Vec<LitStr>,
    reply: Type,
}

/// Words that say something besides group and flags.
const OWN: [&str; 5] = ["session", "random", "repeatable", "unqueued", "while_listening"];

/// What has a value.
const VALUES: [&str; 11] = [
    "arguments",
    "complexity",
    "deprecated",
    "excess",
    "in_scripts",
    "instead",
    "keys_in_reply",
    "parse",
    "session",
    "shape",
    "since",
];

impl Parse for Declared {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: LitStr = input.parse()?;
        let (mut own, mut words, mut acl, mut tips) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut values, mut reply) = (BTreeMap::new(), None);
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let word: Ident = input.parse()?;
            let text = word.to_string();
            if input.parse::<Option<Token![=]>>()?.is_none() {
                let list = if OWN.contains(&text.as_str()) { &mut own } else { &mut words };
                list.push(word);
                continue;
            }
            match text.as_str() {
                "acl" => acl.push(input.parse()?),
                "tip" => tips.push(input.parse()?),
                "reply" => reply = Some(input.parse()?),
                _ if VALUES.contains(&text.as_str()) => drop(values.insert(text, input.parse()?)),
                _ => return Err(syn::Error::new_spanned(word, "unknown property of a command")),
            }
        }
        let missing = |what: &str| syn::Error::new_spanned(&name, format!("the command needs `{what} = ..`"));
        Ok(Self { reply: reply.ok_or_else(|| missing("reply"))?, name, own, words, values, acl, tips })
    }
}

impl Declared {
    /// Whether this word is among those that say something besides group and flags.
    fn says(&self, word: &str) -> bool {
        self.own.iter().any(|own| own == word)
    }

    /// The value of this name, as the text of a word.
    fn word(&self, name: &str) -> Option<String> {
        self.values.get(name).map(|value| value.to_token_stream().to_string())
    }

    /// What it has to do with its connection: what it says, or what follows from its group.
    fn session(&self) -> Option<TokenStream> {
        let group = self.words.first().map(ToString::to_string);
        let said = self.values.get("session").map(ToTokens::to_token_stream);
        let by_group = self.says("session").then(|| match group.as_deref() {
            Some("transactions") => quote!(Transaction),
            Some("pubsub") => quote!(Subscription),
            _ => quote!(State),
        });
        said.or(by_group)
    }
}

impl Declared {
    fn of(input: &DeriveInput) -> syn::Result<Self> {
        let attr = find(&input.attrs, "command")
            .ok_or_else(|| syn::Error::new_spanned(&input.ident, "expected #[command(\"NAME\", ..)]"))?;
        attr.parse_args()
    }
}

/// Whether the command needs a connection of its own.
pub(crate) fn needs_session(input: &DeriveInput) -> syn::Result<bool> {
    Declared::of(input).map(|declared| declared.session().is_some())
}

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let declared = Declared::of(input)?;
    let fields = fields(input)?;
    let command = command_impl(input, &declared, &fields)?;
    let manual = declared.word("parse").is_some_and(|how| how == "manual");
    let parse = if manual { quote!() } else { parse_impl(input, &declared, &fields)? };
    Ok(quote!(#command #parse))
}

/// `impl Command`.
fn command_impl(input: &DeriveInput, declared: &Declared, fields: &[&Field]) -> syn::Result<TokenStream> {
    let ident = &input.ident;
    let (generics, arguments, _) = input.generics.split_for_impl();
    let spec = spec(input, declared)?;
    let described = fields.iter().map(|field| described::field(field)).collect::<syn::Result<Vec<_>>>()?;
    let reply = &declared.reply;
    let names: Vec<_> = fields.iter().map(|field| &field.ident).collect();
    let types: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    let command = &declared.name;
    let bounds = fields.iter().map(|field| bound_check(field)).collect::<syn::Result<Vec<_>>>()?;
    let stateless = declared
        .session()
        .is_none()
        .then(|| quote!(impl #generics ::redipy_command::Stateless for #ident #arguments {}));
    Ok(quote! {
        #stateless

        impl #generics ::redipy_command::field::Described for #ident #arguments {
            const FIELDS: &'static [::redipy_command::spec::FieldSpec] = &[#(#described),*];
        }

        impl #generics ::redipy_command::Command for #ident #arguments {
            const SPEC: &'static ::redipy_command::Spec = {
                use ::redipy_command::field::Described as _;
                &#spec
            };
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
fn spec(input: &DeriveInput, declared: &Declared) -> syn::Result<TokenStream> {
    let Declared { name, acl, tips, reply, values, .. } = declared;
    let summary = summary(&input.attrs);
    let (group, flags) = group_and_flags(declared)?;
    let shape = values.get("shape").map_or_else(
        || quote!(<#reply as ::redipy_command::Reply>::SHAPE),
        |shape| quote!(::redipy_command::Shape::#shape),
    );
    // Commands of one's own need neither; `cargo xtask codegen` asks for them here.
    let text = |name: &str| values.get(name).map_or_else(|| quote!(""), ToTokens::to_token_stream);
    let (since, complexity) = (text("since"), text("complexity"));
    let (random, unqueued, while_listening) =
        (declared.says("random"), declared.says("unqueued"), declared.says("while_listening"));
    let optional = |value: Option<TokenStream>| value.map_or_else(|| quote!(None), |value| quote!(Some(#value)));
    let in_scripts = optional(values.get("in_scripts").map(ToTokens::to_token_stream));
    let deprecated = optional(values.get("deprecated").map(|since| {
        let instead = values.get("instead").map_or_else(|| quote!(""), ToTokens::to_token_stream);
        quote!(::redipy_command::spec::Deprecated { since: #since, instead: #instead })
    }));
    let in_reply = values.get("keys_in_reply").map_or_else(|| quote!(None), ToTokens::to_token_stream);
    let own_arguments = optional(values.get("arguments").map(ToTokens::to_token_stream));
    let handling = handling(declared);
    Ok(quote! {
        ::redipy_command::Spec {
            name: #name,
            id: ::redipy_command::spec::CommandId::of(#name),
            words: ::redipy_command::spec::words(#name),
            arity: ::redipy_command::spec::arity(#name, Self::FIELDS),
            only_key: ::redipy_command::spec::only_key(Self::FIELDS),
            summary: #summary,
            group: ::redipy_command::Group::#group,
            flags: ::redipy_command::Flags::NONE #(.and(::redipy_command::Flags::#flags))*,
            handling: #handling,
            unqueued: #unqueued,
            while_listening: #while_listening,
            keys_in_reply: ::redipy_command::spec::KeysInReply::#in_reply,
            random: #random,
            since: #since,
            deprecated: #deprecated,
            complexity: #complexity,
            fields: Self::FIELDS,
            own_arguments: #own_arguments,
            acl: &[#(#acl),*],
            tips: &[#(#tips),*],
            shape: #shape,
            pairs: <#reply as ::redipy_command::Reply>::PAIRS,
            in_scripts: #in_scripts,
        }
    })
}

/// The `Handling`: what only reads can be repeated.
fn handling(declared: &Declared) -> TokenStream {
    let name = &declared.name;
    let repeatable = declared.says("repeatable") || declared.words.iter().any(|word| word == "readonly");
    let session = declared.session();
    let session = session.map_or_else(|| quote!(None), |how| quote!(Some(::redipy_command::spec::SessionUse::#how)));
    quote! {
        ::redipy_command::spec::Handling {
            blocks: ::redipy_command::spec::blocks(#name, Self::FIELDS),
            repeatable: #repeatable,
            session: #session,
        }
    }
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
    let end = match declared.word("excess").as_deref() {
        None | Some("syntax") => quote!(args.end()?),
        Some("arity") => quote!(args.end_arity()?),
        Some("unsupported") => quote!(args.end_unsupported()?),
        Some(_) => {
            return Err(syn::Error::new_spanned(&declared.name, "expected excess = syntax, arity or unsupported"));
        }
    };
    Ok(quote! {
        impl #generics ::redipy_command::Parse<#lifetime> for #ident #arguments {
            #[allow(unused_mut)] // a command may have no fields
            #[inline]
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
