//! Hash commands: what they do.

use redipy_command::hash::*;
use redipy_command::number::{INT_LEN, format_int};
use redipy_command::reply::ScanReply;
use redipy_command::sink::{Collection, Part};
use redipy_command::texts::{self, fail};
use redipy_command::{Arg, Bytes, Fields, Key, Many, ReplySink, Result};

use crate::commands::sample;
use crate::data::distinct::are_new;
use crate::data::hash::Hash;
use crate::data::long_double::LongDouble;
use crate::data::packed::Item;
use crate::data::table::Random;
use crate::edit::Outcome::{self, Changed, Unchanged};
use crate::listen::event::Event;
use crate::room::{Copies, collect, copies, copy};
use crate::run::{Run, show, show_optional};
use crate::space::Space;

fn copy_pair((field, value): (Item<'_>, Item<'_>)) -> Result<(Bytes, Bytes)> {
    Ok((copy(field)?, copy(value)?))
}

/// Sets fields; gives how many are new.
#[inline]
fn set(at: &mut Space<'_>, key: Key<'_>, pairs: &Many<(Arg<'_>, Arg<'_>)>) -> Result<u64> {
    let config = at.config();
    at.edit_or_create(key, Event::HSET, |hash: &mut Hash| {
        hash.expect(pairs.len(), config);
        let mut added = 0;
        if are_new(pairs.iter().map(|(field, _)| field.text()), || hash.is_empty(), config.seed) {
            pairs.iter().for_each(|(field, value)| hash.insert_new(&field.text(), &value.text(), config));
            added = pairs.len() as u64;
        } else {
            for (field, value) in pairs.iter() {
                added += u64::from(hash.insert(&field.text(), &value.text(), config));
            }
        }
        Ok(Changed(added))
    })
}

/// Collects copies of every field; nothing for a missing key.
fn collect_all<T>(at: &Space<'_>, key: Key<'_>, each: impl Fn((Item<'_>, Item<'_>)) -> Result<T>) -> Result<Vec<T>> {
    let Some(hash) = at.read::<Hash>(key)? else { return Ok(Vec::new()) };
    collect(hash.len(), hash.iter().map(each))
}

/// Shows something of every field; nothing for a missing key.
fn show_all<S: ReplySink + ?Sized>(
    at: &Space<'_>,
    key: Key<'_>,
    kind: Collection,
    to: &mut S,
    each: impl Fn((Item<'_>, Item<'_>), &mut S) -> Result<()>,
) -> Result<()> {
    let hash = at.read::<Hash>(key)?;
    if hash.is_some_and(|hash| to.knows(Part::all(hash.whole()))) {
        return Ok(());
    }
    to.begin(kind, hash.map_or(0, Hash::len));
    hash.into_iter().flat_map(Hash::iter).try_for_each(|pair| each(pair, to))
}

impl Run for HSet<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        set(at, self.key, &self.pairs)
    }
}

impl Run for HSetNx<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        let config = at.config();
        at.edit_or_create(self.key, Event::HSET, |hash: &mut Hash| {
            let field = self.field.text();
            if hash.contains(&field) {
                return Ok(Unchanged(false));
            }
            hash.insert(&field, &self.value.text(), config);
            Ok(Changed(true))
        })
    }
}

impl Run for HMSet<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        set(at, self.key, &self.pairs).map(|_| ())
    }
}

impl Run for HGet<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        let hash = at.read::<Hash>(self.key)?;
        hash.and_then(|hash| hash.get(&self.field.text())).map(copy).transpose()
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        let hash = at.read::<Hash>(self.key)?;
        show_optional(hash.and_then(|hash| hash.get(&self.field.text())), to)
    }
}

impl Run for HMGet<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Vec<Option<Bytes>>> {
        let hash = at.read::<Hash>(self.key)?;
        let copies = self.fields.iter().map(|field| hash?.get(&field.text()).map(copy));
        collect(self.fields.len(), copies.map(Option::transpose))
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        let hash = at.read::<Hash>(self.key)?;
        to.begin(Collection::Array, self.fields.len());
        let mut values = self.fields.iter().map(|field| hash?.get(&field.text()));
        values.try_for_each(|value| show_optional(value, to))
    }
}

