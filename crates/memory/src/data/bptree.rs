//! A counted B+tree in the order of (score, name): the ranks and ranges of a large sorted set.
//!
//! The tree holds scores and handles; the names stand elsewhere ([`EntryNames`]) and are looked at only between equal
//! scores. Leaves are linked with their neighbours, so a range walks without descending again. Inner nodes hold for
//! each child its first entry, kept exact, and the number of entries below it. All nodes live in two arenas.

use std::cmp::Ordering;

use super::arena::Arena;

/// Entries of a leaf.
pub const LEAF: usize = 64;
/// Children of an inner node.
pub const FAN: usize = 32;
/// Below these a node is refilled from a neighbour or merged with it. The two outermost leaves are exempt while they
/// grow, so that ascending insertion fills its leaves.
const LEAF_MIN: usize = LEAF / 4;
const FAN_MIN: usize = FAN / 4;
/// Up to these two nodes are merged into one.
const LEAF_MERGE: usize = LEAF * 3 / 4;
const FAN_MERGE: usize = FAN * 3 / 4;
/// Levels of inner nodes: with at least [`FAN_MIN`] children each, 2^32 entries need fewer.
const LEVELS: usize = 16;

const NONE: u32 = u32::MAX;

/// Where the names of the entries stand.
pub trait EntryNames {
    /// The name of an entry in the tree.
    fn name(&self, id: u32) -> &[u8];
}

/// An entry: its score and the handle of its name.
pub type TreeEntry = (f64, u32);

/// The tree.
#[derive(Debug, Clone)]
pub struct Tree {
    leaves: Arena<Leaf>,
    inners: Arena<Inner>,
    root: u32,
    height: usize,
    len: usize,
}

#[derive(Debug, Clone)]
struct Leaf {
    scores: [f64; LEAF],
    ids: [u32; LEAF],
    len: u32,
    prev: u32,
    next: u32,
}

#[derive(Debug, Clone)]
struct Inner {
    scores: [f64; FAN],
    ids: [u32; FAN],
    children: [u32; FAN],
    counts: [u32; FAN],
    len: u32,
}

/// A child with what its parent knows about it.
#[derive(Clone, Copy)]
struct Child {
    first: TreeEntry,
    node: u32,
    count: u32,
}

/// Where an entry is or belongs.
#[derive(Debug, Clone, Copy)]
struct Place {
    leaf: u32,
    offset: usize,
    rank: usize,
}

/// The inner nodes above a leaf, from the root on, and which child was taken.
#[derive(Default)]
struct Path([(u32, u32); LEVELS]);

impl Path {
    #[inline]
    fn at(&self, level: usize) -> (u32, usize) {
        let (node, child) = self.0[level];
        (node, child as usize)
    }
}

/// Order of entries. Scores are never NaN; the two zeroes are equal.
#[inline]
fn order(names: &impl EntryNames, (score, id): TreeEntry, other_score: f64, other_name: &[u8]) -> Ordering {
    match score.partial_cmp(&other_score) {
        Some(Ordering::Equal) | None => names.name(id).cmp(other_name),
        Some(order) => order,
    }
}

/// As [`order`], where the other one has a handle too.
#[inline(always)]
fn order_of(names: &impl EntryNames, (score, id): TreeEntry, (other_score, other): TreeEntry) -> Ordering {
    match score.partial_cmp(&other_score) {
        Some(Ordering::Equal) | None => order_of_names(names, id, other),
        Some(order) => order,
    }
}

/// Apart from [`order_of`], for most scores differ.
#[inline(never)]
fn order_of_names(names: &impl EntryNames, id: u32, other: u32) -> Ordering {
    if id == other { Ordering::Equal } else { names.name(id).cmp(names.name(other)) }
}

fn open<T: Copy>(array: &mut [T], len: usize, at: usize, value: T) {
    array.copy_within(at..len, at + 1);
    array[at] = value;
}

impl Leaf {
    fn new() -> Self {
        Leaf { scores: [0.0; LEAF], ids: [0; LEAF], len: 0, prev: NONE, next: NONE }
    }

    fn len(&self) -> usize {
        self.len as usize
    }

    #[inline]
    fn entry(&self, i: usize) -> TreeEntry {
        (self.scores[i], self.ids[i])
    }

