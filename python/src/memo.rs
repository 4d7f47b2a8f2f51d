//! Small hashes that were read twice, as Python's dictionaries. One that is read again is compared with what was read, which
//! takes a fraction of the time of making it anew, and copied.

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// How many hashes are kept.
const SLOTS: usize = 64;

/// How many bytes a hash that is kept takes at most.
const LARGEST: usize = 4096;

/// Hashes, each in the one place where it can be.
pub struct Memo(Vec<Slot>);

/// A hash: its print, and when it was met a second time all of it.
#[derive(Default)]
struct Slot {
    print: u64,
    stored: Box<[u8]>,
    dict: Option<Py<PyDict>>,
}

/// What is known of a hash that is being read.
pub enum Known {
    /// It is this one.
    Same(Py<PyDict>),
    /// It was met before: it is to be kept.
    Again(Box<[u8]>),
    /// Nothing.
    New,
}

static MEMO: Mutex<Memo> = Mutex::new(Memo(Vec::new()));

/// The hashes, which only who holds the interpreter uses; None inside of another use.
pub fn memo() -> Option<MutexGuard<'static, Memo>> {
    MEMO.try_lock().ok()
}

impl Memo {
    /// What is known of the hash that is stored so; whether its texts become `str`.
    pub fn look(&mut self, py: Python<'_>, stored: &[u8], decode: bool) -> Known {
        if !(8..=LARGEST).contains(&stored.len()) {
            return Known::New;
        }
        let print = print(stored, decode);
        let slot = self.slot(print);
        match &slot.dict {
            Some(dict) if slot.print == print && *slot.stored == *stored => Known::Same(dict.clone_ref(py)),
            None if slot.print == print => Known::Again(stored.into()),
            _ => {
                *slot = Slot { print, ..Slot::default() };
                Known::New
            }
        }
    }

    /// Keeps a dictionary, which nobody else has.
    pub fn keep(&mut self, stored: Box<[u8]>, decode: bool, dict: Bound<'_, PyDict>) {
        let print = print(&stored, decode);
        *self.slot(print) = Slot { print, stored, dict: Some(dict.unbind()) };
    }

    fn slot(&mut self, print: u64) -> &mut Slot {
        if self.0.is_empty() {
            self.0.resize_with(SLOTS, Slot::default);
        }
        &mut self.0[print as usize % SLOTS]
    }
}

/// A number for what is stored, by its length and some of it.
fn print(stored: &[u8], decode: bool) -> u64 {
    let last = stored.len() - 8;
    let mut print = (stored.len() as u64) << 1 | u64::from(decode);
    for at in [0, last / 4, last / 2, last / 4 * 3, last] {
        let word = stored[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
        print = (print ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29);
    }
    print | 1 << 63
}
