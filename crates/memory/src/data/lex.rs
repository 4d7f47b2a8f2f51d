//! Ranges of members by their bytes, and the order in which servers compare members with the two ends.

use super::item::Item;

/// A bound of a range by bytes: `-`, `+`, `[text`, `(text`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LexEdge<'a> {
    /// Before every member.
    Min,
    /// After every member.
    Max,
    /// This text and what is beyond.
    Included(&'a [u8]),
    /// Only what is beyond this text.
    Excluded(&'a [u8]),
}

/// A range by bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LexRange<'a> {
    /// Where it begins.
    pub min: LexEdge<'a>,
    /// Where it ends.
    pub max: LexEdge<'a>,
}

/// Which part of a range is wanted, and in which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LexPart {
    /// From the last member to the first.
    pub reverse: bool,
    /// So many members are left out first.
    pub offset: usize,
    /// So many follow at most.
    pub count: usize,
}

impl LexRange<'_> {
    /// Whether no member can be inside.
    pub fn is_empty(self) -> bool {
        use LexEdge::{Excluded, Included, Max, Min};
        match (self.min, self.max) {
            (Max, _) | (_, Min) => true,
            (Min, _) | (_, Max) => false,
            (Included(min), Included(max)) => min > max,
            (Included(min) | Excluded(min), Included(max) | Excluded(max)) => min >= max,
        }
    }

    /// Whether a member is not before the range.
    pub fn begins_by(self, name: Item<'_>) -> bool {
        match self.min {
            LexEdge::Min => true,
            LexEdge::Max => false,
            LexEdge::Included(text) => name.cmp_text(text).is_ge(),
            LexEdge::Excluded(text) => name.cmp_text(text).is_gt(),
        }
    }

    /// Whether a member is not behind the range.
    pub fn ends_after(self, name: Item<'_>) -> bool {
        match self.max {
            LexEdge::Min => false,
            LexEdge::Max => true,
            LexEdge::Included(text) => name.cmp_text(text).is_le(),
            LexEdge::Excluded(text) => name.cmp_text(text).is_lt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_empty_where_its_ends_say_so() {
        use LexEdge::{Excluded, Included, Max, Min};
        let bounds = [Min, Max, Included(b"a"), Excluded(b"a"), Included(b"b"), Excluded(b"b")];
        let texts = [&b""[..], b"a", b"aa", b"b", b"c"];
        for (min, max) in bounds.iter().flat_map(|min| bounds.map(|max| (*min, max))) {
            let range = LexRange { min, max };
            let inside = texts.iter().any(|text| {
                let name = Item::Bytes(text);
                range.begins_by(name) && range.ends_after(name)
            });
            assert_eq!(range.is_empty(), !inside, "{range:?}");
        }
    }
}
