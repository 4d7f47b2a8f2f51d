//! What the attributes of a declaration say: `#[command(..)]` and `#[method(..)]`.
//!
//! The same grammar as in `command-derive`, which a build tool cannot call: a derive is not a library.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Token, Type};

/// `#[command("HINCRBY", hash, write, fast, since = "2.0.0", complexity = "O(1)", reply = i64)]`.
pub(super) struct CommandAttr {
    pub(super) name: String,
    /// The words that stand alone: the group, and the flags.
    pub(super) words: Vec<String>,
    pub(super) since: String,
    pub(super) complexity: String,
    pub(super) reply: Type,
    pub(super) shape: Option<String>,
    pub(super) in_scripts: Option<String>,
}

/// What a declaration says besides, which is no matter here.
const BESIDES: [&str; 8] = ["acl", "arguments", "deprecated", "excess", "instead", "keys_in_reply", "parse", "tip"];

impl Parse for CommandAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name: LitStr = input.parse()?;
        let (mut since, mut complexity, mut reply, mut shape, mut in_scripts) = (None, None, None, None, None);
        let mut words = Vec::new();
        while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let word: Ident = input.parse()?;
            if input.parse::<Option<Token![=]>>()?.is_none() {
                words.push(word.to_string());
                continue;
            }
            match word.to_string().as_str() {
                "session" => {
                    words.push(word.to_string());
                    drop(input.parse::<Ident>()?);
                }
                "since" => since = Some(input.parse::<LitStr>()?.value()),
                "complexity" => complexity = Some(input.parse::<LitStr>()?.value()),
                "reply" => reply = Some(input.parse()?),
                "in_scripts" => in_scripts = Some(input.parse::<LitStr>()?.value()),
                "shape" => shape = Some(input.parse::<Ident>()?.to_string()),
                other if BESIDES.contains(&other) => drop(input.parse::<Expr>()?),
                _ => {
                    return Err(syn::Error::new_spanned(word, "codegen does not know this property of a command"));
                }
            }
        }
        let missing = |what: &str| syn::Error::new_spanned(&name, format!("the command needs `{what} = ..`"));
        Ok(Self {
            since: since.ok_or_else(|| missing("since"))?,
            complexity: complexity.ok_or_else(|| missing("complexity"))?,
            reply: reply.ok_or_else(|| missing("reply"))?,
            name: name.value(),
            words,
            shape,
            in_scripts,
        })
    }
}

/// `#[method(lpop_count(key, count) -> Vec<Bytes>, "Removes up to `count` elements.")]`; empty for
/// a command without a method. `options = XOptions::new().y()` sets a field without a parameter, and `-> _` lets the caller name the
/// type of the reply.
pub(super) struct MethodAttr(pub(super) Option<MethodForm>);

/// One method that a declaration asks for.
pub(super) struct MethodForm {
    pub(super) name: Ident,
    pub(super) params: Vec<Ident>,
    pub(super) presets: Vec<(Ident, Expr)>,
    pub(super) reply: Option<Type>,
    pub(super) doc: Option<String>,
}

impl Parse for MethodAttr {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.is_empty() {
            return Ok(Self(None));
        }
        let name = input.call(syn::ext::IdentExt::parse_any)?;
        let inside;
        syn::parenthesized!(inside in input);
        let (mut params, mut presets) = (Vec::new(), Vec::new());
        while !inside.is_empty() {
            let field = inside.call(syn::ext::IdentExt::parse_any)?;
            match inside.parse::<Option<Token![=]>>()? {
                Some(_) => presets.push((field, inside.parse()?)),
                None => params.push(field),
            }
            inside.parse::<Option<Token![,]>>()?;
        }
        let reply = match input.parse::<Option<Token![->]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        let mut doc = None;
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            doc = Some(input.parse::<LitStr>()?.value());
        }
        Ok(Self(Some(MethodForm { name, params, presets, reply, doc })))
    }
}

/// The lines of the documentation, without the blank in front.
pub(super) fn docs(attrs: &[Attribute]) -> Vec<String> {
    let text = |attr: &Attribute| {
        let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &attr.meta.require_name_value().ok()?.value else {
            return None;
        };
        let text = text.value();
        Some(text.strip_prefix(' ').unwrap_or(&text).trim_end().to_owned())
    };
    attrs.iter().filter(|attr| attr.path().is_ident("doc")).filter_map(text).collect()
}

/// The first attribute of this name.
pub(super) fn find<'a>(attrs: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attrs.iter().find(|attr| attr.path().is_ident(name))
}

/// Whether `#[derive(..)]` names this trait.
pub(super) fn derives(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().filter(|attr| attr.path().is_ident("derive")).any(|attr| {
        let paths = attr.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
        paths.is_ok_and(|paths| paths.iter().any(|path| path.segments.last().is_some_and(|last| last.ident == name)))
    })
}

/// Refuses an attribute that codegen would have to understand.
pub(super) fn only(attrs: &[Attribute], known: &[&str]) -> syn::Result<()> {
    let stranger = attrs.iter().find(|attr| !known.iter().any(|name| attr.path().is_ident(name)));
    stranger.map_or(Ok(()), |attr| {
        Err(syn::Error::new_spanned(
            attr,
            format!("codegen does not know this attribute here (known: {})", known.join(", ")),
        ))
    })
}
