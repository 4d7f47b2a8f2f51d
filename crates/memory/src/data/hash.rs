//! A hash: field and value in turn in one packed buffer while it is small, a table of pairs later.

use redipy_command::sink::Whole;

use super::bytes::same;
use super::config::CollectionConfig;
use super::either::{Either, SmallOrLarge, SmallOrLargeMut};
use super::packed::{self, Item, Packed, PackedElement, Pos};
use super::table::{self, HasText, Random, Table, below, hash_bytes};
use super::thin::{LENGTH_MAX, ThinBytes, length, split_length};

/// A map from fields to values.
#[derive(Debug, Clone)]
#[repr(transparent)]
pub struct Hash(Either<Large>);

#[derive(Debug, Clone)]
struct Large {
    /// That of the hash function.
    seed: u64,
    table: Table<Pair>,
}

/// A field and its value in one byte string, the length of the field in front.
#[derive(Debug, Clone)]
struct Pair(ThinBytes);

impl Pair {
    fn new(field: &[u8], value: &[u8]) -> Self {
        Pair(ThinBytes::concat(&[length(field.len(), &mut [0; LENGTH_MAX]), field, value]))
    }

    /// The field, and the value behind it.
    #[inline]
    fn split(&self) -> (&[u8], &[u8]) {
        let (len, rest) = split_length(&self.0);
        rest.split_at(len)
    }

    #[inline]
    fn field(&self) -> &[u8] {
        self.split().0
    }

    #[inline]
    fn value(&self) -> &[u8] {
        self.split().1
    }

    fn items(&self) -> (Item<'_>, Item<'_>) {
        let (field, value) = self.split();
        (Item::Bytes(field), Item::Bytes(value))
    }

    fn set_value(&mut self, value: &[u8]) {
        let old = self.value().len();
        if old == value.len() {
            let start = self.0.len() - old;
            self.0.as_mut_slice()[start..].copy_from_slice(value);
        } else {
            *self = Pair::new(self.field(), value);
        }
    }
}

impl HasText for Pair {
    #[inline]
    fn text(&self) -> &[u8] {
        self.field()
    }
}

impl Default for Hash {
    fn default() -> Self {
        Self::new()
    }
}

impl Hash {
    /// An empty hash.
    pub const fn new() -> Self {
        Hash(Either::small(Packed::new()))
    }

