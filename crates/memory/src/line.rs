//! The line of the calls that wait for data on behalf of futures: those that need the same shard have their turns in the
//! order in which they were made. One that has its turn waits for its locks in a thread, so there are never more such
//! threads than shards; it leaves the line when it has its locks.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use redipy_backend::backend::Results;
use redipy_command::{Error, Kind, Result};

use crate::shard_set::ShardSet;
use crate::threads;

/// The number of a call in its line.
pub(crate) type Number = u64;

/// A call that a thread makes when it has its turn.
pub(crate) trait QueuedCall: Send + Sync {
    /// Waits for its data and makes it. It leaves the line as soon as others need not wait for their turns.
    fn make(&self, number: Number) -> Result<Results>;

    /// Notifies the future that waits for the results.
    fn finish(&self, results: Result<Results>);

    /// Leaves the line; those that have their turns now.
    fn leave(&self, number: Number) -> Vec<Due>;
}

/// A call that has its turn.
pub(crate) type Due = (Number, Arc<dyn QueuedCall>);

/// Starts a thread for each of these.
pub(crate) fn start(due: impl IntoIterator<Item = Due>) {
    let mut due: Vec<Due> = due.into_iter().collect();
    while let Some((number, call)) = due.pop() {
        let own = Arc::clone(&call);
        if !threads::start(move || make(own, number)) {
            call.finish(Err(Error::new(Kind::OutOfMemory, "the system has no thread for a call that has to wait")));
            due.extend(call.leave(number));
        }
    }
}

/// The work of a thread: a call, and then one of those that waited for it.
fn make(mut call: Arc<dyn QueuedCall>, mut number: Number) {
    loop {
        let made = threads::within(|| catch_unwind(AssertUnwindSafe(|| call.make(number))));
        let next = threads::within(|| {
            // The panic itself was shown.
            let panicked = |_| Err(Error::new(Kind::Unsupported, "the call panicked in its thread"));
            call.finish(made.unwrap_or_else(panicked));
            let mut due = call.leave(number);
            let next = due.pop();
            start(due);
            next
        });
        let Some(next) = next else { return };
        (number, call) = next;
    }
}

/// The calls of one engine that wait.
pub(crate) struct Line<T> {
    /// Number of calls: nearly always none, which is cheap to find out.
    len: AtomicUsize,
    calls: Mutex<Calls<T>>,
}

struct Calls<T> {
    /// Process that the calls belong to: a forked one has no threads that make them.
    process: u32,
    last: Number,
    /// Who waits for each shard, in order, with some who have left.
    shards: Vec<VecDeque<Number>>,
    waiting: HashMap<Number, Waiting<T>, foldhash::fast::FixedState>,
}

struct Waiting<T> {
    shards: ShardSet,
    /// The call, until it has its turn.
    call: Option<T>,
}

impl<T> Line<T> {
    /// For an engine with so many shards.
    pub(crate) fn new(shards: usize) -> Self {
        let shards = std::iter::repeat_with(VecDeque::new).take(shards).collect();
        let calls = Calls { process: std::process::id(), last: 0, shards, waiting: HashMap::default() };
        Line { len: AtomicUsize::new(0), calls: Mutex::new(calls) }
    }

