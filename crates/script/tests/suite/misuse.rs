//! The builder in the wrong hands: any calls in any order on the blocks and variables of two drafts. It never panics, and
//! what is wrong is reported with its place.

use proptest::prelude::*;
use proptest::test_runner::Config;

use redipy_script::{
    Block, Draft, Else, Expr, Kind, NONE, RedisHash, RedisKey, RedisList, RedisSortedSet, RedisVar, Value, call,
    command, dict, exprs, list, log_text, num, redis, script, strs,
};

use crate::host::Store;

/// A call: what, and on which of the things at hand.
type Step = (u8, [u8; 4]);

/// Everything that the calls so far have given out.
struct World {
    drafts: [Draft; 2],
    blocks: Vec<Block>,
    elses: Vec<Else>,
    exprs: Vec<Expr>,
    vars: Vec<redipy_script::Var>,
}

const NAMES: [&str; 4] = ["a", "b", "", "two words"];
const COMMANDS: [&str; 8] = ["GET", "SET", "RPUSH", "HMGET", "INCRBY", "MULTI", "NOPE", "GETT"];
const FUNCTIONS: [&str; 8] = ["strs", "num", "len", "find", "min", "to_json", "slice", "nope"];

fn text(of: &[&'static str], at: u8) -> &'static str {
    of[usize::from(at) % of.len()]
}

fn pick<T>(items: &[T], at: u8) -> &T {
    &items[usize::from(at) % items.len()]
}

impl World {
    fn new() -> Self {
        let drafts = [Draft::new(), Draft::new()];
        let blocks: Vec<Block> = drafts.iter().map(|draft| draft.root().clone()).collect();
        let vars = blocks.iter().map(|block| block.local(1)).collect();
        Self { drafts, blocks, elses: Vec::new(), exprs: exprs![1, "text", NONE].into(), vars }
    }

    fn expr(&self, at: u8) -> Expr {
        // Variables are as likely as all other expressions.
        if at.is_multiple_of(2) { pick(&self.vars, at / 2).into() } else { pick(&self.exprs, at / 2).clone() }
    }

    fn literal(what: u8) -> Expr {
        match what % 10 {
            0 => NONE.into(),
            1 => true.into(),
            2 => i64::from(what).into(),
            3 => i64::MAX.into(),
            4 => f64::NAN.into(),
            5 => "text".into(),
            6 => Expr::from(&[0xff, 0][..]),
            7 => Expr::from(vec![Expr::from(1)]),
            8 => dict([(1, 2)]),
            _ => Value::Array(vec![Value::Map(vec![(Value::Null, Value::Double(f64::INFINITY))])]).into(),
        }
    }

    /// An expression of others.
    fn combined(&self, what: u8, [a, b, c, d]: [u8; 4]) -> Expr {
        let (x, y) = (self.expr(a), self.expr(b));
        match what % 24 {
            0 => x + y,
            1 => x - y,
            2 => -x,
            3 => x.eq(y),
            4 => x.lt(y),
            5 => x.and(y),
            6 => x.or(y),
            7 => x.not(),
            8 => x.or_default(y),
            9 => x.at(y),
            10 => x.get_key(y),
            11 => x.len(),
            12 => list([x, y]),
            13 => dict([(x, y)]),
            14 => strs!(x, ":", y),
            15 => num(x),
            16 => call(text(&FUNCTIONS, c), [x, y].into_iter().take(usize::from(d % 3))),
            17 => redis(text(&COMMANDS, c), x, [y].into_iter().take(usize::from(d % 2))),
            18 => command(text(&COMMANDS, c), [x, y].into_iter().take(usize::from(d % 3))),
            19 => RedisVar::new(x).get_or(y),
            20 => RedisList::new(x).rpush([y, self.expr(c)]),
            21 => RedisHash::new(x).hset((y, self.expr(c))),
            22 => RedisSortedSet::new(x).zrange_with(y, self.expr(c), exprs!["REV"]),
            _ => RedisKey::new(x).expire(y),
        }
    }

    /// A statement, or the beginning of one with blocks.
    fn state(&mut self, what: u8, at: u8, [a, b, c, _]: [u8; 4]) {
        let block = pick(&self.blocks, at).clone();
        let (x, y) = (self.expr(a), self.expr(b));
        match what % 16 {
            0 => block.add(x),
            1 => self.vars.push(block.local(x)),
            2 => block.assign(pick(&self.vars, c), x),
            3 => block.set_at(x, y, self.expr(c)),
            4 => block.set_key(x, y, self.expr(c)),
            5 => block.returns(x),
            6 => block.break_(),
            7 => block.continue_(),
            8 => self.exprs.push(block.arg(text(&NAMES, c))),
            9 => self.exprs.push(block.key(text(&NAMES, c))),
            10 => block.add(log_text(x, y)),
            11 => {
                let (then, other) = block.if_blocks(x);
                self.blocks.extend([then, other]);
            }
            12 => self.blocks.push(block.while_block(x)),
            13 => {
                let (body, index, item) = block.for_block(x);
                self.blocks.push(body);
                self.vars.extend([index, item]);
            }
            14 => {
                // The blocks are kept after their closures, and the alternatives for later.
                let mut kept = Vec::new();
                let other = block.if_(x, |then| kept.push(then.clone()));
                block.while_(y, |body| kept.push(body.clone()));
                self.blocks.extend(kept);
                self.elses.push(other);
            }
            _ => {
                if let Some(other) = self.elses.pop() {
                    self.elses.push(other.elif(x, |then| then.add(y)));
                }
            }
        }
    }

    fn step(&mut self, (what, at): Step) -> Result<(), TestCaseError> {
        match what {
            0..=7 => check(pick(&self.drafts, what))?,
            8..=30 => self.exprs.push(Self::literal(what)),
            31..=120 => {
                let combined = self.combined(what, at);
                self.exprs.push(combined);
            }
            _ => self.state(what, at[3], at),
        }
        Ok(())
    }
}

/// A draft compiles and runs to some end, or every line of the refusal has a place in this file.
fn check(draft: &Draft) -> Result<(), TestCaseError> {
    let error = match draft.compile() {
        Ok(script) => {
            let call = script.keys().iter().fold(script.prepare().max_steps(2000), |call, name| call.key(name, "k"));
            let call = script.args().iter().fold(call, |call, name| call.arg(name, 7));
            let _ = call.run(&mut Store::default());
            return Ok(());
        }
        Err(error) => error,
    };
    prop_assert_eq!(error.kind(), Kind::Script);
    let problems = error.message().strip_prefix("the script is refused:");
    let problems = problems.ok_or_else(|| TestCaseError::fail(error.to_string()))?;
    for line in problems.trim_start().lines() {
        let (line_number, problem) = line
            .strip_prefix(concat!(file!(), ":"))
            .and_then(|rest| rest.split_once(": "))
            .ok_or_else(|| TestCaseError::fail(format!("no place: {line}")))?;
        prop_assert!(line_number.parse::<u32>().is_ok_and(|line| line > 0 && line < line!()), "{}", line);
        prop_assert!(!problem.is_empty());
    }
    Ok(())
}

/// Few steps, which may well be right, or many, which hardly are.
fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![0..8_usize, 0..100_usize].prop_flat_map(|count| proptest::collection::vec(any::<Step>(), count))
}

proptest! {
    #![proptest_config(Config { cases: 1024, failure_persistence: None, ..Config::default() })]

    #[test]
    fn nothing_panics_and_every_problem_has_a_place(steps in steps()) {
        let mut world = World::new();
        steps.into_iter().try_for_each(|step| world.step(step))?;
        world.drafts.iter().try_for_each(check)?;
    }
}

/// Few expressions can be many when each is used twice in the next.
#[test]
fn an_expression_that_doubles_is_refused_in_time() {
    let draft = script(|f| {
        let doubled = (0..200).fold(f.arg("a"), |sum, _| &sum + &sum);
        f.returns(doubled);
    });
    let error = draft.compile().expect_err("a refusal");
    assert!(error.message().contains("parts; use a local variable"), "{error}");
}

/// Literals become expressions inside of the builder, and are the caller's all the same.
#[test]
fn literals_anywhere_have_the_place_of_the_caller() {
    let (nan, key) = (f64::NAN, "k");
    let nested = || Value::Array(vec![Value::Map(vec![(Value::bulk("k"), Value::Double(nan))])]);
    let uses: [&dyn Fn(&Block) -> Expr; 11] = [
        &|_| Expr::from(nan),
        &|_| nested().into(),
        &|_| list([nan]),
        &|_| dict([(key, nan)]),
        &|_| strs!("x", nan),
        &|_| redis("SET", key, [nan]),
        &|_| command("SET", [nan]),
        &|f| f.arg("a") + nan,
        &|_| RedisList::new(key).rpush([nan]),
        &|_| RedisHash::new(key).hset([(key, nan)]),
        &|_| RedisSortedSet::new(key).zadd_with((nan, "m"), exprs!["NX", nan]),
    ];
    for (at, build) in uses.into_iter().enumerate() {
        let message = script(|f| f.add(build(f))).compile().expect_err("a refusal").to_string();
        assert!(
            message.contains("NaN") && message.matches(".rs").count() == message.matches(file!()).count(),
            "{at}: {message}"
        );
    }
}
