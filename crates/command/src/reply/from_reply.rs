//! Reading of replies as a type that the caller names: `query::<T>()`, `get_as::<T>()`, `into_vec::<T>()`.

use crate::error::Result;
use crate::value::Value;

/// A type that any reply can be read as: text, bytes, numbers, `bool`, `Option`, tuples, and the lists, sets and maps of the
/// standard library; [`Value`], [`Bytes`](crate::Bytes), [`Fields`](crate::Fields) and [`Members`](crate::Members); and, with
/// the feature `serde`, every type that implements `Deserialize`.
///
/// A typed command has a type of its own for its reply, [`Reply`](crate::Reply).
#[diagnostic::on_unimplemented(
    message = "a reply cannot be read as `{Self}`",
    note = "text and bytes are read as `String`, `Vec<u8>` or `redipy::Bytes`: nothing of a reply can be borrowed",
    note = "a type of your own needs `#[derive(serde::Deserialize)]` and the feature `serde` of `redipy`"
)]
pub trait FromReply: Sized {
    /// Reads the reply.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) when the shape does not fit; the error inside when it holds one.
    fn from_reply(value: Value) -> Result<Self>;
}

#[cfg(feature = "serde")]
impl<T: serde::de::DeserializeOwned> FromReply for T {
    fn from_reply(value: Value) -> Result<Self> {
        value.to()
    }
}

/// Without serde: the types that it reads as well, so that enabling it takes none away.
#[cfg(not(feature = "serde"))]
mod without_serde {
    use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
    use std::hash::{BuildHasher, Hash};

    use super::FromReply;
    use crate::bytes::Bytes;
    use crate::error::Result;
    use crate::reply::{ExpiresAt, Fields, Members, OneOrMany, Reply, ScanItem, ScanReply, Time, TimeToLive};
    use crate::value::Value;

    macro_rules! read {
        ($([$($generics:tt)*] $own:ty;)*) => { $(
            impl<$($generics)*> FromReply for $own {
                fn from_reply(value: Value) -> Result<Self> {
                    Self::from_value(value)
                }
            }
        )* };
    }

    /// An element of a list.
    trait Item: Reply + FromReply {}

    impl<T: Reply + FromReply> Item for T {}

    read! {
        [] (); [] bool; [] String; [] Bytes; [] Value; [] f32; [] f64;
        [] i8; [] i16; [] i32; [] i64; [] isize; [] u8; [] u16; [] u32; [] u64; [] usize;
        [] Members; [] Fields; [] TimeToLive; [] ExpiresAt; [] Time;
        [T: ScanItem] ScanReply<T>; [T: Item] OneOrMany<T>; [T: Item] Option<T>; [T: Item] Vec<T>;
        [T: Item + Eq + Hash, S: BuildHasher + Default] HashSet<T, S>; [T: Item + Ord] BTreeSet<T>;
        [K: Item + Eq + Hash, V: Item, S: BuildHasher + Default] HashMap<K, V, S>; [K: Item + Ord, V: Item] BTreeMap<K, V>;
        [A: Item, B: Item] (A, B); [A: Item, B: Item, C: Item] (A, B, C); [A: Item, B: Item, C: Item, D: Item] (A, B, C, D);
        [A: Item, B: Item, C: Item, D: Item, E: Item] (A, B, C, D, E);
        [A: Item, B: Item, C: Item, D: Item, E: Item, F: Item] (A, B, C, D, E, F);
    }
}
