//! What the type of a command's field says: how many arguments it takes, whether they are keys,
//! how they are written and read. `#[derive(Command)]` only visits the fields in order.

use crate::arg::{Arg, Key, LateInt, Many};
use crate::args::Args;
use crate::error::Result;
use crate::number::{parse_float, parse_int};
use crate::sink::Sink;
use crate::spec::{Access, Argument, ArgumentKind, FieldSpec, Find, OptionSpec, pair_names};
use crate::texts::{self, Text, fail};

/// The type of a field of a command.
pub trait Field<'a>: Sized {
    /// The fewest arguments it takes.
    const MIN: usize;
    /// Whether it may take more than that.
    const OPEN: bool = false;
    /// The arguments that are keys.
    const KEYS: Option<Find> = None;
    /// The options that the field holds.
    const OPTIONS: &'static [OptionSpec] = &[];
    /// Its entry in `COMMAND DOCS`, without the name.
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Str);

    /// Writes its arguments.
    fn write(&self, out: &mut dyn Sink);

    /// Reads its arguments.
    ///
    /// # Errors
    /// The error that a server gives for these arguments.
    fn read(args: &mut Args<'a>) -> Result<Self>;

    /// Calls `each` with every key.
    fn each_key(&self, _each: &mut dyn FnMut(Key<'_>)) {}

    /// Refuses what a typed caller of this command can say and a server would not take.
    ///
    /// # Errors
    /// The error that a server gives.
    fn check(&self, _command: &'static str) -> Result<()> {
        Ok(())
    }

    /// The number of bytes of its keys and values, without numbers.
    #[inline]
    fn weight(&self) -> u64 {
        0
    }
}

/// A command's fields, as data; implemented by `#[derive(Command)]`.
pub trait Described {
    /// The fields, in order.
    const FIELDS: &'static [FieldSpec];
}

/// The description of a field of type `F`.
pub const fn describe<'a, F: Field<'a>>(name: &'static str) -> FieldSpec {
    FieldSpec {
        name,
        min: F::MIN,
        open: F::OPEN,
        keys: F::KEYS,
        access: Access::READ,
        names: None,
        timeout: false,
        options: F::OPTIONS,
        argument: F::ARGUMENT,
    }
}

impl<'a> Field<'a> for Key<'a> {
    const MIN: usize = 1;
    const KEYS: Option<Find> = Some(Find::One);
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Key);

    fn write(&self, out: &mut dyn Sink) {
        out.arg(self.0);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        args.take().map(Key)
    }

    fn each_key(&self, each: &mut dyn FnMut(Key<'_>)) {
        each(*self);
    }

    #[inline]
    fn weight(&self) -> u64 {
        self.0.len() as u64
    }
}

impl<'a> Field<'a> for Arg<'a> {
    const MIN: usize = 1;

    fn write(&self, out: &mut dyn Sink) {
        Arg::write(self, out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        args.take().map(Arg::Bytes)
    }

    #[inline]
    fn weight(&self) -> u64 {
        if let Arg::Bytes(bytes) = self { bytes.len() as u64 } else { 0 }
    }
}

impl<'a> Field<'a> for LateInt<'a> {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Integer);

    fn write(&self, out: &mut dyn Sink) {
        Arg::from(*self).write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        args.take().map(LateInt::Text)
    }
}

impl<'a> Field<'a> for i64 {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Integer);

    fn write(&self, out: &mut dyn Sink) {
        Arg::Int(*self).write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        parse_int(args.take()?).map_or_else(|| fail(texts::NOT_INTEGER), Ok)
    }
}

impl<'a> Field<'a> for f64 {
    const MIN: usize = 1;
    const ARGUMENT: Argument = Argument::of(ArgumentKind::Double);

    fn write(&self, out: &mut dyn Sink) {
        Arg::Float(*self).write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        parse_float(args.take()?).map_or_else(|| fail(texts::NOT_FLOAT), Ok)
    }

    fn check(&self, _command: &'static str) -> Result<()> {
        if self.is_nan() { fail(texts::NOT_FLOAT) } else { Ok(()) }
    }
}

