//! Deadlines: how commands give them, and when they are refused.

use redipy_command::{LateInt, Result, Spec, texts};

use crate::space::Space;

/// How an expiry is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExpiryUnit {
    /// Seconds from now.
    Ex,
    /// Milliseconds from now.
    Px,
    /// Unix seconds.
    ExAt,
    /// Unix milliseconds.
    PxAt,
}

impl ExpiryUnit {
    fn is_seconds(self) -> bool {
        matches!(self, ExpiryUnit::Ex | ExpiryUnit::ExAt)
    }

    fn is_relative(self) -> bool {
        matches!(self, ExpiryUnit::Ex | ExpiryUnit::Px)
    }

    /// The Unix milliseconds that this is, if they fit.
    pub(crate) fn deadline(self, value: i64, now: i64) -> Option<i64> {
        let millis = if self.is_seconds() { value.checked_mul(1000)? } else { value };
        if self.is_relative() { millis.checked_add(now) } else { Some(millis) }
    }
}

/// The deadline that the options of SET, SETEX, GETEX and their kin ask for.
pub(crate) struct Deadline<'a> {
    spec: &'static Spec,
    given: Option<(LateInt<'a>, ExpiryUnit)>,
}

impl<'a> Deadline<'a> {
    /// For messages of this command.
    pub(crate) fn of(spec: &'static Spec) -> Self {
        Self { spec, given: None }
    }

    /// The first of these that is given.
    pub(crate) fn from<const N: usize>(mut self, options: [(Option<LateInt<'a>>, ExpiryUnit); N]) -> Self {
        self.given = options.into_iter().find_map(|(value, unit)| value.map(|value| (value, unit)));
        self
    }

    /// The deadline of a command that must have one, in Unix milliseconds.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub(crate) fn required(self, value: LateInt<'a>, unit: ExpiryUnit, at: &Space<'_>) -> Result<i64> {
        self.check(value, unit, at)
    }

    /// The deadline in Unix milliseconds, if one is given.
    ///
    /// # Errors
    /// `value is not an integer or out of range`, and `invalid expire time in '…' command` for what is
    /// not positive or too large.
    pub(crate) fn get(self, at: &Space<'_>) -> Result<Option<i64>> {
        self.given.map(|(value, unit)| self.check(value, unit, at)).transpose()
    }

    fn check(&self, value: LateInt<'a>, unit: ExpiryUnit, at: &Space<'_>) -> Result<i64> {
        let value = value.get()?;
        let deadline = if value > 0 { unit.deadline(value, at.now()) } else { None };
        deadline.ok_or_else(|| texts::invalid_expire(self.spec.name))
    }
}
