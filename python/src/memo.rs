//! Replies of collections that were read twice, as Python's objects. What is read again is compared with what was read, which
//! takes a fraction of the time of making the objects anew, and copied.
//!
//! No answer is ever stale: a reply is known by the bytes that are stored, or by the mark that a large collection loses with
//! any change of it, and never by its key. The key only says where the reply is kept.

use std::sync::{Mutex, MutexGuard};

use pyo3::prelude::*;
use redipy::Command;
use redipy::sink::{Part, Whole};

/// How many replies are kept at most.
const SLOTS: usize = 1024;

/// How many bytes they take at most, if nothing else is said.
const LIMIT: usize = 16 << 20;

/// Which part of the limit one reply takes at most.
const LARGEST: usize = 4;

/// Replies, each in the one place where it can be.
pub struct Memo {
    slots: Vec<Slot>,
    /// How many bytes the replies take, and how many at most.
    bytes: usize,
    limit: usize,
    /// The slot that gives up its reply next.
    hand: usize,
}

/// A reply that was met, and when it was met a second time all of it.
#[derive(Default)]
struct Slot {
    /// Of what was asked for.
    asked: u64,
    /// Of what was stored.
    stored: u64,
    kept: Option<Kept>,
    /// Whether it was used since the hand passed by.
    used: bool,
}

/// What a command gives.
struct Kept {
    reply: Reply,
    object: Py<PyAny>,
    size: usize,
}

/// What a reply is known by: the command, how texts become objects, and what is stored.
#[derive(PartialEq, Eq)]
pub struct Reply {
    asked: Asked,
    of: Stored,
    from: usize,
    count: usize,
}

#[derive(PartialEq, Eq)]
enum Stored {
    Bytes(Box<[u8]>),
    Mark(u64),
}

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    command: &'static str,
    decode: bool,
    place: u64,
}

impl Asked {
    /// By a command, which names one key, of a client; whether texts become `str`.
    #[inline]
    pub fn of<C: Command, T>(command: &C, client: &T, decode: bool) -> Self {
        let mut place = mixed(std::ptr::from_ref(client).addr() as u64, u64::from(decode));
        command.keys(&mut |key| place = print(place, key.as_bytes()));
        Asked { command: C::SPEC.name, decode, place: print(place, C::SPEC.name.as_bytes()) }
    }
}

/// What is known of a reply that is being read.
pub enum Known {
    /// It is this one.
    Same(Py<PyAny>),
    /// It was met before: it is to be kept.
    Again(Reply),
    /// Nothing.
    New,
}

static MEMO: Mutex<Memo> = Mutex::new(Memo { slots: Vec::new(), bytes: 0, limit: LIMIT, hand: 0 });

/// The replies, which only who holds the interpreter uses; None inside of another use.
pub fn memo() -> Option<MutexGuard<'static, Memo>> {
    MEMO.try_lock().ok()
}

/// Keeps replies of collections that are read again and again, up to so many bytes in all of the process: 16 MB if it is not
/// said, none for 0.
#[pyfunction]
pub fn keep_replies(limit: usize) {
    if let Some(mut memo) = memo() {
        memo.limit = limit;
        memo.make_room(0);
    }
}

impl Memo {
    /// What is known of the reply that shows a part of what is stored.
    pub fn look(&mut self, py: Python<'_>, asked: Asked, part: Part<'_>) -> Known {
        if self.limit == 0 {
            return Known::New;
        }
        if self.slots.is_empty() {
            self.slots.resize_with(SLOTS, Slot::default);
        }
        let place = place(asked, part.from, part.count);
        let stored = match part.of {
            Whole::Bytes(bytes) => print(0, bytes),
            Whole::Mark(mark) => mark,
        };
        let slot = &mut self.slots[place as usize % SLOTS];
        if let Some(kept) = &slot.kept {
            if kept.reply.is(asked, part) {
                slot.used = true;
                return Known::Same(kept.object.clone_ref(py));
            }
        } else if slot.asked == place && slot.stored == stored {
            return Known::Again(Reply::of(asked, part));
        }
        self.bytes -= slot.kept.as_ref().map_or(0, |kept| kept.size);
        *slot = Slot { asked: place, stored, ..Slot::default() };
        Known::New
    }

    /// Whether a reply of this size can be kept.
    pub fn has_room(&self, size: usize) -> bool {
        size <= self.limit / LARGEST
    }

    /// Keeps a reply of about this size as an object, which nobody else has.
    pub fn keep(&mut self, reply: Reply, object: Bound<'_, PyAny>, size: usize) {
        if !self.has_room(size) {
            return;
        }
        self.make_room(size);
        let place = reply.place();
        let slot = &mut self.slots[place as usize % SLOTS];
        self.bytes -= slot.kept.as_ref().map_or(0, |kept| kept.size);
        self.bytes += size;
        *slot = Slot { asked: place, kept: Some(Kept { reply, object: object.unbind(), size }), ..Slot::default() };
    }

    /// Gives up replies, those first that were not used since the last time.
    fn make_room(&mut self, size: usize) {
        while self.bytes + size > self.limit && self.bytes > 0 {
            let slot = &mut self.slots[self.hand];
            self.hand = (self.hand + 1) % SLOTS;
            if !std::mem::take(&mut slot.used)
                && let Some(kept) = slot.kept.take()
            {
                self.bytes -= kept.size;
            }
        }
    }
}

impl Reply {
    fn of(asked: Asked, Part { of, from, count }: Part<'_>) -> Self {
        let of = match of {
            Whole::Bytes(bytes) => Stored::Bytes(bytes.into()),
            Whole::Mark(mark) => Stored::Mark(mark),
        };
        Reply { asked, of, from, count }
    }

    /// Whether this is what a command gives that shows a part of what is stored.
    fn is(&self, asked: Asked, part: Part<'_>) -> bool {
        let is_stored = match (&self.of, part.of) {
            (Stored::Bytes(kept), Whole::Bytes(bytes)) => **kept == *bytes,
            (Stored::Mark(kept), Whole::Mark(mark)) => *kept == mark,
            _ => false,
        };
        is_stored && (self.from, self.count) == (part.from, part.count) && self.asked == asked
    }

    fn place(&self) -> u64 {
        place(self.asked, self.from, self.count)
    }

    /// About how many bytes it takes besides its object.
    pub fn size(&self) -> usize {
        let bytes = if let Stored::Bytes(bytes) = &self.of { bytes.len() } else { 0 };
        size_of::<Kept>() + bytes
    }
}

/// Where a reply is kept.
fn place(asked: Asked, from: usize, count: usize) -> u64 {
    mixed(mixed(asked.place, from as u64), count as u64)
}

/// A number for bytes, by their length and some of them.
fn print(start: u64, bytes: &[u8]) -> u64 {
    let start = mixed(start, bytes.len() as u64);
    let word = |bytes: &[u8]| {
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        u64::from_le_bytes(word)
    };
    let Some(last) = bytes.len().checked_sub(8) else { return mixed(start, word(bytes)) };
    let places = [0, last / 4, last / 2, last / 4 * 3, last];
    places.iter().fold(start, |print, &at| mixed(print, word(&bytes[at..at + 8])))
}

#[inline]
fn mixed(print: u64, word: u64) -> u64 {
    let product = u128::from(print ^ word ^ 0x2545_f491_4f6c_dd1d) * 0x9e37_79b9_7f4a_7c15;
    product as u64 ^ (product >> 64) as u64
}
