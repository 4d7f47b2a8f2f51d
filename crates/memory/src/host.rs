//! Scripts in the engine: what a running script sees of it, and what ends it.

use std::time::Duration;

use redipy_command::connection::Select;
use redipy_command::{Args, Command, Parse, ReplySink, Result, Spec, Value, ValueSink, texts};
use redipy_script::texts::stopped;
use redipy_script::{CallSite, Host, ScriptCall, Trace};

use crate::clock::Stopwatch;
use crate::dispatch::Site;
use crate::shard_set::ShardSet;
use crate::shared::Shared;
use crate::space::{KnownKey, Space};
use crate::visit::Visit;
use crate::waiting::{Announced, SLICE, gives_up};

/// The engine, seen by a running script.
struct EngineHost<'a, 'e> {
    at: &'a mut Space<'e>,
    call: &'a ScriptCall,
    sites: Sites,
    /// Whether it has called a command that may write: then it must come to its end.
    has_written: bool,
    /// What is known of it once it has run for a while.
    long: Option<Long<'e>>,
}

/// A script that has been running for a while.
struct Long<'e> {
    since: Stopwatch,
    /// Until when it was asked last whether it should end.
    asked: Duration,
    _announced: Announced<'e>,
}

/// What is known of the calls in a script, by their places in it: looked up once, however often a loop comes there.
#[derive(Default)]
struct Sites(Vec<Option<Known>>);

/// What is known of a call.
#[derive(Clone, Copy)]
struct Known {
    site: Site,
    /// The key, if it is always the same.
    key: Option<KnownKey>,
}

impl Sites {
    fn add(&mut self, at: usize, known: Known) {
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        self.0[at] = Some(known);
    }
}

/// Adds the shards that this script needs: those of its keys, or all when it makes up names of keys.
pub(crate) fn add_shards_of(wanted: &mut ShardSet, shared: &Shared, call: &ScriptCall) {
    if call.script().needs_all_keys() {
        *wanted = ShardSet::everything();
    }
    // A call that lacks a key or an argument is refused when it is run, before it reaches any data.
    call.each_stored_key(|key| shared.add_shard_of(wanted, key));
}

/// Runs a script whose shards are held. A database that it selects is its own affair.
pub(crate) fn run<T: Trace>(at: &mut Space<'_>, call: &ScriptCall, trace: &mut T) -> Result<Value> {
    let (shared, limits, db) = (at.shared, at.shared.script_limits, at.db());
    // Traces and functions of one's own are called with data held.
    let _visit = Visit::begin(&shared.long_scripts);
    let mut host = EngineHost { at, call, sites: Sites::default(), has_written: false, long: None };
    let result = call.script().run_with(&mut host, call, limits, trace);
    at.forget();
    at.select(db);
    result
}

impl EngineHost<'_, '_> {
    /// Executes a command where its site is known.
    #[inline]
    fn call_at(&mut self, site: &Site, key: KnownKey, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        self.has_written |= site.writes;
        site.call(self.at, key, args, to)
    }

    /// The first call at its place in the script.
    #[cold]
    fn show_first(&mut self, call: &CallSite, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        let Some(site) = Site::new(call.spec(), args.len())? else {
            self.call_other(call.spec(), args)?.show(to);
            return Ok(());
        };
        let key = site.key(self.at, args);
        self.sites.add(call.index(), Known { site, key: call.fixed_key().then_some(key) });
        self.call_at(&site, key, args, to)
    }

    /// What is no command of the table: SELECT, or not for scripts.
    #[cold]
    fn call_other(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        if spec.id == Select::SPEC.id && spec.accepts(args.len() + spec.words) {
            self.at.select(Select::parse(Args::new(spec, args))?.index.get()?);
            return Ok(Value::OK);
        }
        texts::fail(texts::NOT_FROM_SCRIPT)
    }
}

