//! List commands: what they do. What they are is in the declarations of the same name.

use redipy_command::arg::ArgText;
use redipy_command::list::{
    LIndex, LInsert, LLen, LMPop, LMove, LPop, LPos, LPush, LPushX, LRange, LRem, LSet, LTrim, ListEnd, ListSide, RPop,
    RPopLPush, RPush, RPushX,
};
use redipy_command::reply::OneOrMany;
use redipy_command::room;
use redipy_command::sink::{Collection, Part};
use redipy_command::texts::{self, fail};
use redipy_command::{Arg, Bytes, Command, Key, Reply, ReplySink, Result};

use crate::data::config::CollectionConfig;
use crate::data::list::{End, List};
use crate::data::packed::Item;
use crate::edit::Outcome::{self, Changed, Unchanged};
use crate::listen::event::Event;
use crate::room::{afford_copies, copies, copy};
use crate::run::{Run, show, show_each, show_optional};
use crate::space::Space;

impl From<ListEnd> for End {
    fn from(end: ListEnd) -> Self {
        match end {
            ListEnd::Left => End::Left,
            ListEnd::Right => End::Right,
        }
    }
}

/// The event of a list that gets elements at this end.
fn pushed(end: End) -> Event {
    match end {
        End::Left => Event::LPUSH,
        End::Right => Event::RPUSH,
    }
}

/// The event of a list that loses elements at this end.
fn popped(end: End) -> Event {
    match end {
        End::Left => Event::LPOP,
        End::Right => Event::RPOP,
    }
}

/// Adds elements to a list that may have to be created; gives the new length.
fn push<C: Command>(at: &mut Space<'_>, key: Key<'_>, elements: &[Arg<'_>], end: End) -> Result<u64> {
    if elements.is_empty() {
        return Err(texts::arity(C::SPEC.name));
    }
    let config = at.config();
    at.edit_or_create(key, pushed(end), |list| Ok(Changed(extend(list, end, elements, config))))
}

/// Adds elements to a list that must exist; gives the new length or 0.
fn push_existing(at: &mut Space<'_>, key: Key<'_>, elements: &[Arg<'_>], end: End) -> Result<u64> {
    let config = at.config();
    let len = at.edit(key, pushed(end), |list| Ok(Changed(extend(list, end, elements, config))))?;
    Ok(len.unwrap_or(0))
}

/// Adds elements; gives the new length.
fn extend(list: &mut List, end: End, elements: &[Arg<'_>], config: &CollectionConfig) -> u64 {
    match elements {
        [Arg::Bytes(text)] => list.push(end, Item::Bytes(text), config),
        elements => list.extend(end, elements.iter().map(|element| Text(element.text())), config),
    }
    list.len() as u64
}

/// The text of an argument, for [`List::extend`].
struct Text<'a>(ArgText<'a>);

impl AsRef<[u8]> for Text<'_> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Run for LPush<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        push::<Self>(at, self.key, &self.elements, End::Left)
    }
}

impl Run for RPush<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        push::<Self>(at, self.key, &self.elements, End::Right)
    }
}

impl Run for LPushX<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        push_existing(at, self.key, &self.elements, End::Left)
    }
}

impl Run for RPushX<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        push_existing(at, self.key, &self.elements, End::Right)
    }
}

/// LPOP and RPOP without a count: shows the element to `see`.
#[inline]
fn pop_one<R>(
    at: &mut Space<'_>,
    key: Key<'_>,
    end: End,
    see: impl FnOnce(Item<'_>) -> Result<R>,
) -> Result<Option<R>> {
    let popped = at.edit(key, popped(end), |list: &mut List| Ok(Changed(list.pop(end, see)?)))?;
    Ok(popped.flatten())
}

/// LPOP and RPOP.
#[inline]
fn pop(at: &mut Space<'_>, key: Key<'_>, count: Option<i64>, end: End) -> Result<OneOrMany> {
    let Some(count) = count else { return pop_one(at, key, end, copy).map(OneOrMany::One) };
    take(at, key, count, end).map(OneOrMany::Many)
}

/// LPOP and RPOP; an element without a copy.
fn show_popped<S: ReplySink + ?Sized>(
    at: &mut Space<'_>,
    key: Key<'_>,
    count: Option<i64>,
    end: End,
    to: &mut S,
) -> Result<()> {
    if count.is_some() {
        pop(at, key, count, end)?.show(to);
    } else if pop_one(at, key, end, |item| show(item, to))?.is_none() {
        to.null();
    }
    Ok(())
}

/// Removes up to `count` elements from an end of a list, if there is one; none of them where there is no room for all.
fn take(at: &mut Space<'_>, key: Key<'_>, count: i64, end: End) -> Result<Option<Vec<Bytes>>> {
    let config = at.config();
    at.edit(key, popped(end), |list: &mut List| {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(list.len());
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count {
            match list.pop(end, copy) {
                Ok(popped) => taken.extend(popped),
                Err(error) => {
                    taken.iter().rev().for_each(|element| list.push(end, Item::Bytes(element), config));
                    return Err(error);
                }
            }
        }
        Ok(Outcome::changed_if(count > 0, taken))
    })
}

impl Run for LPop<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<OneOrMany> {
        pop(at, self.key, self.count, End::Left)
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        show_popped(at, self.key, self.count, End::Left, to)
    }
}

