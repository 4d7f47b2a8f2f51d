//! The known name that an unknown one probably stands for.

/// Longer names are not compared; the cost grows with the square.
const LONGEST: usize = 64;

/// The candidate that is nearest to a name: one edit away, or two where the name is long. The first of equals.
///
/// An edit inserts, removes or replaces a letter, or swaps two neighbours; upper and lower case are the same.
pub(crate) fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = letters(name);
    // In a short name, two edits can make any other.
    let most = if name.len() < 6 { 1 } else { 2 };
    if name.len() > LONGEST {
        return None;
    }
    let near = candidates.into_iter().filter_map(|candidate| {
        let letters = letters(candidate);
        let edits = if letters.len().abs_diff(name.len()) <= most { edits(&name, &letters) } else { usize::MAX };
        (edits <= most).then_some((edits, candidate))
    });
    near.min_by_key(|(edits, _)| *edits).map(|(_, candidate)| candidate)
}

fn letters(name: &str) -> Vec<char> {
    name.chars().map(|letter| letter.to_ascii_lowercase()).take(LONGEST + 1).collect()
}

/// The edit distance, where no letter is edited twice.
fn edits(a: &[char], b: &[char]) -> usize {
    let first: Vec<usize> = (0..=b.len()).collect();
    let mut rows = vec![first];
    for (i, letter) in a.iter().enumerate() {
        let (above, mut row) = (&rows[i], vec![i + 1]);
        for (j, other) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(letter != other)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && (a[i - 1], *letter) == (*other, b[j - 1]) {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        let count = |a: &str, b: &str| edits(&letters(a), &letters(b));
        assert_eq!([count("", ""), count("", "ab"), count("ab", "")], [0, 2, 2]);
        assert_eq!([count("GET", "get"), count("GETT", "GET"), count("GTE", "GET"), count("SET", "GET")], [0, 1, 1, 1]);
        assert_eq!([count("kitten", "sitting"), count("flaw", "lawn")], [3, 2]);
    }

    #[test]
    fn the_nearest_is_named_and_nothing_far_away() {
        let known = ["GET", "LRANGE", "SET", "ZRANGE"];
        let meant = |name| nearest(name, known);
        assert_eq!(meant("GETT"), Some("GET"));
        assert_eq!(meant("Zrange"), Some("ZRANGE"));
        assert_eq!(meant("XRANGE"), Some("LRANGE"), "the first of two");
        assert_eq!(meant("ZRAGNES"), Some("ZRANGE"), "two edits in a long name");
        assert_eq!([meant("NOPE"), meant(""), meant(&"GET".repeat(1000))], [None; 3]);
    }
}
