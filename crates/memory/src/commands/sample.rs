//! Random elements of a hash or a sorted set: HRANDFIELD and ZRANDMEMBER with a count.

use std::collections::HashSet;

use redipy_command::Result;
use redipy_command::texts::{self, fail};

use crate::data::packed::Item;
use crate::data::table::{Random, below};

/// Refuses counts that a typed caller can say and the server does not take; with values or scores,
/// twice the count must be one too.
pub(crate) fn check(count: i64, doubled: bool) -> Result<()> {
    const HALF: i64 = i64::MAX / 2;
    match count {
        i64::MIN => fail(texts::RANK_RANGE),
        _ if doubled && !(-HALF..=HALF).contains(&count) => fail(texts::OUT_OF_RANGE),
        _ => Ok(()),
    }
}

/// The most elements that a negative count gives. A server has no limit: it answers until it is out
/// of memory.
const MOST_REPEATED: u64 = 1 << 24;

/// Picks from the `len` elements that `all` gives: with a positive count that many different ones,
/// with a negative one exactly that many. `draw` gives any element, all equally likely.
///
/// # Errors
/// `value is out of range` below -2^24.
pub(crate) fn pick<'a, T>(
    len: usize,
    count: i64,
    all: impl Iterator<Item = (Item<'a>, T)>,
    random: Random<'_>,
    mut draw: impl FnMut(Random<'_>) -> Option<(Item<'a>, T)>,
) -> Result<Vec<(Item<'a>, T)>> {
    if count < 0 {
        let repeated = count.unsigned_abs();
        if repeated > MOST_REPEATED {
            return fail(texts::OUT_OF_RANGE);
        }
        return Ok((0..repeated).map_while(|_| draw(random)).collect());
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    Ok(if count >= len {
        all.collect()
    } else if count < len / 16 {
        // A walk over everything would cost more than to draw again what was drawn before.
        draw_different(count, || draw(random))
    } else {
        walk(len, count, all, random)
    })
}

fn draw_different<'a, T>(count: usize, mut draw: impl FnMut() -> Option<(Item<'a>, T)>) -> Vec<(Item<'a>, T)> {
    let (mut seen, mut picked) = (HashSet::with_capacity(count), Vec::with_capacity(count));
    while picked.len() < count {
        let Some((name, value)) = draw() else { break };
        if seen.insert(name.to_vec()) {
            picked.push((name, value));
        }
    }
    picked
}

/// Takes each element with the chance that leaves the rest as likely as they were (Knuth's algorithm S).
fn walk<T>(len: usize, count: usize, all: impl Iterator<Item = T>, random: Random<'_>) -> Vec<T> {
    let (mut left, mut wanted) = (len, count);
    let taken = |_: &T| {
        let take = below(random, left) < wanted;
        left -= 1;
        wanted -= usize::from(take);
        take
    };
    all.filter(taken).take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picked(len: usize, count: i64) -> Vec<usize> {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state ^ state >> 29
        };
        let all = (0..len).map(|i| (Item::Int(i as i64), i));
        let draw = |random: Random<'_>| (len > 0).then(|| below(random, len)).map(|i| (Item::Int(i as i64), i));
        pick(len, count, all, &mut random, draw).unwrap().into_iter().map(|(_, i)| i).collect()
    }

    #[test]
    fn a_positive_count_picks_different_elements() {
        for (len, count) in [(0, 5), (1, 1), (10, 3), (10, 9), (10, 10), (10, 99), (1000, 7), (1000, 400)] {
            let mut picked = picked(len, count);
            assert_eq!(picked.len(), len.min(count as usize));
            picked.sort_unstable();
            picked.dedup();
            assert_eq!(picked.len(), len.min(count as usize));
        }
    }

    #[test]
    fn a_negative_count_picks_exactly_that_many() {
        assert_eq!(picked(3, -50).len(), 50);
        assert!(picked(3, 0).is_empty());
    }

    #[test]
    fn counts_beyond_the_server_are_refused() {
        assert!(check(i64::MAX, false).is_ok());
        assert!(check(i64::MIN, false).is_err());
        assert!(check(i64::MAX / 2, true).is_ok());
        assert_eq!(check(i64::MAX / 2 + 1, true), fail(texts::OUT_OF_RANGE));
    }
}
