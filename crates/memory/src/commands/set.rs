//! Set commands: what they do. What they are is in the declarations of the same name.

use redipy_command::reply::{OneOrMany, ScanReply};
use redipy_command::set::{
    SAdd, SCard, SDiff, SDiffStore, SInter, SInterCard, SInterStore, SIsMember, SMIsMember, SMembers, SMove, SPop,
    SPopReply, SRandMember, SRem, SScan, SUnion, SUnionStore,
};
use redipy_command::sink::{Collection, Part};
use redipy_command::texts;
use redipy_command::{Bytes, Command, Key, Members, ReplySink, Result};

use crate::commands::sample;
use crate::data::config::CollectionConfig;
use crate::data::distinct::are_new;
use crate::data::packed::Item;
use crate::data::set::Set;
use crate::data::table::Random;
use crate::edit::Expiry;
use crate::edit::Outcome::{self, Changed, Unchanged};
use crate::listen::event::Event;
use crate::room::{Copies, afford_copies, copies, copy};
use crate::run::{Run, show};
use crate::space::Space;

/// Copies of all members.
fn members_of(set: &Set) -> Result<Members> {
    Ok(Members(copies(set.len(), set.iter())?))
}

impl Run for SAdd<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let Some(first) = self.members.first() else { return Err(texts::arity(Self::SPEC.name)) };
        let config = at.config();
        at.edit_or_create(self.key, Event::SADD, |set: &mut Set| {
            set.expect(self.members.len(), &first.text(), config);
            let added = if are_new(self.members.iter().map(|member| member.text()), || set.is_empty(), config.seed) {
                self.members.iter().for_each(|member| set.insert_new(&member.text(), config));
                self.members.len()
            } else {
                self.members.iter().filter(|member| set.insert(&*member.text(), config)).count()
            };
            Ok(Outcome::changed_if(added > 0, added as u64))
        })
    }
}

impl Run for SRem<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let removed = at.edit(self.key, Event::SREM, |set: &mut Set| {
            let removed = self.members.iter().filter(|member| set.remove(&*member.text())).count();
            Ok(Outcome::changed_if(removed > 0, removed as u64))
        })?;
        Ok(removed.unwrap_or(0))
    }
}

impl Run for SIsMember<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        Ok(at.read::<Set>(self.key)?.is_some_and(|set| set.contains(&*self.member.text())))
    }
}

impl Run for SMIsMember<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Vec<bool>> {
        let set = at.read::<Set>(self.key)?;
        let has = |set: &Set| self.members.iter().map(|member| set.contains(&*member.text())).collect();
        Ok(set.map_or_else(|| vec![false; self.members.len()], has))
    }
}

impl Run for SCard<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        Ok(at.read::<Set>(self.key)?.map_or(0, Set::len) as u64)
    }
}

impl Run for SMembers<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Members> {
        at.read::<Set>(self.key)?.map_or_else(|| Ok(Members::default()), members_of)
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        let set = at.read::<Set>(self.key)?;
        if set.is_some_and(|set| to.knows(Part::all(set.whole()))) {
            return Ok(());
        }
        to.begin(Collection::Set, set.map_or(0, Set::len));
        set.into_iter().flat_map(Set::iter).try_for_each(|member| show(member, to))
    }
}

impl Run for SPop<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<SPopReply> {
        let (random, config) = (&at.shared.random, at.config());
        let random: Random<'_> = &mut || random.next();
        let Some(count) = self.count else {
            let popped = at.edit(self.key, Event::SPOP, |set: &mut Set| Ok(Changed(set.pop_random(random, copy)?)))?;
            return Ok(SPopReply::One(popped.flatten()));
        };
        let popped = at.edit(self.key, Event::SPOP, |set: &mut Set| {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            Ok(match count {
                0 => Unchanged(Members::default()),
                count if count < set.len() => Changed(pop_some(set, count, config, random)?),
                _ => {
                    let members = members_of(set)?;
                    *set = Set::new();
                    Changed(members)
                }
            })
        })?;
        Ok(SPopReply::Many(popped.unwrap_or_default()))
    }
}