    /// The name OBJECT ENCODING gives.
    pub fn encoding(&self) -> &'static str {
        match self.0.form() {
            SmallOrLarge::Small(_) => "listpack",
            SmallOrLarge::Large(_) => "hashtable",
        }
    }

    /// Number of fields.
    pub fn len(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.len() / 2,
            SmallOrLarge::Large(large) => large.table.len(),
        }
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        match self.0.form() {
            SmallOrLarge::Small(packed) => packed.memory(),
            SmallOrLarge::Large(large) => {
                let pairs: usize = large.table.iter().map(|pair| pair.0.memory()).sum();
                Either::<Large>::LARGE + large.table.memory() + pairs
            }
        }
    }

    /// Chooses the encoding for a command that brings `fields` fields, as Redis does, before the first is inserted.
    /// Fields that are there already count again.
    pub fn expect(&mut self, fields: usize, config: &CollectionConfig) {
        if fields > config.hash_max_listpack_entries {
            self.convert(fields, config.seed);
        }
    }

    /// The value of a field.
    pub fn get(&self, field: &[u8]) -> Option<Item<'_>> {
        match self.0.form() {
            SmallOrLarge::Small(packed) => {
                let at = find(packed, field)?;
                packed.next(at).map(|at| packed.get(at))
            }
            SmallOrLarge::Large(Large { seed, table }) => {
                let pair = table.find_text(hash_bytes(*seed, field), field)?;
                Some(Item::Bytes(pair.value()))
            }
        }
    }

    /// Whether there is such a field.
    pub fn contains(&self, field: &[u8]) -> bool {
        self.get(field).is_some()
    }

    /// Sets a field; `true` if it is new.
    pub fn insert(&mut self, field: &[u8], value: &[u8], config: &CollectionConfig) -> bool {
        if field.len().max(value.len()) > config.hash_max_listpack_value {
            self.convert(0, config.seed);
        }
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => {
                let new = insert_packed(packed, field, value);
                if packed.len() / 2 > config.hash_max_listpack_entries {
                    self.convert(0, config.seed);
                }
                new
            }
            SmallOrLargeMut::Large(Large { seed, table }) => {
                let hash = hash_bytes(*seed, field);
                if let Some(pair) = table.find_mut(hash, |pair| same(pair.field(), field)) {
                    pair.set_value(value);
                    return false;
                }
                table.insert_unique(hash, Pair::new(field, value), hasher(*seed));
                true
            }
        }
    }

    /// Sets a field that is not there.
    pub fn insert_new(&mut self, field: &[u8], value: &[u8], config: &CollectionConfig) {
        if field.len().max(value.len()) > config.hash_max_listpack_value {
            self.convert(0, config.seed);
        }
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => {
                push_pair(packed, field, value);
                if packed.len() / 2 > config.hash_max_listpack_entries {
                    self.convert(0, config.seed);
                }
            }
            SmallOrLargeMut::Large(Large { seed, table }) => {
                table.insert_unique(hash_bytes(*seed, field), Pair::new(field, value), hasher(*seed));
            }
        }
    }

    /// Removes a field; `false` if there is none.
    pub fn remove(&mut self, field: &[u8]) -> bool {
        match self.0.form_mut() {
            SmallOrLargeMut::Small(packed) => match find(packed, field) {
                Some(at) => {
                    packed.remove(at, 2);
                    true
                }
                None => false,
            },
            SmallOrLargeMut::Large(Large { seed, table }) => {
                table.remove(hash_bytes(*seed, field), |pair| same(pair.field(), field), hasher(*seed)).is_some()
            }
        }
    }

    /// What all fields and values together are known by.
    pub fn whole(&self) -> Whole<'_> {
        self.0.whole()
    }

    /// Fields and values: in the order of insertion while small, then in no useful order.
    pub fn iter(&self) -> Iter<'_> {
        Iter(match self.0.form() {
            SmallOrLarge::Small(packed) => Walk::Small(packed.iter()),
            SmallOrLarge::Large(large) => Walk::Large(large.table.iter()),
        })
    }

    /// A field and its value, all of them equally likely.
    pub fn random(&self, random: Random<'_>) -> Option<(Item<'_>, Item<'_>)> {
        match self.0.form() {
            SmallOrLarge::Small(packed) => {
                let mut pair = packed.iter_from(2 * below(random, packed.len() / 2));
                Some((pair.next()?, pair.next()?))
            }
            SmallOrLarge::Large(large) => large.table.random(random).map(Pair::items),
        }
    }

    /// A step of HSCAN: shows about `count` pairs (all of them if small), returns the next cursor, 0 at the end.
    pub fn scan(&self, cursor: u64, count: usize, visit: &mut dyn FnMut(Item<'_>, Item<'_>)) -> u64 {
        match self.0.form() {
            SmallOrLarge::Small(_) => {
                self.iter().for_each(|(field, value)| visit(field, value));
                0
            }
            SmallOrLarge::Large(large) => large.table.scan(cursor, count, |pair| {
                let (field, value) = pair.items();
                visit(field, value);
            }),
        }
    }

    fn convert(&mut self, room: usize, seed: u64) {
        let SmallOrLarge::Small(packed) = self.0.form() else {
            return;
        };
        let mut table = Table::with_capacity(room.max(packed.len() / 2 + 1));
        for (field, value) in self.iter() {
            let pair = field.with_text(|field| value.with_text(|value| Pair::new(field, value)));
            table.insert_unique(hash_bytes(seed, pair.field()), pair, hasher(seed));
        }
        self.0 = Either::large(Large { seed, table });
    }
}

fn hasher(seed: u64) -> impl Fn(&Pair) -> u64 {
    move |pair| hash_bytes(seed, pair.field())
}

fn find(packed: &Packed, field: &[u8]) -> Option<Pos> {
    packed.find(packed.first(), &PackedElement::new(Item::Bytes(field)), 2)
}

fn insert_packed(packed: &mut Packed, field: &[u8], value: &[u8]) -> bool {
    let found = find(packed, field).and_then(|at| packed.next(at));
    match found {
        Some(at) => packed.replace(at, Item::Bytes(value)),
        None => push_pair(packed, field, value),
    }
    found.is_none()
}

