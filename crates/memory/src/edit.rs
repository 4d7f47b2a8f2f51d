//! How a running command changes keys. Each method looks the key up, changes its value, removes a collection that is empty
//! then, and notifies those whom the change concerns: watching sessions, subscribers of keyspace events. There is no
//! other way to a value that can be changed.

use redipy_command::number::parse_int;
use redipy_command::{Key, Result, texts};

use crate::listen::event::Event;
use crate::space::{Located, Space};
use crate::store::concerns::Concerns;
use crate::store::entry::Entry;
use crate::store::keyspace::{Db, Hashed};
use crate::store::object::{Object, Stored, View};

/// What an edit did to a value, and its result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome<R> {
    /// The value is as it was: nobody is notified.
    Unchanged(R),
    /// The value was changed.
    Changed(R),
}

impl<R> Outcome<R> {
    /// [`Changed`](Self::Changed) if this holds.
    #[inline]
    pub fn changed_if(is_changed: bool, result: R) -> Self {
        if is_changed { Outcome::Changed(result) } else { Outcome::Unchanged(result) }
    }

    #[inline]
    fn result(self) -> R {
        match self {
            Outcome::Unchanged(result) | Outcome::Changed(result) => result,
        }
    }
}

/// The expiry of a key whose value is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The one that the key has.
    Keep,
    /// None.
    Never,
    /// At this time, in Unix milliseconds.
    At(i64),
}

impl From<Option<i64>> for Expiry {
    fn from(deadline: Option<i64>) -> Self {
        deadline.map_or(Expiry::Never, Expiry::At)
    }
}

/// Slots that one write sweeps for expired keys, and on every how many writes.
const SWEEP_SLOTS: usize = 32;
const SWEEP_EVERY: u64 = 16;

