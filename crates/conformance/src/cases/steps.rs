//! The lines of a case.

use std::time::Duration;

use crate::command::{self, Command};
use crate::notation::Expected;
use crate::server::Flavor;

/// One step of a case.
#[derive(Debug, Clone)]
pub struct Step {
    /// What is done.
    pub action: Action,
    /// Its line in the steps, from 1.
    pub line: usize,
    /// What is expected, if that was written down.
    reply: Option<Expected>,
    /// What other servers answer.
    others: Vec<(Flavor, Expected)>,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Action {
    /// Sends a command on a connection.
    Call {
        /// The connection, from 0.
        session: usize,
        /// The command.
        command: Command,
    },
    /// Sends many commands.
    Repeat {
        /// The commands.
        commands: Vec<Command>,
    },
    /// Lets time pass.
    Wait(Duration),
}

impl Step {
    /// What this server has to answer.
    pub fn expected(&self, flavor: Flavor) -> Option<&Expected> {
        if let Action::Repeat { .. } = self.action {
            return Some(&Expected::Anything);
        }
        let other = self.others.iter().find(|(other, _)| *other == flavor);
        other.map(|(_, expected)| expected).or(self.reply.as_ref())
    }
}

/// The server of this name, such as `redis-7.0`.
///
/// # Errors
/// When there is none.
pub(super) fn flavor(name: &str) -> Result<Flavor, String> {
    let flavor = Flavor::ALL.into_iter().find(|flavor| flavor.to_string().replace(' ', "-") == name);
    flavor.ok_or_else(|| format!("no such server: {name}"))
}

/// Reads the steps of a case.
///
/// # Errors
/// The line that is malformed.
pub(super) fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps: Vec<Step> = Vec::new();
    let mut reply: Vec<&str> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let wrong = |error: String| format!("line {}: {error}", index + 1);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let other = line
            .strip_prefix('@')
            .and_then(|rest| rest.split_once(' '))
            .and_then(|(name, rest)| Some((flavor(name).ok()?, rest)));
        let action = action(line).map_err(wrong)?;
        if action.is_none() && other.is_none() {
            reply.push(line);
            continue;
        }
        settle(&mut steps, &mut reply).map_err(wrong)?;
        if let Some(action) = action {
            steps.push(Step { action, line: index + 1, reply: None, others: Vec::new() });
        } else if let (Some((flavor, text)), Some(step)) = (other, steps.last_mut()) {
            step.others.push((flavor, Expected::parse(text).map_err(wrong)?));
        }
    }
    settle(&mut steps, &mut reply)?;
    Ok(steps)
}

/// The lines since the last step are its reply.
fn settle(steps: &mut [Step], reply: &mut Vec<&str>) -> Result<(), String> {
    if reply.is_empty() {
        return Ok(());
    }
    let text = std::mem::take(reply).join("\n");
    match steps.last_mut() {
        Some(step) if step.reply.is_none() && matches!(step.action, Action::Call { .. }) => {
            step.reply = Some(Expected::parse(&text)?);
            Ok(())
        }
        _ => Err(format!("a reply to nothing: {text}")),
    }
}

/// What the line does; none when it is no step.
fn action(line: &str) -> Result<Option<Action>, String> {
    for (session, prompt) in ["> ", "b> ", "c> "].into_iter().enumerate() {
        if let Some(rest) = line.strip_prefix(prompt) {
            return Ok(Some(Action::Call { session, command: command::parse(rest)? }));
        }
    }
    if let Some(by) = line.strip_prefix("@time +") {
        let (number, millis) = match by.strip_suffix("ms") {
            Some(number) => (number, 1),
            None => (by.strip_suffix('s').unwrap_or(by), 1000),
        };
        let number: u64 = number.parse().map_err(|_| format!("not a time: {by}"))?;
        return Ok(Some(Action::Wait(Duration::from_millis(number * millis))));
    }
    let Some(rest) = line.strip_prefix("@repeat ") else { return Ok(None) };
    let parts = rest.split_once(' ').and_then(|(range, command)| Some((range.split_once("..")?, command)));
    let Some(((first, last), text)) = parts else { return Err(format!("not a repetition: {rest}")) };
    let number = |text: &str| text.parse::<u32>().map_err(|_| format!("not a number: {text}"));
    let commands = (number(first)?..=number(last)?).map(|n| command::parse(&text.replace('#', &n.to_string())));
    Ok(Some(Action::Repeat { commands: commands.collect::<Result<_, _>>()? }))
}

#[cfg(test)]
mod tests {
    use redipy_command::Value;

    use super::*;

    #[test]
    fn lines_become_steps() {
        let text =
            "# about\n> SET k v\nOK\n@redis-7.0 (nil)\nb> GET k\n[\"a\",\n\"b\"]\n@time +20ms\n@repeat 1..3 INCR #\n";
        let steps = parse(text).unwrap();
        assert!(steps[0].expected(Flavor::Redis82).unwrap().fits(&Value::OK));
        assert!(steps[0].expected(Flavor::Redis70).unwrap().fits(&Value::Null));
        assert!(matches!(&steps[1].action, Action::Call { session: 1, .. }));
        assert!(matches!(steps[2].action, Action::Wait(by) if by.as_millis() == 20));
        assert!(matches!(&steps[3].action, Action::Repeat { commands } if commands.len() == 3));
        assert!(parse("OK").is_err() && parse("> GET k\nOK\n> \"").is_err() && parse("@time +x").is_err());
    }
}