/// What has to stay in a set for each member that is taken, lest the set be built anew.
const STAY: usize = 5;

/// Removes `count` members, fewer than there are. Where few stay in a large set, they are moved to
/// one that is small at first: so the encoding becomes that of a server. Where there is no room for all, all stay.
fn pop_some(set: &mut Set, count: usize, config: &CollectionConfig, random: Random<'_>) -> Result<Members> {
    let stay = set.len() - count;
    if set.encoding() != "hashtable" || stay.saturating_mul(STAY) > count {
        return pop_each(set, count, config, random);
    }
    let mut rest = Set::new_packed();
    for _ in 0..stay {
        set.pop_random(random, |member| add(&mut rest, member, config))?;
    }
    let taken = std::mem::replace(set, rest);
    members_of(&taken).inspect_err(|_| {
        taken.iter().for_each(|member| {
            set.insert(member, config);
        });
    })
}

fn pop_each(set: &mut Set, count: usize, config: &CollectionConfig, random: Random<'_>) -> Result<Members> {
    let mut taken = Members(Vec::with_capacity(count));
    while taken.len() < count {
        match set.pop_random(random, copy) {
            Ok(popped) => taken.0.extend(popped),
            Err(error) => {
                taken.iter().for_each(|member| {
                    set.insert(&**member, config);
                });
                return Err(error);
            }
        }
    }
    Ok(taken)
}

/// Adds a copy of a stored member.
fn add(set: &mut Set, member: Item<'_>, config: &CollectionConfig) -> Result<()> {
    afford_copies(member, 1)?;
    set.insert(member, config);
    Ok(())
}

impl Run for SRandMember<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<OneOrMany> {
        let random: Random<'_> = &mut || at.shared.random.next();
        let set = at.read::<Set>(self.key)?;
        let Some(count) = self.count else {
            return Ok(OneOrMany::One(set.and_then(|set| set.random(random)).map(copy).transpose()?));
        };
        let Some(set) = set else { return Ok(OneOrMany::Many(Some(Vec::new()))) };
        let all = set.iter().map(|member| (member, ()));
        let members = sample::pick(set.len(), count, all, random, |random| Some((set.random(random)?, ())))?;
        Ok(OneOrMany::Many(Some(copies(members.len(), members.into_iter().map(|(member, ())| member))?)))
    }
}

impl Run for SMove<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<bool> {
        let member = self.member.text();
        let Some(source) = at.read::<Set>(self.source)? else { return Ok(false) };
        let there = source.contains(&*member);
        at.read::<Set>(self.destination)?;
        if !there || self.source == self.destination {
            return Ok(there);
        }
        let config = at.config();
        at.edit(self.source, Event::SREM, |source: &mut Set| Ok(Changed(source.remove(&*member))))?;
        at.edit_or_create(self.destination, Event::SADD, |destination: &mut Set| {
            destination.expect(1, &member, config);
            let is_added = destination.insert(&*member, config);
            Ok(Outcome::changed_if(is_added, ()))
        })?;
        Ok(true)
    }
}

/// The sets of these keys; nothing for a missing one.
fn sets<'s>(at: &'s Space<'_>, keys: &[Key<'_>]) -> Result<Vec<Option<&'s Set>>> {
    keys.iter().map(|key| at.read::<Set>(*key)).collect()
}

/// The members that all sets have, in the order of the smallest.
fn intersection<'s>(sets: Vec<Option<&'s Set>>) -> impl Iterator<Item = Item<'s>> {
    let mut sets: Vec<&Set> = sets.into_iter().collect::<Option<_>>().unwrap_or_default();
    sets.sort_by_key(|set| set.len());
    let smallest = if sets.is_empty() { None } else { Some(sets.remove(0)) };
    sets.retain(|set| smallest.is_none_or(|smallest| !std::ptr::eq(*set, smallest)));
    let members = smallest.into_iter().flat_map(Set::iter);
    members.filter(move |member| sets.iter().all(|set| set.contains(*member)))
}

/// Adds the members of any set to `result`.
fn unite(result: &mut Set, sets: &[Option<&Set>], config: &CollectionConfig) -> Result<()> {
    sets.iter().flatten().flat_map(|set| set.iter()).try_for_each(|member| add(result, member, config))
}

