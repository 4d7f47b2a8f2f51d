//! The operators: rules D1, D5 and D6. The Lua twins are in `lua/helpers.lua`.

use std::cmp::Ordering;
use std::rc::Rc;

use redipy_command::Result;
use redipy_command::room::afford;

use super::room::ITEM;
use super::{StrValue, Val};
use crate::number;
use crate::op::BinaryOp;
use crate::texts::{self, fail};

/// The longest string, as on a server.
const MAX_TEXT: usize = 512 << 20;

impl Val {
    /// The truth of a value: Python's.
    #[inline]
    pub(crate) fn truth(&self) -> bool {
        match self {
            Val::None => false,
            Val::Bool(value) => *value,
            Val::Num(number) => *number != 0.0,
            Val::Str(text) => !text.is_empty(),
            Val::List(list) => !list.0.borrow().is_empty(),
            Val::Dict(dict) => !dict.0.borrow().is_empty(),
        }
    }

    /// The number that it is or, if it is a string, holds; None without one.
    #[inline]
    pub(crate) fn to_number(&self) -> Val {
        match self {
            Val::Num(number) => Val::Num(*number),
            Val::Str(text) => number::parse(text).map_or(Val::None, Val::Num),
            _ => Val::None,
        }
    }
}

/// Deep equality, strict about types.
pub(crate) fn equal(a: &Val, b: &Val) -> Result<bool> {
    same(a, b, 0, &mut Pairs::default())
}

/// How many pairs of values may still be compared. Two values that hold others twice, which hold others twice, would be
/// compared for ever; none that fit into memory as they are have so many parts.
pub(crate) struct Pairs(u32);

impl Default for Pairs {
    fn default() -> Self {
        Self(100_000_000)
    }
}

impl Pairs {
    fn take(&mut self, count: usize) -> Result<()> {
        let left = u32::try_from(count).ok().and_then(|count| self.0.checked_sub(count));
        self.0 = left.ok_or_else(texts::timeout)?;
        Ok(())
    }
}

