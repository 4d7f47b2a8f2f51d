//! Tables in Markdown.

use std::collections::BTreeMap;

use super::figure::{duration, figure};
use crate::data::{Curve, Load, Other, Row};

/// A table: the header, then rows of as many cells; nothing, where there are no rows.
pub fn table(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule: Vec<String> = (0..header.len()).map(|at| if at == 0 { "---" } else { "--:" }.to_owned()).collect();
    let rows: String = rows.into_iter().map(|row| line(&row)).collect();
    if rows.is_empty() { rows } else { line(header) + &line(&rule) + &rows }
}

/// Rows of figures, with a column for each peer that `wanted` keeps; empty where there is none.
pub fn rows(what: &str, rows: &[Row], wanted: impl Fn(&Other) -> bool) -> String {
    let mut peers: Vec<&str> = Vec::new();
    for other in rows.iter().flat_map(|row| &row.others).filter(|other| wanted(other)) {
        if !peers.contains(&other.peer.as_str()) {
            peers.push(&other.peer);
        }
    }
    let others = |row: &Row| peers.iter().map(|peer| cell(row, peer)).collect::<Vec<_>>();
    let kept = rows.iter().filter(|row| row.others.is_empty() || row.others.iter().any(&wanted)).map(|row| {
        let own = format!("{} {}", figure(row.own), row.unit);
        [vec![row.name.clone(), own], others(row)].concat()
    });
    let header = [what, "redipy"].into_iter().chain(peers.iter().copied()).map(str::to_owned).collect::<Vec<_>>();
    table(&header, kept)
}

/// A peer's figure and how many times ours it is.
fn cell(row: &Row, peer: &str) -> String {
    let other = row.others.iter().find(|other| other.peer == peer);
    other.map_or_else(String::new, |other| format!("{} · {:.2}", figure(other.value), row.ratio(other)))
}

/// Cost against size: a column for each power of ten that some curve of this kind of size has.
pub fn curves(curves: &[Curve]) -> String {
    let mut kinds: Vec<&str> = Vec::new();
    curves.iter().for_each(|curve| kinds.extend((!kinds.contains(&&*curve.size)).then_some(&*curve.size)));
    kinds
        .into_iter()
        .map(|kind| curves_of(kind, curves.iter().filter(|curve| curve.size == kind)))
        .collect::<Vec<_>>()
        .join("\n")
}

fn curves_of<'a>(kind: &str, curves: impl Iterator<Item = &'a Curve> + Clone) -> String {
    let powers =
        |curve: &'a Curve| curve.points.iter().filter_map(|point| power(point.0).map(|power| (power, point.1)));
    let mut sizes: Vec<i32> = curves.clone().flat_map(|curve| powers(curve).map(|(power, _)| power)).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let header = [format!("ns at so many {kind}"), "documented".to_owned()];
    let names = sizes
        .iter()
        .map(|power| if *power < 4 { 10_i64.pow(*power as u32).to_string() } else { format!("10^{power}") });
    let header: Vec<String> = header.into_iter().chain(names).chain(["jumps".to_owned()]).collect();
    let rows = curves.map(|curve| {
        let points: BTreeMap<i32, f64> = powers(curve).collect();
        let cells = sizes.iter().map(|size| points.get(size).map_or_else(String::new, |cost| figure(*cost)));
        let names = [curve.name.clone(), curve.complexity.clone()].into_iter();
        names.chain(cells).chain([curve.jumps.join("; ")]).collect()
    });
    table(&header, rows)
}

/// Which power of ten this is, if it is one.
fn power(size: f64) -> Option<i32> {
    let power = size.log10().round() as i32;
    ((10_f64.powi(power) - size).abs() < 0.5).then_some(power)
}

/// Threads: a row for each load, a column for each peer.
pub fn loads(loads: &[Load]) -> String {
    let load = |load: &Load| (load.keys.clone(), load.reads, load.sweeping, load.threads);
    let (mut kinds, mut peers) = (Vec::new(), Vec::new());
    for one in loads {
        kinds.extend((!kinds.contains(&load(one))).then(|| load(one)));
        peers.extend((!peers.contains(&&one.peer)).then_some(&one.peer));
    }
    let header = ["keys", "reads", "a script on all shards", "threads"].map(str::to_owned).into_iter();
    let header: Vec<String> = header.chain(peers.iter().map(|peer| (*peer).clone())).collect();
    let rows = kinds.into_iter().map(|kind| {
        let cells = peers.iter().map(|peer| loads.iter().find(|one| load(one) == kind && one.peer == **peer));
        let cells: Vec<String> = cells.map(|found| found.map_or_else(String::new, throughput)).collect();
        let (keys, reads, sweeping, threads) = kind;
        let sweeping = if sweeping { "every ms" } else { "" };
        [vec![keys, format!("{reads} %"), sweeping.to_owned(), threads.to_string()], cells].concat()
    });
    table(&header, rows)
}

fn throughput(load: &Load) -> String {
    let [half, most, nearly_all] = load.percentiles.map(duration);
    format!("{:.2} M/s · {half} / {most} / {nearly_all}", load.throughput)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_figure_and_its_multiple_of_ours() {
        let other = |peer: &str, value| Other { peer: peer.to_owned(), value };
        let row = |others| Row { name: "GET".to_owned(), unit: "ns".to_owned(), own: 100.0, others };
        let table =
            rows("one", &[row(vec![other("a", 110.0), other("b", 50.0)]), row(vec![other("b", 200.0)])], |_| true);
        assert_eq!(
            table,
            "| one | redipy | a | b |\n| --- | --: | --: | --: |\n\
             | GET | 100 ns | 110 · 1.10 | 50.0 · 0.50 |\n| GET | 100 ns |  | 200 · 2.00 |\n"
        );
    }
}