    fn insert(&mut self, at: usize, (score, id): TreeEntry) {
        let len = self.len();
        open(&mut self.scores, len, at, score);
        open(&mut self.ids, len, at, id);
        self.len += 1;
    }

    fn remove(&mut self, at: usize) {
        let len = self.len();
        self.scores.copy_within(at + 1..len, at);
        self.ids.copy_within(at + 1..len, at);
        self.len -= 1;
    }

    /// Moves the first `n` entries of `other` to the end of this one.
    fn take_front(&mut self, other: &mut Leaf, n: usize) {
        let (len, rest) = (self.len(), other.len() - n);
        self.scores[len..len + n].copy_from_slice(&other.scores[..n]);
        self.ids[len..len + n].copy_from_slice(&other.ids[..n]);
        other.scores.copy_within(n..n + rest, 0);
        other.ids.copy_within(n..n + rest, 0);
        self.len += n as u32;
        other.len = rest as u32;
    }

    /// Moves the last `n` entries of `other` to the front of this one.
    fn take_back(&mut self, other: &mut Leaf, n: usize) {
        let (len, rest) = (self.len(), other.len() - n);
        self.scores.copy_within(..len, n);
        self.ids.copy_within(..len, n);
        self.scores[..n].copy_from_slice(&other.scores[rest..rest + n]);
        self.ids[..n].copy_from_slice(&other.ids[rest..rest + n]);
        self.len += n as u32;
        other.len = rest as u32;
    }
}

impl Inner {
    fn new() -> Self {
        Inner { scores: [0.0; FAN], ids: [0; FAN], children: [0; FAN], counts: [0; FAN], len: 0 }
    }

    fn len(&self) -> usize {
        self.len as usize
    }

    fn first(&self, i: usize) -> TreeEntry {
        (self.scores[i], self.ids[i])
    }

    fn child(&self, i: usize) -> Child {
        Child { first: self.first(i), node: self.children[i], count: self.counts[i] }
    }

    fn set(&mut self, i: usize, child: Child) {
        (self.scores[i], self.ids[i]) = child.first;
        self.children[i] = child.node;
        self.counts[i] = child.count;
    }

    fn insert(&mut self, at: usize, child: Child) {
        let len = self.len();
        open(&mut self.scores, len, at, child.first.0);
        open(&mut self.ids, len, at, child.first.1);
        open(&mut self.children, len, at, child.node);
        open(&mut self.counts, len, at, child.count);
        self.len += 1;
    }

    fn remove(&mut self, at: usize) {
        let len = self.len();
        self.scores.copy_within(at + 1..len, at);
        self.ids.copy_within(at + 1..len, at);
        self.children.copy_within(at + 1..len, at);
        self.counts.copy_within(at + 1..len, at);
        self.len -= 1;
    }

    fn total(&self) -> u32 {
        self.counts[..self.len()].iter().sum()
    }

    fn take_front(&mut self, other: &mut Inner, n: usize) {
        for i in 0..n {
            self.insert(self.len(), other.child(i));
        }
        let rest = other.len() - n;
        for i in 0..rest {
            other.set(i, other.child(i + n));
        }
        other.len = rest as u32;
    }

    fn take_back(&mut self, other: &mut Inner, n: usize) {
        for _ in 0..n {
            other.len -= 1;
            self.insert(0, other.child(other.len()));
        }
    }
}

impl Default for Tree {
    fn default() -> Self {
        Self::new()
    }
}

impl Tree {
    /// An empty tree.
    pub fn new() -> Self {
        let mut leaves = Arena::new();
        let root = leaves.insert(Leaf::new());
        Tree { leaves, inners: Arena::new(), root, height: 0, len: 0 }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes on the heap.
    pub fn memory(&self) -> usize {
        self.leaves.memory() + self.inners.memory()
    }

    /// Number of entries for which `before` holds, which must be all up to some point and none after it.
    pub fn partition(&self, before: impl Fn(TreeEntry) -> bool) -> usize {
        self.descend(before, None).rank
    }

    /// Number of entries before (score, name).
    pub fn rank(&self, names: &impl EntryNames, score: f64, name: &[u8]) -> usize {
        self.partition(|entry| order(names, entry, score, name).is_lt())
    }

    /// The entry with this rank.
    pub fn get(&self, rank: usize) -> Option<TreeEntry> {
        self.walk(rank, 1).next()
    }

    /// Up to `count` entries in ascending order from a rank on.
    pub fn walk(&self, rank: usize, count: usize) -> Walk<'_> {
        self.walk_from(rank, count.min(self.len.saturating_sub(rank)), false)
    }

