//! Many commands going out, one after the other in one buffer.

use std::fmt;

use super::EncodedRef;
use crate::execute::Command;
use crate::room::{self, LARGE, Sizes};
use crate::sink::Sink;
use crate::spec::Spec;

/// Commands in the form in which they are sent, in one buffer: adding one allocates only when the buffer has to grow.
///
/// ```
/// # use redipy_command as redipy;
/// use redipy::encoded::EncodedList;
/// use redipy::string::Get;
///
/// let mut list = EncodedList::default();
/// list.push(&Get { key: "a".into() });
/// list.push(&Get { key: "b".into() });
/// assert_eq!(list.get(1).unwrap().to_vec(), [b"GET", &b"b"[..]]);
/// ```
#[derive(Clone, Default, PartialEq)]
pub struct EncodedList {
    bytes: Vec<u8>,
    /// The ends of the words of all commands.
    ends: Vec<usize>,
    commands: Vec<Head>,
}

/// The end of a command, and the facts about it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Head {
    spec: Option<&'static Spec>,
    /// The number of ends of this command and of all before it.
    ends: usize,
    /// Whether its name is that of its declaration and not in the buffer.
    is_named: bool,
    lacks_room: bool,
}

/// The number of commands for which memory is allocated at first.
const FEW: usize = 16;

impl EncodedList {
    /// Adds a typed command.
    #[inline]
    pub fn push<C: Command>(&mut self, command: &C) {
        let weight = usize::try_from(command.weight()).unwrap_or(usize::MAX);
        let lacks_room = self.lacks_room(weight) || {
            command.encode(self);
            false
        };
        self.end(Some(C::SPEC), true, lacks_room, || {
            let mut sizes = Sizes::default();
            command.encode(&mut sizes);
            sizes.count
        });
    }

    /// Adds a copy of a command.
    pub fn push_encoded(&mut self, command: EncodedRef<'_>) {
        let lacks_room = command.lacks_room || self.lacks_room(command.args().map(<[u8]>::len).sum());
        if !lacks_room {
            command.buffered().for_each(|word| self.arg(word));
        }
        self.end(command.spec, command.name.is_some(), lacks_room, || command.buffered().len());
    }

    /// Adds a copy of a command with this declaration and these arguments, which follow the name.
    pub fn push_arguments(&mut self, spec: &'static Spec, arguments: &[&[u8]]) {
        let lacks_room = self.lacks_room(arguments.iter().map(|argument| argument.len()).sum());
        if !lacks_room {
            arguments.iter().for_each(|argument| self.arg(argument));
        }
        self.end(Some(spec), true, lacks_room, || arguments.len());
    }

    /// Returns whether memory is lacking for a command of this size; small commands are not checked.
    #[inline]
    fn lacks_room(&mut self, bytes: usize) -> bool {
        self.bytes.len().saturating_add(bytes) > LARGE && room::grow(&mut self.bytes, bytes).is_err()
    }

    /// Ends a command whose words have been added, or whose words are all empty since there is no room for them.
    #[inline]
    fn end(&mut self, spec: Option<&'static Spec>, is_named: bool, lacks_room: bool, count: impl FnOnce() -> usize) {
        if lacks_room {
            self.ends.extend(std::iter::repeat_n(self.bytes.len(), count()));
        }
        if self.commands.is_empty() {
            self.commands.reserve(FEW);
        }
        self.commands.push(Head { spec, ends: self.ends.len(), is_named, lacks_room });
    }

    /// The number of commands.
    #[inline]
    pub fn len(&self) -> usize {
        self.commands.len()
    }

    /// Returns whether there is none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.commands.is_empty()
    }

    /// The command at this position.
    pub fn get(&self, position: usize) -> Option<EncodedRef<'_>> {
        self.iter_from(position).next()
    }

    /// The commands.
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        self.iter_from(0)
    }

    fn iter_from(&self, position: usize) -> Iter<'_> {
        let before = position.min(self.len()).checked_sub(1).map_or(0, |last| self.commands[last].ends);
        let start = before.checked_sub(1).map_or(0, |last| self.ends[last]);
        let commands = self.commands[position.min(self.len())..].iter();
        Iter { bytes: &self.bytes, start, ends: &self.ends[before..], before, commands }
    }
}

/// The commands of an [`EncodedList`].
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    bytes: &'a [u8],
    /// The beginning of the next command.
    start: usize,
    /// The ends of the words from there on.
    ends: &'a [usize],
    /// The number of words before.
    before: usize,
    commands: std::slice::Iter<'a, Head>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = EncodedRef<'a>;

    #[inline]
    fn next(&mut self) -> Option<EncodedRef<'a>> {
        let Head { spec, ends, is_named, lacks_room } = *self.commands.next()?;
        let (ends, rest) = self.ends.split_at(ends - self.before);
        let start = self.start;
        self.start = ends.last().copied().unwrap_or(start);
        (self.ends, self.before) = (rest, self.before + ends.len());
        let name = spec.filter(|_| is_named).map(|spec| spec.name);
        Some(EncodedRef { spec, name, bytes: self.bytes, start, ends, lacks_room })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.commands.size_hint()
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl fmt::Debug for EncodedList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Adds a word to the command that is being added.
impl Sink for EncodedList {
    #[inline]
    fn arg(&mut self, bytes: &[u8]) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(32 * FEW);
            self.ends.reserve(4 * FEW);
        }
        self.bytes.extend_from_slice(bytes);
        self.ends.push(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::super::Encoded;
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
