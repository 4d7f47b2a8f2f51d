//! `#[derive(Command)]`, `#[derive(Options)]` and `#[derive(Token)]` for `redipy-command`.
//!
//! The derives visit the fields in order and call the `Field` trait of their types. They invent no
//! names and know no command: arity, keys and grammar follow from the types.

mod attrs;
mod command;
mod described;
mod facade;
mod options;
mod token;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Declares a command: `SPEC`, `encode`, `keys`, `check`, `weight` and `parse` follow from the fields.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::{Arg, Command, Encoded, Key};
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
/// assert_eq!((HIncrBy::SPEC.arity, HIncrBy::SPEC.only_key), (4, Some(0)));
/// ```
/// Words are the group, the flags (`readonly` makes a command one that can be sent again), and what is said besides:
///
/// - `session` for what needs a connection of its own, which all others do not: these are `Stateless`. Where the group does
///   not say what it does there: `session = Handshake`, a `SessionUse`.
/// - `repeatable`: executing it twice makes no difference, although it is no command that reads.
/// - `random`: it draws lots. `unqueued`: it is executed at once after MULTI. `while_listening`: it is possible where only
///   messages are expected.
/// - `keys_in_reply = First`, a `KeysInReply`; `shape = Seconds`, what a script sees where the reply's type does not say it;
///   `in_scripts = "PTTL"`, the command that scripts send in its place.
/// - `acl = "dangerous"` adds a category, `tip = "request_policy:all_shards"` a hint, `deprecated = "6.2.0"` with
///   `instead = ".."` what is better, `arguments = CONST` the tree of `COMMAND DOCS` where it does not follow.
/// - `excess = arity` (or `unsupported`) is the error of an argument too many (`syntax` otherwise), `parse = manual` leaves
///   `Parse` to be written by hand.
///
/// A name of two words, `"CLIENT SETNAME"`, is a subcommand. On a field:
///
/// - `#[key(RW, access, update)]`: what is done to its keys, `RO, access` if nothing is said; `hidden` where `COMMAND INFO`
///   does not say where they are, `from = -2` where it looks for the word before them.
/// - `#[names(Channel)]`: what it names that is no key. `#[timeout]`: how long the command may wait.
/// - `#[argument("increment", Double, since = "6.2.0")]`: name, kind and version in `COMMAND DOCS`, where they do not follow
///   from the field's name and type.
/// - `#[at_least(1, TEXT)]` bounds an integer, `#[too_many(TEXT)]` names the error of a key count beyond the arguments.
///
/// `#[method(..)]` and `#[original]` belong to `cargo xtask codegen`.
#[proc_macro_derive(Command, attributes(command, method, original, at_least, too_many, key, argument, names, timeout))]
pub fn derive_command(input: TokenStream) -> TokenStream {
    expand(command::expand(&parse_macro_input!(input as DeriveInput)))
}

/// Declares options that are known by a token and come in any order.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::Options;
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
/// each other (`syntax error`), those with the same `oneof = "word"` only in the documentation; `once` refuses to be said
/// twice, `required` to be left out. `name = "seconds"` and `since = "6.2.0"` are for `COMMAND DOCS`; `#[key(..)]`, `#[names(..)]` and `#[timeout]` are
/// those of commands.
#[proc_macro_derive(Options, attributes(token, at_least, key, names, timeout))]
pub fn derive_options(input: TokenStream) -> TokenStream {
    expand(options::expand(&parse_macro_input!(input as DeriveInput)))
}

/// Declares a required choice between words, such as `LEFT | RIGHT`: the variants' names.
#[proc_macro_derive(Token)]
pub fn derive_token(input: TokenStream) -> TokenStream {
    expand(token::expand(&parse_macro_input!(input as DeriveInput)))
}

/// [`Command`](derive_command), as `redipy` exports it. The command is one that clients take unless it says `session`.
#[proc_macro_derive(FacadeCommand, attributes(command, method, at_least, too_many, key, argument, names, timeout))]
pub fn derive_facade_command(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand(facade::command(&input))
}

/// [`Options`](derive_options), as `redipy` exports it.
#[proc_macro_derive(FacadeOptions, attributes(token, at_least, key, names, timeout))]
pub fn derive_facade_options(input: TokenStream) -> TokenStream {
    expand(options::expand(&parse_macro_input!(input as DeriveInput)).map(facade::renamed))
}

/// [`Token`](derive_token), as `redipy` exports it.
#[proc_macro_derive(FacadeToken)]
pub fn derive_facade_token(input: TokenStream) -> TokenStream {
    expand(token::expand(&parse_macro_input!(input as DeriveInput)).map(facade::renamed))
}

fn expand(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}
