//! The values of a running script. What operators do to them is in `ops.rs`, their JSON texts are in `json.rs`.

mod convert;
pub(crate) mod json;
pub(crate) mod ops;
pub(crate) mod room;

use std::borrow::Borrow;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use redipy_command::Bytes;

use crate::types::Type;

/// A value of a running script. Lists and dicts are shared, not copied.
#[derive(Clone, Default)]
pub enum Val {
    /// None.
    #[default]
    None,
    /// A boolean.
    Bool(bool),
    /// A number.
    Num(f64),
    /// A string.
    Str(StrValue),
    /// A list.
    List(Rc<ListValue>),
    /// A dict.
    Dict(Rc<DictValue>),
}

/// The items of a list.
#[derive(Debug, Default)]
pub struct ListValue(pub(crate) RefCell<Vec<Val>>);

/// The entries of a dict, sorted by key.
#[derive(Debug, Default)]
pub struct DictValue(pub(crate) RefCell<BTreeMap<StrValue, Val>>);

/// A string: short ones are stored in place, long ones shared.
#[derive(Clone)]
pub struct StrValue(Repr);

const INLINE: usize = 22;

#[derive(Clone)]
enum Repr {
    Inline([u8; INLINE], u8),
    Shared(Rc<Bytes>),
}

impl StrValue {
    /// Returns whether its bytes are stored elsewhere.
    #[inline]
    pub(crate) fn is_shared(&self) -> bool {
        matches!(self.0, Repr::Shared(_))
    }
}

impl Deref for StrValue {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(bytes, len) => &bytes[..usize::from(*len)],
            Repr::Shared(bytes) => bytes,
        }
    }
}

impl From<&[u8]> for StrValue {
    fn from(bytes: &[u8]) -> Self {
        if bytes.len() > INLINE {
            return StrValue(Repr::Shared(Rc::new(bytes.into())));
        }
        let mut inline = [0; INLINE];
        inline[..bytes.len()].copy_from_slice(bytes);
        StrValue(Repr::Inline(inline, bytes.len() as u8))
    }
}

impl From<Bytes> for StrValue {
    fn from(bytes: Bytes) -> Self {
        if bytes.len() > INLINE { StrValue(Repr::Shared(Rc::new(bytes))) } else { StrValue::from(&*bytes) }
    }
}

impl From<Vec<u8>> for StrValue {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.len() > INLINE { StrValue::from(Bytes::from(bytes)) } else { StrValue::from(&*bytes) }
    }
}

impl From<StrValue> for Bytes {
    fn from(text: StrValue) -> Self {
        match text.0 {
            Repr::Inline(bytes, len) => bytes[..usize::from(len)].into(),
            Repr::Shared(bytes) => Rc::unwrap_or_clone(bytes),
        }
    }
}

impl Borrow<[u8]> for StrValue {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl PartialEq for StrValue {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for StrValue {}

impl PartialOrd for StrValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for StrValue {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl fmt::Debug for StrValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

impl Val {
    /// A string.
    pub fn text(text: &str) -> Self {
        Val::Str(StrValue::from(text.as_bytes()))
    }

    /// A new list.
    pub fn list(items: Vec<Val>) -> Self {
        Val::List(Rc::new(ListValue(RefCell::new(items))))
    }

    /// A new dict.
    pub fn dict(entries: BTreeMap<StrValue, Val>) -> Self {
        Val::Dict(Rc::new(DictValue(RefCell::new(entries))))
    }

    /// Returns whether all of it is stored in place.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Val::None | Val::Bool(_) | Val::Num(_) => true,
            Val::Str(text) => !text.is_shared(),
            Val::List(_) | Val::Dict(_) => false,
        }
    }

    /// The kind of the value.
    pub fn kind(&self) -> Type {
        match self {
            Val::None => Type::NONE,
            Val::Bool(_) => Type::BOOL,
            Val::Num(_) => Type::NUM,
            Val::Str(_) => Type::STR,
            Val::List(_) => Type::LIST,
            Val::Dict(_) => Type::DICT,
        }
    }

    /// The number, if it is one.
    pub fn as_num(&self) -> Option<f64> {
        if let Val::Num(number) = self { Some(*number) } else { None }
    }

    /// The bytes of the string, if it is one.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Val::Str(text) = self { Some(text) } else { None }
    }

    /// The string, if it is one and UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()?).ok()
    }

    /// Copies of the items, if it is a list; lists and dicts among them are still shared.
    pub fn items(&self) -> Option<Vec<Val>> {
        if let Val::List(list) = self { Some(list.0.borrow().clone()) } else { None }
    }

    /// Copies of the entries, if it is a dict, sorted by key.
    pub fn entries(&self) -> Option<Vec<(StrValue, Val)>> {
        let Val::Dict(dict) = self else { return None };
        Some(dict.0.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    fn is_container(&self) -> bool {
        matches!(self, Val::List(_) | Val::Dict(_))
    }
}

/// The kind, where a message needs no more.
impl fmt::Debug for Val {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Val::None => f.write_str("None"),
            Val::Bool(value) => write!(f, "{value}"),
            Val::Num(number) => write!(f, "{number}"),
            Val::Str(text) => write!(f, "{text:?}"),
            other => write!(f, "<{}>", other.kind()),
        }
    }
}

/// A script can nest values a million deep; dropping them must not recurse.
impl Drop for ListValue {
    fn drop(&mut self) {
        if self.0.get_mut().iter().any(Val::is_container) {
            drop_flat(std::mem::take(self.0.get_mut()));
        }
    }
}

impl Drop for DictValue {
    fn drop(&mut self) {
        if self.0.get_mut().values().any(Val::is_container) {
            drop_flat(std::mem::take(self.0.get_mut()).into_values().collect());
        }
    }
}

fn drop_flat(mut pending: Vec<Val>) {
    while let Some(value) = pending.pop() {
        match value {
            Val::List(list) => pending.extend(Rc::into_inner(list).map(|list| list.0.take()).unwrap_or_default()),
            Val::Dict(dict) => {
                let entries = Rc::into_inner(dict).map(|dict| dict.0.take()).unwrap_or_default();
                pending.extend(entries.into_values());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_small() {
        assert_eq!(size_of::<Val>(), 24);
    }

    #[test]
    fn deep_values_are_dropped_without_recursion() {
        let mut deep = Val::list(Vec::new());
        for _ in 0..1_000_000 {
            deep = Val::list(vec![deep]);
        }
        drop(deep);
    }
}