impl Run for HGetAll<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Fields> {
        Ok(Fields(collect_all(at, self.key, copy_pair)?))
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        show_all(at, self.key, Collection::Map, to, |(field, value), to| {
            show(field, to)?;
            show(value, to)
        })
    }
}

impl Run for HDel<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let removed = at.edit(self.key, Event::HDEL, |hash: &mut Hash| {
            let removed = self.fields.iter().filter(|field| hash.remove(&field.text())).count();
            Ok(Outcome::changed_if(removed > 0, removed as u64))
        })?;
        Ok(removed.unwrap_or(0))
    }
}

impl Run for HExists<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        let hash = at.read::<Hash>(self.key)?;
        Ok(hash.is_some_and(|hash| hash.contains(&self.field.text())))
    }
}

impl Run for HLen<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        Ok(at.read::<Hash>(self.key)?.map_or(0, Hash::len) as u64)
    }
}

impl Run for HKeys<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Vec<Bytes>> {
        collect_all(at, self.key, |(field, _)| copy(field))
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        show_all(at, self.key, Collection::Array, to, |(field, _), to| show(field, to))
    }
}

impl Run for HVals<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Vec<Bytes>> {
        collect_all(at, self.key, |(_, value)| copy(value))
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        show_all(at, self.key, Collection::Array, to, |(_, value), to| show(value, to))
    }
}

impl Run for HStrLen<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let hash = at.read::<Hash>(self.key)?;
        Ok(hash.and_then(|hash| hash.get(&self.field.text())).map_or(0, Item::text_len) as u64)
    }
}

impl Run for HIncrBy<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        let config = at.config();
        at.edit_or_create(self.key, Event::HINCRBY, |hash: &mut Hash| {
            let field = self.field.text();
            let current = match hash.get(&field).map(Item::as_int) {
                None => 0,
                Some(Some(int)) => int,
                Some(None) => return fail(texts::HASH_NOT_INTEGER),
            };
            let Some(sum) = current.checked_add(self.by) else { return fail(texts::OVERFLOW) };
            hash.insert(&field, format_int(sum, &mut [0; INT_LEN]), config);
            Ok(Changed(sum))
        })
    }
}

impl Run for HIncrByFloat<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Bytes> {
        let Some(by) = LongDouble::parse(&self.by.text()) else { return fail(texts::NOT_FLOAT) };
        if by.is_infinite() {
            return fail(texts::HASH_INCREMENT_NOT_FINITE);
        }
        let config = at.config();
        at.edit_or_create(self.key, Event::HINCRBYFLOAT, |hash: &mut Hash| {
            let field = self.field.text();
            let zero = || LongDouble::parse(b"0");
            let current = hash.get(&field).map_or_else(zero, |item| item.with_text(LongDouble::parse));
            let Some(current) = current else { return fail(texts::HASH_NOT_FLOAT) };
            let Some(sum) = current.add(by) else { return fail(texts::NAN_OR_INFINITY) };
            let text = sum.to_text();
            hash.insert(&field, text.as_bytes(), config);
            Ok(Changed(text.into()))
        })
    }
}

impl Run for HRandField<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<HRandFieldReply> {
        let withvalues = self.options.withvalues;
        if let Some(count) = self.count {
            sample::check(count, withvalues)?;
        }
        let shared = at.shared;
        let random: Random<'_> = &mut || shared.random.next();
        let hash = at.read::<Hash>(self.key)?;
        let Some(count) = self.count else {
            let one = hash.and_then(|hash| hash.random(random)).map(|(field, _)| copy(field));
            return Ok(HRandFieldReply::One(one.transpose()?));
        };
        let picked = hash.map_or_else(
            || Ok(Vec::new()),
            |hash| sample::pick(hash.len(), count, hash.iter(), random, |random| hash.random(random)),
        )?;
        Ok(if withvalues {
            HRandFieldReply::Pairs(collect(picked.len(), picked.into_iter().map(copy_pair))?)
        } else {
            HRandFieldReply::Fields(copies(picked.len(), picked.into_iter().map(|(field, _)| field))?)
        })
    }
}

