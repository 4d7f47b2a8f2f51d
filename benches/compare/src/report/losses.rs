//! Where we lose: every promise that is not kept, and every rival that is faster or smaller.

use super::markdown::figure;
use crate::data::{Other, Results, Row};

/// A line for each.
pub fn list(results: &Results) -> Vec<String> {
    let rows = [&results.speed, &results.scripts, &results.memory, &results.stalls];
    rows.into_iter().flatten().flat_map(|row| row.others.iter().filter_map(|other| loss(row, other))).collect()
}

/// What is lost against one rival in one row, if something is.
fn loss(row: &Row, other: &Other) -> Option<String> {
    let ratio = ratio(row, other);
    let missed = other.target.filter(|target| ratio < *target);
    if missed.is_none() && ratio >= 1.0 || !ratio.is_finite() {
        return None;
    }
    let Row { name, unit, own, .. } = row;
    let Other { peer, value, .. } = other;
    let (own, value) = (figure(*own), figure(*value));
    let loss = format!("{name}: {own} {unit}, {peer} {value} {unit}: {ratio:.2} times ours");
    Some(match (missed, other.target) {
        (Some(target), _) => {
            let short = (target / ratio - 1.0) * 100.0;
            format!("{loss}, where {target:.2} was promised: **{short:.0} % short**.")
        }
        // The bare map may be faster by so much.
        (None, Some(target)) => format!("{loss}, as promised: at least {target:.2}."),
        (None, None) => format!("{loss}."),
    })
}

/// How many times ours the other's figure is.
pub fn ratio(row: &Row, other: &Other) -> f64 {
    other.value / row.own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lost(value: f64, target: Option<f64>) -> Option<String> {
        let other = Other { peer: "rival".to_owned(), value, target };
        let row = Row { name: "GET".to_owned(), unit: "ns".to_owned(), own: 100.0, others: Vec::new() };
        loss(&row, &other)
    }

    #[test]
    fn losses_say_by_how_much() {
        assert_eq!(lost(125.0, Some(1.25)), None);
        assert_eq!(lost(101.0, None), None);
        let lost = |value, target| lost(value, target).unwrap_or_default();
        let missed = "GET: 100 ns, rival 100 ns: 1.00 times ours, where 1.25 was promised: **25 % short**.";
        assert_eq!(lost(100.0, Some(1.25)), missed);
        assert_eq!(lost(90.0, Some(0.87)), "GET: 100 ns, rival 90.0 ns: 0.90 times ours, as promised: at least 0.87.");
        assert_eq!(lost(50.0, None), "GET: 100 ns, rival 50.0 ns: 0.50 times ours.");
    }
}
