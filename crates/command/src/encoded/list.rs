//! Many commands going out, one after the other in one buffer.

use super::{Encoded, EncodedRef};
use crate::execute::Command;
use crate::room::{self, LARGE};
use crate::sink::Sink;
use crate::spec::Spec;

/// Commands in the form in which they are sent, in one buffer: adding one allocates only when the buffer has to grow.
///
/// ```
/// use redipy_command::encoded::EncodedList;
/// use redipy_command::string::Get;
///
/// let mut list = EncodedList::default();
/// list.push(&Get { key: "a".into() });
/// list.push(&Get { key: "b".into() });
/// assert_eq!(list.get(1).unwrap().to_vec(), [b"GET", &b"b"[..]]);
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EncodedList {
    bytes: Vec<u8>,
    /// Where each argument of each command ends.
    ends: Vec<usize>,
    commands: Vec<Head>,
}

/// Where a command ends, and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Head {
    spec: Option<&'static Spec>,
    /// The number of ends of this command and of all before it.
    ends: usize,
    lacks_room: bool,
}

impl EncodedList {
    /// Adds a typed command.
    pub fn push<C: Command>(&mut self, command: &C) {
        // Small ones grow the buffer by doubling, a large one by what it needs.
        let weight = command.weight();
        let lacks_room = weight > LARGE as u64 && !self.reserve(usize::try_from(weight).unwrap_or(usize::MAX));
        let mut tail = Tail { list: self, lacks_room };
        C::SPEC.name_words().for_each(|word| tail.arg(word.as_bytes()));
        command.encode(&mut tail);
        let lacks_room = tail.lacks_room;
        self.end(Some(C::SPEC), lacks_room);
    }

    /// Adds a copy of a command.
    pub fn push_encoded(&mut self, command: EncodedRef<'_>) {
        let len = command.args().map(<[u8]>::len).sum();
        let lacks_room = command.lacks_room || (len > LARGE && !self.reserve(len));
        let mut tail = Tail { list: self, lacks_room };
        command.args().for_each(|arg| tail.arg(arg));
        let lacks_room = tail.lacks_room;
        self.end(command.spec, lacks_room);
    }

    /// Adds a copy of a command with this declaration: its name and its arguments.
    pub fn push_words(&mut self, spec: &'static Spec, words: &[&[u8]]) {
        let len = words.iter().map(|word| word.len()).sum();
        let lacks_room = len > LARGE && !self.reserve(len);
        let mut tail = Tail { list: self, lacks_room };
        words.iter().for_each(|word| tail.arg(word));
        let lacks_room = tail.lacks_room;
        self.end(Some(spec), lacks_room);
    }

    #[cold]
    fn reserve(&mut self, bytes: usize) -> bool {
        room::grow(&mut self.bytes, bytes).is_ok()
    }

    /// Ends a command whose arguments have been added. Where there was no room for them all of them are empty.
    #[inline]
    fn end(&mut self, spec: Option<&'static Spec>, lacks_room: bool) {
        if lacks_room {
            self.empty_last();
        }
        self.commands.push(Head { spec, ends: self.ends.len(), lacks_room });
    }

    #[cold]
    fn empty_last(&mut self) {
        let from = self.commands.last().map_or(0, |head| head.ends);
        let start = if from == 0 { 0 } else { self.ends[from - 1] };
        self.ends[from..].fill(start);
        self.bytes.truncate(start);
    }

    /// How many commands there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// The command at this position.
    #[inline]
    pub fn get(&self, position: usize) -> Option<EncodedRef<'_>> {
        let head = self.commands.get(position)?;
        let from = if position == 0 { 0 } else { self.commands[position - 1].ends };
        let start = if from == 0 { 0 } else { self.ends[from - 1] };
        let ends = &self.ends[from..head.ends];
        Some(EncodedRef { spec: head.spec, bytes: &self.bytes, start, ends, lacks_room: head.lacks_room })
    }
}

/// The end of a list, where the arguments of a command are added.
struct Tail<'l> {
    list: &'l mut EncodedList,
    lacks_room: bool,
}

impl Sink for Tail<'_> {
    #[inline]
    fn arg(&mut self, bytes: &[u8]) {
        if !self.lacks_room {
            self.lacks_room = room::append(&mut self.list.bytes, bytes).is_err();
        }
        self.list.ends.push(self.list.bytes.len());
    }
}

impl From<&Encoded> for EncodedList {
    fn from(command: &Encoded) -> Self {
        let mut list = Self::default();
        list.push_encoded(command.as_ref());
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arg::{Arg, Key};
    use crate::string::{MSet, Set};

    #[test]
    fn commands_come_out_as_they_went_in() {
        let mut list = EncodedList::default();
        let set = Set { key: "k".into(), value: "".into(), options: Default::default() };
        let raw = Encoded::raw(b"config").arg("get").arg("max*");
        let pairs = MSet { pairs: vec![(Key::from("a"), Arg::from("1")), ("".into(), "2".into())].into() };
        list.push(&set);
        list.push_encoded(raw.as_ref());
        list.push(&pairs);
        let own = [Encoded::of(&set), raw, Encoded::of(&pairs)];
        for (position, command) in own.iter().enumerate() {
            let listed = list.get(position).unwrap();
            assert_eq!(listed, command.as_ref());
            assert_eq!(&listed.to_encoded(), command);
            assert_eq!(listed.to_string(), command.to_string());
        }
        assert_eq!((list.len(), list.get(3)), (3, None));
        assert_eq!(list.get(1).and_then(EncodedRef::spec).map(|spec| spec.name), own[1].spec().map(|spec| spec.name));
    }

    #[test]
    fn a_command_without_room_leaves_the_others_as_they_are() {
        let lacking = Encoded::raw(b"GET").arg("k").without_arguments(2);
        let mut list = EncodedList::default();
        list.push_encoded(Encoded::raw(b"GET").arg("a").as_ref());
        list.push_encoded(lacking.as_ref());
        list.push_encoded(Encoded::raw(b"GET").arg("b").as_ref());
        let words = |at| list.get(at).unwrap().to_vec();
        assert_eq!((words(0), words(2)), (vec![&b"GET"[..], b"a"], vec![&b"GET"[..], b"b"]));
        assert_eq!(words(1), [b"", b""]);
        assert!(list.get(1).unwrap().check().is_err());
    }
}
