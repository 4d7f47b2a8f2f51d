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

/// `#[token("EX", name = "seconds", group = "expiration", since = "2.6.12", once)]`.
pub(crate) struct TokenAttr {
    pub(crate) token: LitStr,
    /// The name of what follows it, in the documentation.
    pub(crate) name: Option<LitStr>,
    /// A group of options that exclude each other.
    pub(crate) group: Option<LitStr>,
    /// A group that only the documentation has: the options do not refuse it.
    pub(crate) oneof: Option<LitStr>,
    pub(crate) since: Option<LitStr>,
    pub(crate) once: bool,
    /// Set if the option is required.
    pub(crate) required: bool,
}

impl Parse for TokenAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let token = input.parse()?;
        let mut out = Self { token, name: None, group: None, oneof: None, since: None, once: false, required: false };
        while input.parse::<Option<Token![,]>>()?.is_some() {
            let word: Ident = input.parse()?;
            let property = match word.to_string().as_str() {
                "once" => {
                    out.once = true;
                    continue;
                }
                "required" => {
                    out.required = true;
                    continue;
                }
                "name" => &mut out.name,
                "group" => &mut out.group,
                "oneof" => &mut out.oneof,
                "since" => &mut out.since,
                _ => return Err(syn::Error::new_spanned(word, "expected name, group, oneof, since, once or required")),
            };
            input.parse::<Token![=]>()?;
            *property = Some(input.parse()?);
        }
        Ok(out)
    }
}

impl TokenAttr {
    /// The name of the choice of which it is one in the documentation.
    pub(crate) fn choice(&self) -> Option<String> {
        self.group.as_ref().or(self.oneof.as_ref()).map(LitStr::value)
    }
}

/// `#[key(RW, access, delete)]`: what a command does to a key. `hidden` for keys of which `COMMAND INFO` does not say where
/// they are, `from = -2` for where it looks for the word before them.
#[derive(Default)]
pub(crate) struct KeyAttr {
    access: Vec<Ident>,
    pub(crate) hidden: bool,
    pub(crate) from: Option<Expr>,
}

impl Parse for KeyAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut out = Self::default();
        loop {
            let word: Ident = input.parse()?;
            match word.to_string().as_str() {
                "hidden" => out.hidden = true,
                "from" => {
                    input.parse::<Token![=]>()?;
                    out.from = Some(input.parse()?);
                }
                _ => out.access.push(word),
            }
            if input.parse::<Option<Token![,]>>()?.is_none() {
                return Ok(out);
            }
        }
    }
}

impl KeyAttr {
    /// The attribute of this field, if it has one.
    pub(crate) fn of(field: &Field) -> syn::Result<Option<Self>> {
        find(&field.attrs, "key").map(Attribute::parse_args).transpose()
    }

    /// The `Access`.
    pub(crate) fn access(&self) -> TokenStream {
        if self.access.is_empty() {
            return quote!(::redipy_command::spec::Access::READ);
        }
        let words = self.access.iter().map(|word| Ident::new(&word.to_string().to_uppercase(), word.span()));
        quote!(::redipy_command::spec::Access::NONE #(.and(::redipy_command::spec::Access::#words))*)
    }
}

/// `#[argument("increment", Double, since = "6.2.0")]`: the name of an argument in the documentation, what it is there and
/// since when, where that does not follow from the field.
pub(crate) struct ArgumentAttr {
    pub(crate) name: LitStr,
    pub(crate) kind: Option<Ident>,
    pub(crate) since: Option<LitStr>,
}

impl Parse for ArgumentAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut out = Self { name: input.parse()?, kind: None, since: None };
        while input.parse::<Option<Token![,]>>()?.is_some() {
            let word: Ident = input.parse()?;
            if word == "since" {
                input.parse::<Token![=]>()?;
                out.since = Some(input.parse()?);
            } else {
                out.kind = Some(word);
            }
        }
        Ok(out)
    }
}

/// `#[names(Channel)]`: what an argument names that is no key.
pub(crate) fn names_of(field: &Field) -> syn::Result<TokenStream> {
    let what = find(&field.attrs, "names").map(Attribute::parse_args::<Ident>).transpose()?;
    Ok(match what {
        Some(what) => quote!(Some(::redipy_command::spec::Names::#what)),
        None => quote!(None),
    })
}

/// `#[timeout]`: the argument says how long the command may wait.
pub(crate) fn is_timeout(field: &Field) -> bool {
    find(&field.attrs, "timeout").is_some()
}

/// An option with what its attributes say.
pub(crate) struct Opt<'f> {
    pub(crate) field: &'f Field,
    pub(crate) attr: TokenAttr,
    /// The type of its values; none for a flag.
    pub(crate) payload: Option<&'f Type>,
    pub(crate) bound: Option<AtLeast>,
}

impl<'f> Opt<'f> {
    /// The option of a field.
    pub(crate) fn of(field: &'f Field) -> syn::Result<Self> {
        let missing = || syn::Error::new_spanned(field, "expected #[token(\"NAME\")]");
        let attr = Attribute::parse_args(find(&field.attrs, "token").ok_or_else(missing)?)?;
        Ok(Opt { field, attr, payload: option_of(&field.ty), bound: AtLeast::of(field)? })
    }
}
