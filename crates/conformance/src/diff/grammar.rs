//! Commands to choose from, written as one would write them in a manual.
//!
//! A rule is a line such as `3 SET key value [ EX seconds | PX millis ] [ GET ]`:
//!
//! - a number in front: how often it is chosen, compared with rules without one;
//! - upper case: a word as it stands; lower case: a hole, filled by `words`;
//! - `[ a | b ]`: perhaps one of these; `[ a | b ]*`: none to three of them;
//! - `( a | b )`: one of these; `( a )+`: one to four; `( a )**`: hundreds, numbered, no two the same;
//! - `#` before a group: how many there are.

use super::rng::Rng;
use super::words;
use crate::command::Command;

/// Rules, each with how often it is chosen.
pub struct Grammar {
    rules: Vec<(usize, Vec<Node>)>,
    total: usize,
}

enum Node {
    Word(&'static str),
    Hole(&'static str),
    Count(Group),
    Group(Group),
}

struct Group {
    choices: Vec<Vec<Node>>,
    least: usize,
    most: usize,
}

/// More elements than any packed encoding holds.
const HUNDREDS: usize = 130;

impl Grammar {
    /// Reads rules.
    ///
    /// # Panics
    /// When a rule is malformed: rules are part of the tests.
    pub fn new(rules: impl IntoIterator<Item = &'static str>) -> Self {
        let rules: Vec<_> = rules.into_iter().map(rule).collect();
        let total = rules.iter().map(|(weight, _)| weight).sum();
        Grammar { rules, total }
    }

    /// A command.
    pub fn generate(&self, rng: &mut Rng) -> Command {
        let mut at = rng.below(self.total);
        let chosen = self.rules.iter().find(|(weight, _)| {
            let here = at < *weight;
            at = at.wrapping_sub(*weight);
            here
        });
        let mut command = Vec::new();
        if let Some((_, nodes)) = chosen {
            write(nodes, rng, None, &mut command);
        }
        command
    }

    /// The names of all commands in the rules.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.rules.iter().filter_map(|(_, nodes)| match nodes.first() {
            Some(Node::Word(name)) => Some(*name),
            _ => None,
        })
    }
}

fn write(nodes: &[Node], rng: &mut Rng, number: Option<usize>, out: &mut Command) {
    for node in nodes {
        match node {
            Node::Word(word) => out.push(words::case(word, rng)),
            Node::Hole(hole) => out.push(words::fill(hole, number, rng)),
            Node::Group(group) => {
                group.write(rng, out);
            }
            Node::Count(group) => {
                let at = out.len();
                let times = group.write(rng, out);
                out.insert(at, times.to_string().into_bytes());
            }
        }
    }
}

impl Group {
    fn write(&self, rng: &mut Rng, out: &mut Command) -> usize {
        let numbered = self.least > 4;
        // The largest are slow to compare, so they are rare.
        let most = if numbered && rng.percent(75) { self.most / 3 } else { self.most };
        let times = rng.between(self.least as i64, most as i64) as usize;
        for n in 0..times {
            let choice = rng.pick(&self.choices);
            write(choice, rng, numbered.then_some(n), out);
        }
        times
    }
}

fn rule(line: &'static str) -> (usize, Vec<Node>) {
    let mut tokens = line.split_ascii_whitespace().peekable();
    let weight = tokens.peek().and_then(|token| token.parse().ok());
    if weight.is_some() {
        tokens.next();
    }
    let mut tokens: Vec<_> = tokens.rev().collect();
    let mut choices = read(&mut tokens, line);
    assert!(tokens.is_empty() && choices.len() == 1, "{line}");
    (weight.unwrap_or(1), choices.remove(0))
}

/// Reads the choices of a group up to its closing bracket, which stays.
fn read(tokens: &mut Vec<&'static str>, line: &str) -> Vec<Vec<Node>> {
    let mut choices = vec![Vec::new()];
    let mut count = false;
    while let Some(token) = tokens.last().copied() {
        if token.starts_with([')', ']']) {
            break;
        }
        tokens.pop();
        let node = match token {
            "|" => {
                choices.push(Vec::new());
                continue;
            }
            "#" => {
                count = true;
                continue;
            }
            "(" | "[" => {
                let choices = read(tokens, line);
                let (least, most) = match tokens.pop() {
                    Some(")") => (1, 1),
                    Some(")+") => (1, 4),
                    Some(")**") => (HUNDREDS, 5 * HUNDREDS),
                    Some("]") => (0, 1),
                    Some("]*") => (0, 3),
                    _ => panic!("a bracket is not closed: {line}"),
                };
                let group = Group { choices, least, most };
                if std::mem::take(&mut count) { Node::Count(group) } else { Node::Group(group) }
            }
            word if word.starts_with(|char: char| char.is_ascii_lowercase()) => Node::Hole(word),
            word => Node::Word(word),
        };
        if let Some(choice) = choices.last_mut() {
            choice.push(node);
        }
    }
    choices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::name_of;

    #[test]
    fn rules_give_what_they_say() {
        let grammar = Grammar::new(["A # ( B C )+ [ D ]", "0 NEVER", "B ( member )**"]);
        let mut rng = Rng::new(1);
        for _ in 0..200 {
            let command = grammar.generate(&mut rng);
            match &name_of(&command)[..] {
                "A" => {
                    let count: usize = String::from_utf8_lossy(&command[1]).parse().unwrap();
                    assert!((1..=4).contains(&count) && (2 + 2 * count..=3 + 2 * count).contains(&command.len()));
                }
                "B" => {
                    let mut members = command[1..].to_vec();
                    members.sort();
                    members.dedup();
                    assert!(members.len() >= HUNDREDS && members.len() == command.len() - 1);
                }
                other => panic!("{other}"),
            }
        }
    }
}
