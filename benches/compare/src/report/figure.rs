//! How numbers are written.

/// A number with three digits that count, and commas.
pub fn figure(value: f64) -> String {
    match value {
        value if !value.is_finite() => "?".to_owned(),
        value if value.abs() < 10.0 => format!("{value:.2}"),
        value if value.abs() < 100.0 => format!("{value:.1}"),
        value => {
            let digits = format!("{value:.0}");
            let groups = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy);
            groups.collect::<Vec<_>>().join(",")
        }
    }
}

/// Nanoseconds in the unit that suits them.
pub fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        time if time < 1e3 => format!("{time:.0} ns"),
        time if time < 1e6 => format!("{:.1} µs", time / 1e3),
        time => format!("{:.1} ms", time / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_or_commas() {
        for (value, text) in
            [(1.234, "1.23"), (99.94, "99.9"), (100.0, "100"), (1_234.5, "1,234"), (1_234_567.0, "1,234,567")]
        {
            assert_eq!(figure(value), text);
        }
    }

    #[test]
    fn durations_have_their_unit() {
        assert_eq!([950.0, 1_550.0, 2_000_000.0].map(duration), ["950 ns", "1.6 µs", "2.0 ms"]);
    }
}
