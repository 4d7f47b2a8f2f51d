//! In place of the rival, where it is not built: the same names, and nobody who has them.

use std::convert::Infallible;
use std::time::Duration;

use super::Strings;

/// Its version, if this program has it.
pub const VERSION: Option<&str> = None;

/// Nobody.
pub struct Kevy(pub Store);

/// Nobody.
pub enum Store {}

/// What nobody fills.
pub enum Batch {}

impl Batch {
    pub fn set(&self, _: &[u8], _: &[u8]) -> Self {
        match *self {}
    }

    pub fn commit(self) -> Result<()> {
        match self {}
    }
}

/// What nobody gives.
pub type Result<T> = std::result::Result<T, Infallible>;

impl Kevy {
    /// `None`: this program was built without kevy.
    pub fn open() -> Option<Self> {
        None
    }
}

impl Strings for Kevy {
    fn read(&self, _: &[u8]) -> bool {
        match self.0 {}
    }

    fn write(&self, _: &[u8], _: &[u8]) {
        match self.0 {}
    }
}

macro_rules! absent {
    ($($name:ident($($argument:ty),*);)*) => {
        impl Store {
            $(
                pub fn $name(&self, $(_: $argument),*) -> Result<()> {
                    match *self {}
                }
            )*

            pub fn get_with(&self, _: &[u8], _: impl FnOnce(Option<&[u8]>)) -> Result<()> {
                match *self {}
            }

            pub fn pipeline(&self) -> Batch {
                match *self {}
            }

            pub fn atomic_all_shards(&self, _: impl FnOnce(&mut Batch) -> Result<()>) -> Result<()> {
                match *self {}
            }
        }
    };
}

absent! {
    get(&[u8]);
    set(&[u8], &[u8]);
    incr(&[u8]);
    mget(&[&[u8]]);
    expire(&[u8], Duration);
    lpush(&[u8], &[&[u8]]);
    rpop(&[u8], usize);
    hset(&[u8], &[(&[u8], &[u8])]);
    hget(&[u8], &[u8]);
    hgetall(&[u8]);
    sadd(&[u8], &[&[u8]]);
    srem(&[u8], &[&[u8]]);
    sismember(&[u8], &[u8]);
    zadd(&[u8], &[(f64, &[u8])]);
    zrange(&[u8], i64, i64);
}
