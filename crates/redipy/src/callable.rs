//! The commands that a client takes.

use redipy_command::Command;
#[cfg(feature = "memory")]
use redipy_command::Result;
#[cfg(feature = "memory")]
use redipy_memory::{Memory, Run};

/// A command that a client takes, whatever features are enabled: every one that needs no session. `#[derive(redipy::Command)]`
/// makes one of your own.
///
/// ```
/// use redipy::{Callable, Command, Key, Redis, Result, prelude::*};
///
/// /// A command of a module, say, or one that this library does not know.
/// #[derive(Debug, Clone, Command)]
/// #[command("STRLEN", string, readonly, reply = u64)]
/// struct TextLength<'a> {
///     key: Key<'a>,
/// }
///
/// fn measured<C: Callable>(r: &Redis, command: C) -> Result<C::Reply> {
///     r.execute(command)
/// }
///
/// let r = redipy::connect("memory://")?;
/// r.set("k", "value")?;
/// assert_eq!(measured(&r, TextLength { key: "k".into() })?, 5);
/// # Ok::<(), redipy::Error>(())
/// ```
///
/// A command that needs a session does not compile:
///
/// ```compile_fail,E0277
/// use redipy::prelude::*;
///
/// fn watch(r: &redipy::Redis) {
///     let _ = r.watch("k"); // let mut session = r.session()?; session.watch("k")
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no command that a client takes",
    note = "WATCH, MULTI, SELECT and their kin need a session: `let mut session = r.session()?`",
    note = "a command of your own is made one by `#[derive(redipy::Command)]`, or by `redipy::callable!({Self});` where `Command` is \
            implemented by hand"
)]
pub trait Callable: Command {
    /// Executes it on the engine.
    ///
    /// # Errors
    /// Errors of the command.
    #[cfg(feature = "memory")]
    #[doc(hidden)]
    fn execute_on(self, memory: &Memory) -> Result<Self::Reply>;

    /// Executes it on the engine if that needs no waiting, and gives it back otherwise.
    ///
    /// # Errors
    /// The command itself; inside, those of the command.
    #[cfg(feature = "memory")]
    #[doc(hidden)]
    fn execute_at_once_on(self, memory: &Memory) -> std::result::Result<Result<Self::Reply>, Self>;
}

#[cfg(feature = "memory")]
impl<C: Run> Callable for C {
    #[inline(always)]
    fn execute_on(self, memory: &Memory) -> Result<C::Reply> {
        memory.execute(self)
    }

    #[inline]
    fn execute_at_once_on(self, memory: &Memory) -> std::result::Result<Result<C::Reply>, C> {
        memory.execute_at_once(self)
    }
}

#[cfg(not(feature = "memory"))]
impl<C: redipy_command::Stateless> Callable for C {}

/// Makes a type for which [`Command`](trait@crate::Command) is implemented by hand a command that clients take; for others
/// `#[derive(redipy::Command)]` does it. The engine executes it by its name, if it knows that, as a server does.
///
/// ```
/// use redipy::{Command, Key, Redis, Result, Spec, prelude::*, sink::Sink, string::Get};
///
/// /// GET of a key that surely exists.
/// struct GetText<'a>(Key<'a>);
///
/// impl Command for GetText<'_> {
///     const SPEC: &'static Spec = Get::SPEC;
///     type Reply = String;
///
///     fn encode(&self, out: &mut dyn Sink) {
///         out.arg(self.0.as_bytes());
///     }
///
///     fn keys(&self, each: &mut dyn FnMut(Key<'_>)) {
///         each(self.0);
///     }
///
///     fn check(&self) -> Result<()> {
///         Ok(())
///     }
///
///     fn weight(&self) -> u64 {
///         self.0.as_bytes().len() as u64
///     }
/// }
///
/// redipy::callable!(GetText<'_>);
///
/// let r = redipy::connect("memory://")?;
/// r.set("k", "value")?;
/// assert_eq!(r.execute(GetText("k".into()))?, "value");
/// # Ok::<(), redipy::Error>(())
/// ```
#[macro_export]
macro_rules! callable {
    ($command:ty) => {
        impl $crate::Stateless for $command {}

        $crate::__callable! { [] [$command] }
    };
}

/// The part of `#[derive(redipy::Command)]` for clients: the engine knows the command by its name, if at all.
#[cfg(feature = "memory")]
#[doc(hidden)]
#[macro_export]
macro_rules! __callable {
    ([$($generics:tt)*] [$($command:tt)*]) => {
        impl $($generics)* $crate::Callable for $($command)* {
            fn execute_on(
                self,
                memory: &$crate::memory::Memory,
            ) -> $crate::Result<<Self as $crate::__command::Command>::Reply> {
                $crate::__by_name(memory, self)
            }

            fn execute_at_once_on(
                self,
                _: &$crate::memory::Memory,
            ) -> ::core::result::Result<$crate::Result<<Self as $crate::__command::Command>::Reply>, Self> {
                ::core::result::Result::Err(self)
            }
        }
    };
}

/// Without the engine every command is sent.
#[cfg(not(feature = "memory"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __callable {
    ($($command:tt)*) => {};
}