/// Adds the members of the first set that no other has to `result`.
fn subtract(result: &mut Set, sets: &[Option<&Set>], config: &CollectionConfig) -> Result<()> {
    let Some((Some(first), others)) = sets.split_first() else { return Ok(()) };
    let mut others: Vec<&Set> = others.iter().flatten().copied().collect();
    if others.iter().any(|other| std::ptr::eq(*other, *first)) {
        return Ok(());
    }
    // Two ways: to look up every member of the first set, which may end early and so counts half, or
    // to walk all sets. A server chooses by the same rule, and the encoding of the result shows it.
    let lookups = first.len().saturating_mul(others.len() + 1) / 2;
    let walks = others.iter().map(|set| set.len()).sum::<usize>() + first.len();
    if lookups <= walks {
        others.sort_by_key(|set| std::cmp::Reverse(set.len()));
        let missing = |member: &Item<'_>| !others.iter().any(|set| set.contains(*member));
        return first.iter().filter(missing).try_for_each(|member| add(result, member, config));
    }
    unite(result, &[Some(first)], config)?;
    for member in others.into_iter().flat_map(Set::iter) {
        if result.remove(member) && result.is_empty() {
            break;
        }
    }
    Ok(())
}

impl Run for SInter<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Members> {
        Ok(Members(copies(0, intersection(sets(at, &self.keys)?))?))
    }
}

impl Run for SUnion<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Members> {
        let sets = sets(at, &self.keys)?;
        let (mut result, config) = (Set::new(), at.config());
        unite(&mut result, &sets, config)?;
        members_of(&result)
    }
}

impl Run for SDiff<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Members> {
        let sets = sets(at, &self.keys)?;
        let (mut result, config) = (Set::new(), at.config());
        subtract(&mut result, &sets, config)?;
        members_of(&result)
    }
}

/// Puts a result into its key; an empty one removes the key.
fn store(at: &mut Space<'_>, destination: Key<'_>, result: Set, event: Event) -> u64 {
    let len = result.len() as u64;
    if result.is_empty() {
        at.remove(destination);
    } else {
        at.set(destination, result, Expiry::Never, event);
    }
    len
}

impl Run for SInterStore<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let (mut result, config) = (Set::new(), at.config());
        intersection(sets(at, &self.keys)?).try_for_each(|member| add(&mut result, member, config))?;
        Ok(store(at, self.destination, result, Event::SINTERSTORE))
    }
}

impl Run for SUnionStore<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let (mut result, config) = (Set::new(), at.config());
        unite(&mut result, &sets(at, &self.keys)?, config)?;
        Ok(store(at, self.destination, result, Event::SUNIONSTORE))
    }
}

impl Run for SDiffStore<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let (mut result, config) = (Set::new(), at.config());
        subtract(&mut result, &sets(at, &self.keys)?, config)?;
        Ok(store(at, self.destination, result, Event::SDIFFSTORE))
    }
}

impl Run for SInterCard<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let members = intersection(sets(at, &self.keys.0)?);
        Ok(match self.options.limit {
            None | Some(0) => members.count(),
            Some(limit) => members.take(usize::try_from(limit).unwrap_or(usize::MAX)).count(),
        } as u64)
    }
}

impl Run for SScan<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<ScanReply<Bytes>> {
        let Some(set) = at.read::<Set>(self.key)? else { return Ok(ScanReply { cursor: 0, items: Vec::new() }) };
        let mut items = Copies::with_capacity(0);
        let options = self.options.unwrap_or_default().get()?;
        let pattern = options.pattern.unwrap_or_default();
        let count = options.count.unwrap_or_default().get();
        let cursor = set.scan(self.cursor.0, count, &mut |member| {
            if member.with_text(|text| pattern.matches(text)) {
                items.push(copy(member));
            }
        });
        Ok(ScanReply { cursor, items: items.get()? })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use redipy_command::methods::SetCommands;
    use redipy_command::scan::ScanOptions;
    use redipy_command::set::SInterCardOptions;
    use redipy_command::{Execute, Executor, Reply};

