//! The specification of commands: the rows of `COMMAND INFO` and `COMMAND DOCS`, and more.
//!
//! A fact about a command is declared once and looked up here. What clients must know of commands that are
//! not declared is in [`elsewhere`](crate::elsewhere).

mod argument;
mod field;
mod flags;
mod group;
mod handling;
mod id;
mod keys;
pub(crate) mod lookup;
mod names;
mod places;
mod shape;

pub(crate) use argument::pair_names;
pub use argument::{Argument, ArgumentKind};
pub use field::{FieldSpec, Names, OptionSpec, Where};
pub use flags::Flags;
pub use group::Group;
pub use handling::{Blocks, Handling, SessionUse, TimeoutAt, Unit};
pub use id::CommandId;
pub use keys::{Access, Begin, Find, KeySpec};
pub use shape::Shape;

/// The specification of a command; built by `#[derive(Command)]`.
#[derive(Debug, PartialEq)]
pub struct Spec {
    /// The name in upper case, of a subcommand with that of its container: `CLIENT SETNAME`.
    pub name: &'static str,
    /// The number.
    pub id: CommandId,
    /// The number of words of the name.
    pub words: usize,
    /// The number of arguments with the name; negative when more may follow.
    pub arity: i32,
    /// The position of the key, counted from 0 after the name, if there is exactly one at a fixed position.
    pub only_key: Option<usize>,
    /// The first paragraph of its documentation.
    pub summary: &'static str,
    /// The family it belongs to.
    pub group: Group,
    /// The flags of `COMMAND INFO`.
    pub flags: Flags,
    /// The properties that a sender has to respect.
    pub handling: Handling,
    /// Whether it is executed at once also after MULTI.
    pub unqueued: bool,
    /// Whether it is possible where nothing but messages is expected: on a connection of RESP2 that listens.
    pub while_listening: bool,
    /// The positions of keys in the reply.
    pub keys_in_reply: KeysInReply,
    /// Whether it draws lots, so that the same call on the same data gives another reply.
    pub random: bool,
    /// The first Redis version that has it.
    pub since: &'static str,
    /// The version from which another command is better, and which one.
    pub deprecated: Option<Deprecated>,
    /// The cost, in the words of Redis' documentation.
    pub complexity: &'static str,
    /// The fields of the declaration, in order.
    pub fields: &'static [FieldSpec],
    /// The arguments of `COMMAND DOCS`, where they do not follow from the fields.
    pub own_arguments: Option<&'static [Argument]>,
    /// ACL categories beyond those that follow from group and flags; `-keyspace` is one that does not.
    pub acl: &'static [&'static str],
    /// Hints for clients and proxies, as `COMMAND INFO` gives them.
    pub tips: &'static [&'static str],
    /// The shape of the reply in scripts.
    pub shape: Shape,
    /// Whether its reply has pairs, which RESP2 shows one after the other.
    pub pairs: bool,
    /// The command that scripts send in its place: they count in floats and seconds.
    pub in_scripts: Option<&'static str>,
}

/// A deprecation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecated {
    /// Since which version.
    pub since: &'static str,
    /// The replacement, in the words of Redis' documentation.
    pub instead: &'static str,
}

/// The positions of keys in a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum KeysInReply {
    /// None.
    #[default]
    None,
    /// The reply is one: RANDOMKEY.
    Whole,
    /// Every item is one: KEYS.
    All,
    /// The items of the second item, after a cursor: SCAN.
    AfterCursor,
    /// The first item: LMPOP.
    First,
}

/// A command whose subcommands are commands of their own.
#[derive(Debug)]
pub struct Container {
    /// The name in upper case.
    pub name: &'static str,
    /// The subcommands, sorted by name.
    pub commands: &'static [&'static Spec],
}

impl Container {
    /// The subcommand of this name, in upper or lower case.
    pub fn find(&self, word: &[u8]) -> Option<&'static Spec> {
        let own = |spec: &&&Spec| spec.name.as_bytes()[self.name.len() + 1..].eq_ignore_ascii_case(word);
        self.commands.iter().find(own).copied()
    }
}

impl Spec {
    /// The words of the name.
    pub fn name_words(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.name.split(' ')
    }

    /// Returns whether this many arguments, with the name, can be right.
    #[inline]
    pub const fn accepts(&self, count: usize) -> bool {
        let arity = self.arity;
        if arity < 0 { count >= arity.unsigned_abs() as usize } else { count == arity as usize }
    }

    /// Returns the positions of the keys and the access to them.
    pub fn key_specs(&self) -> impl Iterator<Item = KeySpec> + use<> {
        places::specs(self.words, self.fields)
    }

    /// Returns whether it names keys that can be found among its arguments.
    pub fn has_keys(&self) -> bool {
        self.fields.iter().any(|field| field.keys.is_some() || field.options.iter().any(|option| option.keys.is_some()))
    }