impl Host for EngineHost<'_, '_> {
    fn call(&mut self, spec: &'static Spec, args: &[&[u8]]) -> Result<Value> {
        let Some(site) = Site::new(spec, args.len())? else { return self.call_other(spec, args) };
        let mut reply = ValueSink::default();
        self.call_at(&site, site.key(self.at, args), args, &mut reply)?;
        Ok(reply.into_value())
    }

    fn show(&mut self, call: &CallSite, args: &[&[u8]], to: &mut dyn ReplySink) -> Result<()> {
        let known = self.sites.0.get(call.index()).copied().flatten();
        let Some(Known { site, key }) = known.filter(|known| known.site.is_of(call.spec())) else {
            return self.show_first(call, args, to);
        };
        let key = key.map_or_else(|| site.key(self.at, args), |key| site.same_key(key, args));
        self.call_at(&site, key, args, to)
    }

    /// From the first pulse on others know of the script. It ends if its caller wants it to and it has not written.
    fn pulse(&mut self) -> Result<()> {
        let shared = self.at.shared;
        let long = self.long.get_or_insert_with(|| {
            let since = Stopwatch::start();
            let announced = shared.long_scripts.announce(self.at.shards(), since);
            Long { since, asked: Duration::ZERO, _announced: announced }
        });
        let elapsed = long.since.elapsed();
        let mut ends = self.call.should_end(elapsed);
        if elapsed - long.asked >= SLICE {
            long.asked = elapsed;
            ends |= gives_up(true);
        }
        if ends && !self.has_written { Err(stopped()) } else { Ok(()) }
    }

    fn log(&mut self, level: &str, message: &str) {
        crate::log::log(level, message);
    }
}

#[cfg(test)]
mod tests {
    use redipy_backend::Backend;
    use redipy_command::{Encoded, Value};
    use redipy_script::value::Val;
    use redipy_script::{Expr, Function, NONE, Type, command, script};

    use crate::{Engine, Memory};

    #[test]
    fn a_script_selects_a_database_for_itself() {
        let engine = Memory::from(Engine::new());
        let mut session = engine.session().unwrap();
        let moved = script(|f| {
            f.add(command("SELECT", [Expr::from(1)]));
            f.returns(f.var("k").set("there"));
        });
        let call = moved.compile().unwrap().key("k", "k");
        session.call(&call.into()).unwrap();
        let get = || Encoded::raw(b"GET").arg("k").into();
        assert_eq!(session.call(&get()), Ok(Value::Null));
        session.call(&Encoded::raw(b"SELECT").arg("1").into()).unwrap();
        assert_eq!(session.call(&get()), Ok("there".into()));
    }

    /// What the script wrote before stays, as after any other error.
    #[test]
    fn a_function_that_panics_ends_the_script_and_nothing_else() {
        let set = redipy_command::methods::find(b"SET").unwrap();
        let careless = Function::hosted("careless", [], Type::ANY, move |_, host| {
            host.call(set, &[b"written", b"1"])?;
            panic!("oh no")
        });
        let call = script(|f| f.returns(careless.call([] as [Expr; 0]))).compile().unwrap().prepare();
        let engine = Memory::from(Engine::new());
        let error = engine.call(&call.clone().into()).unwrap_err();
        assert_eq!(error.message(), "SCRIPT careless panicked: oh no");
        let incr = || Encoded::raw(b"INCR").arg("written").into();
        assert_eq!(engine.transaction(&[incr(), call.into(), incr()].into()).unwrap().pop(), Some(Ok(Value::Int(2))));
        assert_eq!(engine.call(&incr()), Ok(Value::Int(3)));
    }