    use super::*;
    use crate::engine::Engine;
    use crate::store::object::View;

    #[derive(Clone, Copy)]
    struct Direct<'e>(&'e Engine);

    impl Executor for Direct<'_> {
        type Output<R: Reply> = Result<R>;
    }

    impl<C: Run> Execute<C> for Direct<'_> {
        fn call(self, command: C) -> Result<C::Reply> {
            self.0.execute(0, command)
        }
    }

    /// What OBJECT ENCODING says; nothing for a missing key.
    fn encoding(engine: &Engine, key: &str) -> Option<&'static str> {
        let at = Space::new(&engine.shared, engine.shared.lock_all().unwrap(), 0);
        match at.view(key.into()) {
            Some(View::Set(set)) => Some(set.encoding()),
            _ => None,
        }
    }

    fn names(prefix: &str, range: std::ops::Range<u32>) -> Vec<String> {
        range.map(|i| format!("{prefix}{i}")).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn algebra_is_that_of_sets(
            contents in prop::collection::vec(prop::collection::btree_set(0..60_u32, 0..40), 3),
            text in prop::collection::vec(any::<bool>(), 3),
            keys in prop::collection::vec(0..4_usize, 1..5),
            limit in 0..5_u64,
        ) {
            let engine = Engine::new();
            let r = Direct(&engine);
            let mut model = vec![BTreeSet::new(); 4];
            for (i, content) in contents.iter().enumerate() {
                // Members in common, whatever the encoding; a member that is no integer in some sets.
                let members = content.iter().map(u32::to_string).chain(text[i].then(|| "x".to_owned()));
                model[i] = members.collect();
                for member in &model[i] {
                    r.sadd(format!("s{i}"), member).unwrap();
                }
            }
            let names: Vec<String> = keys.iter().map(|i| format!("s{i}")).collect();
            let names = names.as_slice();
            let others = || keys.iter().skip(1);
            let first = model[keys[0]].clone();
            let inter = others().fold(first.clone(), |all, key| &all & &model[*key]);
            let union = others().fold(first.clone(), |all, key| &all | &model[*key]);
            let diff = others().fold(first, |all, key| &all - &model[*key]);
            let texts = |members: Members| members.iter().map(Bytes::to_text).collect::<BTreeSet<_>>();
            prop_assert_eq!(&texts(r.sinter(names).unwrap()), &inter);
            prop_assert_eq!(&texts(r.sunion(names).unwrap()), &union);
            prop_assert_eq!(&texts(r.sdiff(names).unwrap()), &diff);
            let count = r.sintercard_with(names, SInterCardOptions::new().limit(limit)).unwrap();
            prop_assert_eq!(count, if limit == 0 { inter.len() as u64 } else { limit.min(inter.len() as u64) });
            prop_assert_eq!(r.sinterstore("d", names).unwrap(), inter.len() as u64);
            prop_assert_eq!(texts(r.smembers("d").unwrap()), inter);
            prop_assert_eq!(r.sunionstore("d", names).unwrap(), union.len() as u64);
            prop_assert_eq!(texts(r.smembers("d").unwrap()), union);
            prop_assert_eq!(r.sdiffstore("d", names).unwrap(), diff.len() as u64);
            prop_assert_eq!(encoding(&engine, "d").is_some(), !diff.is_empty());
            prop_assert_eq!(texts(r.smembers("d").unwrap()), diff);
        }

        #[test]
        fn random_members_are_members(size in 0..300_u32, count in -400..400_i64, text in any::<bool>()) {
            let engine = Engine::new();
            let r = Direct(&engine);
            let members = names(if text { "m" } else { "" }, 0..size);
            members.iter().for_each(|member| assert_eq!(r.sadd("s", member), Ok(1)));
            let drawn = r.srandmember_count("s", count).unwrap();
            prop_assert!(drawn.iter().all(|member| r.sismember("s", member).unwrap()));
            let different: BTreeSet<_> = drawn.iter().collect();
            let expected = if count < 0 && size > 0 { -count } else { count.clamp(0, size.into()) };
            prop_assert_eq!(drawn.len() as i64, expected);
            prop_assert!(count < 0 || different.len() == drawn.len());
            let popped = r.spop_count("s", count.abs()).unwrap();
            prop_assert_eq!(popped.len() as i64, count.abs().min(size.into()));
            prop_assert!(popped.iter().all(|member| !r.sismember("s", member).unwrap()));
            prop_assert_eq!(r.scard("s").unwrap(), u64::from(size) - popped.len() as u64);
            prop_assert_eq!(encoding(&engine, "s").is_some(), popped.len() < size as usize);
        }
    }

    #[test]
    fn results_are_encoded_as_on_a_server() {
        let engine = Engine::new();
        let r = Direct(&engine);
        r.sadd("a", names("m", 0..200)).unwrap();
        r.sadd("b", names("m", 5..300)).unwrap();
        r.sadd("c", names("m", 195..395)).unwrap();
        r.sadd("i", names("", 0..513)).unwrap();
        r.sadd("j", names("", 100..700)).unwrap();
        assert_eq!(encoding(&engine, "i"), Some("hashtable"));
        let encoded = |count: Result<u64>| (count.unwrap(), encoding(&engine, "d").unwrap());
        assert_eq!(encoded(r.sinterstore("d", ["a", "c"])), (5, "listpack"));
        assert_eq!(encoded(r.sinterstore("d", ["i", "j"])), (413, "intset"));
        assert_eq!(encoded(r.sdiffstore("d", ["a", "b"])), (5, "listpack"));
        assert_eq!(encoded(r.sdiffstore("d", ["a", "c"])), (195, "hashtable"));
        assert_eq!(encoded(r.sdiffstore("d", ["i", "j"])), (100, "intset"));
        assert_eq!(encoded(r.sunionstore("d", ["i", "j"])), (700, "hashtable"));
        r.spop_count("d", 200).unwrap();
        assert_eq!(encoding(&engine, "d"), Some("hashtable"));
        r.spop_count("d", 450).unwrap();
        assert_eq!(encoding(&engine, "d"), Some("listpack"));
    }

    #[test]
    fn smove_looks_at_the_source_first() {
        let engine = Engine::new();
        let r = Direct(&engine);
        engine.execute(0, redipy_command::string::SetNx { key: "str".into(), value: "x".into() }).unwrap();
        r.sadd("s", ["a", "b"]).unwrap();
        assert_eq!(r.smove("none", "str", "a"), Ok(false));
        assert_eq!(r.smove("s", "str", "none"), texts::fail(texts::WRONG_TYPE));
        assert_eq!(r.smove("str", "s", "a"), texts::fail(texts::WRONG_TYPE));
        assert_eq!(r.smove("s", "s", "a"), Ok(true));
        assert_eq!(r.smove("s", "s", "c"), Ok(false));
        assert_eq!(r.smove("s", "d", "a"), Ok(true));
        assert_eq!(r.smove("s", "d", "b"), Ok(true));
        assert_eq!(encoding(&engine, "s"), None);
        assert_eq!(r.scard("d"), Ok(2));
    }

    #[test]
    fn a_missing_key_has_no_options() {
        let engine = Engine::new();
        let r = Direct(&engine);
        let scan = |key: &'static str| {
            let args: &[&[u8]] = &[key.as_bytes(), b"0", b"FOO"];
            let scan = <SScan<'_> as redipy_command::Parse<'_>>::parse(redipy_command::Args::new(SScan::SPEC, args))?;
            engine.execute(0, scan).map(|step| step.items.len())
        };
        r.sadd("s", ["ab", "b"]).unwrap();
        assert_eq!(scan("none"), Ok(0));
        assert_eq!(scan("s"), texts::fail(texts::SYNTAX));
        let step = r.sscan_with("s", 0, ScanOptions::new().pattern("a*")).unwrap();
        assert_eq!((step.cursor, step.items), (0, vec!["ab".into()]));
        let all = r.srandmember_count("s", -(1 << 24) - 1);
        assert_eq!(all, texts::fail(texts::OUT_OF_RANGE));
    }
}
