#![doc = include_str!("../language.md")]

#[doc(inline)]
pub use redipy_script::*;
