//! What the tests of the structures share: elements that provoke, and a source of random numbers.

use super::packed::Item;
use proptest::prelude::*;

/// Texts, among them those that look like integers and the ones around the thresholds of the small encodings.
pub fn any_text() -> impl Strategy<Value = Vec<u8>> {
    const ODD: [&str; 10] =
        ["", "0", "007", "-0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "+1", "1.0"];
    prop_oneof![
        4 => (0..400_i64).prop_map(|i| i.to_string().into_bytes()),
        2 => any::<i64>().prop_map(|i| (i >> (i & 63)).to_string().into_bytes()),
        1 => prop::sample::select(ODD.as_slice()).prop_map(|text| text.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..30),
        1 => (60..140_usize, any::<u8>()).prop_map(|(len, byte)| vec![byte; len]),
    ]
}

/// Texts of which many are equal.
pub fn few_texts() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        30 => (0..900_u32).prop_map(|i| format!("m{i}").into_bytes()),
        1 => any_text(),
    ]
}

/// The texts of some items.
pub fn texts<'a>(items: impl Iterator<Item = Item<'a>>) -> Vec<Vec<u8>> {
    items.map(Item::to_vec).collect()
}

/// A small generator of random numbers.
pub fn random(mut state: u64) -> impl FnMut() -> u64 {
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed ^ mixed >> 29
    }
}