impl Space<'_> {
    /// Changes the collection of a key, if it is there. One that is empty then is removed, with [`Event::DEL`] after the
    /// event given.
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds another type, and those of `edit`, which must not have changed anything then.
    #[inline]
    pub fn edit<T: Stored, R>(
        &mut self,
        key: Key<'_>,
        event: Event,
        edit: impl FnOnce(&mut T) -> Result<Outcome<R>>,
    ) -> Result<Option<R>> {
        let located = self.locate(key);
        let db = self.db_without_due(located);
        let Some(entry) = db.get_mut(located.key) else { return Ok(None) };
        let value = collection::<T>(entry)?;
        let result = match edit(value)? {
            Outcome::Unchanged(result) => return Ok(Some(result)),
            Outcome::Changed(result) => result,
        };
        let is_emptied = value.is_empty();
        if is_emptied {
            db.discard(located.key);
        }
        if !db.concerns().is_empty() {
            self.notify(located, [Some(event), is_emptied.then_some(Event::DEL)]);
        }
        Ok(Some(result))
    }

    /// Changes the collection of a key; a missing key gets an empty one first, and is removed again where that is not
    /// changed.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    #[inline]
    pub fn edit_or_create<T: Stored, R>(
        &mut self,
        key: Key<'_>,
        event: Event,
        edit: impl FnOnce(&mut T) -> Result<Outcome<R>>,
    ) -> Result<R> {
        let located = self.locate(key);
        let db = self.db_without_due(located);
        let mut is_new = false;
        let entry = db.get_or_insert(located.key, || {
            is_new = true;
            Entry::new(located.key.key, T::empty())
        });
        let outcome = edit(collection::<T>(entry)?);
        if settle(db, located.key, is_new, &outcome) {
            self.notify_edit(located, is_new, event);
        }
        outcome.map(Outcome::result)
    }

    /// Changes the string of a key as bytes that can grow; a missing key gets an empty one first, and is removed again
    /// where that is not changed.
    ///
    /// # Errors
    /// As [`edit`](Self::edit).
    pub fn edit_string<R>(
        &mut self,
        key: Key<'_>,
        event: Event,
        edit: impl FnOnce(&mut Vec<u8>) -> Result<Outcome<R>>,
    ) -> Result<R> {
        let located = self.locate(key);
        let db = self.db_without_due(located);
        let mut is_new = false;
        let entry = db.get_or_insert(located.key, || {
            is_new = true;
            Entry::with_bytes(located.key.key, b"")
        });
        let Some(string) = entry.string_mut() else { return texts::fail(texts::WRONG_TYPE) };
        let outcome = edit(string);
        if settle(db, located.key, is_new, &outcome) {
            self.notify_edit(located, is_new, event);
        }
        outcome.map(Outcome::result)
    }

    /// Changes the integer of a key, of a missing one from 0; its expiry stays.
    ///
    /// # Errors
    /// `WRONGTYPE`, `value is not an integer or out of range`, and those of `change`.
    #[inline]
    pub fn edit_int(&mut self, key: Key<'_>, event: Event, change: impl FnOnce(i64) -> Result<i64>) -> Result<i64> {
        let located = self.locate(key);
        let db = self.db_without_due(located);
        let found = db.get_mut(located.key);
        let is_new = found.is_none();
        let int = if let Some(entry) = found {
            let current = match entry.view() {
                View::Int(int) => int,
                View::Str(bytes) => parse_int(bytes).map_or_else(|| texts::fail(texts::NOT_INTEGER), Ok)?,
                _ => return texts::fail(texts::WRONG_TYPE),
            };
            let int = change(current)?;
            entry.set_int(int);
            int
        } else {
            let int = change(0)?;
            db.insert(located.key.hash, Entry::new(located.key.key, Object::Int(int)));
            int
        };
        if !db.concerns().is_empty() {
            self.notify_edit(located, is_new, event);
        }
        Ok(int)
    }

    /// Sets the string of a key to what was made of the one that it holds; its expiry stays.
    pub fn update_string(&mut self, key: Key<'_>, bytes: &[u8], event: Event) {
        let located = self.locate(key);
        let replaced = self.replace(located, Expiry::Keep, |db, key| db.set_string(key, bytes));
        self.notify(located, [replaced.is_none().then_some(Event::NEW), Some(event)]);
    }

    /// Sets the string of a key, whatever it held.
    #[inline]
    pub fn set_string(&mut self, key: Key<'_>, bytes: &[u8], expiry: Expiry, event: Event) {
        self.set_by(key, expiry, event, |db, key| db.set_string(key, bytes));
    }

    /// Sets the value of a key, whatever it held.
    #[inline]
    pub fn set(&mut self, key: Key<'_>, value: impl Into<Object>, expiry: Expiry, event: Event) {
        self.set_by(key, expiry, event, |db, key| db.set(key, value.into()));
    }

    #[inline]
    fn set_by(&mut self, key: Key<'_>, expiry: Expiry, event: Event, set: impl FnOnce(&mut Db, Hashed<'_>)) {
        let located = self.locate(key);
        let db = self.db_mut(located);
        // Without concerns no key has an expiry that could stay or go.
        if db.concerns().is_empty() && !matches!(expiry, Expiry::At(_)) {
            set(db, located.key);
        } else {
            self.set_and_notify(located, expiry, event, set);
        }
    }

    #[cold]
    fn set_and_notify(
        &mut self,
        located: Located<'_>,
        expiry: Expiry,
        event: Event,
        set: impl FnOnce(&mut Db, Hashed<'_>),
    ) {
        let replaced = self.replace(located, expiry, set);
        let [first, second] = replaced.map_or([Some(Event::NEW), None], Replaced::events);
        self.notify(located, [first, second, Some(event)]);
    }

    /// Sets the value and the expiry of a key and notifies nobody. Gives what it replaced, if the key was there.
    fn replace(
        &mut self,
        located: Located<'_>,
        expiry: Expiry,
        set: impl FnOnce(&mut Db, Hashed<'_>),
    ) -> Option<Replaced> {
        let db = self.db_without_due(located);
        let type_of = |db: &Db| db.get(located.key).map(|entry| entry.view().type_name());
        let before = type_of(db);
        set(db, located.key);
        match expiry {
            Expiry::Keep => {}
            Expiry::Never => drop(db.set_deadline(located.key, None)),
            Expiry::At(deadline) => drop(db.set_deadline(located.key, Some(deadline))),
        }
        let replaced = before.map(|before| Replaced { other_type: type_of(db) != Some(before) });
        if let Expiry::At(deadline) = expiry {
            self.shared.expects(deadline);
        }
        replaced
    }

    /// Sets or removes the expiry of a key, if it is there. One that has passed already removes the key when it is next
    /// looked at.
    pub fn set_expiry(&mut self, key: Key<'_>, deadline: Option<i64>, event: Event) {
        let located = self.locate(key);
        if let Some(deadline) = deadline {
            self.shared.expects(deadline);
        }
        let db = self.db_mut(located);
        if db.set_deadline(located.key, deadline) && !db.concerns().is_empty() {
            self.notify(located, [Some(event)]);
        }
    }

    /// Removes the key if its deadline has passed.
    pub(crate) fn remove_if_due(&mut self, key: Key<'_>) {
        self.db_without_due(self.locate(key));
    }

    /// Removes a key; whether it was there. A large value is freed by another thread.
    pub fn unlink(&mut self, key: Key<'_>) -> bool {
        let located = self.locate(key);
        let db = self.db_without_due(located);
        let was_there = db.discard(located.key);
        if was_there && !db.concerns().is_empty() {
            self.notify(located, [Some(Event::DEL)]);
        }
        was_there
    }

    /// As [`unlink`](Self::unlink), and a large value is freed before the command is done.
    pub fn remove(&mut self, key: Key<'_>) -> bool {
        let was_there = self.unlink(key);
        self.db_mut(self.locate(key)).free_here();
        was_there
    }

    /// Moves the value and the expiry of a key to another one, whatever that held; whether the key was there.
    pub fn rename(&mut self, key: Key<'_>, newkey: Key<'_>) -> bool {
        let (from, to, expiry) = (self.locate(key), self.locate(newkey), self.deadline(key).into());
        let Some(mut entry) = self.db_without_due(from).remove(from.key) else { return false };
        let replaced = self.replace(to, expiry, |db, key| db.set(key, entry.take()));
        self.notify(to, [Some(Event::NEW)]);
        self.notify(from, [Some(Event::RENAME_FROM)]);
        self.notify_moved(to, Event::RENAME_TO, replaced);
        true
    }

    /// Sets a key to a copy of the value of another one, with its expiry.
    pub(crate) fn copy_to(&mut self, key: Key<'_>, copy: Object, expiry: Expiry) {
        let located = self.locate(key);
        let replaced = self.replace(located, expiry, |db, key| db.set(key, copy));
        self.notify(located, [Some(Event::NEW)]);
        self.notify_moved(located, Event::COPY_TO, replaced);
    }

    /// Where a server moves a value, it removes the old one first and says at the end that there was one.
    fn notify_moved(&mut self, located: Located<'_>, event: Event, replaced: Option<Replaced>) {
        let [first, second] = replaced.map_or([None, None], Replaced::events);
        self.notify(located, [Some(event), first, second]);
    }

    /// Removes all keys of this database. Large amounts are freed by another thread where `lazily` says so.
    pub(crate) fn flush(&mut self, lazily: bool) {
        let index = self.db();
        self.locked.shards_mut().for_each(|shard| shard.db_mut(index).flush(lazily));
    }

    /// Removes all keys of all databases, as [`flush`](Self::flush).
    pub(crate) fn flush_all(&mut self, lazily: bool) {
        self.locked.shards_mut().flat_map(|shard| shard.dbs_mut()).for_each(|(_, db)| db.flush(lazily));
    }

    /// Notifies of one more event of a key that was changed.
    pub fn notify_event(&mut self, key: Key<'_>, event: Event) {
        let located = self.locate(key);
        if !self.db_mut(located).concerns().is_empty() {
            self.notify(located, [Some(event)]);
        }
    }

    /// Notifies of an edit of a key, which may have been made for it.
    #[cold]
    fn notify_edit(&mut self, located: Located<'_>, is_new: bool, event: Event) {
        self.notify(located, [is_new.then_some(Event::NEW), Some(event)]);
    }

    /// Notifies of what happened to a key, in this order.
    #[cold]
    fn notify<const N: usize>(&mut self, located: Located<'_>, events: [Option<Event>; N]) {
        let (shared, index) = (self.shared, self.db());
        let db = self.db_mut(located);
        db.touch(located.key);
        if db.concerns().has(Concerns::NOTIFIED) {
            events.into_iter().flatten().for_each(|event| shared.publish_from(db, index, located.key.key, event));
        }
        if db.concerns().has(Concerns::EXPIRING) {
            self.sweep(located);
        }
    }

    /// On some writes, looks for expired keys in the same shard; where a thread does that, there is rarely one left.
    fn sweep(&mut self, located: Located<'_>) {
        if self.shared.random.next().is_multiple_of(SWEEP_EVERY) {
            let (now, shared, index) = (self.now(), self.shared, self.db());
            let publish = &mut |db: &mut Db, key: &[u8]| shared.publish_from(db, index, key, Event::EXPIRED);
            self.db_mut(located).sweep(now, SWEEP_SLOTS, publish);
        }
    }
}

/// What was replaced where a value was set.
#[derive(Clone, Copy)]
struct Replaced {
    other_type: bool,
}

impl Replaced {
    fn events(self) -> [Option<Event>; 2] {
        [Some(Event::OVERWRITTEN), self.other_type.then_some(Event::TYPE_CHANGED)]
    }
}

/// Removes a key that was made for an edit which changed nothing; whether there is somebody to notify.
#[inline(always)]
fn settle<R>(db: &mut Db, key: Hashed<'_>, is_new: bool, outcome: &Result<Outcome<R>>) -> bool {
    let is_changed = matches!(outcome, Ok(Outcome::Changed(_)));
    if is_new && !is_changed {
        db.discard(key);
    }
    is_changed && !db.concerns().is_empty()
}

/// The collection in an entry.
#[inline]
fn collection<T: Stored>(entry: &mut Entry) -> Result<&mut T> {
    T::of_mut(entry.view_mut()).map_or_else(|| texts::fail(texts::WRONG_TYPE), Ok)
}

#[cfg(test)]
mod tests {
    use redipy_command::generic::Exists;
    use redipy_command::hash::{HIncrBy, HSet};

    use super::*;
    use crate::data::hash::Hash;
    use crate::engine::Engine;

    fn in_space<R>(engine: &Engine, run: impl FnOnce(&mut Space<'_>) -> R) -> R {
        run(&mut Space::new(&engine.shared, engine.shared.lock_all().unwrap(), 0))
    }

    fn exists(engine: &Engine) -> bool {
        engine.execute(0, Exists { keys: "k".into() }) == Ok(1)
    }

    /// A key is there only with something in it, whatever came of an edit.
    #[test]
    fn no_edit_leaves_an_empty_collection() {
        let engine = Engine::new();
        let unchanged = |hash: &mut Hash| Ok(Outcome::Unchanged(hash.len()));
        let refused = |_: &mut Hash| texts::fail::<Outcome<()>>(texts::OVERFLOW);
        let emptied = |hash: &mut Hash| Ok(Outcome::Changed(hash.remove(b"f")));
        let event = Event::HSET;
        assert_eq!(in_space(&engine, |at| at.edit_or_create("k".into(), event, unchanged)), Ok(0));
        assert!(!exists(&engine));
        assert!(in_space(&engine, |at| at.edit_or_create("k".into(), event, refused)).is_err());
        assert!(!exists(&engine));
        assert!(in_space(&engine, |at| at.edit_string("k".into(), event, |_| Ok(Outcome::Unchanged(())))).is_ok());
        assert!(!exists(&engine));
        engine.execute(0, HSet { key: "k".into(), pairs: ("f", 1).into() }).unwrap();
        assert!(in_space(&engine, |at| at.edit("k".into(), event, refused)).is_err());
        assert!(exists(&engine));
        assert_eq!(in_space(&engine, |at| at.edit("k".into(), event, emptied)), Ok(Some(true)));
        assert!(!exists(&engine));
        assert_eq!(in_space(&engine, |at| at.edit("k".into(), event, emptied)), Ok(None));
    }

    #[test]
    fn an_edit_of_another_type_is_refused() {
        let engine = Engine::new();
        in_space(&engine, |at| at.set_string("k".into(), b"text", Expiry::Never, Event::SET));
        let wrong = engine.execute(0, HIncrBy { key: "k".into(), field: "f".into(), by: 1 });
        assert_eq!(wrong, texts::fail(texts::WRONG_TYPE));
        assert!(exists(&engine));
    }
}