impl Run for HScan<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ScanReply<(Bytes, Option<Bytes>)>> {
        let Some(hash) = at.read::<Hash>(self.key)? else { return Ok(ScanReply { cursor: 0, items: Vec::new() }) };
        let mut items = Copies::with_capacity(0);
        let options = self.options.unwrap_or_default().get()?;
        let cursor = hash.scan(self.cursor.0, options.count.unwrap_or_default().get(), &mut |field, value| {
            if options.pattern.is_none_or(|pattern| field.with_text(|field| pattern.matches(field))) {
                let value = (!options.without_values()).then(|| copy(value)).transpose();
                items.push(copy(field).and_then(|field| Ok((field, value?))));
            }
        });
        Ok(ScanReply { cursor, items: items.get()? })
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::generic::Exists;
    use redipy_command::scan::{HScanOptions, Late};

    use super::*;
    use crate::engine::Engine;

    fn hset<'a>(pairs: impl Into<Many<(Arg<'a>, Arg<'a>)>>) -> HSet<'a> {
        HSet { key: "h".into(), pairs: pairs.into() }
    }

    #[test]
    fn only_new_fields_are_counted() {
        let engine = Engine::new();
        assert_eq!(engine.execute(0, hset([("a", 1), ("b", 2), ("a", 3)])), Ok(2));
        assert_eq!(engine.execute(0, hset(("b", 2.5))), Ok(0));
        let asked = HMGet { key: "h".into(), fields: ["a", "x", "b"].into() };
        assert_eq!(engine.execute(0, asked), Ok(vec![Some("3".into()), None, Some("2.5".into())]));
    }

    #[test]
    fn the_last_field_takes_the_key_with_it() {
        let engine = Engine::new();
        engine.execute(0, hset(("a", 1))).unwrap();
        assert_eq!(engine.execute(0, HDel { key: "h".into(), fields: ["x", "a", "a"].into() }), Ok(1));
        assert_eq!(engine.execute(0, Exists { keys: "h".into() }), Ok(0));
    }

    #[test]
    fn an_increment_that_fails_changes_nothing() {
        let engine = Engine::new();
        engine.execute(0, hset([("text", "x"), ("max", "9223372036854775807")])).unwrap();
        let by = |field| HIncrBy { key: "h".into(), field, by: 1 };
        assert_eq!(engine.execute(0, by("text".into())), fail(texts::HASH_NOT_INTEGER));
        assert_eq!(engine.execute(0, by("max".into())), fail(texts::OVERFLOW));
        let by = |key, by| HIncrByFloat { key, field: "text".into(), by };
        assert_eq!(engine.execute(0, by("h".into(), 1.into())), fail(texts::HASH_NOT_FLOAT));
        assert_eq!(engine.execute(0, by("new".into(), "inf".into())), fail(texts::HASH_INCREMENT_NOT_FINITE));
        assert_eq!(engine.execute(0, Exists { keys: "new".into() }), Ok(0));
    }

    #[test]
    fn sums_of_floats_are_those_of_long_doubles() {
        let engine = Engine::new();
        let add = || engine.execute(0, HIncrByFloat { key: "h".into(), field: "f".into(), by: 0.1.into() }).unwrap();
        assert_eq!((add(), add(), add()), ("0.1".into(), "0.2".into(), "0.3".into()));
    }

    #[test]
    fn a_scan_of_a_large_hash_gives_every_field() {
        let engine = Engine::new();
        let fields: Vec<String> = (0..2000).map(|i| format!("f{i}")).collect();
        engine.execute(0, hset(fields.iter().map(|field| (field, 1)).collect::<Vec<_>>())).unwrap();
        let (mut cursor, mut seen) = (0, std::collections::BTreeSet::new());
        loop {
            let options = Some(Late::from(HScanOptions::new().pattern("f*1").count(100)));
            let step = engine.execute(0, HScan { key: "h".into(), cursor: cursor.into(), options }).unwrap();
            seen.extend(step.items.into_iter().map(|(field, value)| (field, value.is_some())));
            cursor = step.cursor;
            if cursor == 0 {
                break;
            }
        }
        assert_eq!(seen.len(), 200);
        assert!(seen.iter().all(|(field, value)| field.ends_with(b"1") && *value));
    }
}
