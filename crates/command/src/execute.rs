//! The traits of a command and of what can execute one.

use std::marker::PhantomData;

use crate::arg::Key;
use crate::args::Args;
use crate::error::Result;
use crate::reply::Reply;
use crate::sink::Sink;
use crate::spec::Spec;

/// A command with its arguments; implemented by `#[derive(Command)]`.
pub trait Command: Sized {
    /// The specification of the command.
    const SPEC: &'static Spec;

    /// The type of the reply.
    type Reply: Reply;

    /// Writes its arguments, without its name.
    fn encode(&self, out: &mut dyn Sink);

    /// Calls `each` with every key it names.
    fn keys(&self, each: &mut dyn FnMut(Key<'_>));

    /// Refuses what the types allow and a server does not, such as NX together with XX.
    ///
    /// # Errors
    /// The error that a server gives.
    fn check(&self) -> Result<()>;

    /// The number of bytes of its keys and values, without numbers.
    fn weight(&self) -> u64;
}

/// A command that neither needs nor changes the state of a connection: every executor takes it. `#[derive(Command)]`
/// makes it one, unless its declaration says `session`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` belongs to a session",
    note = "connections are shared: write `let mut session = r.session()?` for one that has a transaction, watched keys or a \
            database of its own",
    note = "`transaction()` sends MULTI and EXEC by itself when it is executed"
)]
pub trait Stateless: Command {}

/// A command that can be read from raw arguments, from which it borrows.
pub trait Parse<'a>: Command {
    /// Reads the arguments that follow the name. The caller has checked their number against
    /// [`Spec::accepts`].
    ///
    /// # Errors
    /// The error that a server gives for these arguments.
    fn parse(args: Args<'a>) -> Result<Self>;
}

/// A receiver of commands: a client, a session, a pipeline, a transaction.
pub trait Executor: Sized {
    /// What comes back from a command whose reply is an `R`: a result, a future, or a slot that a pipeline fills later.
    type Output<R: Reply>;
}

/// An executor that takes the command `C`.
pub trait Execute<C: Command>: Executor {
    /// Executes the command, or queues it. What it borrows is needed only until this returns.
    fn call(self, command: C) -> Self::Output<C::Reply>;
}

/// A command whose reply is read as `R`, for methods that ask for one form of a reply that has
/// several (LPOP with a count gives a list, without one an element).
#[derive(Debug, Clone)]
pub struct Form<C, R> {
    /// The command.
    pub command: C,
    reply: PhantomData<fn() -> R>,
}

impl<C, R> Form<C, R> {
    /// The command, with this reply type.
    pub fn new(command: C) -> Self {
        Self { command, reply: PhantomData }
    }
}

/// A command whose reply is read as the type that the caller names, for methods such as `get_as`.
#[derive(Debug, Clone)]
pub struct ReadAs<C, T> {
    /// The command.
    pub command: C,
    reply: PhantomData<fn() -> T>,
}

impl<C, T> ReadAs<C, T> {
    /// The command, with this reply type.
    pub fn new(command: C) -> Self {
        Self { command, reply: PhantomData }
    }
}

/// The same command with another reply type.
macro_rules! read_otherwise {
    ($($name:ident<C, $reply:ident: $($bound:path),*>;)*) => { $(
        impl<C: Stateless, $reply: Reply $(+ $bound)*> Stateless for $name<C, $reply> {}

        impl<C: Command, $reply: Reply $(+ $bound)*> Command for $name<C, $reply> {
            const SPEC: &'static Spec = C::SPEC;
            type Reply = $reply;

            fn encode(&self, out: &mut dyn Sink) {
                self.command.encode(out);
            }

            fn keys(&self, each: &mut dyn FnMut(Key<'_>)) {
                self.command.keys(each);
            }

            fn check(&self) -> Result<()> {
                self.command.check()
            }

            fn weight(&self) -> u64 {
                self.command.weight()
            }
        }
    )* };
}

read_otherwise! {
    Form<C, R: From<C::Reply>>;
    ReadAs<C, T:>;
}
