//! Times in arguments: how many seconds or milliseconds from now, and Unix times. Each takes a number, and the type that the
//! standard library has for it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::arg::{Arg, LateInt};
use crate::args::Args;
use crate::error::Result;
use crate::field::Field;
use crate::forms::ToInt;
use crate::sink::Sink;
use crate::spec::Argument;

macro_rules! times {
    ($($(#[$docs:meta])* $name:ident from $std:ty: |$time:ident| $int:expr;)*) => { $(
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Default)]
        pub struct $name<'a>(pub LateInt<'a>);

        impl<'a> Field<'a> for $name<'a> {
            const MIN: usize = LateInt::MIN;
            const ARGUMENT: Argument = LateInt::ARGUMENT;

            fn write(&self, out: &mut dyn Sink) {
                self.0.write(out);
            }

            fn read(args: &mut Args<'a>) -> Result<Self> {
                LateInt::read(args).map(Self)
            }
        }

        impl<'a> From<$name<'a>> for LateInt<'a> {
            #[inline]
            fn from(time: $name<'a>) -> Self {
                time.0
            }
        }

        impl<'a> From<LateInt<'a>> for $name<'a> {
            fn from(time: LateInt<'a>) -> Self {
                Self(time)
            }
        }

        impl<'a> From<$name<'a>> for Arg<'a> {
            fn from(time: $name<'a>) -> Self {
                time.0.into()
            }
        }

        impl From<$std> for $name<'_> {
            fn from($time: $std) -> Self {
                Self(LateInt::Int($int))
            }
        }

        impl<T: ToInt> From<T> for $name<'_> {
            #[inline]
            fn from(time: T) -> Self {
                Self(LateInt::Int(time.to_int()))
            }
        }
    )* };
}

times! {
    /// Seconds from now: an integer, or a `Duration`, of which a part of a second counts as a whole one.
    ///
    /// ```
    /// # use redipy_command as redipy;
    /// use redipy::time::Seconds;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Seconds::from(Duration::from_secs(60)), Seconds::from(60));
    /// assert_eq!(Seconds::from(Duration::from_millis(1)), Seconds::from(1));
    /// ```
    Seconds from Duration: |time| seconds(time);
    /// Milliseconds from now: an integer, or a `Duration`, of which a part of a millisecond counts as a whole one.
    Millis from Duration: |time| millis(time);
    /// A Unix time in seconds: an integer, or a `SystemTime`, of which a part of a second counts as a whole one.
    UnixSeconds from SystemTime: |time| seconds(since_epoch(time));
    /// A Unix time in milliseconds: an integer, or a `SystemTime`, of which a part of a millisecond counts as a whole one.
    UnixMillis from SystemTime: |time| millis(since_epoch(time));
}

/// Rounded up: nothing expires before its time, and what is not zero does not become zero.
fn seconds(time: Duration) -> i64 {
    let whole = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    whole.saturating_add(i64::from(time.subsec_nanos() > 0))
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

/// A time before 1970 is one that is over, as 0 is.
fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_count_as_whole_ones() {
        let time = Duration::from_nanos(1_000_000_001);
        assert_eq!((seconds(time), millis(time)), (2, 1001));
        assert_eq!((seconds(Duration::ZERO), millis(Duration::ZERO)), (0, 0));
        assert_eq!((seconds(Duration::MAX), millis(Duration::MAX)), (i64::MAX, i64::MAX));
        assert_eq!(UnixSeconds::from(UNIX_EPOCH + Duration::from_secs(5)), UnixSeconds::from(5));
    }
}