/// A positional argument that may be left out.
impl<'a, T: Field<'a>> Field<'a> for Option<T> {
    const MIN: usize = 0;
    const OPEN: bool = true;
    const KEYS: Option<Find> = T::KEYS;
    const OPTIONS: &'static [OptionSpec] = T::OPTIONS;
    const ARGUMENT: Argument = T::ARGUMENT.optional();

    fn write(&self, out: &mut dyn Sink) {
        if let Some(value) = self {
            value.write(out);
        }
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        if args.is_empty() { Ok(None) } else { T::read(args).map(Some) }
    }

    fn each_key(&self, each: &mut dyn FnMut(Key<'_>)) {
        if let Some(value) = self {
            value.each_key(each);
        }
    }

    fn check(&self, command: &'static str) -> Result<()> {
        self.as_ref().map_or(Ok(()), |value| value.check(command))
    }

    #[inline]
    fn weight(&self) -> u64 {
        self.as_ref().map_or(0, T::weight)
    }
}

impl<'a, A: Field<'a>, B: Field<'a>> Field<'a> for (A, B) {
    const MIN: usize = A::MIN + B::MIN;
    const KEYS: Option<Find> = A::KEYS;
    const ARGUMENT: Argument = Argument {
        inside: &[
            A::ARGUMENT.named(pair_names(A::ARGUMENT.kind, B::ARGUMENT.kind)[0]),
            B::ARGUMENT.named(pair_names(A::ARGUMENT.kind, B::ARGUMENT.kind)[1]),
        ],
        ..Argument::of(ArgumentKind::Block)
    };

    fn write(&self, out: &mut dyn Sink) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        Ok((A::read(args)?, B::read(args)?))
    }

    fn each_key(&self, each: &mut dyn FnMut(Key<'_>)) {
        self.0.each_key(each);
        self.1.each_key(each);
    }

    fn check(&self, command: &'static str) -> Result<()> {
        self.0.check(command).and_then(|()| self.1.check(command))
    }

    #[inline]
    fn weight(&self) -> u64 {
        self.0.weight() + self.1.weight()
    }
}

/// One or more to the end of the arguments; an incomplete pair is a wrong number of arguments.
impl<'a, T: Field<'a>> Field<'a> for Many<T> {
    const MIN: usize = T::MIN;
    const OPEN: bool = true;
    const KEYS: Option<Find> = match T::KEYS {
        Some(_) => Some(Find::Rest { step: T::MIN, but: 0 }),
        None => None,
    };
    const ARGUMENT: Argument = T::ARGUMENT.multiple();

    fn write(&self, out: &mut dyn Sink) {
        self.iter().for_each(|item| item.write(out));
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        if args.is_empty() || !args.len().is_multiple_of(T::MIN) {
            return Err(texts::arity(args.name()));
        }
        if args.len() == T::MIN {
            return T::read(args).map(Many::One);
        }
        let mut items = Vec::with_capacity(args.len() / T::MIN);
        while !args.is_empty() {
            items.push(T::read(args)?);
        }
        Ok(Many::Several(items))
    }

    fn each_key(&self, each: &mut dyn FnMut(Key<'_>)) {
        self.iter().for_each(|item| item.each_key(each));
    }

    fn check(&self, command: &'static str) -> Result<()> {
        if self.is_empty() {
            return Err(texts::arity(command));
        }
        self.iter().try_for_each(|item| item.check(command))
    }

    #[inline]
    fn weight(&self) -> u64 {
        self.iter().map(T::weight).sum()
    }
}

/// Keys after their count: `numkeys key [key ...]`.
#[derive(Debug, Clone, PartialEq)]
pub struct NumKeys<'a>(pub Many<Key<'a>>);

impl<'a, T: Into<Many<Key<'a>>>> From<T> for NumKeys<'a> {
    fn from(keys: T) -> Self {
        NumKeys(keys.into())
    }
}

impl<'a> NumKeys<'a> {
    /// Reads a count and that many keys; `too_many` is what a count beyond the arguments gives.
    ///
    /// # Errors
    /// `numkeys should be greater than 0`, or `too_many`.
    pub fn read_or(args: &mut Args<'a>, too_many: Text) -> Result<Self> {
        let count = at_least(args.take()?, 1, texts::NUMKEYS_NOT_POSITIVE)?;
        if usize::try_from(count).map_or(true, |count| count > args.len()) {
            return fail(too_many);
        }
        (0..count).map(|_| Key::read(args)).collect::<Result<Many<_>>>().map(NumKeys)
    }
}

