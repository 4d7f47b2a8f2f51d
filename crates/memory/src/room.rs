//! Copies of what is stored, of which each asks for room; see [`redipy_command::room`].

use redipy_command::room::{self, afford};
use redipy_command::{Bytes, Error, Result};

use crate::data::packed::Item;

/// A copy of an element.
///
/// # Errors
/// `OOM` where there is no room for it.
#[inline]
pub(crate) fn copy(item: Item<'_>) -> Result<Bytes> {
    item.with_text(room::copy)
}

/// Asks for room for so many copies of an element.
///
/// # Errors
/// As [`copy`].
#[inline]
pub(crate) fn afford_copies(item: Item<'_>, count: usize) -> Result<()> {
    match item {
        Item::Int(_) => Ok(()),
        Item::Bytes(text) => afford(count * text.len()),
    }
}

/// Copies that are collected by a walk which cannot end early. Where one of them finds no room there are none.
pub(crate) struct Copies<T> {
    copies: Vec<T>,
    lack: Option<Error>,
}

impl<T> Copies<T> {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self { copies: Vec::with_capacity(count), lack: None }
    }

    #[inline]
    pub(crate) fn push(&mut self, copy: Result<T>) {
        match copy {
            Ok(copy) => self.copies.push(copy),
            Err(error) => self.lack = Some(error),
        }
    }

    /// Returns all copies.
    ///
    /// # Errors
    /// As [`copy`].
    #[inline]
    pub(crate) fn get(self) -> Result<Vec<T>> {
        self.lack.map_or(Ok(self.copies), Err)
    }
}

impl Copies<Bytes> {
    /// Most elements are short. What is done for others is apart, so that this becomes a part of the walk.
    #[inline]
    fn push_item(&mut self, item: Item<'_>) {
        match item {
            Item::Bytes(text) => match Bytes::copy_short(text) {
                Some(copy) => self.copies.push(copy),
                None => self.push_other(item),
            },
            Item::Int(_) => self.push_other(item),
        }
    }

    #[inline(never)]
    fn push_other(&mut self, item: Item<'_>) {
        self.push(copy(item));
    }
}

/// The copies that an iterator gives, of which there are about `count`.
///
/// # Errors
/// As [`copy`].
#[inline]
pub(crate) fn collect<T>(count: usize, copies: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut out = Copies::with_capacity(count);
    copies.for_each(|copy| out.push(copy));
    out.get()
}

/// Copies of these elements, of which there are about `count`.
///
/// # Errors
/// As [`copy`].
#[inline]
pub(crate) fn copies<'a>(count: usize, items: impl Iterator<Item = Item<'a>>) -> Result<Vec<Bytes>> {
    let mut out = Copies::with_capacity(count);
    items.for_each(|item| out.push_item(item));
    out.get()
}
