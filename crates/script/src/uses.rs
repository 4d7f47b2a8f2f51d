//! Expressions that are used more than once: what they call runs at every use, which a Rust variable that holds one does
//! not show.

use std::collections::HashMap;

use redipy_command::{Flags, methods};

use crate::draft::{Node, NodeKind};
use crate::source_line::SourceLine;

/// The calls that were met so far, and where.
#[derive(Default)]
pub(crate) struct Uses<'a> {
    /// The uses by the address of the node, which lives as long as the draft.
    met: HashMap<*const Node, Use<'a>>,
    /// The branches that lead here: the number of the condition, and which side of it.
    branches: Vec<(usize, bool)>,
    conditions: usize,
    /// The statement that is being lowered.
    statement: Option<&'a SourceLine>,
    /// The number of names of Redis objects that are being lowered, which are evaluated at every use.
    names: usize,
}

/// A use of a call.
struct Use<'a> {
    place: &'a SourceLine,
    branches: Vec<(usize, bool)>,
    told: bool,
}

/// A call that is used more than once, in words.
pub(crate) struct Reused {
    pub(crate) place: SourceLine,
    pub(crate) message: String,
    /// Set if the call writes, or is random: then it matters how often it runs.
    pub(crate) matters: bool,
}

impl<'a> Uses<'a> {
    pub(crate) fn statement(&mut self, place: &'a SourceLine) {
        self.statement = Some(place);
    }

    /// Enters the first branch of a new condition.
    pub(crate) fn enter(&mut self) {
        self.conditions += 1;
        self.branches.push((self.conditions, true));
    }

    /// Enters the other branch of the condition.
    pub(crate) fn enter_other(&mut self) {
        if let Some((_, side)) = self.branches.last_mut() {
            *side = false;
        }
    }

    pub(crate) fn leave(&mut self) {
        self.branches.pop();
    }

    /// Evaluates the name of a Redis object.
    pub(crate) fn open_name(&mut self) {
        self.names += 1;
    }

    pub(crate) fn close_name(&mut self) {
        self.names -= 1;
    }

    /// Records a call. Returns the earlier use, if both can run; once for each call.
    pub(crate) fn meet(&mut self, node: &Node) -> Option<Reused> {
        let place = self.statement.filter(|_| self.names == 0)?;
        let Some(first) = self.met.get_mut(&std::ptr::from_ref(node)) else {
            self.met.insert(node, Use { place, branches: self.branches.clone(), told: false });
            return None;
        };
        if first.told || excludes(&first.branches, &self.branches) {
            return None;
        }
        first.told = true;
        let (name, matters) = describe(node);
        let message = format!(
            "{name} of {} runs at each use of it: at {} and here; `f.local(..)` calls it once and keeps what it gave",
            node.place, first.place
        );
        Some(Reused { place: place.clone(), message, matters })
    }
}

/// Returns whether two places are in different branches of one condition.
fn excludes(a: &[(usize, bool)], b: &[(usize, bool)]) -> bool {
    a.iter().zip(b).any(|(a, b)| a.0 == b.0 && a.1 != b.1)
}

/// Returns the name of a node's call, and whether it matters how often it runs.
fn describe(node: &Node) -> (&str, bool) {
    match &node.kind {
        NodeKind::Command(name, _) => {
            let spec = methods::find(name.as_bytes());
            (name, spec.is_none_or(|spec| spec.random || spec.flags.has(Flags::WRITE)))
        }
        // It can do whatever a command can.
        NodeKind::Apply(row, _) => (row.name(), true),
        _ => ("this", false),
    }
}
