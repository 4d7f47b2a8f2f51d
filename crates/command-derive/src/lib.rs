//! `#[derive(Command)]`, `#[derive(Options)]` and `#[derive(Token)]` for `redipy-command`.
//!
//! The derives visit the fields in order and call the `Field` trait of their types. They invent no
//! names and know no command: arity, keys and grammar follow from the types.

mod attrs;
mod command;
mod options;
mod token;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Declares a command: `SPEC`, `encode`, `keys`, `check`, `weight` and `parse` follow from the fields.
///
/// ```
/// use redipy_command::{Arg, Command, Encoded, Key};
///
/// /// Adds `by` to the integer stored in `field`; returns the sum.
/// #[derive(Debug, Clone, Command)]
/// #[command("HINCRBY", hash, write, denyoom, fast, since = "2.0.0", complexity = "O(1)", reply = i64)]
/// pub struct HIncrBy<'a> {
///     pub key: Key<'a>,
///     pub field: Arg<'a>,
///     pub by: i64,
/// }
///
/// let call = HIncrBy { key: "k".into(), field: "f".into(), by: 2 };
/// assert_eq!(Encoded::of(&call).to_vec(), [&b"HINCRBY"[..], b"k", b"f", b"2"]);
/// assert_eq!((HIncrBy::SPEC.arity(), HIncrBy::SPEC.only_key()), (4, Some(0)));
/// ```
/// Words are the group, the flags, `random` for what draws lots, and `session` for what needs a connection of its own: all
/// others are `Stateless`.
/// `acl = "dangerous"` adds a category, `shape = Seconds` says what a script sees
/// where the reply's type does not, `excess = arity` (or `unsupported`) which error an argument too many gives (`syntax`
/// otherwise), and `parse = manual` leaves `Parse` to be written by hand. On a field, `#[at_least(1, TEXT)]` bounds an
/// integer and `#[too_many(TEXT)]` names the error of a key count beyond the arguments. `#[method(..)]` belongs to
/// `cargo xtask codegen`.
#[proc_macro_derive(Command, attributes(command, method, at_least, too_many))]
pub fn derive_command(input: TokenStream) -> TokenStream {
    expand(command::expand(&parse_macro_input!(input as DeriveInput)))
}

/// Declares options that are known by a token and come in any order.
///
/// ```
/// use redipy_command_derive::Options;
///
/// #[derive(Debug, Clone, Copy, Default, PartialEq, Options)]
/// pub struct CopyOptions {
///     /// Copies to this database.
///     #[token("DB")]
///     pub db: Option<i64>,
///     /// Overwrites the destination.
///     #[token("REPLACE")]
///     pub replace: bool,
/// }
///
/// assert_eq!(CopyOptions::new().db(2).replace(), CopyOptions { db: Some(2), replace: true });
/// ```
/// Each field becomes a builder method of its name. Fields with the same `group = "word"` exclude
/// each other (`syntax error`); `once` refuses to be said twice.
#[proc_macro_derive(Options, attributes(token, at_least))]
pub fn derive_options(input: TokenStream) -> TokenStream {
    expand(options::expand(&parse_macro_input!(input as DeriveInput)))
}

/// Declares a required choice between words, such as `LEFT | RIGHT`: the variants' names.
#[proc_macro_derive(Token)]
pub fn derive_token(input: TokenStream) -> TokenStream {
    expand(token::expand(&parse_macro_input!(input as DeriveInput)))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}
