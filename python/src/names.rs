//! The names of fields that were met last, as Python's objects: hashes have few different ones, and an object that is there
//! need not be made, and knows its hash already.

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;

use crate::replies::{Object, Reader};

/// How many names of each kind are kept.
const SLOTS: usize = 1024;

/// The longest name that is kept.
const LONGEST: usize = 31;

/// Names as `str` and as `bytes`, each in the one place where it can be.
pub struct Names {
    texts: Vec<Slot>,
    bytes: Vec<Slot>,
}

#[derive(Default)]
struct Slot {
    len: u8,
    name: [u8; LONGEST],
    object: Option<Py<PyAny>>,
}

static NAMES: Mutex<Names> = Mutex::new(Names { texts: Vec::new(), bytes: Vec::new() });

/// The names, which only who holds the interpreter uses; None inside of another use.
pub fn names() -> Option<MutexGuard<'static, Names>> {
    NAMES.try_lock().ok()
}

impl Names {
    /// The object of a name; None for bytes that are no text.
    #[inline]
    pub fn text<'py>(&mut self, reader: Reader<'py>, name: &[u8]) -> Option<PyResult<Object<'py>>> {
        if name.len() > LONGEST {
            return reader.stored(name);
        }
        let slots = if reader.decode { &mut self.texts } else { &mut self.bytes };
        if slots.is_empty() {
            slots.resize_with(SLOTS, Slot::default);
        }
        let slot = &mut slots[place(name)];
        if let Some(object) = &slot.object
            && slot.name[..usize::from(slot.len)] == *name
        {
            return Some(Ok(object.bind(reader.py).clone()));
        }
        let made = reader.stored(name)?;
        if let Ok(object) = &made {
            slot.name[..name.len()].copy_from_slice(name);
            slot.len = name.len() as u8;
            slot.object = Some(object.clone().unbind());
        }
        Some(made)
    }
}

/// The place of a name, by its first and last bytes and its length.
#[inline]
fn place(name: &[u8]) -> usize {
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    let (first, last) = match name.len() {
        len @ 0..8 => (word(name), len as u64),
        len => (word(&name[..8]), word(&name[len - 8..])),
    };
    let mixed = (first ^ last.rotate_left(29) ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 48) as usize % SLOTS
}
