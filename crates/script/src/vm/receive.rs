//! A command's reply on its way into a register: what is simple becomes a value of the script at once, without a copy
//! in between.

use redipy_command::sink::{Collection, ReplySink, ValueSink};
use redipy_command::{Error, Result, Value};

use crate::reply::{Form, dict, members, natural};
use crate::value::{Str, Val};

/// Receives the reply of one call.
pub(super) struct Receiver<'a> {
    form: Form,
    args: &'a [&'a [u8]],
    /// A reply of one piece.
    value: Val,
    /// Any other, apart from the common ones so that these stay in registers.
    large: Option<Box<Large>>,
}

enum Large {
    /// The elements of a collection; those of a map are keys and values in turns.
    Elements(Collection, Vec<Val>),
    /// A collection that the form takes apart when it is complete.
    Whole(ValueSink),
    /// An error that came as a reply.
    Failed(Error),
}

impl<'a> Receiver<'a> {
    /// For the reply of a call with these arguments.
    #[inline]
    pub(super) fn new(form: Form, args: &'a [&'a [u8]]) -> Self {
        Self { form, args, value: Val::None, large: None }
    }

    /// The value of the script.
    ///
    /// # Errors
    /// An error that came as a reply.
    #[inline]
    pub(super) fn finish(self) -> Result<Val> {
        match self.large {
            None => Ok(self.value),
            Some(large) => large.finish(self.form, self.args),
        }
    }

    /// A piece in a collection, or something that the form must look at.
    #[inline(never)]
    fn other(&mut self, value: Value) {
        match (self.large.as_deref_mut(), value) {
            (Some(Large::Elements(_, elements)), value) => elements.push(natural(value)),
            (Some(Large::Whole(sink)), value) => sink.value(value),
            (_, Value::Error(error)) => self.large = Some(Box::new(Large::Failed(error))),
            (_, value) => self.value = self.form.convert(value, self.args),
        }
    }
}

impl Large {
    fn finish(self, form: Form, args: &[&[u8]]) -> Result<Val> {
        Ok(match self {
            Large::Elements(Collection::Map, elements) => dict(elements),
            Large::Elements(Collection::Array, elements) if form != Form::Members => Val::list(elements),
            Large::Elements(_, elements) => members(elements),
            Large::Whole(sink) => form.convert(sink.into_value(), args),
            Large::Failed(error) => return Err(error),
        })
    }
}

impl ReplySink for Receiver<'_> {
    fn null(&mut self) {
        if self.large.is_some() || self.form != Form::Text {
            self.other(Value::Null);
        }
    }

    fn int(&mut self, int: i64) {
        if self.large.is_none() && self.form == Form::Count {
            self.value = Val::Num(int as f64);
        } else {
            self.other(Value::Int(int));
        }
    }

    fn double(&mut self, double: f64) {
        self.other(Value::Double(double));
    }

    fn bulk(&mut self, bytes: &[u8]) {
        match self.large.as_deref_mut() {
            None if self.form == Form::Text => self.value = Val::Str(Str::from(bytes)),
            Some(Large::Elements(_, elements)) => elements.push(Val::Str(Str::from(bytes))),
            _ => self.other(Value::bulk(bytes)),
        }
    }

    fn begin(&mut self, kind: Collection, len: usize) {
        self.large = Some(Box::new(match self.form {
            Form::Natural | Form::List | Form::Items(_) | Form::Members | Form::Dict => {
                let len = if kind == Collection::Map { 2 * len } else { len };
                Large::Elements(kind, Vec::with_capacity(len))
            }
            _ => {
                let mut sink = ValueSink::default();
                sink.begin(kind, len);
                Large::Whole(sink)
            }
        }));
    }

    fn value(&mut self, value: Value) {
        self.other(value);
    }
}
