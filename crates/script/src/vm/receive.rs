//! A command's reply on its way into a register: what is simple becomes a value of the script at once, without a copy
//! in between.

use std::borrow::Cow;

use redipy_command::sink::{Collection, ReplySink};
use redipy_command::{Bytes, Error, Result, Value, ValueSink, Verbatim};

use crate::reply::{ReplyForm, dict, members, natural};
use crate::value::{StrValue, Val};

/// Receives the reply of one call.
pub(super) struct Receiver<'a> {
    form: ReplyForm,
    args: &'a [&'a [u8]],
    /// A reply of one piece.
    value: Val,
    /// Any other, apart from the common ones so that these stay in registers.
    large: Option<Box<Large>>,
}

enum Large {
    /// The elements of a collection; those of a map are keys and values in turns.
    Elements(Elements),
    /// A collection that the form takes apart when it is complete.
    Whole(ValueSink),
    /// An error that came as a reply.
    Failed(Error),
}

struct Elements {
    kind: Collection,
    values: Vec<Val>,
    /// An element that is a collection itself, while its own elements are on their way.
    nested: Option<ValueSink>,
}

impl<'a> Receiver<'a> {
    /// For the reply of a call with these arguments.
    #[inline]
    pub(super) fn new(form: ReplyForm, args: &'a [&'a [u8]]) -> Self {
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
            (Some(Large::Elements(elements)), value) => elements.show(|sink| value.show(sink)),
            (Some(Large::Whole(sink)), value) => value.show(sink),
            (_, Value::Error(error)) => self.large = Some(Box::new(Large::Failed(error))),
            (_, value) => self.value = self.form.convert(value, self.args),
        }
    }
}

impl Elements {
    /// Passes a piece of an element to the sink.
    fn show(&mut self, show: impl FnOnce(&mut ValueSink)) {
        let mut sink = self.nested.take().unwrap_or_default();
        show(&mut sink);
        match sink.take() {
            Some(value) => self.values.push(natural(value)),
            None => self.nested = Some(sink),
        }
    }
}

impl Large {
    fn finish(self, form: ReplyForm, args: &[&[u8]]) -> Result<Val> {
        Ok(match self {
            Large::Elements(Elements { kind: Collection::Map, values, .. }) => dict(values),
            Large::Elements(Elements { kind: Collection::Set, values, .. }) => members(values),
            Large::Elements(Elements { values, .. }) if form == ReplyForm::Members => members(values),
            Large::Elements(Elements { values, .. }) => Val::list(values),
            Large::Whole(sink) => form.convert(sink.into_value(), args),
            Large::Failed(error) => return Err(error),
        })
    }
}

impl ReplySink for Receiver<'_> {
    fn null(&mut self) {
        if self.large.is_some() || self.form != ReplyForm::Text {
            self.other(Value::Null);
        }
    }

    fn int(&mut self, int: i64) {
        if self.large.is_none() && self.form == ReplyForm::Count {
            self.value = Val::Num(int as f64);
        } else {
            self.other(Value::Int(int));
        }
    }

    fn bool(&mut self, bool: bool) {
        self.other(Value::Bool(bool));
    }

    fn double(&mut self, double: f64) {
        self.other(Value::Double(double));
    }

    fn big_number(&mut self, digits: &str) {
        self.other(Value::BigNumber(digits.into()));
    }

    fn status(&mut self, text: Cow<'static, str>) {
        self.other(Value::Status(text));
    }

    fn error(&mut self, error: Error) {
        self.other(Value::Error(error));
    }

    fn bulk(&mut self, bytes: &[u8]) {
        match self.large.as_deref_mut() {
            None if self.form == ReplyForm::Text => self.value = Val::Str(StrValue::from(bytes)),
            Some(Large::Elements(Elements { values, nested: None, .. })) => {
                values.push(Val::Str(StrValue::from(bytes)))
            }
            _ => self.other(Value::bulk(bytes)),
        }
    }

    fn owned_bulk(&mut self, bytes: Bytes) {
        match self.large {
            None if self.form == ReplyForm::Text => self.value = Val::Str(StrValue::from(bytes)),
            _ => self.other(Value::Bulk(bytes)),
        }
    }

    fn verbatim(&mut self, format: [u8; 3], text: &[u8]) {
        self.other(Value::Verbatim(Box::new(Verbatim { format, text: text.into() })));
    }

    fn begin(&mut self, kind: Collection, len: usize) {
        match self.large.as_deref_mut() {
            Some(Large::Elements(elements)) => return elements.show(|sink| sink.begin(kind, len)),
            Some(Large::Whole(sink)) => return sink.begin(kind, len),
            Some(Large::Failed(_)) | None => {}
        }
        self.large = Some(Box::new(match self.form {
            ReplyForm::Natural | ReplyForm::List | ReplyForm::Items(_) | ReplyForm::Members | ReplyForm::Dict => {
                let len = if kind == Collection::Map { 2 * len } else { len };
                Large::Elements(Elements { kind, values: Vec::with_capacity(len), nested: None })
            }
            _ => {
                let mut sink = ValueSink::default();
                sink.begin(kind, len);
                Large::Whole(sink)
            }
        }));
    }
}
