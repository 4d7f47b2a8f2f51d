//! The script language: a guide with an example for every rule, and its items.
#![doc = include_str!("../language.md")]

#[doc(inline)]
pub use redipy_script::*;