    /// Up to `count` entries in descending order from a rank on.
    pub fn walk_rev(&self, rank: usize, count: usize) -> Walk<'_> {
        let left = if rank < self.len { count.min(rank + 1) } else { 0 };
        self.walk_from(rank, left, true)
    }

    fn walk_from(&self, rank: usize, left: usize, reverse: bool) -> Walk<'_> {
        let (leaf, offset) = if left > 0 { self.seek(rank) } else { (self.root, 0) };
        let leaf = if left > 0 { Some(&self.leaves[leaf]) } else { None };
        Walk { tree: self, leaf, offset, left, reverse }
    }

    /// Adds an entry that is not there. Its name must be known to `names`.
    pub fn insert(&mut self, names: &impl EntryNames, score: f64, id: u32) {
        let mut path = Path::default();
        let place = self.descend(|entry| order_of(names, entry, (score, id)).is_lt(), Some(&mut path));
        self.len += 1;
        let mut new = self.insert_in_leaf(place, (score, id));
        let (mut below, mut is_first) = (place.leaf, place.offset == 0);
        for level in (0..self.height).rev() {
            let (node, i) = path.at(level);
            if let Some(right) = new {
                let child = self.describe(below, level + 1);
                self.inners[node].set(i, child);
                new = self.insert_in_inner(node, i + 1, right);
            } else {
                let inner = &mut self.inners[node];
                inner.counts[i] += 1;
                if is_first {
                    (inner.scores[i], inner.ids[i]) = (score, id);
                }
            }
            (below, is_first) = (node, is_first && i == 0);
        }
        if let Some(right) = new {
            let mut root = Inner::new();
            root.insert(0, self.describe(self.root, 0));
            root.insert(1, right);
            self.root = self.inners.insert(root);
            self.height += 1;
        }
    }

    /// Removes an entry; `false` if there is none.
    pub fn remove(&mut self, names: &impl EntryNames, score: f64, id: u32) -> bool {
        let mut path = Path::default();
        let place = self.descend(|entry| order_of(names, entry, (score, id)).is_le(), Some(&mut path));
        let Some(offset) = place.offset.checked_sub(1) else {
            return false;
        };
        let leaf = &mut self.leaves[place.leaf];
        if leaf.ids[offset] != id {
            return false;
        }
        leaf.remove(offset);
        self.len -= 1;
        self.refill(&path, place.leaf, offset == 0);
        true
    }

    /// The place of the first entry for which `before` does not hold, in the leaf of the last one for which it does.
    #[inline]
    fn descend(&self, before: impl Fn(TreeEntry) -> bool, mut path: Option<&mut Path>) -> Place {
        let (mut node, mut rank) = (self.root, 0);
        for level in 0..self.height {
            let inner = &self.inners[node];
            let child = partition_point(inner.len(), |i| before(inner.first(i))).saturating_sub(1);
            rank += inner.counts[..child].iter().map(|&count| count as usize).sum::<usize>();
            if let Some(path) = path.as_deref_mut() {
                path.0[level] = (node, child as u32);
            }
            node = inner.children[child];
        }
        let leaf = &self.leaves[node];
        let offset = partition_point(leaf.len(), |i| before(leaf.entry(i)));
        Place { leaf: node, offset, rank: rank + offset }
    }

    /// Leaf and offset of a rank below the length.
    fn seek(&self, rank: usize) -> (u32, usize) {
        let (mut node, mut rest) = (self.root, rank);
        for _ in 0..self.height {
            let inner = &self.inners[node];
            let mut child = 0;
            while child + 1 < inner.len() && rest >= inner.counts[child] as usize {
                rest -= inner.counts[child] as usize;
                child += 1;
            }
            node = inner.children[child];
        }
        (node, rest)
    }

    /// What a parent has to know about a node of this level.
    fn describe(&self, node: u32, level: usize) -> Child {
        if level == self.height {
            let leaf = &self.leaves[node];
            Child { first: leaf.entry(0), node, count: leaf.len }
        } else {
            let inner = &self.inners[node];
            Child { first: inner.first(0), node, count: inner.total() }
        }
    }

    /// Inserts in a leaf; returns its new right neighbour if it had to be split.
    fn insert_in_leaf(&mut self, place: Place, entry: TreeEntry) -> Option<Child> {
        let leaf = &mut self.leaves[place.leaf];
        if leaf.len() < LEAF {
            leaf.insert(place.offset, entry);
            return None;
        }
        // At the edges of the tree nothing is halved: insertion probably goes on there.
        let keep = match place.offset {
            LEAF if leaf.next == NONE => LEAF,
            0 if leaf.prev == NONE => 0,
            _ => LEAF / 2,
        };
        let mut right = Leaf::new();
        right.take_back(leaf, LEAF - keep);
        if place.offset > keep || keep == LEAF {
            right.insert(place.offset - keep, entry);
        } else {
            leaf.insert(place.offset, entry);
        }
        right.prev = place.leaf;
        right.next = leaf.next;
        let (after, child) = (right.next, Child { first: right.entry(0), node: NONE, count: right.len });
        let node = self.leaves.insert(right);
        self.leaves[place.leaf].next = node;
        if after != NONE {
            self.leaves[after].prev = node;
        }
        Some(Child { node, ..child })
    }

    /// Inserts a child in an inner node; returns its new right neighbour if it had to be split.
    fn insert_in_inner(&mut self, node: u32, at: usize, child: Child) -> Option<Child> {
        let inner = &mut self.inners[node];
        if inner.len() < FAN {
            inner.insert(at, child);
            return None;
        }
        let mut right = Inner::new();
        right.take_back(inner, FAN / 2);
        if at > FAN / 2 {
            right.insert(at - FAN / 2, child);
        } else {
            inner.insert(at, child);
        }
        let (first, count) = (right.first(0), right.total());
        Some(Child { first, node: self.inners.insert(right), count })
    }

    /// After a removal from a leaf, perhaps of its first entry: corrects what is known about it above, refilling what became
    /// too empty.
    fn refill(&mut self, path: &Path, leaf: u32, is_first: bool) {
        let (mut below, mut is_first) = (leaf, is_first);
        for level in (0..self.height).rev() {
            let (node, i) = path.at(level);
            let is_leaf = level + 1 == self.height;
            let (len, min) =
                if is_leaf { (self.leaves[below].len(), LEAF_MIN) } else { (self.inners[below].len(), FAN_MIN) };
            if len < min {
                self.rebalance(node, i.saturating_sub(1), level + 1);
            } else if is_first {
                let child = self.describe(below, level + 1);
                self.inners[node].set(i, child);
            } else {
                self.inners[node].counts[i] -= 1;
            }
            (below, is_first) = (node, is_first && i == 0);
        }
        while self.height > 0 && self.inners[self.root].len == 1 {
            let old = self.root;
            self.root = self.inners[old].children[0];
            self.inners.remove(old);
            self.height -= 1;
        }
    }

    /// Merges children `i` and `i + 1` of a node or makes them equally full.
    fn rebalance(&mut self, node: u32, i: usize, level: usize) {
        let inner = &self.inners[node];
        let (left, right) = (inner.children[i], inner.children[i + 1]);
        let merged =
            if level == self.height { self.balance_leaves(left, right) } else { self.balance_inners(left, right) };
        let left = self.describe(left, level);
        self.inners[node].set(i, left);
        if merged {
            self.inners[node].remove(i + 1);
        } else {
            let right = self.describe(right, level);
            self.inners[node].set(i + 1, right);
        }
    }

    fn balance_leaves(&mut self, left: u32, right: u32) -> bool {
        let mut other = std::mem::replace(&mut self.leaves[right], Leaf::new());
        let leaf = &mut self.leaves[left];
        let total = leaf.len() + other.len();
        let merge = total <= LEAF_MERGE;
        if merge {
            leaf.take_front(&mut other, total - leaf.len());
            leaf.next = other.next;
            let after = other.next;
            if after != NONE {
                self.leaves[after].prev = left;
            }
            self.leaves.remove(right);
            return true;
        }
        match leaf.len() {
            len if len < total / 2 => leaf.take_front(&mut other, total / 2 - len),
            len => other.take_back(leaf, len - total / 2),
        }
        self.leaves[right] = other;
        false
    }

    fn balance_inners(&mut self, left: u32, right: u32) -> bool {
        let mut other = std::mem::replace(&mut self.inners[right], Inner::new());
        let inner = &mut self.inners[left];
        let total = inner.len() + other.len();
        if total <= FAN_MERGE {
            inner.take_front(&mut other, total - inner.len());
            self.inners.remove(right);
            return true;
        }
        match inner.len() {
            len if len < total / 2 => inner.take_front(&mut other, total / 2 - len),
            len => other.take_back(inner, len - total / 2),
        }
        self.inners[right] = other;
        false
    }
}

