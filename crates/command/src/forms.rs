//! What callers may write where a method takes a key, a value, several of them, pairs or a number: text and bytes in every
//! owned and borrowed form, all numbers, and the collections of the standard library.
//!
//! A method borrows from its parameter while the call is made, so that an owned `String` costs no more than a `&str`.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use crate::arg::{Arg, Key, LateInt, Many};
use crate::bytes::Bytes;
use crate::number::shortest_f32;
use crate::reply::{Fields, Members};

/// The name of a key: text or bytes, owned or borrowed.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::ToKey;
///
/// let id = 7;
/// assert_eq!(format!("user:{id}").to_key().as_bytes(), b"user:7");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the name of a key",
    note = "a key is text or bytes: `&str`, `String`, `Vec<u8>`, `Bytes` or a reference to one of them; write \
            `format!(\"user:{{id}}\")` where it has a number"
)]
pub trait ToKey {
    /// The name, borrowed.
    fn to_key(&self) -> Key<'_>;
}

/// A value, a field, a member, a channel: text, bytes or a number, owned or borrowed.
///
/// Numbers are stored as Redis prints them; `true` is 1 and `false` is 0.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument",
    note = "an argument is text, bytes, a number of up to 64 bits, a `bool` or a `char`, or a reference to one of them; \
            write `.to_string()` for what has a text, and `serde_json::to_string(&value)?` for what has fields"
)]
pub trait ToArg {
    /// The argument, borrowed.
    fn to_arg(&self) -> Arg<'_>;
}

/// What a list of arguments may hold: every [`ToArg`] but `u8`, since a list of `u8` is a byte string.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be an argument in a list")]
pub trait ListItem {}

/// One or more keys: a name, or an array, a slice, a `Vec` or a set of names.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a list of keys",
    note = "one key or several are taken: `\"a\"`, `[\"a\", \"b\"]`, `&keys`; an iterator is collected first, into a `Vec`"
)]
pub trait ToKeys {
    /// The keys, borrowed.
    fn to_keys(&self) -> Many<Key<'_>>;
}

/// One or more arguments: one, or an array, a slice, a `Vec` or a set of them.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a list of arguments",
    note = "one argument or several are taken: `\"a\"`, `[1, 2]`, `&members`; an iterator is collected first, into a `Vec`"
)]
pub trait ToArgs {
    /// The arguments, borrowed.
    fn to_args(&self) -> Many<Arg<'_>>;
}

/// Fields and their values: a pair, a list of pairs or a map.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be fields with values",
    note = "`(\"field\", 1)`, `[(\"a\", 1), (\"b\", 2)]`, `&pairs` and `&map` are taken; an iterator is collected first"
)]
pub trait ToFields {
    /// The pairs, borrowed.
    fn to_fields(&self) -> Many<(Arg<'_>, Arg<'_>)>;
}

/// Keys and their values: a pair, a list of pairs or a map.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be keys with values",
    note = "`(\"key\", 1)`, `[(\"a\", 1), (\"b\", 2)]`, `&pairs` and `&map` are taken; an iterator is collected first"
)]
pub trait ToEntries {
    /// The pairs, borrowed.
    fn to_entries(&self) -> Many<(Key<'_>, Arg<'_>)>;
}

/// Scores and members: a pair with the score first, a list of such pairs, or a map from members to scores.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be scores with members",
    note = "the score comes first, `(1.5, \"member\")`, `[(1, \"a\"), (2, \"b\")]`; a map has the members as its keys"
)]
pub trait ToScored {
    /// The pairs, borrowed.
    fn to_scored(&self) -> Many<(f64, Arg<'_>)>;
}

/// A position, a count or an amount: any integer. What lies beyond `i64` is taken as its nearest value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an integer here",
    note = "a position, a count or an amount is an integer of up to 64 bits: `2`, `items.len()`"
)]
pub trait ToInt {
    /// The integer.
    fn to_int(&self) -> i64;
}

/// A score or an amount: any number.
#[diagnostic::on_unimplemented(message = "`{Self}` cannot be a number here", note = "write `1.5` or `2`")]
pub trait ToFloat {
    /// The number.
    fn to_float(&self) -> f64;
}

/// Implements a trait for references to what implements it.
macro_rules! by_reference {
    ($($form:ident::$method:ident -> $gives:ty;)*) => { $(
        impl<T: $form + ?Sized> $form for &T {
            #[inline]
            fn $method(&self) -> $gives {
                (**self).$method()
            }
        }
    )* };
}

