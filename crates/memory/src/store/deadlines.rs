//! Which tables of a database hold keys that expire, and from when on it pays to look there. No keys and no clock.

use crate::data::table::Merged;

/// For each table a time before which none of its keys expires, and how far the table is that is looked at just now.
///
/// The times are lower bounds: a key that goes, or gets a later deadline, raises none. Looking through a table makes its
/// time exact again, so that a table is looked through about once for each time at which keys in it expire, and
/// never where nothing does.
pub(crate) struct Deadlines {
    not_before: Vec<i64>,
    /// The table that is being looked through.
    current: Option<Current>,
    /// Where to begin to search for the next table, so that all have their turn.
    next: usize,
}

/// How far a table is looked through.
struct Current {
    table: usize,
    slot: usize,
    /// Which order of its slots that is about.
    generation: Option<u32>,
}

/// The time of a table in which no key expires.
const NEVER: i64 = i64::MAX;

impl Deadlines {
    /// For so many tables without deadlines.
    pub(crate) fn of(tables: usize) -> Self {
        Self { not_before: vec![NEVER; tables], current: None, next: 0 }
    }

    /// A key in this table has this deadline.
    #[inline]
    pub(crate) fn add(&mut self, table: usize, deadline: i64) {
        let not_before = &mut self.not_before[table];
        *not_before = deadline.min(*not_before);
    }

    /// One more table was added at the end, with keys that were in this one.
    pub(crate) fn split(&mut self, from: usize) {
        if self.current.as_ref().is_some_and(|current| current.table == from) {
            self.begin_again();
        }
        self.not_before.push(self.not_before[from]);
    }

    /// Two tables became one.
    pub(crate) fn merge(&mut self, merged: Merged) {
        let last = self.not_before.pop().unwrap_or(NEVER);
        self.add(merged.into, last);
        if self.current.as_ref().is_some_and(|current| [merged.last, merged.into].contains(&current.table)) {
            self.current = None;
            self.add(merged.into, i64::MIN);
        }
    }

    /// What was not seen yet of the current table may be anywhere now.
    fn begin_again(&mut self) {
        if let Some(current) = self.current.take() {
            self.not_before[current.table] = i64::MIN;
        }
    }

    /// The table to look through now: one in which a deadline has passed, as far as is known.
    pub(crate) fn next_due(&mut self, now: i64) -> Option<usize> {
        if let Some(current) = &self.current {
            return Some(current.table);
        }
        let (before, after) = self.not_before.split_at(self.next.min(self.not_before.len()));
        let is_due = |not_before: &i64| *not_before <= now;
        let found = after.iter().position(is_due).map(|at| before.len() + at);
        let table = found.or_else(|| before.iter().position(is_due))?;
        // Those that stay are added again as they are seen.
        self.not_before[table] = NEVER;
        self.current = Some(Current { table, slot: 0, generation: None });
        Some(table)
    }

    /// The slot from which on the current table is to be looked through, whose slots are in this order: the first one if
    /// they were in another when it was left.
    pub(crate) fn start(&mut self, generation: u32) -> usize {
        let Some(current) = &mut self.current else { return 0 };
        if current.generation.replace(generation).is_some_and(|before| before != generation) {
            current.slot = 0;
        }
        current.slot
    }

    /// The current table was looked through up to this slot, of so many; whether they are still in the same order.
    pub(crate) fn looked(&mut self, end: usize, slots: usize, in_order: bool) {
        match &mut self.current {
            _ if !in_order => self.begin_again(),
            Some(current) if end < slots => current.slot = end,
            _ => self.next = self.current.take().map_or(0, |current| current.table + 1),
        }
    }

    /// No key expires before this.
    pub(crate) fn earliest(&self) -> i64 {
        if self.current.is_some() { i64::MIN } else { self.not_before.iter().copied().min().unwrap_or(NEVER) }
    }
}