    /// Whether nobody waits at all.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Acquire) == 0
    }

    /// Whether nobody waits for any of these shards.
    pub(crate) fn is_free(&self, shards: ShardSet) -> bool {
        self.is_empty() || self.change(|calls| calls.is_free(shards))
    }

    /// Joins the line: the number of the call, and the call itself if it has its turn already.
    pub(crate) fn join(&self, shards: ShardSet, call: T) -> (Number, Option<T>) {
        self.change(|calls| {
            let is_first = calls.is_free(shards);
            calls.last += 1;
            let number = calls.last;
            shards.of(calls.shards.len()).indices().for_each(|index| calls.shards[index].push_back(number));
            let (waits, starts) = if is_first { (None, Some(call)) } else { (Some(call), None) };
            calls.waiting.insert(number, Waiting { shards, call: waits });
            (number, starts)
        })
    }

    /// A call needs its turn no more; those that have theirs now.
    pub(crate) fn leave(&self, number: Number) -> Vec<(Number, T)> {
        self.change(|calls| match calls.waiting.remove(&number) {
            Some(left) => calls.next(left.shards),
            None => Vec::new(),
        })
    }

    /// As [`leave`](Self::leave), for a call that has not had its turn; any other goes on.
    pub(crate) fn give_up(&self, number: Number) -> Vec<(Number, T)> {
        self.change(|calls| {
            let waits = calls.waiting.get(&number).is_some_and(|waiting| waiting.call.is_some());
            let left = if waits { calls.waiting.remove(&number) } else { None };
            left.map_or_else(Vec::new, |left| calls.next(left.shards))
        })
    }

    fn change<R>(&self, change: impl FnOnce(&mut Calls<T>) -> R) -> R {
        let mut calls = self.calls.lock();
        let process = std::process::id();
        if calls.process != process {
            calls.process = process;
            calls.shards.iter_mut().for_each(VecDeque::clear);
            calls.waiting.clear();
        }
        let done = change(&mut calls);
        self.len.store(calls.waiting.len(), Ordering::Release);
        done
    }
}

impl<T> Calls<T> {
    /// Who waits for this shard first.
    fn first(&mut self, index: usize) -> Option<Number> {
        let shard = &mut self.shards[index];
        while shard.front().is_some_and(|number| !self.waiting.contains_key(number)) {
            shard.pop_front();
        }
        shard.front().copied()
    }

    fn is_free(&mut self, shards: ShardSet) -> bool {
        shards.of(self.shards.len()).indices().all(|index| self.first(index).is_none())
    }

    /// Takes those out that wait for one of these shards, which somebody has left, and have their turn now.
    fn next(&mut self, left: ShardSet) -> Vec<(Number, T)> {
        let mut next = Vec::new();
        for index in left.of(self.shards.len()).indices() {
            let Some(number) = self.first(index) else { continue };
            let shards = self.waiting[&number].shards.of(self.shards.len());
            if shards.indices().all(|index| self.first(index) == Some(number))
                && let Some(call) = self.waiting.get_mut(&number).and_then(|waiting| waiting.call.take())
            {
                next.push((number, call));
            }
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shards(indices: &[usize]) -> ShardSet {
        let mut shards = ShardSet::default();
        indices.iter().for_each(|index| shards.add(*index));
        shards
    }

    #[test]
    fn turns_are_in_order_for_each_shard() {
        let line = Line::new(8);
        assert!(line.is_free(ShardSet::everything()));
        let (first, starts) = line.join(shards(&[1, 2]), "first");
        assert_eq!(starts, Some("first"));
        let (second, starts) = line.join(shards(&[2, 3]), "second");
        assert_eq!(starts, None);
        let (third, starts) = line.join(shards(&[3]), "third");
        assert_eq!(starts, None);
        let (other, starts) = line.join(shards(&[5]), "other");
        assert_eq!(starts, Some("other"));
        assert!(line.is_free(shards(&[4, 6])) && !line.is_free(shards(&[3])));
        assert_eq!(line.leave(other), []);
        assert_eq!(line.leave(first), [(second, "second")]);
        assert_eq!(line.leave(second), [(third, "third")]);
        assert_eq!(line.leave(third), []);
        assert!(line.is_free(ShardSet::everything()));
    }

    #[test]
    fn who_gives_up_keeps_nobody_waiting() {
        let line = Line::new(8);
        let (first, _) = line.join(ShardSet::everything(), "first");
        let (second, _) = line.join(ShardSet::everything(), "second");
        let (third, _) = line.join(shards(&[1]), "third");
        let (fourth, _) = line.join(shards(&[2]), "fourth");
        assert_eq!(line.give_up(second), []);
        assert_eq!(line.give_up(first), []);
        assert_eq!(line.leave(first), [(third, "third"), (fourth, "fourth")]);
        assert_eq!(line.leave(first), []);
    }
}