/// How many of 0..len come before; a bisection over the indexes of parallel arrays.
#[inline]
fn partition_point(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = (low + high) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Entries of a [`Tree`] in one direction.
#[derive(Clone)]
pub struct Walk<'a> {
    tree: &'a Tree,
    leaf: Option<&'a Leaf>,
    offset: usize,
    left: usize,
    reverse: bool,
}

impl Iterator for Walk<'_> {
    type Item = TreeEntry;

    #[inline]
    fn next(&mut self) -> Option<TreeEntry> {
        self.left = self.left.checked_sub(1)?;
        let leaf = self.leaf?;
        let entry = leaf.entry(self.offset);
        if self.left == 0 {
            return Some(entry);
        }
        if self.reverse {
            if self.offset == 0 {
                let prev = &self.tree.leaves[leaf.prev];
                (self.leaf, self.offset) = (Some(prev), prev.len());
            }
            self.offset -= 1;
        } else {
            self.offset += 1;
            if self.offset == leaf.len() {
                (self.leaf, self.offset) = (Some(&self.tree.leaves[leaf.next]), 0);
            }
        }
        Some(entry)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }

    /// Leaf by leaf: what ranges are read by.
    #[inline]
    fn fold<B, F: FnMut(B, TreeEntry) -> B>(self, init: B, mut f: F) -> B {
        let (mut all, mut left, mut offset) = (init, self.left, self.offset);
        let mut next = self.leaf;
        while let Some(leaf) = next.take() {
            if self.reverse {
                let count = left.min(offset + 1);
                all = (offset + 1 - count..=offset).rev().fold(all, |all, i| f(all, leaf.entry(i)));
                left -= count;
                if left > 0 {
                    let leaf = &self.tree.leaves[leaf.prev];
                    (next, offset) = (Some(leaf), leaf.len() - 1);
                }
            } else {
                let count = left.min(leaf.len() - offset);
                all = (offset..offset + count).fold(all, |all, i| f(all, leaf.entry(i)));
                left -= count;
                if left > 0 {
                    (next, offset) = (Some(&self.tree.leaves[leaf.next]), 0);
                }
            }
        }
        all
    }
}