/// Deep equality, as a part of comparing more.
pub(crate) fn same(a: &Val, b: &Val, depth: usize, pairs: &mut Pairs) -> Result<bool> {
    Ok(match (a, b) {
        (Val::None, Val::None) => true,
        (Val::Bool(a), Val::Bool(b)) => a == b,
        (Val::Num(a), Val::Num(b)) => a == b,
        (Val::Str(a), Val::Str(b)) => a == b,
        (Val::List(a), Val::List(b)) => {
            if Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            check_depth(depth)?;
            let (a, b) = (a.0.borrow(), b.0.borrow());
            if a.len() != b.len() {
                return Ok(false);
            }
            pairs.take(a.len())?;
            for (a, b) in a.iter().zip(b.iter()) {
                if !same(a, b, depth + 1, pairs)? {
                    return Ok(false);
                }
            }
            true
        }
        (Val::Dict(a), Val::Dict(b)) => {
            if Rc::ptr_eq(a, b) {
                return Ok(true);
            }
            check_depth(depth)?;
            let (a, b) = (a.0.borrow(), b.0.borrow());
            if a.len() != b.len() || !a.keys().eq(b.keys()) {
                return Ok(false);
            }
            pairs.take(a.len())?;
            for (a, b) in a.values().zip(b.values()) {
                if !same(a, b, depth + 1, pairs)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}

/// Refuses to go deeper than values may be nested.
pub(crate) fn check_depth(depth: usize) -> Result<()> {
    if depth >= texts::MAX_DEPTH { Err(fail(texts::TOO_DEEP)) } else { Ok(()) }
}

/// An operator that evaluates both operands.
pub(crate) fn binary(op: BinaryOp, a: &Val, b: &Val) -> Result<Val> {
    match (op, a, b) {
        (BinaryOp::Eq, a, b) => equal(a, b).map(Val::Bool),
        (BinaryOp::Ne, a, b) => equal(a, b).map(|equal| Val::Bool(!equal)),
        (BinaryOp::Add, Val::Num(a), Val::Num(b)) => Ok(Val::Num(a + b)),
        (BinaryOp::Add, Val::Str(a), Val::Str(b)) => concat(a, b).map(Val::Str),
        (BinaryOp::Add, Val::List(a), Val::List(b)) => {
            let (a, b) = (a.0.borrow(), b.0.borrow());
            afford((a.len() + b.len()) * ITEM)?;
            Ok(Val::list(a.iter().chain(b.iter()).cloned().collect()))
        }
        (op, a, b) if op.is_ordering() => compare(op, a, b).map(Val::Bool),
        (op, Val::Num(a), Val::Num(b)) => arithmetic(op, *a, *b).map(Val::Num),
        (op, a, b) => Err(fail(format!("cannot compute {} {} {}", a.kind(), op.sign(), b.kind()))),
    }
}

fn concat(a: &[u8], b: &[u8]) -> Result<StrValue> {
    if a.len() + b.len() > MAX_TEXT {
        return Err(redipy_command::texts::STRING_TOO_LONG.into());
    }
    afford(a.len() + b.len())?;
    Ok([a, b].concat().into())
}

fn arithmetic(op: BinaryOp, a: f64, b: f64) -> Result<f64> {
    let divides = matches!(op, BinaryOp::Div | BinaryOp::FloorDiv | BinaryOp::Mod);
    if divides && b == 0.0 {
        return Err(fail(texts::DIVISION));
    }
    Ok(match op {
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::FloorDiv => (a / b).floor(),
        BinaryOp::Mod => {
            let rest = a % b;
            if rest != 0.0 && (rest < 0.0) != (b < 0.0) { rest + b } else { rest }
        }
        _ => a + b,
    })
}

/// An ordering of two numbers or two strings.
#[inline]
pub(crate) fn compare(op: BinaryOp, a: &Val, b: &Val) -> Result<bool> {
    let order = match (a, b) {
        (Val::Num(a), Val::Num(b)) => a.partial_cmp(b),
        (Val::Str(a), Val::Str(b)) => Some(a.cmp(b)),
        _ => return Err(fail(format!("cannot compare {} with {}", a.kind(), b.kind()))),
    };
    Ok(match op {
        BinaryOp::Lt => order == Some(Ordering::Less),
        BinaryOp::Le => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        BinaryOp::Gt => order == Some(Ordering::Greater),
        _ => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
    })
}

/// `list[index]`
pub(crate) fn index(list: &Val, index: &Val) -> Result<Val> {
    let Val::List(list) = list else { return Err(fail(format!("{} is not a list", list.kind()))) };
    let items = list.0.borrow();
    let at = position(index, items.len())?;
    items.get(at).cloned().ok_or_else(|| out_of_range(index, items.len()))
}

/// The position that an index means: whole, and from the end if negative. May be beyond the end.
fn position(index: &Val, len: usize) -> Result<usize> {
    let Val::Num(number) = index else {
        return Err(fail(format!("list index must be a number, not {}", index.kind())));
    };
    if !number.is_finite() {
        return Err(fail(texts::NOT_FINITE));
    }
    if number.fract() != 0.0 {
        return Err(fail(format!("list index {} is not a whole number", number::text(*number))));
    }
    let at = if *number < 0.0 { *number + len as f64 } else { *number };
    if at < 0.0 { Err(out_of_range(index, len)) } else { Ok(at as usize) }
}

fn out_of_range(index: &Val, len: usize) -> redipy_command::Error {
    let number = if let Val::Num(number) = index { *number } else { 0.0 };
    fail(format!("list index {} is out of range for {len} items", number::text(number)))
}

/// `list[index] = value`
pub(crate) fn set_at(list: &Val, index: &Val, value: Val) -> Result<()> {
    let Val::List(list) = list else { return Err(fail(format!("{} is not a list", list.kind()))) };
    let mut items = list.0.borrow_mut();
    let len = items.len();
    let at = position(index, len)?;
    match at.cmp(&len) {
        Ordering::Less => items[at] = value,
        Ordering::Equal => items.push(value),
        Ordering::Greater => return Err(out_of_range(index, len)),
    }
    Ok(())
}

/// `dict.get(key)`
pub(crate) fn get_key(dict: &Val, key: &Val) -> Result<Val> {
    let Val::Dict(dict) = dict else { return Err(fail(format!("{} is not a dict", dict.kind()))) };
    let entries = dict.0.borrow();
    Ok(match key {
        Val::Str(key) => entries.get(&**key).cloned(),
        key => entries.get(&*dict_key(key)?).cloned(),
    }
    .unwrap_or_default())
}

/// `dict[key] = value`
pub(crate) fn set_key(dict: &Val, key: &Val, value: Val) -> Result<()> {
    let Val::Dict(dict) = dict else { return Err(fail(format!("{} is not a dict", dict.kind()))) };
    dict.0.borrow_mut().insert(dict_key(key)?, value);
    Ok(())
}

/// Dict keys are strings; numbers become their texts.
pub(crate) fn dict_key(key: &Val) -> Result<StrValue> {
    match key {
        Val::Str(text) => Ok(text.clone()),
        Val::Num(number) => digits(*number).map(StrValue::from),
        other => Err(fail(format!("dict key must be str or number, not {}", other.kind()))),
    }
}

/// The text of a finite number.
pub(crate) fn digits(value: f64) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(24);
    push_digits(value, &mut out)?;
    Ok(out)
}

/// Appends the text of a finite number.
pub(crate) fn push_digits(value: f64, out: &mut Vec<u8>) -> Result<()> {
    if !value.is_finite() {
        return Err(fail(texts::NOT_FINITE));
    }
    number::push(value, out);
    Ok(())
}
