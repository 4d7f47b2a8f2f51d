//! The comparisons in which another is faster or smaller than redipy.

use super::figure::figure;
use super::tables::table;
use crate::data::{Other, Results, Row};

/// One quantity, ours and another's.
#[derive(Clone, Copy)]
pub struct Comparison<'r> {
    row: &'r Row,
    other: &'r Other,
}

impl Comparison<'_> {
    /// How many times ours the other's figure is.
    pub fn ratio(&self) -> f64 {
        self.row.ratio(self.other)
    }

    /// What was compared with whom.
    pub fn title(&self) -> String {
        format!("{}; {}", self.row.name, self.other.peer)
    }

    fn is_lost(&self) -> bool {
        self.ratio() < 1.0
    }

    /// The cells of its row.
    fn cells(&self) -> Vec<String> {
        let Row { name, unit, own, .. } = self.row;
        let Other { peer, value } = self.other;
        let own = format!("{} {unit}", figure(*own));
        vec![name.clone(), own, peer.clone(), figure(*value), format!("{:.2}", self.ratio())]
    }
}

/// Every comparison of the tables that have one column for each peer.
pub fn comparisons(results: &Results) -> Vec<Comparison<'_>> {
    let rows = [&results.speed, &results.scripts, &results.memory, &results.stalls];
    rows.into_iter().flatten().flat_map(|row| row.others.iter().map(move |other| Comparison { row, other })).collect()
}

/// Those that redipy loses.
pub fn lost(results: &Results) -> Vec<Comparison<'_>> {
    comparisons(results).into_iter().filter(Comparison::is_lost).collect()
}

/// A table of those.
pub fn list(results: &Results) -> String {
    let header = ["", "redipy", "who is ahead", "with", "times redipy's"].map(str::to_owned);
    let table = table(&header, lost(results).iter().map(Comparison::cells));
    if table.is_empty() { "Nowhere in these tables.\n".to_owned() } else { table }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(values: &[f64]) -> Results {
        let others = values.iter().map(|value| Other { peer: "rival".to_owned(), value: *value }).collect();
        let row = Row { name: "GET".to_owned(), unit: "ns".to_owned(), own: 100.0, others };
        Results { speed: vec![row], ..Results::default() }
    }

    #[test]
    fn what_is_slower_or_cannot_be_compared_is_no_loss() {
        assert_eq!(list(&results(&[100.0, 101.0, f64::NAN])), "Nowhere in these tables.\n");
    }

    #[test]
    fn a_loss_has_both_figures_and_their_ratio() {
        assert!(list(&results(&[50.0])).ends_with("\n| GET | 100 ns | rival | 50.0 | 0.50 |\n"));
        assert_eq!(comparisons(&results(&[50.0, 150.0])).len(), 2);
    }
}