impl ExactSizeIterator for Walk<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    impl EntryNames for Vec<Vec<u8>> {
        fn name(&self, id: u32) -> &[u8] {
            &self[id as usize]
        }
    }

    /// Order, counts, first entries, links and fill of all nodes.
    fn check(tree: &Tree, names: &Vec<Vec<u8>>) {
        let mut leaves = Vec::new();
        let total = check_node(tree, tree.root, 0, &mut leaves);
        assert_eq!(total, tree.len);
        let mut prev = NONE;
        for (i, &node) in leaves.iter().enumerate() {
            let leaf = &tree.leaves[node];
            assert_eq!(leaf.prev, prev);
            assert_eq!(leaf.next, leaves.get(i + 1).copied().unwrap_or(NONE));
            assert!(leaf.len() >= LEAF_MIN || i == 0 || i + 1 == leaves.len(), "leaf {i} of {}", leaf.len());
            assert!(leaf.len() > 0 || leaves.len() == 1);
            prev = node;
        }
        let entries: Vec<TreeEntry> = tree.walk(0, usize::MAX).collect();
        let third = tree.len / 3;
        for walk in [tree.walk(0, usize::MAX), tree.walk(third, third), tree.walk_rev(tree.len - third, 2 * third)] {
            let (mut folded, stepped) = (Vec::new(), walk.clone().collect::<Vec<_>>());
            walk.for_each(|entry| folded.push(entry));
            assert_eq!(folded, stepped);
        }
        for pair in entries.windows(2) {
            let name = names.name(pair[1].1);
            assert!(order(names, pair[0], pair[1].0, name).is_lt());
        }
    }

    fn check_node(tree: &Tree, node: u32, level: usize, leaves: &mut Vec<u32>) -> usize {
        if level == tree.height {
            leaves.push(node);
            return tree.leaves[node].len();
        }
        let inner = &tree.inners[node];
        assert!(inner.len() >= if level == 0 { 2 } else { FAN_MIN });
        (0..inner.len())
            .map(|i| {
                let below = tree.describe(inner.children[i], level + 1);
                assert_eq!((below.first, below.count), (inner.first(i), inner.counts[i]));
                let count = check_node(tree, inner.children[i], level + 1, leaves);
                assert_eq!(count, inner.counts[i] as usize);
                count
            })
            .sum()
    }

    fn key(tree: &Tree, names: &Vec<Vec<u8>>, rank: usize) -> Option<(i64, Vec<u8>)> {
        tree.get(rank).map(|(score, id)| (score as i64, names.name(id).to_vec()))
    }

    #[test]
    fn ascending_and_descending_insertion_fills_the_leaves() {
        let names: Vec<Vec<u8>> = (0..50_000_u32).map(|i| i.to_be_bytes().to_vec()).collect();
        for descending in [false, true] {
            let mut tree = Tree::new();
            for i in 0..50_000 {
                let id = if descending { 49_999 - i } else { i };
                tree.insert(&names, f64::from(id / 10), id);
            }
            check(&tree, &names);
            assert!(tree.memory() < 50_000 * 14, "{}", tree.memory());
            for id in (0..50_000).step_by(7) {
                assert_eq!(tree.rank(&names, f64::from(id / 10), names.name(id)), id as usize);
                assert_eq!(tree.get(id as usize), Some((f64::from(id / 10), id)));
            }
            for id in 0..50_000_u32 {
                let id = id.wrapping_mul(7919) % 50_000; // coprime: a permutation
                assert!(tree.remove(&names, f64::from(id / 10), id) && !tree.remove(&names, f64::from(id / 10), id));
                if id % 997 == 0 {
                    check(&tree, &names);
                }
            }
            assert!(tree.is_empty() && tree.height == 0 && tree.walk(0, 1).next().is_none());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn tree_is_a_sorted_set(
            start in 0..3000_u32,
            ops in prop::collection::vec((0..5_u8, 0..4000_u32, -20..20_i64), 0..400),
        ) {
            let names: Vec<Vec<u8>> = (0..7000_u32).map(|i| format!("{}", i.wrapping_mul(7919) % 4000).into_bytes()).collect();
            let score = |id: u32| f64::from(id % 37) - 18.0;
            let key_of = |id: u32| (score(id) as i64, names.name(id).to_vec());
            let (mut tree, mut model) = (Tree::new(), BTreeSet::new());
            for id in 0..start {
                tree.insert(&names, score(id), id);
                model.insert(key_of(id));
            }
            check(&tree, &names);
            for (op, id, bound) in ops {
                if op == 0 {
                    // A run of removals, so that nodes merge.
                    for id in (id / 2..id / 2 + 300).filter(|&id| id < 4000) {
                        prop_assert_eq!(tree.remove(&names, score(id), id), model.remove(&key_of(id)));
                    }
                } else if model.insert(key_of(id)) {
                    tree.insert(&names, score(id), id);
                } else {
                    prop_assert!(tree.remove(&names, score(id), id));
                    model.remove(&key_of(id));
                }
                let rank = tree.partition(|(score, _)| score < bound as f64);
                prop_assert_eq!(key(&tree, &names, rank), model.range((bound, Vec::new())..).next().cloned());
            }
            check(&tree, &names);
            let keys: Vec<_> = model.into_iter().collect();
            for (rank, (score, name)) in keys.iter().enumerate().step_by(13) {
                prop_assert_eq!(tree.rank(&names, *score as f64, name), rank);
                let up: Vec<_> = tree.walk(rank, 150).map(|(_, id)| key_of(id)).collect();
                prop_assert_eq!(&up[..], &keys[rank..(rank + 150).min(keys.len())]);
                let mut down: Vec<_> = tree.walk_rev(rank, 150).map(|(_, id)| key_of(id)).collect();
                down.reverse();
                prop_assert_eq!(&down[..], &keys[(rank + 1).saturating_sub(150)..=rank]);
            }
        }
    }
}