    /// Returns whether it uses keys that do not stand among its arguments: patterns of SORT make them up.
    pub fn hides_keys(&self) -> bool {
        let hides = |option: &OptionSpec| option.hides_keys && option.keys.is_none();
        self.fields.iter().any(|field| field.options.iter().any(hides))
    }

    /// Returns whether it has to do with keys.
    pub const fn touches_keys(&self) -> bool {
        self.flags.has(Flags::READONLY) || self.flags.has(Flags::WRITE)
    }

    /// Calls `each` with the position of every key in these arguments (the name is position 0).
    ///
    /// Counts that are no number or too large name no key: the command is refused anyway.
    pub fn key_positions(&self, args: &[&[u8]], each: &mut dyn FnMut(usize)) {
        places::positions(self.words, self.fields, args, each);
    }

    /// [`key_positions`](Self::key_positions) for arguments without the name: the first one has position 0.
    pub fn key_arguments(&self, args: &[&[u8]], each: &mut dyn FnMut(usize)) {
        places::positions(0, self.fields, args, each);
    }

    /// Returns the name in its arguments that is no key, and the position of that argument.
    pub fn named(&self) -> Option<(Names, Where)> {
        let mut at = self.words;
        for field in self.fields {
            if let Some(names) = field.names {
                return Some((names, Where::At(at)));
            }
            let mut options = field.options.iter();
            if let Some((names, token)) = options.find_map(|option| Some((option.names?, option.token))) {
                return Some((names, Where::After(token, at)));
            }
            at += field.min;
        }
        None
    }

    /// The first key, the last key and the step, as `COMMAND INFO` gives them; zeros where the
    /// positions follow from an argument.
    pub fn legacy_keys(&self) -> (i32, i32, i32) {
        keys::legacy(self.key_specs())
    }

    /// Calls `each` with its arguments, as `COMMAND DOCS` has them.
    pub fn each_argument(&self, each: &mut dyn FnMut(&'static Argument)) {
        match self.own_arguments {
            Some(own) => own.iter().for_each(each),
            None => self.fields.iter().for_each(|field| field.argument.each(each)),
        }
    }

    /// The ACL categories, sorted.
    pub fn acl_categories(&self) -> Vec<&'static str> {
        let mut all: Vec<_> = self.acl.iter().copied().chain(self.group.category()).collect();
        let by_flag = [
            (Flags::WRITE, "write"),
            (Flags::READONLY, "read"),
            (Flags::BLOCKING, "blocking"),
            (Flags::ADMIN, "admin"),
            (Flags::ADMIN, "dangerous"),
        ];
        all.extend(by_flag.iter().filter(|(flag, _)| self.flags.has(*flag)).map(|(_, name)| *name));
        all.push(if self.flags.has(Flags::FAST) { "fast" } else { "slow" });
        all.retain(|category| !category.starts_with('-') && !self.acl.contains(&&*format!("-{category}")));
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// Returns the number of words of a name.
pub const fn words(name: &str) -> usize {
    let (bytes, mut words, mut i) = (name.as_bytes(), 1, 0);
    while i < bytes.len() {
        words += (bytes[i] == b' ') as usize;
        i += 1;
    }
    words
}

/// The number of arguments with the name; negative when more may follow.
pub const fn arity(name: &str, fields: &'static [FieldSpec]) -> i32 {
    let (mut least, mut open, mut i) = (words(name) as i32, false, 0);
    while i < fields.len() {
        least += fields[i].min as i32;
        open |= fields[i].open;
        i += 1;
    }
    if open { -least } else { least }
}

/// Returns the position of the only key, counted from 0 after the name.
pub const fn only_key(fields: &'static [FieldSpec]) -> Option<usize> {
    places::only_key(fields)
}

/// Returns the timeout argument of a command: the field that its declaration names.
pub const fn blocks(name: &str, fields: &'static [FieldSpec]) -> Option<Blocks> {
    let (mut at, mut open, mut i) = (words(name), false, 0);
    while i < fields.len() {
        let field = &fields[i];
        if field.timeout {
            let place = if open { TimeoutAt::End(behind(fields, i)) } else { TimeoutAt::Start(at) };
            return Some(Blocks { at: place, unit: unit(field.argument.kind) });
        }
        let mut option = 0;
        while option < field.options.len() {
            if field.options[option].timeout {
                let place = TimeoutAt::Option(field.options[option].token, at, field.options);
                return Some(Blocks { at: place, unit: Unit::Milliseconds });
            }
            option += 1;
        }
        at += field.min;
        open |= field.open;
        i += 1;
    }
    None
}

/// Returns the number of arguments after a field.
const fn behind(fields: &'static [FieldSpec], field: usize) -> usize {
    let (mut count, mut i) = (0, field + 1);
    while i < fields.len() {
        count += fields[i].min;
        i += 1;
    }
    count
}

/// Redis counts seconds in floats, and milliseconds in integers.
const fn unit(kind: ArgumentKind) -> Unit {
    match kind {
        ArgumentKind::Double => Unit::Seconds,
        _ => Unit::Milliseconds,
    }
}
