//! The two sides that a sequence is replayed on: a backend under test and a real server.

use redipy_backend::Session;
use redipy_command::Value;

use crate::command::{Command, request, show};
use crate::subject::Subject;
use crate::wire::Client;
use crate::wired::value;

/// Something that takes commands on two connections.
pub trait Side {
    /// Sends commands on a connection; one reply each.
    fn send(&mut self, session: usize, commands: &[Command]) -> Vec<Value>;
}

/// A backend under test.
pub struct Tested {
    sessions: Vec<Box<dyn Session>>,
}

impl Tested {
    /// Two sessions of an empty backend.
    ///
    /// # Panics
    /// When it gives no sessions.
    pub fn new(subject: &Subject) -> Self {
        let session = |_| subject.backend.session().unwrap_or_else(|error| panic!("no session: {error}"));
        Tested { sessions: (0..2).map(session).collect() }
    }
}

impl Side for Tested {
    fn send(&mut self, session: usize, commands: &[Command]) -> Vec<Value> {
        let session = &mut self.sessions[session];
        commands.iter().map(|command| session.call(&request(command)).unwrap_or_else(Value::Error)).collect()
    }
}

/// A real server.
pub struct Truth {
    clients: Vec<Client>,
}

impl Truth {
    /// Two connections.
    pub fn new(clients: [Client; 2]) -> Self {
        Truth { clients: clients.into() }
    }

    /// Empties the server and ends what sequences before this one began.
    pub fn reset(&mut self) {
        let commands = |lines: &[&str]| {
            lines.iter().map(|line| line.split(' ').map(Into::into).collect()).collect::<Vec<Command>>()
        };
        for session in 0..2 {
            self.send(session, &commands(&["DISCARD", "UNWATCH", "SELECT 0"]));
        }
        self.send(0, &commands(&["FLUSHALL"]));
    }
}

impl Side for Truth {
    /// # Panics
    /// When the server is gone: then nothing can be compared.
    fn send(&mut self, session: usize, commands: &[Command]) -> Vec<Value> {
        let client = &mut self.clients[session];
        let replies = client.send_all(commands).and_then(|()| client.read_all(commands.len()));
        let gone = |error| {
            let sent: Vec<String> = commands.iter().map(|command| show(command)).collect();
            panic!("the server is gone after\n{}\n{error}", sent.join("\n"))
        };
        replies.unwrap_or_else(gone).into_iter().map(value).collect()
    }
}
