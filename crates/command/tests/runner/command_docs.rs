//! Every [`Spec`] against what Redis 8.2 says of the command in `COMMAND DOCS`: group, version, what is better, and the
//! arguments. Summaries and costs are in our own words.

use std::collections::BTreeMap;
use std::fmt::Write;

use redipy_command::methods::ALL;
use redipy_command::spec::{Argument, ArgumentKind, Spec};

use crate::command_info::OF_VALKEY;

const REDIS_8_2: &str = include_str!("../fixtures/command-docs-redis-8.2.txt");

/// The lines of the fixture by name.
fn recorded() -> BTreeMap<String, &'static str> {
    let line = |line: &'static str| {
        let (name, facts) = line.split_once(" | ")?;
        Some((name.to_uppercase().replace('|', " "), facts))
    };
    REDIS_8_2.lines().filter(|line| !line.starts_with('#')).filter_map(line).collect()
}

/// `group | since | deprecated since | what to use instead | arguments`, as `scripts/record-command-info` writes it.
fn declared(spec: &Spec) -> String {
    let (since, instead) = spec.deprecated.map_or(("-", "-"), |deprecated| (deprecated.since, deprecated.instead));
    let mut writer = Writer::default();
    spec.each_argument(&mut |argument| writer.argument(argument));
    let arguments = if writer.out.is_empty() { "-" } else { &writer.out };
    format!("{} | {} | {since} | {instead} | {arguments}", spec.group.name(), spec.since)
}

/// Writes arguments, and counts the key specs to which keys belong.
#[derive(Default)]
struct Writer {
    out: String,
    keys: usize,
}

impl Writer {
    fn argument(&mut self, argument: &Argument) {
        if !self.out.is_empty() && !self.out.ends_with('{') {
            self.out.push(' ');
        }
        self.out += &format!("{}:{}", argument.name, argument.kind.name());
        self.out.extend(argument.token.map(|token| format!("={token}")));
        let marks = [(argument.optional, '?'), (argument.multiple, '*'), (argument.multiple_token, '+')];
        self.out.extend(marks.iter().filter(|(is_so, _)| *is_so).map(|(_, mark)| mark));
        if argument.kind == ArgumentKind::Key {
            self.out += &format!("@{}", self.keys);
            self.keys += 1;
        }
        self.out.extend(argument.since.map(|version| format!("^{version}")));
        self.out.extend(argument.display.map(|shown| format!("~{shown}")));
        if matches!(argument.kind, ArgumentKind::Block | ArgumentKind::OneOf) {
            self.out.push('{');
            argument.inside.iter().for_each(|inner| self.argument(inner));
            self.out.push('}');
        }
    }
}

/// What Redis 8.2 says otherwise of this command.
pub(crate) fn wrong(spec: &Spec) -> Option<String> {
    let (ours, recorded) = (declared(spec), recorded());
    let theirs = recorded.get(spec.name).copied().unwrap_or("the server has no such command");
    (ours != theirs).then(|| format!("{}\n   ours: {ours}\n theirs: {theirs}", spec.name))
}

#[test]
fn every_spec_is_documented_as_by_redis_8_2() {
    let mut all = String::new();
    for wrong in ALL.iter().filter(|spec| !OF_VALKEY.contains(&spec.name)).filter_map(|spec| wrong(spec)) {
        writeln!(all, "{wrong}").unwrap();
    }
    assert!(all.is_empty(), "\n{all}");
}