by_reference! {
    ToKey::to_key -> Key<'_>;
    ToArg::to_arg -> Arg<'_>;
    ToKeys::to_keys -> Many<Key<'_>>;
    ToArgs::to_args -> Many<Arg<'_>>;
    ToFields::to_fields -> Many<(Arg<'_>, Arg<'_>)>;
    ToEntries::to_entries -> Many<(Key<'_>, Arg<'_>)>;
    ToScored::to_scored -> Many<(f64, Arg<'_>)>;
    ToInt::to_int -> i64;
    ToFloat::to_float -> f64;
}

impl<T: ListItem + ?Sized> ListItem for &T {}

/// Implements the list traits for a single argument.
macro_rules! one_argument {
    ($([$($generics:tt)*] $own:ty;)*) => { $(
        impl<$($generics)*> ToArgs for $own {
            #[inline]
            fn to_args(&self) -> Many<Arg<'_>> {
                Many::One(self.to_arg())
            }
        }
    )* };
}

/// Types of text and bytes: they are keys, arguments, and one of either where several are taken.
macro_rules! texts {
    ($([$($generics:tt)*] $own:ty => |$name:ident| $bytes:expr;)*) => { $(
        impl<$($generics)*> ToKey for $own {
            #[inline]
            fn to_key(&self) -> Key<'_> {
                let $name = self;
                Key($bytes)
            }
        }

        impl<$($generics)*> ToArg for $own {
            #[inline]
            fn to_arg(&self) -> Arg<'_> {
                let $name = self;
                Arg::Bytes($bytes)
            }
        }

        impl<$($generics)*> ListItem for $own {}

        impl<$($generics)*> ToKeys for $own {
            #[inline]
            fn to_keys(&self) -> Many<Key<'_>> {
                Many::One(self.to_key())
            }
        }

        one_argument!([$($generics)*] $own;);
    )* };
}

texts! {
    [] str => |text| text.as_bytes();
    [] String => |text| text.as_bytes();
    [] Box<str> => |text| text.as_bytes();
    [] Rc<str> => |text| text.as_bytes();
    [] Arc<str> => |text| text.as_bytes();
    [] Cow<'_, str> => |text| text.as_bytes();
    [] [u8] => |bytes| bytes;
    [const N: usize] [u8; N] => |bytes| bytes;
    [] Vec<u8> => |bytes| bytes;
    [] Box<[u8]> => |bytes| bytes;
    [] Arc<[u8]> => |bytes| bytes;
    [] Cow<'_, [u8]> => |bytes| bytes;
    [] Bytes => |bytes| bytes;
    [] Key<'_> => |key| key.0;
}

/// Numbers and the like, which are arguments only.
macro_rules! scalars {
    ($($own:ty => |$name:ident| $arg:expr;)*) => { $(
        impl ToArg for $own {
            #[inline]
            fn to_arg(&self) -> Arg<'_> {
                let $name = *self;
                $arg
            }
        }

        one_argument!([] $own;);
    )* };
}

scalars! {
    i8 => |int| Arg::Int(int.into());
    i16 => |int| Arg::Int(int.into());
    i32 => |int| Arg::Int(int.into());
    i64 => |int| Arg::Int(int);
    isize => |int| Arg::Int(int as i64);
    u8 => |int| Arg::Int(int.into());
    u16 => |int| Arg::Int(int.into());
    u32 => |int| Arg::Int(int.into());
    u64 => |int| Arg::from(int);
    usize => |int| Arg::from(int as u64);
    f64 => |float| Arg::Float(float);
    f32 => |float| Arg::Float(shortest_f32(float));
    bool => |value| Arg::Int(value.into());
    char => |char| Arg::Char(char);
    Arg<'_> => |arg| arg;
}

macro_rules! items {
    ($($own:ty)*) => { $(impl ListItem for $own {})* };
}

items! { i8 i16 i32 i64 isize u16 u32 u64 usize f32 f64 bool char Arg<'_> }

/// Collections of the standard library, and replies that are given back.
macro_rules! lists {
    ($([$($generics:tt)*] $own:ty;)*) => { $(
        impl<T: ToKey $($generics)*> ToKeys for $own {
            fn to_keys(&self) -> Many<Key<'_>> {
                self.iter().map(T::to_key).collect()
            }
        }

        impl<T: ToArg + ListItem $($generics)*> ToArgs for $own {
            fn to_args(&self) -> Many<Arg<'_>> {
                self.iter().map(T::to_arg).collect()
            }
        }
    )* };
}

lists! {
    [] [T];
    [, const N: usize] [T; N];
    [] Vec<T>;
    [] VecDeque<T>;
    [] BTreeSet<T>;
    [, S] HashSet<T, S>;
    [] Many<T>;
}