impl Run for RPop<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<OneOrMany> {
        pop(at, self.key, self.count, End::Right)
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        show_popped(at, self.key, self.count, End::Right, to)
    }
}

/// The first index of a range with both ends included and negative ones counted from the tail, and
/// how many elements it has.
fn range(start: i64, stop: i64, len: usize) -> (usize, usize) {
    let len = len as i64;
    let from_head = |index: i64| if index < 0 { index + len } else { index };
    let (start, stop) = (from_head(start).max(0), from_head(stop).min(len - 1));
    if start > stop { (0, 0) } else { (start as usize, (stop - start) as usize + 1) }
}

impl Run for LRange<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Vec<Bytes>> {
        let Some(list) = at.read::<List>(self.key)? else { return Ok(Vec::new()) };
        let (start, count) = range(self.start, self.stop, list.len());
        copies(count, list.range(start, count))
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        let list = at.read::<List>(self.key)?;
        let (start, count) = list.map_or((0, 0), |list| range(self.start, self.stop, list.len()));
        if list.is_some_and(|list| to.knows(Part { of: list.whole(), from: start, count })) {
            return Ok(());
        }
        to.begin(Collection::Array, count);
        list.map_or(Ok(()), |list| show_each(list.range(start, count), to))
    }
}

impl Run for LLen<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        Ok(at.read::<List>(self.key)?.map_or(0, List::len) as u64)
    }
}

/// An index counted from the head; one before the head becomes one beyond the tail.
fn from_head(index: i64, len: usize) -> usize {
    let index = if index < 0 { index + len as i64 } else { index };
    usize::try_from(index).unwrap_or(usize::MAX)
}

impl Run for LIndex<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        let Some(list) = at.read::<List>(self.key)? else { return Ok(None) };
        let index = from_head(self.index.get()?, list.len());
        list.get(index).map(copy).transpose()
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        let element = match at.read::<List>(self.key)? {
            Some(list) => list.get(from_head(self.index.get()?, list.len())),
            None => None,
        };
        show_optional(element, to)
    }
}

impl Run for LSet<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        let config = at.config();
        let set = at.edit(self.key, Event::LSET, |list: &mut List| {
            // A server narrows the index to 32 bits, here and nowhere else: 2^32 is the head.
            let index = from_head(i64::from(self.index.get()? as i32), list.len());
            let is_set = list.set(index, Item::Bytes(&self.element.text()), config);
            if is_set { Ok(Changed(())) } else { fail(texts::INDEX_RANGE) }
        })?;
        set.map_or_else(|| fail(texts::NO_SUCH_KEY), Ok)
    }
}

impl Run for LInsert<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        let config = at.config();
        let len = at.edit(self.key, Event::LINSERT, |list: &mut List| {
            let after = self.side == ListSide::After;
            let is_inserted = list.insert(&self.pivot.text(), after, Item::Bytes(&self.element.text()), config);
            Ok(if is_inserted { Changed(list.len() as i64) } else { Unchanged(-1) })
        })?;
        Ok(len.unwrap_or(0))
    }
}

impl Run for LRem<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<u64> {
        let limit = match self.count {
            0 => usize::MAX,
            count => usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX),
        };
        let from = if self.count < 0 { End::Right } else { End::Left };
        let removed = at.edit(self.key, Event::LREM, |list: &mut List| {
            let removed = list.remove(&self.element.text(), limit, from);
            Ok(Outcome::changed_if(removed > 0, removed as u64))
        })?;
        Ok(removed.unwrap_or(0))
    }
}

impl Run for LTrim<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        at.edit(self.key, Event::LTRIM, |list: &mut List| {
            let (start, count) = range(self.start, self.stop, list.len());
            list.trim(start, count);
            // A server notifies also when nothing was removed.
            Ok(Changed(()))
        })?;
        Ok(())
    }
}

