//! Limits of scripts: steps and memory.

use std::collections::HashSet;
use std::rc::Rc;

use redipy_command::Result;

use crate::host::Host;
use crate::texts;
use crate::value::Val;
use crate::value::room::{ENTRY, ITEM, MEMORY};

/// After how many steps the host is asked whether the script may go on: less than a millisecond.
const PULSE: u64 = 1 << 16;

/// The limits of a script on the engine.
///
/// A server has limits of its own: it answers others with `BUSY` after `busy-reply-threshold`, and its memory is bounded
/// by `maxmemory`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many instructions it may take, and for each 64 bytes that it copies one more. Then it ends with
    /// [`Kind::Timeout`](crate::Kind::Timeout). The default is 1,000,000,000.
    pub steps: u64,
    /// How many bytes its values may take, about, its arguments from the beginning, and its result for itself. Then it ends
    /// with [`Kind::OutOfMemory`](crate::Kind::OutOfMemory). The default is 1 GiB.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 1_000_000_000, memory: MEMORY }
    }
}

/// The budget that a running script has left.
///
/// Memory is counted up as values are made. Only when the count reaches what is left, the values that are alive are
/// weighed: so it costs little, and values that are gone do not count.
#[derive(Debug)]
pub(super) struct Budget {
    /// Steps until the host is asked whether the script may go on, and those after them.
    steps: u64,
    more_steps: u64,
    memory: usize,
    /// The bytes that were allocated since the last measurement.
    made: usize,
    /// The bytes that may be allocated before the next measurement.
    room: usize,
}

impl Budget {
    /// The budget of a script whose arguments take this many bytes.
    pub(super) fn new(limits: Limits, made: usize) -> Self {
        let steps = limits.steps.min(PULSE);
        Self { steps, more_steps: limits.steps - steps, memory: limits.memory, made, room: limits.memory }
    }

    /// The limit on the bytes of its values.
    pub(super) fn memory(&self) -> usize {
        self.memory
    }

    /// Counts steps; the host is asked now and then whether the script may go on.
    ///
    /// # Errors
    /// The steps are used up; errors of the host.
    #[inline]
    pub(super) fn step(&mut self, steps: u64, host: &mut dyn Host) -> Result<()> {
        match self.steps.checked_sub(steps) {
            Some(left) => self.steps = left,
            None => self.next_steps(steps, host)?,
        }
        Ok(())
    }

    #[cold]
    fn next_steps(&mut self, steps: u64, host: &mut dyn Host) -> Result<()> {
        let Some(more) = (self.steps + self.more_steps).checked_sub(steps) else { return Err(texts::timeout()) };
        self.steps = more.min(PULSE);
        self.more_steps = more - self.steps;
        host.pulse()
    }

    /// Counts bytes that were made, and copying them as steps. Tells whether all that is alive must be weighed.
    #[inline]
    pub(super) fn make(&mut self, bytes: usize, host: &mut dyn Host) -> Result<bool> {
        self.step(bytes as u64 / 64, host)?;
        self.made = self.made.saturating_add(bytes);
        Ok(self.made > self.room)
    }

    /// Weighs everything that is alive.
    #[cold]
    pub(super) fn weigh<'a>(&mut self, alive: impl Iterator<Item = &'a Val>) -> Result<()> {
        let live = weight_of_all(alive);
        if live > self.memory {
            return Err(texts::out_of_memory());
        }
        // Near the limit there is little room: weighing again and again would take more time than the script.
        (self.made, self.room) = (0, (self.memory - live).max(self.memory / 8));
        Ok(())
    }
}

/// The bytes of a value and of its items, but not of theirs.
pub(super) fn weight(value: &Val) -> usize {
    match value {
        Val::List(list) => list.0.borrow().iter().map(|item| own_weight(item) + ITEM).sum::<usize>() + ITEM,
        Val::Dict(dict) => dict.0.borrow().values().map(|value| own_weight(value) + ENTRY).sum::<usize>() + ITEM,
        other => own_weight(other),
    }
}

/// The bytes that a value has outside of itself, without those of its items.
fn own_weight(value: &Val) -> usize {
    match value {
        Val::Str(text) if text.is_shared() => text.len() + ITEM,
        Val::List(list) => list.0.borrow().len() * ITEM + ITEM,
        Val::Dict(dict) => dict.0.borrow().len() * ENTRY + ITEM,
        _ => 0,
    }
}

/// The bytes of values and of all that they hold, each counted once.
fn weight_of_all<'a>(values: impl Iterator<Item = &'a Val>) -> usize {
    let mut pending: Vec<Val> = values.cloned().collect();
    let (mut seen, mut bytes) = (HashSet::new(), 0);
    while let Some(value) = pending.pop() {
        let address = match &value {
            Val::List(list) => Rc::as_ptr(list).cast::<u8>(),
            Val::Dict(dict) => Rc::as_ptr(dict).cast::<u8>(),
            Val::Str(text) if text.is_shared() => text.as_ptr(),
            _ => continue,
        };
        if !seen.insert(address) {
            continue;
        }
        bytes += own_weight(&value);
        match &value {
            Val::List(list) => pending.extend(list.0.borrow().iter().filter(|item| own_weight(item) > 0).cloned()),
            Val::Dict(dict) => pending.extend(dict.0.borrow().values().filter(|item| own_weight(item) > 0).cloned()),
            _ => {}
        }
    }
    bytes
}
