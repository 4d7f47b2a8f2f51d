//! The real servers that are found here, each with the CPU time that it says it took.
//!
//! They are reached through redipy's own remote backend; what that and the network cost does not count.

use redipy::{Pipeline, Redis};
use redipy_conformance::server::{Flavor, Server};

/// A running server.
pub struct Rival {
    /// Its name in the tables, as `redis 8.2`.
    pub name: String,
    /// A client of it.
    pub redis: Redis,
    /// The process; it ends with this.
    pub server: Server,
}

/// Starts one, or tells why it stays out of the tables.
pub fn start(flavor: Flavor) -> Option<Rival> {
    let started = Server::start(flavor).map_err(|error| error.to_string()).and_then(|server| {
        let redis = redipy::connect(&server.url()).map_err(|error| error.to_string())?;
        Ok(Rival { name: flavor.to_string(), redis, server })
    });
    started.inspect_err(|error| eprintln!("compare: the column of {flavor} stays empty: {error}")).ok()
}

/// Starts all that there are.
pub fn start_all() -> Vec<Rival> {
    Flavor::ALL.into_iter().filter_map(start).collect()
}

impl Rival {
    /// The nanoseconds that the server has computed, in itself and in the system.
    pub fn cpu(&self) -> f64 {
        let info: redipy::Bytes = self.redis.command("INFO").arg("CPU").query().expect("INFO needs nothing");
        let text = info.to_text();
        let seconds = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        let seconds = seconds("used_cpu_sys:").zip(seconds("used_cpu_user:")).map(|(system, user)| system + user);
        seconds.expect("INFO CPU tells both") * 1e9
    }

    /// The nanoseconds that some work took of the server, without those that asking for them takes.
    pub fn cpu_of(&self, work: impl FnOnce(&Redis)) -> f64 {
        let asking = self.cpu();
        let before = self.cpu();
        work(&self.redis);
        let after = self.cpu();
        after - before - (before - asking)
    }
}

/// Does something for every element, in pipelines of so many elements.
pub fn pipelined<T>(redis: &Redis, elements: &[T], at_once: usize, mut op: impl FnMut(&mut Pipeline, &T)) {
    for elements in elements.chunks(at_once) {
        let mut pipeline = redis.pipeline();
        elements.iter().for_each(|element| op(&mut pipeline, element));
        if !pipeline.is_empty() {
            let replies = pipeline.execute().and_then(redipy::Replies::into_values);
            replies.expect("the commands are right");
        }
    }
}