impl Run for LPos<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<OneOrMany<u64>> {
        let options = self.options;
        let list = at.read::<List>(self.key)?;
        let text = self.element.text();
        let found = list.map(|list| Matches::new(list, &text, options.rank.unwrap_or_default().0, options.maxlen));
        let mut found = found.into_iter().flatten();
        Ok(match options.count {
            None => OneOrMany::One(found.next()),
            Some(0) => OneOrMany::Many(Some(found.collect())),
            Some(count) => {
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                OneOrMany::Many(Some(found.take(count).collect()))
            }
        })
    }
}

/// The indices of the elements that LPOS looks for.
struct Matches<'a> {
    /// Elements not yet compared, from the head or from the tail on.
    elements: std::iter::Take<crate::data::list::Iter<'a>>,
    wanted: Item<'a>,
    /// The index of the next element, and of the one after it seen from here.
    index: i64,
    step: i64,
    /// Matches to pass over.
    skip: u64,
}

impl<'a> Matches<'a> {
    fn new(list: &'a List, text: &'a [u8], rank: i64, maxlen: Option<i64>) -> Self {
        let last = list.len().saturating_sub(1);
        let (elements, index, step) =
            if rank < 0 { (list.iter_rev_from(last), last as i64, -1) } else { (list.iter(), 0, 1) };
        let most = match maxlen {
            None | Some(0) => usize::MAX,
            Some(most) => usize::try_from(most).unwrap_or(usize::MAX),
        };
        // Texts of integers are stored as integers: one look at the text, then none.
        let wanted = Item::Bytes(text).as_int().map_or(Item::Bytes(text), Item::Int);
        Self { elements: elements.take(most), wanted, index, step, skip: rank.unsigned_abs().saturating_sub(1) }
    }
}

impl Iterator for Matches<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        for element in self.elements.by_ref() {
            let index = self.index;
            self.index += self.step;
            if element != self.wanted {
                continue;
            }
            if self.skip == 0 {
                return Some(index as u64);
            }
            self.skip -= 1;
        }
        None
    }
}

/// LMOVE and RPOPLPUSH.
fn transfer(at: &mut Space<'_>, source: Key<'_>, destination: Key<'_>, from: End, to: End) -> Result<Option<Bytes>> {
    let config = at.config();
    if source == destination {
        let moved = at.edit(source, pushed(to), |list: &mut List| {
            let copied = |item: Item<'_>| {
                afford_copies(item, 2)?;
                copy(item)
            };
            list.rotate(from, to, config, copied).map(Changed)
        })?;
        if moved.is_some() {
            at.notify_event(source, popped(from));
        }
        return Ok(moved.flatten());
    }
    let Some(list) = at.read::<List>(source)? else { return Ok(None) };
    // An element that is stored as an integer moves as one: its text counts when a list grows.
    let end = if from == End::Left { 0 } else { list.len() - 1 };
    let Some(item) = list.get(end) else { return Ok(None) };
    afford_copies(item, 2)?;
    let (int, element) = (if let Item::Int(int) = item { Some(int) } else { None }, copy(item)?);
    at.edit_or_create(destination, pushed(to), |list: &mut List| {
        list.push(to, int.map_or(Item::Bytes(&element), Item::Int), config);
        Ok(Changed(()))
    })?;
    at.edit(source, popped(from), |list: &mut List| list.pop(from, |_| Ok(())).map(Changed))?;
    Ok(Some(element))
}

impl Run for LMove<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        transfer(at, self.source, self.destination, self.wherefrom.into(), self.whereto.into())
    }
}

impl Run for RPopLPush<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Option<Bytes>> {
        transfer(at, self.source, self.destination, End::Right, End::Left)
    }
}

