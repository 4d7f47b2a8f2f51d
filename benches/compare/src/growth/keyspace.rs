//! Strings by the number of keys: GET, SET, and SCAN for each key that it returns.

use redipy::Redis;
use redipy::prelude::*;
use redipy::scan::KeyScanOptions;

use super::{CACHES, Care, Plan, engine};
use crate::data::Curve;
use crate::keys::{VALUE, key};
use crate::measure::{cpu, median};

const SIZES: [usize; 9] = [1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000];

/// Up to where the whole keyspace is scanned, and where a quick run ends.
const ALL: usize = 1_000_000;

const fn plan(name: &'static str, complexity: &'static str) -> Plan {
    Plan { name, size: "keys", complexity, reasons: &[CACHES] }
}

const GET: Plan = plan("GET", "O(1)");
const SET: Plan = plan("SET", "O(1)");
const SCAN: Plan = plan("SCAN, for each key", "O(1) each call");
const SCAN_WIDE: Plan = plan("SCAN COUNT 1000, for each key", "O(1) each call");

/// One store grows; at every size it is measured.
pub fn measure(quick: bool) -> Vec<Curve> {
    let (redis, care) = (engine(), Care::new(quick));
    let mut points = [const { Vec::new() }; 4];
    let mut filled = 0;
    for size in SIZES.into_iter().filter(|size| !quick || *size <= ALL) {
        for number in filled..size {
            redis.set(key(number), VALUE).expect("the engine takes every string");
        }
        filled = size;
        let get = care.time(size, key, |key| redis.get(key));
        let set = care.time(size, key, |key| redis.set(key, VALUE));
        let scans = if size <= ALL { [10, 1_000].map(|count| scan(&redis, size, count)) } else { [f64::NAN; 2] };
        for (points, time) in points.iter_mut().zip([get, set].into_iter().chain(scans)) {
            points.extend((!time.is_nan()).then_some((size as f64, time)));
        }
    }
    [GET, SET, SCAN, SCAN_WIDE].into_iter().zip(points).map(|(plan, points)| plan.curve(points)).collect()
}

/// The time for each key of going through all of them.
fn scan(redis: &Redis, size: usize, count: i64) -> f64 {
    let options = KeyScanOptions::new().count(count);
    let walk = || {
        let (mut cursor, mut seen) = (0, 0);
        loop {
            let step = redis.scan_with(cursor, options).expect("the cursor is the engine's own");
            seen += step.items.len();
            cursor = step.cursor;
            if cursor == 0 {
                break seen;
            }
        }
    };
    assert!(walk() >= size, "SCAN missed a key");
    let round = || {
        std::hint::black_box(walk());
    };
    median((0..3).map(|_| cpu(size, round)).collect())
}
