//! What is tested: a backend, which replies are right for it, and whether its clock can be moved.

use std::any::Any;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use redipy_backend::Backend;

use crate::server::{Flavor, shared};
use crate::wired::Wired;

/// The longest that a test waits for a clock that cannot be moved.
const PATIENCE: Duration = Duration::from_millis(300);

/// A backend under test, empty when a test gets it.
pub struct Subject {
    /// The backend.
    pub backend: Arc<dyn Backend>,
    /// Whose replies are expected.
    pub flavor: Flavor,
    /// Moves the clock of the backend, when it has one that moves.
    pub advance: Option<Box<dyn Fn(Duration)>>,
    /// What has to live as long as the test, such as its turn on a server.
    held: Option<Box<dyn Any>>,
}

impl Subject {
    /// A backend that behaves as the newest Redis, without a clock of its own.
    pub fn new(backend: Arc<dyn Backend>) -> Self {
        Self { backend, flavor: Flavor::Redis82, advance: None, held: None }
    }

    /// The replies of this server are expected.
    #[must_use]
    pub fn like(mut self, flavor: Flavor) -> Self {
        self.flavor = flavor;
        self
    }

    /// Time passes for the backend when this is called.
    #[must_use]
    pub fn with_clock(mut self, advance: impl Fn(Duration) + 'static) -> Self {
        self.advance = Some(Box::new(advance));
        self
    }

    /// Keeps something until the test is over.
    #[must_use]
    pub fn holding(mut self, held: impl Any) -> Self {
        self.held = Some(Box::new(held));
        self
    }

    /// The server of this flavor that all tests of the process share, emptied, for one test at a time;
    /// none when it cannot be found, which was said then.
    pub fn wired(flavor: Flavor) -> Option<Self> {
        let shared = shared(flavor)?;
        let turn = shared.turn();
        let backend = Arc::new(Wired::new(shared.server().port()));
        Some(Subject::new(backend).like(flavor).holding(turn))
    }

    /// Whether so much time can pass: on a clock that does not move by hand, only what a test may wait.
    pub fn can_wait(&self, by: Duration) -> bool {
        self.advance.is_some() || by <= PATIENCE
    }

    /// Lets time pass.
    pub fn wait(&self, by: Duration) {
        match &self.advance {
            Some(advance) => advance(by),
            None => thread::sleep(by),
        }
    }
}