impl<'a> Field<'a> for NumKeys<'a> {
    const MIN: usize = 2;
    const OPEN: bool = true;
    const KEYS: Option<Find> = Some(Find::Counted);
    const ARGUMENT: Argument = Argument {
        inside: &[
            Argument::of(ArgumentKind::Integer).named("numkeys"),
            Argument::of(ArgumentKind::Key).named("key").multiple(),
        ],
        ..Argument::of(ArgumentKind::Several)
    };

    fn write(&self, out: &mut dyn Sink) {
        Arg::Int(self.0.len() as i64).write(out);
        self.0.write(out);
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        Self::read_or(args, texts::SYNTAX)
    }

    fn each_key(&self, each: &mut dyn FnMut(Key<'_>)) {
        self.0.each_key(each);
    }

    fn check(&self, _command: &'static str) -> Result<()> {
        if self.0.is_empty() { fail(texts::NUMKEYS_NOT_POSITIVE) } else { Ok(()) }
    }

    #[inline]
    fn weight(&self) -> u64 {
        self.0.weight()
    }
}

/// Two lists of the same length, one after the other: `key [key ...] id [id ...]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Halves<A, B>(pub Vec<(A, B)>);

/// Empty lists, which no command takes.
impl<A, B> Default for Halves<A, B> {
    fn default() -> Self {
        Halves(Vec::new())
    }
}

impl<'a, A: Field<'a>, B: Field<'a>> Field<'a> for Halves<A, B> {
    const MIN: usize = A::MIN + B::MIN;
    const OPEN: bool = true;
    const KEYS: Option<Find> = match A::KEYS {
        Some(_) => Some(Find::Half),
        None => None,
    };
    const ARGUMENT: Argument = Argument {
        inside: &[A::ARGUMENT.named("key").multiple(), B::ARGUMENT.named("id").multiple()],
        ..Argument::of(ArgumentKind::Block)
    };

    fn write(&self, out: &mut dyn Sink) {
        self.0.iter().for_each(|(one, _)| one.write(out));
        self.0.iter().for_each(|(_, other)| other.write(out));
    }

    fn read(args: &mut Args<'a>) -> Result<Self> {
        if args.is_empty() || !args.len().is_multiple_of(Self::MIN) {
            return fail(texts::SYNTAX);
        }
        let count = args.len() / Self::MIN;
        let ones = (0..count).map(|_| A::read(args)).collect::<Result<Vec<_>>>()?;
        ones.into_iter().map(|one| Ok((one, B::read(args)?))).collect::<Result<Vec<_>>>().map(Halves)
    }

    fn each_key(&self, each: &mut dyn FnMut(Key<'_>)) {
        self.0.iter().for_each(|(one, _)| one.each_key(each));
    }

    fn check(&self, command: &'static str) -> Result<()> {
        if self.0.is_empty() {
            return fail(texts::SYNTAX);
        }
        self.0.iter().try_for_each(|(one, other)| one.check(command).and_then(|()| other.check(command)))
    }
}

/// An integer not below `least`; one error text for what is no number and what is too small.
///
/// # Errors
/// `text`.
pub fn at_least(bytes: &[u8], least: i64, text: Text) -> Result<i64> {
    parse_int(bytes).filter(|int| *int >= least).map_or_else(|| fail(text), Ok)
}

/// A struct of options, each known by its token, in any order.
pub trait OptionSet<'a>: Default {
    /// Reads the option of this token, with its values; `false` when there is no such option.
    ///
    /// # Errors
    /// The error that a server gives for these values.
    fn accept(&mut self, token: &[u8], args: &mut Args<'a>) -> Result<bool>;

    /// Refuses options that exclude each other.
    ///
    /// # Errors
    /// The error that a server gives.
    fn compatible(&self) -> Result<()>;
}

/// Reads options until one is not known.
///
/// # Errors
/// Errors of the options.
#[inline(never)]
pub fn read_options<'a, O: OptionSet<'a>>(args: &mut Args<'a>) -> Result<O> {
    let mut options = O::default();
    while let Some(token) = args.peek() {
        let mut ahead = args.clone();
        ahead.take()?;
        if !options.accept(token, &mut ahead)? {
            break;
        }
        options.compatible()?;
        *args = ahead;
    }
    Ok(options)
}