fn push_pair(packed: &mut Packed, field: &[u8], value: &[u8]) {
    packed.push_back(Item::Bytes(field));
    packed.push_back(Item::Bytes(value));
}

/// The fields of a hash with their values.
#[derive(Clone)]
pub struct Iter<'a>(Walk<'a>);

#[derive(Clone)]
enum Walk<'a> {
    Small(packed::Iter<'a>),
    Large(table::Iter<'a, Pair>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (Item<'a>, Item<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Small(items) => Some((items.next()?, items.next()?)),
            Walk::Large(pairs) => pairs.next().map(Pair::items),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match &self.0 {
            Walk::Small(items) => items.len() / 2,
            Walk::Large(pairs) => pairs.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

#[cfg(test)]
mod tests {
    use super::super::testing::{any_text, few_texts, random};
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    const DEFAULT: &CollectionConfig = &CollectionConfig::DEFAULT;
    const ENTRIES: usize = DEFAULT.hash_max_listpack_entries;
    const VALUE: usize = DEFAULT.hash_max_listpack_value;

    type Model = HashMap<Vec<u8>, Vec<u8>>;

    fn check(hash: &Hash, model: &Model, cursor_step: usize) {
        let pairs = |(field, value): (Item<'_>, Item<'_>)| (field.to_vec(), value.to_vec());
        assert_eq!(hash.len(), model.len());
        assert_eq!(hash.iter().len(), model.len());
        assert_eq!(&hash.iter().map(pairs).collect::<Model>(), model);
        let (mut seen, mut cursor) = (Model::new(), 0);
        loop {
            cursor = hash.scan(cursor, cursor_step, &mut |field, value| {
                seen.insert(field.to_vec(), value.to_vec());
            });
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(&seen, model);
        let random = hash.random(&mut random(3)).map(pairs);
        assert!(random.is_none_or(|(field, value)| model.get(&field) == Some(&value)));
    }

    #[test]
    fn encodings_change_as_in_redis() {
        assert_eq!(size_of::<Hash>(), 8);
        let mut hash = Hash::new();
        (0..ENTRIES).for_each(|i| assert!(hash.insert(i.to_string().as_bytes(), &[7; VALUE], DEFAULT)));
        assert!(!hash.insert(b"1", b"007", DEFAULT));
        assert_eq!(hash.encoding(), "listpack");
        assert!(hash.insert(b"one more", b"", DEFAULT));
        assert_eq!(hash.encoding(), "hashtable");
        let mut hash = Hash::new();
        assert!(hash.insert(b"f", &[7; VALUE + 1], DEFAULT));
        assert_eq!(hash.encoding(), "hashtable");
        assert!(hash.remove(b"f") && hash.is_empty() && hash.random(&mut || 0).is_none());
    }

    /// A Redis 8.2 takes 72,340 bytes for these; redipy promises 50 KB.
    #[test]
    fn a_large_hash_is_small() {
        let mut hash = Hash::new();
        for i in 0..1000 {
            assert!(hash.insert(format!("field:{i}").as_bytes(), format!("value:{i:010}").as_bytes(), DEFAULT));
        }
        assert!(hash.memory() <= 50_000, "{}", hash.memory());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn hash_is_a_map(
            start in 0..700_u32,
            ops in prop::collection::vec((any::<bool>(), few_texts(), any_text()), 0..200),
            count in 1..100_usize,
        ) {
            let (mut hash, mut model) = (Hash::new(), Model::new());
            for i in 0..start {
                let field = format!("m{i}").into_bytes();
                prop_assert!(hash.insert(&field, b"1", DEFAULT));
                model.insert(field, b"1".to_vec());
            }
            for (insert, field, value) in ops {
                if insert {
                    prop_assert_eq!(hash.insert(&field, &value, DEFAULT), model.insert(field.clone(), value).is_none());
                } else {
                    prop_assert_eq!(hash.remove(&field), model.remove(&field).is_some());
                }
                prop_assert_eq!(hash.get(&field).map(Item::to_vec), model.get(&field).cloned());
            }
            check(&hash, &model, count);
            check(&hash.clone(), &model, count);
        }
    }
}
