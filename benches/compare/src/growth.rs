//! What an operation costs against the size of what it works on: one curve for each operation, of redipy alone.
//!
//! Every point is a median of rounds, in CPU time. Where a curve rises or falls between two neighbouring points by more
//! than [`STEP`] times what its documented complexity explains, the reason is named beside it.

mod elements;
mod keyspace;
mod scripts;

use redipy::Redis;

use crate::data::Curve;
use crate::measure::{cpu, median};

/// A step between neighbouring points that asks for a reason.
const STEP: f64 = 1.8;

/// Measures all curves.
pub fn measure(quick: bool) -> Vec<Curve> {
    let mut curves = keyspace::measure(quick);
    curves.extend(elements::measure(quick));
    curves.extend(scripts::measure(quick));
    curves.iter().for_each(progress);
    curves
}

/// Tells what came out.
fn progress(curve: &Curve) {
    let ends = curve.points.first().zip(curve.points.last());
    let ends = ends.map_or_else(String::new, |(first, last)| format!("{:>9.1} ns .. {:>9.1} ns", first.1, last.1));
    eprintln!("  {:<28} {ends}  {}", curve.name, curve.jumps.join("; "));
}

/// A reason for a jump, and between which sizes it holds.
type Reason = (f64, f64, &'static str);

/// Why lookups by name grow slower: what they look at is somewhere else every time.
const CACHES: Reason = (3e3, 1e7, "larger than the processor's caches and its TLB");

/// What is known of a curve before it is measured.
#[derive(Clone, Copy)]
struct Plan {
    name: &'static str,
    size: &'static str,
    complexity: &'static str,
    reasons: &'static [Reason],
}

impl Plan {
    fn curve(self, points: Vec<(f64, f64)>) -> Curve {
        let Plan { name, size, complexity, reasons } = self;
        let jumps = jumps(&points, complexity.contains("O(N)"), reasons);
        Curve { name: name.into(), size: size.into(), complexity: complexity.into(), points, jumps }
    }
}

/// The steps between neighbouring points that are too large, those with the same reason as one.
fn jumps(points: &[(f64, f64)], linear: bool, reasons: &[Reason]) -> Vec<String> {
    let mut found: Vec<(f64, f64, &str)> = Vec::new();
    for pair in calmed(points).windows(2) {
        let [(small, before), (large, after)] = [pair[0], pair[1]];
        let explained = if linear { large / small } else { 1.0 };
        let step = after / before;
        if step <= STEP * explained && step >= 1.0 / STEP {
            continue;
        }
        let reason = reasons.iter().find(|(from, to, _)| *from <= large && small <= *to);
        let reason = reason.map_or("no reason known", |(_, _, reason)| reason);
        match found.last_mut() {
            Some((_, to, last)) if *to == small && *last == reason => *to = large,
            _ => found.push((small, large, reason)),
        }
    }
    found.into_iter().map(|(from, to, reason)| format!("{from} to {to}: {reason}")).collect()
}

/// Of each point and its two neighbours the middle cost: a point that stands out alone is noise, a step stays where it is.
fn calmed(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let cost = |at: usize| points.get(at).map(|(_, cost)| *cost);
    let calm = |(at, (size, own)): (usize, &(f64, f64))| {
        let neighbours = at.checked_sub(1).and_then(cost).zip(cost(at + 1));
        (*size, neighbours.map_or(*own, |(before, after)| median(vec![before, *own, after])))
    };
    points.iter().enumerate().map(calm).collect()
}

/// How thoroughly a point is measured.
#[derive(Clone, Copy)]
struct Care {
    rounds: usize,
    operations: usize,
}

impl Care {
    fn new(quick: bool) -> Self {
        if quick { Self { rounds: 5, operations: 2_000 } } else { Self { rounds: 9, operations: 10_000 } }
    }

    /// The time of one operation on random numbers below `size`, which `item` makes into what it works on before the
    /// clock starts.
    fn time<T, R>(self, size: usize, item: impl Fn(usize) -> T, operation: impl Fn(T) -> redipy::Result<R>) -> f64 {
        let mut dice = Dice(size as u64);
        let mut round = || {
            let items: Vec<T> = (0..self.operations).map(|_| item(dice.below(size))).collect();
            cpu(self.operations, || items.into_iter().for_each(|item| done(operation(item))))
        };
        round();
        median((0..self.rounds).map(|_| round()).collect())
    }
}

/// Takes a reply as a caller does, who looks at it and drops it.
fn done<R>(reply: redipy::Result<R>) {
    drop(std::hint::black_box(reply).expect("the commands are right"));
}

/// Numbers that no cache can guess, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((u128::from(self.0.rotate_left(32)) * n as u128) >> 64) as usize
    }
}

/// An engine of its own.
fn engine() -> Redis {
    crate::peers::redipy::open()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_named_and_a_slope_is_none() {
        let reasons: &[Reason] = &[(100.0, 200.0, "a table")];
        let points = [(10.0, 1.0), (30.0, 1.5), (100.0, 3.0), (150.0, 9.0), (200.0, 9.0), (300.0, 2.0)];
        assert_eq!(jumps(&points, false, reasons), ["30 to 150: a table", "200 to 300: a table"]);
        assert_eq!(jumps(&points[3..], false, &[]), ["200 to 300: no reason known"]);
        assert!(jumps(&[(10.0, 1.0), (30.0, 9.0), (100.0, 1.2)], false, &[]).is_empty());
        assert!(jumps(&[(10.0, 1.0), (100.0, 12.0)], true, &[]).is_empty());
    }

    #[test]
    fn dice_stay_below() {
        let mut dice = Dice(1);
        assert!((0..1_000).all(|_| dice.below(7) < 7));
    }
}
