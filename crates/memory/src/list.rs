//! List commands: what they do. What they are is in the declarations of the same name.

use redipy_command::arg::ArgText;
use redipy_command::list::{
    LIndex, LInsert, LLen, LMPop, LMove, LPop, LPos, LPush, LPushX, LRange, LRem, LSet, LTrim, ListEnd, ListSide, RPop,
    RPopLPush, RPush, RPushX,
};
use redipy_command::reply::OneOrMany;
use redipy_command::texts::{self, fail};
use redipy_command::{Arg, Bytes, Command, Key, Result};

use crate::data::list::{End, List};
use crate::data::packed::Item;
use crate::run::Run;
use crate::space::Space;

impl From<ListEnd> for End {
    fn from(end: ListEnd) -> Self {
        match end {
            ListEnd::Left => End::Left,
            ListEnd::Right => End::Right,
        }
    }
}

/// A copy of an element.
fn copy(item: Item<'_>) -> Bytes {
    item.with_text(|text| Bytes::from(text))
}

/// Adds elements to a list that may have to be created; gives the new length.
fn push<C: Command>(at: &mut Space<'_>, key: Key<'_>, elements: &[Arg<'_>], end: End) -> Result<i64> {
    if elements.is_empty() {
        return Err(texts::arity(C::SPEC.name));
    }
    let list = at.create::<List>(key)?;
    extend(list, end, elements);
    let len = list.len() as i64;
    at.changed(key);
    Ok(len)
}

/// Adds elements to a list that must exist; gives the new length or 0.
fn push_existing(at: &mut Space<'_>, key: Key<'_>, elements: &[Arg<'_>], end: End) -> Result<i64> {
    let Some(list) = at.write::<List>(key)? else { return Ok(0) };
    extend(list, end, elements);
    let len = list.len() as i64;
    at.changed(key);
    Ok(len)
}

fn extend(list: &mut List, end: End, elements: &[Arg<'_>]) {
    match elements {
        [element] => list.push(end, Item::Bytes(&element.text())),
        elements => list.extend(end, elements.iter().map(|element| Text(element.text()))),
    }
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
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        push::<Self>(at, self.key, &self.elements, End::Left)
    }
}

impl Run for RPush<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        push::<Self>(at, self.key, &self.elements, End::Right)
    }
}

impl Run for LPushX<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        push_existing(at, self.key, &self.elements, End::Left)
    }
}

impl Run for RPushX<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        push_existing(at, self.key, &self.elements, End::Right)
    }
}

/// LPOP and RPOP.
fn pop(at: &mut Space<'_>, key: Key<'_>, count: Option<i64>, end: End) -> Result<OneOrMany> {
    let list = at.write::<List>(key)?;
    let reply = match (list, count) {
        (None, None) => return Ok(OneOrMany::One(None)),
        (None, Some(_)) => return Ok(OneOrMany::Many(None)),
        (Some(_), Some(0)) => return Ok(OneOrMany::Many(Some(Vec::new()))),
        (Some(list), None) => OneOrMany::One(list.pop(end, copy)),
        (Some(list), Some(count)) => OneOrMany::Many(Some(take(list, count, end))),
    };
    at.shrunk(key);
    Ok(reply)
}

/// Removes up to `count` elements from an end.
fn take(list: &mut List, count: i64, end: End) -> Vec<Bytes> {
    let count = usize::try_from(count).unwrap_or(usize::MAX).min(list.len());
    let mut taken = Vec::with_capacity(count);
    taken.extend((0..count).map_while(|_| list.pop(end, copy)));
    taken
}

impl Run for LPop<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<OneOrMany> {
        pop(at, self.key, self.count, End::Left)
    }
}

impl Run for RPop<'_> {
    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<OneOrMany> {
        pop(at, self.key, self.count, End::Right)
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
        let mut elements = Vec::with_capacity(count);
        elements.extend(list.iter_from(start).take(count).map(copy));
        Ok(elements)
    }
}

impl Run for LLen<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        Ok(at.read::<List>(self.key)?.map_or(0, List::len) as i64)
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
        Ok(list.get(index).map(copy))
    }
}

impl Run for LSet<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        let Some(list) = at.write::<List>(self.key)? else { return fail(texts::NO_SUCH_KEY) };
        let index = from_head(self.index.get()?, list.len());
        if !list.set(index, Item::Bytes(&self.element.text())) {
            return fail(texts::INDEX_RANGE);
        }
        at.changed(self.key);
        Ok(())
    }
}

impl Run for LInsert<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        let Some(list) = at.write::<List>(self.key)? else { return Ok(0) };
        let after = self.side == ListSide::After;
        if !list.insert(&self.pivot.text(), after, Item::Bytes(&self.element.text())) {
            return Ok(-1);
        }
        let len = list.len() as i64;
        at.changed(self.key);
        Ok(len)
    }
}

impl Run for LRem<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<i64> {
        let Some(list) = at.write::<List>(self.key)? else { return Ok(0) };
        let limit = match self.count {
            0 => usize::MAX,
            count => usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX),
        };
        let from = if self.count < 0 { End::Right } else { End::Left };
        let removed = list.remove(&self.element.text(), limit, from);
        if removed > 0 {
            at.shrunk(self.key);
        }
        Ok(removed as i64)
    }
}

impl Run for LTrim<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<()> {
        let Some(list) = at.write::<List>(self.key)? else { return Ok(()) };
        let (start, count) = range(self.start, self.stop, list.len());
        list.trim(start, count);
        // A server tells watchers also when nothing was removed.
        at.shrunk(self.key);
        Ok(())
    }
}

impl Run for LPos<'_> {
    fn run(self, at: &mut Space<'_>) -> Result<OneOrMany<i64>> {
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
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        for element in self.elements.by_ref() {
            let index = self.index;
            self.index += self.step;
            if element != self.wanted {
                continue;
            }
            if self.skip == 0 {
                return Some(index);
            }
            self.skip -= 1;
        }
        None
    }
}

/// LMOVE and RPOPLPUSH.
fn transfer(at: &mut Space<'_>, source: Key<'_>, destination: Key<'_>, from: End, to: End) -> Result<Option<Bytes>> {
    if at.read::<List>(source)?.is_none() {
        return Ok(None);
    }
    at.read::<List>(destination)?;
    // An element that is stored as an integer moves as one: its text counts when a list grows.
    let popped = at.write::<List>(source)?.and_then(|list| {
        list.pop(from, |item| (if let Item::Int(int) = item { Some(int) } else { None }, copy(item)))
    });
    let Some((int, element)) = popped else { return Ok(None) };
    at.create::<List>(destination)?.push(to, int.map_or(Item::Bytes(&element), Item::Int));
    at.changed(destination);
    if source != destination {
        at.shrunk(source);
    }
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
            if let Some(list) = at.write::<List>(key)? {
                let taken = take(list, self.options.count.unwrap_or(1), self.wherefrom.into());
                at.shrunk(key);
                return Ok(Some((key.as_bytes().into(), taken)));
            }
        }
        Ok(None)
    }
}
