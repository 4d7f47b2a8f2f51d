//! Calls that only the engine offers: reading a value where it is stored, and calls that surely do not wait.

#[cfg(feature = "memory")]
use redipy_command::ReplySink;
#[cfg(feature = "memory")]
use redipy_command::Value;
use redipy_command::string::Get;
use redipy_command::{Execute, Result, ToKey};
#[cfg(feature = "memory")]
use redipy_script::ScriptCall;

use crate::client::Redis;

impl Redis {
    /// Calls `see` with the string of a key, `None` if it does not exist: GET without a copy.
    ///
    /// On the engine the bytes are read where they are stored, which pays for long values and for those that are only
    /// looked at. Their key is locked meanwhile, so `see` should be quick and **must not use the engine**, whose calls
    /// fail meanwhile with `Kind::Unsupported`. Elsewhere this is a GET.
    ///
    /// ```
    /// use redipy::prelude::*;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.set("page", "<html>..</html>")?;
    /// assert_eq!(r.with("page", |page| page.map_or(0, <[u8]>::len))?, 15);
    /// assert!(r.with("none", |page| page.is_none())?);
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds no string; what keeps a server from answering.
    pub fn with<R>(&self, key: impl ToKey, see: impl FnOnce(Option<&[u8]>) -> R) -> Result<R> {
        let key = key.to_key();
        #[cfg(feature = "memory")]
        if let Some(memory) = self.as_memory() {
            return memory.with(key, see);
        }
        self.call(Get { key }).map(|value| see(value.as_deref()))
    }

    /// As [`with`](Self::with), if the engine can do so without waiting for another thread; `None` otherwise, and on a
    /// server.
    ///
    /// ```
    /// let r = redipy::connect("memory://")?;
    /// assert_eq!(r.try_with("none", |value| value.is_none()).transpose()?, Some(true));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// `WRONGTYPE` when the key holds no string.
    #[cfg(feature = "memory")]
    pub fn try_with<R>(&self, key: impl ToKey, see: impl FnOnce(Option<&[u8]>) -> R) -> Option<Result<R>> {
        self.as_memory()?.try_with(key.to_key(), see)
    }

    /// Executes a command and shows the reply to `to` where it is stored, if the engine can do so without waiting for another
    /// thread; gives the command back otherwise, as [`try_call`](Self::try_call) does. `to` must not use the engine.
    ///
    /// ```
    /// use redipy::hash::HGetAll;
    /// use redipy::prelude::*;
    /// use redipy::value::ValueSink;
    ///
    /// let r = redipy::connect("memory://")?;
    /// r.hset("h", [("field", "value")])?;
    /// let mut shown = ValueSink::default();
    /// r.try_show(HGetAll { key: "h".into() }, &mut shown).unwrap()?;
    /// assert_eq!(shown.into_value(), redipy::Value::Map(vec![("field".into(), "value".into())]));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// The command itself; inside, the errors of the command.
    #[cfg(feature = "memory")]
    #[inline(always)]
    pub fn try_show<C: redipy_memory::Run, S: ReplySink + ?Sized>(
        &self,
        command: C,
        to: &mut S,
    ) -> redipy_memory::Attempt<C, ()> {
        match self.as_memory() {
            Some(memory) => memory.try_show(command, to),
            None => Err(command),
        }
    }

    /// Runs a script if the engine can do so without waiting for another thread and in about the time of its commands: a
    /// script without loops that declares its keys, which nobody else uses just now. `None` otherwise, and on a server.
    ///
    /// ```
    /// use redipy::prelude::*;
    /// use redipy::script::script;
    ///
    /// let r = redipy::connect("memory://")?;
    /// let hit = r.register(script(|f| f.returns(f.var("hits").incr())))?;
    /// assert_eq!(r.try_script(&hit.key("hits", "page")).transpose()?, Some(redipy::Value::Int(1)));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    ///
    /// # Errors
    /// Errors of the script.
    #[cfg(feature = "memory")]
    pub fn try_script(&self, call: &ScriptCall) -> Option<Result<Value>> {
        self.as_memory()?.try_script(call)
    }
}