    #[test]
    fn only_a_short_script_that_nobody_disturbs_runs_at_once() {
        let engine = Memory::from(Engine::new());
        let hit = script(|f| f.returns(f.var("hits").incr())).compile().unwrap();
        let call = hit.key("hits", "page");
        assert_eq!(engine.try_script(&call), Some(Ok(Value::Int(1))));
        let held = engine.engine().shared.lock_all().unwrap();
        assert_eq!(engine.try_script(&call), None);
        drop(held);
        assert_eq!(engine.try_script(&call), Some(Ok(Value::Int(2))));
        assert!(engine.try_script(&hit.prepare()).is_some_and(|result| result.is_err()));

        let drain = script(|f| f.while_(f.list("l").lpop().ne(NONE), |_| {}));
        assert_eq!(engine.try_script(&drain.compile().unwrap().key("l", "l")), None);
        let undeclared = script(|f| f.returns(command("INCR", [Expr::from("page")])));
        assert_eq!(engine.try_script(&undeclared.compile().unwrap().prepare()), None);
    }

    /// What the outer script has learned of its calls is of no use to the inner one, whose places have the same numbers.
    #[test]
    fn a_function_that_runs_another_script_has_places_of_its_own() {
        let engine = Memory::from(Engine::new());
        let inner = script(|f| {
            f.add(f.list("l").rpush("x"));
            f.returns(f.var("n").incr());
        });
        let inner = inner.compile().unwrap();
        let run = Function::hosted("inner", [Type::STR], Type::ANY, move |args, host| {
            let Value::Bulk(key) = args[0].to_value()? else { return Ok(Val::None) };
            Val::of(inner.run(host, &inner.key("l", "list").key("n", key))?)
        });
        let outer = script(|f| {
            let (seen, names) = (f.local(redipy_script::list([] as [Expr; 0])), f.arg("names"));
            f.for_(names, |b, index, name| {
                b.add(f.var("own").incr());
                b.add(f.var("other").incr());
                b.set_at(&seen, index, run.call([name]));
            });
            f.returns(&seen);
        });
        let call = outer.compile().unwrap().key("own", "o").key("other", "p");
        let call = call.arg("names", ["a", "b", "a"].map(Value::bulk).to_vec());
        assert_eq!(engine.call(&call.into()), Ok(Value::Array([1, 1, 2].map(Value::Int).to_vec())));
        let get = |key: &str| engine.call(&Encoded::raw(b"GET").arg(key).into()).unwrap();
        assert_eq!([get("o"), get("p"), get("a"), get("b")], ["3", "3", "2", "1"].map(Value::bulk));
        assert_eq!(engine.call(&Encoded::raw(b"LLEN").arg("list").into()), Ok(Value::Int(3)));
    }

    /// A loop keeps what it knows of a key that is the same each time, and of no other.
    #[test]
    fn keys_that_change_in_a_loop_are_looked_up_anew() {
        let engine = Memory::from(Engine::new());
        let push = script(|f| {
            let (fixed, number) = (f.list("fixed"), f.arg("number"));
            f.for_(f.arg("names"), |b, _, name| {
                b.add(command("RPUSH", [Expr::from(&name), Expr::from("own")]));
                b.add(command("RPUSH", [Expr::from("literal"), Expr::from(&name)]));
                b.add(command("RPUSH", [Expr::from(&number), Expr::from(&name)]));
                b.add(fixed.rpush(&name));
            });
        });
        let names = ["a", "b", "c", "number 300 of them all, too long to be short"];
        let call =
            push.compile().unwrap().key("fixed", "k").arg("number", 5).arg("names", names.map(Value::bulk).to_vec());
        for call in [call.clone(), call.prefixed(b"pre:").unwrap()] {
            engine.call(&call.into()).unwrap();
        }
        let list = |key: &str| engine.call(&Encoded::raw(b"LRANGE").arg(key).arg("0").arg("-1").into()).unwrap();
        for prefix in ["", "pre:"] {
            for name in names {
                assert_eq!(list(&format!("{prefix}{name}")), Value::Array(vec![Value::bulk("own")]), "{name}");
            }
            for key in ["literal", "5", "k"] {
                assert_eq!(list(&format!("{prefix}{key}")), Value::Array(names.map(Value::bulk).to_vec()), "{key}");
            }
        }
    }
}
