//! Replies that are times.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Reply;
use crate::error::Result;
use crate::number::{INT_LEN, format_int};
use crate::sink::{Collection, ReplySink};
use crate::value::Value;

/// The remaining time of a key: the reply of TTL and PTTL as a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeToLive {
    /// The key does not exist.
    Missing,
    /// The key has no expiry.
    Unlimited,
    /// The key expires after this time.
    Left(Duration),
}

impl TimeToLive {
    /// The time that is left, of a key that expires.
    pub fn left(self) -> Option<Duration> {
        match self {
            TimeToLive::Left(time) => Some(time),
            TimeToLive::Missing | TimeToLive::Unlimited => None,
        }
    }
}

/// From milliseconds: -1 without expiry, -2 without key.
impl From<i64> for TimeToLive {
    fn from(milliseconds: i64) -> Self {
        match milliseconds {
            -1 => TimeToLive::Unlimited,
            _ => u64::try_from(milliseconds)
                .map_or(TimeToLive::Missing, |ms| TimeToLive::Left(Duration::from_millis(ms))),
        }
    }
}

impl Reply for TimeToLive {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self::from)
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.int(match self {
            TimeToLive::Missing => -2,
            TimeToLive::Unlimited => -1,
            TimeToLive::Left(time) => i64::try_from(time.as_millis()).unwrap_or(i64::MAX),
        });
    }
}

/// The time at which a key expires: the reply of EXPIRETIME and PEXPIRETIME as a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpiresAt {
    /// The key does not exist.
    Missing,
    /// The key has no expiry.
    Never,
    /// The key expires at this time.
    At(SystemTime),
}

impl ExpiresAt {
    /// The time, of a key that expires.
    pub fn time(self) -> Option<SystemTime> {
        match self {
            ExpiresAt::At(time) => Some(time),
            ExpiresAt::Missing | ExpiresAt::Never => None,
        }
    }
}

/// From Unix milliseconds: -1 without expiry, -2 without key. What the system's clock cannot say is as good as never.
impl From<i64> for ExpiresAt {
    fn from(milliseconds: i64) -> Self {
        match u64::try_from(milliseconds) {
            Ok(ms) => UNIX_EPOCH.checked_add(Duration::from_millis(ms)).map_or(ExpiresAt::Never, ExpiresAt::At),
            Err(_) if milliseconds == -1 => ExpiresAt::Never,
            Err(_) => ExpiresAt::Missing,
        }
    }
}

impl Reply for ExpiresAt {
    fn from_value(value: Value) -> Result<Self> {
        i64::from_value(value).map(Self::from)
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.int(match self {
            ExpiresAt::Missing => -2,
            ExpiresAt::Never => -1,
            ExpiresAt::At(time) => {
                let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
        });
    }
}

/// The time of a backend's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Whole seconds since the Unix epoch.
    pub seconds: i64,
    /// Microseconds of the current second.
    pub microseconds: i64,
}

impl Reply for Time {
    fn from_value(value: Value) -> Result<Self> {
        let (seconds, microseconds) = <(i64, i64)>::from_value(value)?;
        Ok(Time { seconds, microseconds })
    }

    fn show<S: ReplySink + ?Sized>(self, to: &mut S) {
        to.begin(Collection::Array, 2);
        for part in [self.seconds, self.microseconds] {
            to.bulk(format_int(part, &mut [0; INT_LEN]));
        }
    }
}
