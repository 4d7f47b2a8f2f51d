//! Where and when a run is made, and with what.

use std::process::Command;
use std::{fs, thread};

use crate::data::Machine;
use crate::peers::kevy;
use crate::peers::servers::Rival;

/// Looks around.
pub fn describe(servers: &[Rival]) -> Machine {
    let tool = |name: &str, argument: &str| {
        let output = Command::new(name).arg(argument).output().ok();
        output.and_then(|output| String::from_utf8(output.stdout).ok()).map(|text| text.trim().to_owned())
    };
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let cpu = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let mut versions = vec![format!("redipy {}", version_of(include_str!("../../../Cargo.toml"), "version"))];
    versions.extend(kevy::VERSION.map(|version| format!("kevy-embedded {version}")));
    versions.push("mimalloc 3".to_owned());
    versions.extend(servers.iter().map(|rival| format!("{} {}", rival.server.flavor.name(), rival.server.version)));
    let compiler = tool("rustc", "--version").unwrap_or_default();
    versions.extend(compiler.split(" (").next().map(str::to_owned));
    Machine {
        date: tool("date", "+%F").unwrap_or_default(),
        cpu: cpu.map_or("an unknown processor", |(_, name)| name.trim()).to_owned(),
        cores: thread::available_parallelism().map_or(1, |cores| cores.get()),
        versions,
    }
}

/// The value of the first line that sets a name.
fn version_of<'a>(manifest: &'a str, name: &str) -> &'a str {
    let value = manifest.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix('='));
    value.map_or("", |value| value.trim().trim_matches('"'))
}