impl Run for LMPop<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<Option<(Bytes, Vec<Bytes>)>> {
        for &key in self.keys.0.iter() {
            let name = room::copy(key.as_bytes())?;
            if let Some(taken) = take(at, key, self.options.count.unwrap_or(1), self.wherefrom.into())? {
                return Ok(Some((name, taken)));
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::list::{LMPopOptions, LPosOptions};
    use redipy_command::methods::{ListCommands, StringCommands};
    use redipy_command::{Execute, Executor, Reply};

    use super::*;
    use crate::engine::Engine;

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

    fn exists(engine: &Engine, key: &str) -> bool {
        engine.execute(0, redipy_command::generic::Exists { keys: key.into() }) == Ok(1)
    }

    #[test]
    fn a_range_is_what_a_server_makes_of_it() {
        for len in 0..5_usize {
            for (start, stop) in (-7..8).flat_map(|start| (-7..8).map(move |stop| (start, stop))) {
                let from_head = |index: i64| if index < 0 { index + len as i64 } else { index };
                let inside = |index: &usize| (from_head(start)..=from_head(stop)).contains(&(*index as i64));
                let expected: Vec<usize> = (0..len).filter(inside).collect();
                let (first, count) = range(start, stop, len);
                assert_eq!((first..first + count).collect::<Vec<_>>(), expected, "{start} {stop} {len}");
            }
        }
        assert_eq!(range(i64::MIN, i64::MAX, 3), (0, 3));
        assert_eq!(range(i64::MAX, i64::MIN, 3), (0, 0));
    }

    #[test]
    fn lpos_finds_what_a_walk_finds() {
        let engine = Engine::new();
        let r = Direct(&engine);
        let elements = ["a", "1", "a", "b", "1", "a"];
        r.rpush("l", elements).unwrap();
        for rank in [-4, -3, -2, -1, 1, 2, 3, 4_i64] {
            for (count, maxlen) in (0..4).flat_map(|count| (0..8).map(move |maxlen| (count, maxlen))) {
                let mut walk: Vec<usize> = (0..elements.len()).collect();
                if rank < 0 {
                    walk.reverse();
                }
                walk.truncate(if maxlen == 0 { 6 } else { maxlen });
                let skipped = rank.unsigned_abs() as usize - 1;
                let found = walk.into_iter().filter(|index| elements[*index] == "a").skip(skipped);
                let found = found.take(if count == 0 { 6 } else { count });
                let expected: Vec<u64> = found.map(|index| index as u64).collect();
                let options = LPosOptions::new().rank(rank).maxlen(maxlen as i64);
                let all = r.lpos_with("l", "a", options.count(count as i64)).unwrap();
                assert_eq!(all, expected, "{rank} {count} {maxlen}");
                let first = expected.first().copied().into_iter().collect::<Vec<_>>();
                assert_eq!(r.lpos_with("l", "a", options).unwrap(), first);
            }
        }
        assert_eq!(r.lpos("l", 1).unwrap(), Some(1));
        assert_eq!(r.lpos("l", "01").unwrap(), None);
    }

    #[test]
    fn a_list_can_be_moved_into_itself() {
        let engine = Engine::new();
        let r = Direct(&engine);
        r.rpush("l", ["a", "b", "c"]).unwrap();
        assert_eq!(r.lmove("l", "l", ListEnd::Left, ListEnd::Right).unwrap().unwrap(), "a");
        assert_eq!(r.lrange("l", 0, -1).unwrap(), ["b", "c", "a"]);
        assert_eq!(r.lmove("l", "l", ListEnd::Right, ListEnd::Right).unwrap().unwrap(), "a");
        assert_eq!(r.rpoplpush("l", "l").unwrap().unwrap(), "a");
        assert_eq!(r.lrange("l", 0, -1).unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn a_key_goes_with_its_last_element() {
        let engine = Engine::new();
        let r = Direct(&engine);
        let gone = |what: &str| {
            assert!(!exists(&engine, "l"), "{what}");
            r.rpush("l", "a").unwrap();
        };
        gone("new");
        assert_eq!(r.lpop_count("l", 5).unwrap(), ["a"]);
        gone("LPOP");
        assert_eq!(r.lrem("l", 0, "a").unwrap(), 1);
        gone("LREM");
        r.ltrim("l", 1, 0).unwrap();
        gone("LTRIM");
        assert!(r.rpoplpush("l", "m").unwrap().is_some());
        gone("RPOPLPUSH");
        let taken = r.lmpop_with(["x", "l"], ListEnd::Right, LMPopOptions::new().count(9)).unwrap();
        assert_eq!(taken, Some(("l".into(), vec!["a".into()])));
        gone("LMPOP");
    }

    #[test]
    fn nothing_is_written_where_a_command_fails() {
        let engine = Engine::new();
        let r = Direct(&engine);
        r.set("str", "x").unwrap();
        r.rpush("l", ["a", "b"]).unwrap();
        assert_eq!(r.lmove("l", "str", ListEnd::Left, ListEnd::Left), fail(texts::WRONG_TYPE));
        assert_eq!(r.lset("l", 2, "x"), fail(texts::INDEX_RANGE));
        assert_eq!(r.lset("none", 0, "x"), fail(texts::NO_SUCH_KEY));
        assert!(r.lpush("none", Vec::<&str>::new()).is_err());
        assert_eq!(r.lpushx("none", "x").unwrap(), 0);
        assert!(!exists(&engine, "none"));
        assert_eq!(r.linsert("l", ListSide::After, "x", "y").unwrap(), -1);
        assert_eq!(r.lrange("l", 0, -1).unwrap(), ["a", "b"]);
    }
}
