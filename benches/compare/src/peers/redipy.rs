//! Ourselves, through the public API.

use std::hint::black_box;

use redipy::Redis;
use redipy::prelude::*;

use super::Strings;

/// A fresh engine.
pub fn open() -> Redis {
    redipy::connect("memory://").expect("an engine needs nothing")
}

impl Strings for Redis {
    #[inline]
    fn read(&self, key: &[u8]) -> bool {
        black_box(self.get(key)).is_ok_and(|value| value.is_some())
    }

    #[inline]
    fn write(&self, key: &[u8], value: &[u8]) {
        self.set(key, value).expect("the engine takes every string");
    }
}
