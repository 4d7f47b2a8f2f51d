//! What the tests share: servers, and requests from text.

use std::time::Duration;

use redipy_backend::{Backend, Request, Requests, Session};
use redipy_command::{Encoded, Result, Value};
use redipy_conformance::fake::Fake;
use redipy_conformance::server::{Flavor, Options, Server, missing, shared};
use redipy_remote::{Config, Remote};

/// Runs the test on an empty server of every flavor, with a client for it.
pub fn on_every_flavor(test: impl Fn(Remote)) {
    for flavor in Flavor::ALL {
        if let Some(shared) = shared(flavor) {
            let _turn = shared.turn();
            eprintln!("on {flavor}");
            test(Remote::new(config(shared.server())));
        }
    }
}

/// A server of the test's own.
pub fn own_server(flavor: Flavor, options: Options) -> Option<Server> {
    match Server::start_with(flavor, options) {
        Ok(server) => Some(server),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            missing(flavor);
            None
        }
        Err(error) => panic!("{flavor} does not start: {error}"),
    }
}

/// How to reach this server.
pub fn config(server: &Server) -> Config {
    Config::tcp("127.0.0.1", server.port())
}

/// How to reach a server that misbehaves, with little patience.
pub fn config_of(fake: &Fake, response: Duration) -> Config {
    let mut config = Config::tcp("127.0.0.1", fake.port());
    config.response_timeout = Some(response);
    config
}

/// A command from its words; `_` is a space inside of one.
pub fn request(text: &str) -> Request {
    let mut words = text.split(' ').map(|word| word.replace('_', " "));
    let name = Encoded::raw(words.next().unwrap_or_default().as_bytes());
    words.fold(name, |command, word| command.arg(&*word)).into()
}

/// Commands from their words.
pub fn requests(texts: &[&str]) -> Requests {
    texts.iter().map(|text| request(text)).collect()
}

/// Calls a command.
pub fn call(backend: &dyn Backend, text: &str) -> Result<Value> {
    backend.call(&request(text))
}

/// Calls a command in a session.
pub fn call_in(session: &mut dyn Session, text: &str) -> Result<Value> {
    session.call(&request(text))
}

/// An array of byte strings.
pub fn array<const N: usize>(items: [&str; N]) -> Value {
    Value::Array(items.into_iter().map(Value::from).collect())
}