impl ToKeys for Members {
    fn to_keys(&self) -> Many<Key<'_>> {
        self.0.to_keys()
    }
}

impl ToArgs for Members {
    fn to_args(&self) -> Many<Arg<'_>> {
        self.0.to_args()
    }
}

/// Implements a trait of pairs for a pair, for lists of pairs and for maps.
macro_rules! pairs {
    ($form:ident::$method:ident -> $gives:ty: $a:ident::$to_a:ident, $b:ident::$to_b:ident; map $pair:expr, $key:ident, $value:ident) => {
        impl<A: $a, B: $b> $form for (A, B) {
            fn $method(&self) -> Many<$gives> {
                Many::One((self.0.$to_a(), self.1.$to_b()))
            }
        }

        pairs!(lists $form::$method -> $gives: $a::$to_a, $b::$to_b; [] [(A, B)]; [, const N: usize] [(A, B); N];
            [] Vec<(A, B)>; [] VecDeque<(A, B)>; [] Many<(A, B)>);

        impl<K: $key, V: $value, S> $form for HashMap<K, V, S> {
            fn $method(&self) -> Many<$gives> {
                self.iter().map($pair).collect()
            }
        }

        impl<K: $key, V: $value> $form for BTreeMap<K, V> {
            fn $method(&self) -> Many<$gives> {
                self.iter().map($pair).collect()
            }
        }
    };
    (lists $form:ident::$method:ident -> $gives:ty: $a:ident::$to_a:ident, $b:ident::$to_b:ident; $([$($generics:tt)*] $own:ty);*) => { $(
        impl<A: $a, B: $b $($generics)*> $form for $own {
            fn $method(&self) -> Many<$gives> {
                self.iter().map(|(a, b)| (a.$to_a(), b.$to_b())).collect()
            }
        }
    )* };
}

pairs!(ToFields::to_fields -> (Arg<'_>, Arg<'_>): ToArg::to_arg, ToArg::to_arg; map |(k, v)| (k.to_arg(), v.to_arg()), ToArg, ToArg);
pairs!(ToEntries::to_entries -> (Key<'_>, Arg<'_>): ToKey::to_key, ToArg::to_arg; map |(k, v)| (k.to_key(), v.to_arg()), ToKey, ToArg);
pairs!(ToScored::to_scored -> (f64, Arg<'_>): ToFloat::to_float, ToArg::to_arg; map |(k, v)| (v.to_float(), k.to_arg()), ToArg, ToFloat);

impl ToFields for Fields {
    fn to_fields(&self) -> Many<(Arg<'_>, Arg<'_>)> {
        self.0.to_fields()
    }
}

macro_rules! numbers {
    ($($own:ty => |$name:ident| $int:expr;)*) => { $(
        impl ToInt for $own {
            #[inline]
            fn to_int(&self) -> i64 {
                let $name = *self;
                $int
            }
        }

        impl ToFloat for $own {
            #[inline]
            fn to_float(&self) -> f64 {
                *self as f64
            }
        }
    )* };
}

numbers! {
    i8 => |int| int.into();
    i16 => |int| int.into();
    i32 => |int| int.into();
    i64 => |int| int;
    isize => |int| int as i64;
    u8 => |int| int.into();
    u16 => |int| int.into();
    u32 => |int| int.into();
    u64 => |int| i64::try_from(int).unwrap_or(i64::MAX);
    usize => |int| i64::try_from(int).unwrap_or(i64::MAX);
}

impl ToFloat for f64 {
    #[inline]
    fn to_float(&self) -> f64 {
        *self
    }
}

impl ToFloat for f32 {
    #[inline]
    fn to_float(&self) -> f64 {
        shortest_f32(*self)
    }
}

/// What can be borrowed from, as in the literals of commands: `Get { key: "k".into() }`. Methods take more.
macro_rules! borrowed_from {
    ($($target:ty: $form:ident::$method:ident;)*) => { $(
        impl<'a, T: $form + ?Sized> From<&'a T> for $target {
            #[inline]
            fn from(from: &'a T) -> Self {
                from.$method()
            }
        }
    )* };
}

borrowed_from! {
    Key<'a>: ToKey::to_key;
    Arg<'a>: ToArg::to_arg;
    Many<Key<'a>>: ToKeys::to_keys;
    Many<Arg<'a>>: ToArgs::to_args;
}

impl<T: ToInt> From<T> for LateInt<'_> {
    #[inline]
    fn from(int: T) -> Self {
        LateInt::Int(int.to_int())
    }
}
