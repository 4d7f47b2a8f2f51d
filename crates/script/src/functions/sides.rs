//! Functions that one side has only: native code that reaches the data of the place where the script runs, and Lua that
//! nothing here stands for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use redipy_command::Result;

use super::{Function, Lua, MANY, Native};
use crate::host::Host;
use crate::quote::quoted;
use crate::texts::fail;
use crate::types::Type;
use crate::value::Val;

impl Function {
    /// A row with native code that is given the script's [`Host`] and so can call commands on any key: a script that
    /// uses it counts as needing all keys. Keys have the names that they have in the script. A server does not have it,
    /// and says so when the function is called.
    ///
    /// ```
    /// # mod redipy { pub use redipy_command::*; pub use redipy_script as script; }
    /// use redipy::{Result, Spec, Value, methods};
    /// use redipy::script::functions::Function;
    /// use redipy::script::value::Val;
    /// use redipy::script::{Host, Type, script};
    ///
    /// struct Echo;
    ///
    /// impl Host for Echo {
    ///     fn call(&mut self, _: &'static Spec, args: &[&[u8]]) -> Result<Value> {
    ///         Ok(Value::bulk(args[0]))
    ///     }
    /// }
    ///
    /// let get = methods::find(b"GET").unwrap();
    /// let read = Function::hosted("read", [Type::STR], Type::ANY, move |args, host| {
    ///     Val::of(host.call(get, &[args[0].as_bytes().unwrap_or_default()])?)
    /// });
    /// let script = script(|f| f.returns(read.call([f.key("k")]))).compile()?;
    /// assert!(script.needs_all_keys());
    /// assert_eq!(script.key("k", "name").run(&mut Echo)?, Value::bulk("name"));
    /// # Ok::<(), redipy::Error>(())
    /// ```
    pub fn hosted(
        name: impl Into<String>,
        takes: impl Into<Vec<Type>>,
        gives: Type,
        native: impl Fn(&[&Val], &mut dyn Host) -> Result<Val> + Send + Sync + 'static,
    ) -> Self {
        let name = name.into();
        let missing = quoted(format!("{name} is a function of this process; a server does not have it").as_bytes());
        let mut row = Self::of(name, takes, gives, format!("function() fail({missing}) end"), |_| Ok(Val::None));
        row.native = Native::Hosted(Arc::new(native));
        row
    }

    /// A row with Lua only, an expression that is a plain Lua function: it is given tables as Lua has them, lists
    /// without their length, and a table that it gives is a list where [cjson](https://github.com/openresty/lua-cjson)
    /// would write one, or where it is empty. Keys have the names that the server has them by. It takes any number of
    /// any arguments. This process does not have it, and says so when the function is called.
    ///
    /// While it runs replies are as RESP2 has them, which is what Lua for Redis expects.
    pub fn in_lua(name: impl Into<String>, lua: &str) -> Self {
        let name = name.into();
        let lua = format!("native({}, {lua})", quoted(name.as_bytes()));
        let mut row = Self::of(name, [Type::ANY], Type::ANY, lua, |_| Ok(Val::None)).variadic();
        row.native = Native::Absent;
        row
    }

    /// Returns whether its native code is given the host.
    pub(crate) fn is_hosted(&self) -> bool {
        matches!(self.native, Native::Hosted(_))
    }

    /// Returns whether only a server has it.
    pub(crate) fn is_in_lua(&self) -> bool {
        matches!(self.native, Native::Absent)
    }

    /// Calls native code that may be given the host.
    pub(crate) fn run_on(&self, args: &[&Val], host: &mut dyn Host) -> Result<Val> {
        let Native::Hosted(native) = &self.native else { return self.run(args) };
        self.check_args(args)?;
        self.checked(self.guarded(|| native(args, host))?)
    }

    /// Calls code of a user, who holds data meanwhile: a panic ends the script with an error, and nothing else.
    pub(super) fn guarded(&self, native: impl FnOnce() -> Result<Val>) -> Result<Val> {
        // What the code of a user leaves half done is its own: commands of the host are executed whole or not at all.
        catch_unwind(AssertUnwindSafe(native)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(fail(format!("{} panicked: {text}", self.name)))
        })
    }

    /// The error of a call where the function does not exist.
    #[cold]
    pub(super) fn absent(&self) -> redipy_command::Error {
        fail(format!("{} is a function of a server's Lua; this process does not have it", self.name))
    }

    /// Returns whether its arguments are checked one after the other, as they are used: the standard ones that take any number.
    pub(super) fn checks_itself(&self) -> bool {
        self.max == MANY && matches!(self.lua, Lua::Helper(_))
    }
}

