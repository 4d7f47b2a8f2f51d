//! What a command does: one trait, implemented in the family files.

use redipy_command::room::afford;
use redipy_command::{Command, Form, ReadAs, Reply, ReplySink, Result};

use crate::data::packed::Item;
use crate::space::Space;

/// The part of the data that a command locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The shards of the keys that it names.
    Keys,
    /// No data.
    Nothing,
    /// All shards.
    Everything,
}

/// A command that the engine can execute.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no command that a client takes",
    note = "WATCH, MULTI, SELECT and their kin need a session: `let mut session = r.session()?`",
    note = "a command of your own is made one by `#[derive(redipy::Command)]`"
)]
pub trait Run: Command {
    /// The part of the data that it locks.
    const REACH: Reach = Reach::Keys;

    /// Executes the command. The keys that it names are reachable in `at`, and locked for all others.
    ///
    /// # Errors
    /// The server's, with nothing written unless the command is documented to.
    fn run(self, at: &mut Space<'_>) -> Result<Self::Reply>;

    /// Executes the command and shows the reply without copies where it can: stored texts are read in place.
    ///
    /// # Errors
    /// As [`run`](Self::run); what was shown then is to be thrown away.
    #[inline]
    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        self.run(at)?.show(to);
        Ok(())
    }
}

impl<C: Run, R: Reply + From<C::Reply>> Run for Form<C, R> {
    const REACH: Reach = C::REACH;

    #[inline]
    fn run(self, at: &mut Space<'_>) -> Result<R> {
        self.command.run(at).map(R::from)
    }

    #[inline]
    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        self.command.show(at, to)
    }
}

impl<C: Run, T: Reply> Run for ReadAs<C, T> {
    const REACH: Reach = C::REACH;

    fn run(self, at: &mut Space<'_>) -> Result<T> {
        self.command.run(at)?.into_value().reply_of(Some(C::SPEC))
    }

    fn show<S: ReplySink + ?Sized>(self, at: &mut Space<'_>, to: &mut S) -> Result<()> {
        self.command.show(at, to)
    }
}

/// Shows a stored element as a part of a reply.
#[inline]
pub(crate) fn show<S: ReplySink + ?Sized>(item: Item<'_>, to: &mut S) -> Result<()> {
    item.with_text(|text| {
        afford(text.len())?;
        to.bulk(text);
        Ok(())
    })
}

/// Shows stored elements one after the other. By `for_each`, in which collections are read chunk by chunk.
#[inline]
pub(crate) fn show_each<'a, S: ReplySink + ?Sized>(items: impl Iterator<Item = Item<'a>>, to: &mut S) -> Result<()> {
    let mut shown = Ok(());
    items.for_each(|item| {
        if shown.is_ok() {
            shown = show(item, to);
        }
    });
    shown
}

/// Shows a stored element, if there is one.
#[inline]
pub(crate) fn show_optional<S: ReplySink + ?Sized>(item: Option<Item<'_>>, to: &mut S) -> Result<()> {
    match item {
        Some(item) => show(item, to)?,
        None => to.null(),
    }
    Ok(())
}
