//! What declarations say of arguments: keys, timeouts, and the tree that `COMMAND DOCS` has.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Field, Type};

use crate::attrs::{ArgumentAttr, KeyAttr, Opt, find, is_timeout, names_of, option_of};

/// The `FieldSpec` of a field of a command.
pub(crate) fn field(field: &Field) -> syn::Result<TokenStream> {
    let ty = &field.ty;
    let name = field.ident.as_ref().map(ToString::to_string);
    let access = match KeyAttr::of(field)? {
        Some(attr) => attr.access(),
        None => quote!(::redipy_command::spec::Access::READ),
    };
    let (names, timeout) = (names_of(field)?, is_timeout(field));
    let own: Option<ArgumentAttr> = find(&field.attrs, "argument").map(Attribute::parse_args).transpose()?;
    let documented = own.as_ref().map_or_else(|| documented_name(field), |attr| attr.name.value());
    let since = own.as_ref().and_then(|attr| attr.since.as_ref()).map(|version| quote!(.since(#version)));
    let kind = own.and_then(|attr| attr.kind).map(|kind| quote!(.as_kind(::redipy_command::spec::ArgumentKind::#kind)));
    Ok(quote! {
        ::redipy_command::spec::FieldSpec {
            access: #access,
            names: #names,
            timeout: #timeout,
            argument: <#ty as ::redipy_command::field::Field<'_>>::ARGUMENT.named(#documented) #kind #since,
            ..::redipy_command::field::describe::<#ty>(#name)
        }
    })
}

/// The name of a field as the documentation spells it: one of several, which are `data` where they come in pairs.
fn documented_name(field: &Field) -> String {
    let name = field.ident.as_ref().map(|name| name.unraw().to_string().replace('_', "-")).unwrap_or_default();
    match many(option_of(&field.ty).unwrap_or(&field.ty)) {
        Some(Type::Tuple(_)) => "data".to_owned(),
        Some(_) => name.strip_suffix('s').map(str::to_owned).unwrap_or(name),
        None => name,
    }
}

/// `T` of `Many<T>`.
fn many(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Many")?;
    let syn::PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    args.args.iter().find_map(|arg| if let syn::GenericArgument::Type(ty) = arg { Some(ty) } else { None })
}

/// The `OptionSpec` of an option.
pub(crate) fn option(option: &Opt<'_>) -> syn::Result<TokenStream> {
    let token = &option.attr.token;
    let key = KeyAttr::of(option.field)?.unwrap_or_default();
    let (access, hidden) = (key.access(), key.hidden);
    let from = key.from.as_ref().map_or_else(|| quote!(None), |from| quote!(Some(#from)));
    let (names, timeout) = (names_of(option.field)?, is_timeout(option.field));
    let taken = option.payload.map(|ty| {
        quote! {
            keys: <#ty as ::redipy_command::field::Field<'_>>::KEYS,
            open: <#ty as ::redipy_command::field::Field<'_>>::OPEN,
            min: <#ty as ::redipy_command::field::Field<'_>>::MIN,
        }
    });
    Ok(quote! {
        ::redipy_command::spec::OptionSpec {
            #taken
            keys_from: #from,
            hides_keys: #hidden,
            access: #access,
            names: #names,
            timeout: #timeout,
            ..::redipy_command::spec::OptionSpec::of(#token, 0)
        }
    })
}

/// The `Argument`s of options; those that exclude each other are one of several.
pub(crate) fn arguments(options: &[Opt<'_>]) -> Vec<TokenStream> {
    let mut done: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for option in options {
        let Some(choice) = option.attr.choice() else {
            let argument = argument(option, true);
            let optional = (!option.attr.required).then(|| quote!(.optional()));
            out.push(quote!(#argument #optional));
            continue;
        };
        if done.contains(&choice) {
            continue;
        }
        let members: Vec<_> =
            options.iter().filter(|other| other.attr.choice().as_deref() == Some(choice.as_str())).collect();
        out.push(one_of(&choice, &members));
        done.push(choice);
    }
    out
}

/// A choice; what all of its members are since, it is since.
fn one_of(choice: &str, members: &[&Opt<'_>]) -> TokenStream {
    let since = |option: &&Opt<'_>| option.attr.since.as_ref().map(syn::LitStr::value);
    let common =
        members.first().and_then(since).filter(|first| members.iter().all(|one| since(one).as_ref() == Some(first)));
    let inside: Vec<_> = members.iter().map(|member| argument(member, common.is_none())).collect();
    let since = common.map_or_else(|| quote!(None), |version| quote!(Some(#version)));
    quote! {
        ::redipy_command::spec::Argument {
            name: #choice,
            optional: true,
            since: #since,
            inside: &[#(#inside),*],
            ..::redipy_command::spec::Argument::of(::redipy_command::spec::ArgumentKind::OneOf)
        }
    }
}

/// The argument of an option; with its version, unless that is said of several at once.
fn argument(option: &Opt<'_>, with_version: bool) -> TokenStream {
    let token = &option.attr.token;
    let name = option.attr.name.as_ref().map_or_else(|| token.value().to_lowercase(), syn::LitStr::value);
    let since = option.attr.since.as_ref().filter(|_| with_version).map(|version| quote!(.since(#version)));
    let kind = match option.payload {
        None => quote!(::redipy_command::spec::Argument::of(::redipy_command::spec::ArgumentKind::PureToken)),
        Some(ty) => quote!(<#ty as ::redipy_command::field::Field<'_>>::ARGUMENT),
    };
    quote!(#kind.named(#name).after(#token)#since)
}