#[cfg(test)]
mod tests {
    use redipy_command::{Error, Spec, Value, methods};

    use super::*;
    use crate::{Kind, Script, script};

    /// Answers every command with what it was called with.
    struct Told(Vec<String>);

    impl Host for Told {
        fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
            let args: Vec<_> = args.iter().map(|arg| String::from_utf8_lossy(arg).into_owned()).collect();
            self.0.push(format!("{} {}", spec.name, args.join(" ")));
            Ok(Value::bulk("reply"))
        }
    }

    fn called(row: &Function) -> Script {
        script(|f| f.returns(row.call([f.key("k"), f.arg("a")]))).compile().unwrap()
    }

    fn reading() -> Function {
        let (get, keys) = (methods::find(b"GET").unwrap(), methods::find(b"KEYS").unwrap());
        Function::hosted("mine", [Type::ANY, Type::ANY], Type::STR, move |args, host| {
            let spec = if args[1].as_num().is_some() { keys } else { get };
            Val::of(host.call(spec, &[args[0].as_bytes().unwrap_or_default()])?)
        })
    }

    #[test]
    fn native_code_is_given_the_host_with_the_names_of_the_script() {
        let (script, mut told) = (called(&reading()), Told(Vec::new()));
        assert!(script.needs_all_keys());
        let call = script.key("k", "key").arg("a", true);
        assert_eq!(call.run(&mut told), Ok(Value::bulk("reply")));
        assert_eq!(call.prefixed(b"pre:").unwrap().run(&mut told), Ok(Value::bulk("reply")));
        assert_eq!(told.0, ["GET key", "GET pre:key"]);
    }

    #[test]
    fn what_is_about_all_keys_is_refused_under_a_prefix() {
        let call = called(&reading()).key("k", "*").arg("a", 1);
        assert!(call.run(&mut Told(Vec::new())).is_ok());
        let error = call.prefixed(b"pre:").unwrap().run(&mut Told(Vec::new())).unwrap_err();
        assert_eq!(error.message(), "SCRIPT KEYS is about all keys, which a script under a prefix must not see");
    }

    #[test]
    fn the_errors_of_native_code_are_passed_on_as_they_are() {
        let row = Function::hosted("mine", [Type::ANY, Type::ANY], Type::ANY, |_, _| {
            Err(Error::new(Kind::Script, "own").with_source(std::fmt::Error))
        });
        let error = called(&row).key("k", "k").arg("a", 1).run(&mut Told(Vec::new())).unwrap_err();
        assert!(std::error::Error::source(&error).is_some_and(|source| source.is::<std::fmt::Error>()));
    }

    #[test]
    fn a_panic_of_native_code_ends_the_script_with_an_error() {
        static PLAIN: Function = Function::new("plain", &[Type::ANY, Type::ANY], Type::ANY, "nil", |_| panic!("no"));
        let shared = Function::of("shared", [Type::ANY, Type::ANY], Type::ANY, "nil", |_| panic!("{}", 5));
        let hosted = Function::hosted("hosted", [Type::ANY, Type::ANY], Type::ANY, |_, _| std::panic::panic_any(1));
        let rows = [(&PLAIN, "plain panicked: no"), (&shared, "shared panicked: 5"), (&hosted, "hosted panicked: ")];
        for (row, text) in rows {
            let error = called(row).key("k", "k").arg("a", 1).run(&mut Told(Vec::new())).unwrap_err();
            assert_eq!((error.kind(), error.message()), (Kind::Script, &*format!("SCRIPT {text}")));
        }
    }

    #[test]
    fn what_one_side_lacks_is_said_there() {
        let lua = called(&reading()).lua().to_owned();
        assert!(lua.contains(r#"fail("mine is a function of this process; a server does not have it")"#));
        let sine = called(&Function::in_lua("math.sin", "math.sin"));
        assert!(sine.lua().contains(r#"native("math.sin", math.sin)"#) && !sine.needs_all_keys());
        let error = sine.key("k", "k").arg("a", 1).run(&mut Told(Vec::new())).unwrap_err();
        assert_eq!(error.message(), "SCRIPT math.sin is a function of a server's Lua; this process does not have it");
    }

    #[test]
    fn lua_is_given_the_keys_that_the_server_has() {
        let script = called(&Function::in_lua("type", "type"));
        let call = script.key("k", "k").arg("a", 1).prefixed(b"pre:").unwrap();
        assert!(call.lua().unwrap().contains("fn_type(prefix .. key_k, arg_a)"));
        assert!(script.lua().contains("fn_type(key_k, arg_a)"));
    }
}
