//! One small program for each rule of the language, as program text and as Lua, for review: how the rule is kept on a
//! server can be read here. What the programs answer is compared with a server in `lua_server.rs`, for many more.

use redipy_script::{
    Block, Expr, NONE, Script, Value, dict, exprs, find, int_str, list, num, script, strs, to_json, to_str,
};

use crate::host::Store;
use crate::programs::text_of;

/// The program, its Lua, and what it answers here to these arguments; every key is called as it is named.
fn shown(build: fn(&Block), args: &[Value]) -> String {
    let script = match script(build).compile() {
        Ok(script) => script,
        Err(error) => return without_places(error.message()),
    };
    let call = script.keys().iter().fold(script.prepare(), |call, name| call.key(name, name.as_str()));
    let call = script.args().iter().zip(args).fold(call, |call, (name, arg)| call.arg(name, arg.clone()));
    let answer = match call.run(&mut Store::with_list("list", &["a", "b"])) {
        Ok(value) => text_of(&value),
        Err(error) => format!("{:?}: {error}", error.kind()),
    };
    let asked: Vec<String> = args.iter().map(text_of).collect();
    format!("{}\nwith ({}) gives {answer}\n\n{}", shortened(&script.ir().to_string()), asked.join(", "), lua(&script))
}

/// The Lua; of the helper functions, which are the same for all scripts, only the names.
fn lua(script: &Script) -> String {
    let (mut helpers, mut own, mut inside) = (Vec::new(), String::new(), false);
    for line in script.lua().lines() {
        if let Some(helper) = line.strip_prefix("local function ") {
            helpers.push(helper.split('(').next().unwrap_or_default());
            inside = !line.ends_with(" end");
        } else if !inside {
            own += line;
            own += "\n";
        }
        inside &= line != "end";
    }
    format!("helpers: {}\n{}", helpers.join(", "), shortened(&own))
}

/// The text without the middle of long lines and of many lines that differ only in their numbers.
fn shortened(text: &str) -> String {
    const LONG: usize = 400;
    let short = |line: &str| match line.len() {
        0..LONG => line.to_owned(),
        length => format!("{} .. {}", &line[..LONG / 4], &line[length - LONG / 4..]),
    };
    let shape = |line: &str| line.chars().filter(|char| !char.is_ascii_digit()).collect::<String>();
    let lines: Vec<String> = text.lines().map(short).collect();
    let runs = lines.chunk_by(|a, b| shape(a) == shape(b)).map(|run| match run {
        [first, .., last] if run.len() > 6 => format!("{first}\n.. {} lines ..\n{last}\n", run.len() - 2),
        run => run.join("\n") + "\n",
    });
    runs.collect()
}

/// The lines of a refusal, which would change with every edit of this file.
fn without_places(message: &str) -> String {
    let lines = message.lines().map(|line| match line.strip_prefix(file!()).and_then(|rest| rest.split_once(": ")) {
        Some((_, problem)) => format!("- {problem}\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

macro_rules! rules {
    ($($name:ident($($arg:expr),*) |$f:ident| $body:block)*) => { $(
        #[test]
        fn $name() {
            fn build($f: &Block) $body
            insta::assert_snapshot!(stringify!($name), shown(build, &[$($arg.into()),*]));
        }
    )* };
}

rules! {
    d1_truth(Value::Array(Vec::new())) |f| {
        let (value, queue) = (f.arg("value"), f.list("list"));
        let rounds = f.local(0);
        f.while_(queue.llen(), |b| {
            b.add(queue.lpop());
            b.assign(&rounds, &rounds + 1);
        });
        f.if_(value.and(&rounds), |t| t.returns("both")).else_(|e| e.returns(list(exprs![value.not(), value.or("-")])));
    }

    d2_none(Value::Null) |f| {
        let known = f.local(dict([("none", NONE.into()), ("empty", Expr::from(""))]));
        let keys = ["none", "empty", "missing"];
        f.returns(list(exprs![
            list(keys.map(|key| known.get_key(key))),
            f.arg("null").eq(NONE),
            f.var("missing").get_or("default"),
        ]));
    }

    d3_numbers(0.1, 3) |f| {
        let (a, b) = (f.arg("a"), f.arg("b"));
        f.add(f.var("number").set(&a * &b));
        f.returns(list(exprs![strs!(&b, " ", 1e21, " ", 1e-7), to_json(&a * &b), &b / 2, &b / 3 * 3]));
    }

    d4_conversion(" -1.5e1 ", "0x10") |f| {
        f.returns(list(exprs![num(f.arg("decimal")), num(f.arg("hex")), int_str(2.9), to_str(NONE)]));
    }

    d5_operators(1, "1") |f| {
        let (number, text) = (f.arg("number"), f.arg("text"));
        let comparisons = list(exprs![number.eq(&text), number.eq(1.0), text.lt("a"), list([&number]).eq(list([&number]))]);
        f.returns(list(exprs![&number + 1, &text + "!", list([&number]) + list([&text]), comparisons]));
    }

    d6_containers() |f| {
        let items = f.local(list([1, 2]));
        f.set_at(&items, 2, NONE);
        f.set_at(&items, -3, "first");
        let same = f.local(dict([(1, &items)]));
        f.set_key(&same, "none", NONE);
        f.returns(list(exprs![&items, items.at(-1), items.len(), same.len(), same.get_key("missing"), same.get_key("1").at(0)]));
    }

    d7_strings("na\u{ef}ve .+") |f| {
        let text = f.arg("text");
        f.returns(list(exprs![text.len(), find(&text, ".+"), find(&text, "\u{ef}"), text.lt("nb")]));
    }

    d8_boundary(Value::Map(vec![(Value::bulk("list"), Value::Array(Vec::new()))])) |f| {
        let given = f.arg("given");
        f.set_key(&given, "own", true);
        f.if_(given.get_key("list"), |t| t.returns(list([] as [Expr; 0])));
        f.returns(&given);
    }

    d9_text("x") |f| {
        let argument = f.arg("\") end\n--");
        f.returns(strs!(&argument, "\"\\\n\0]]--\u{e9}", &b"\xff"[..]));
    }

    d10_checks() |f| {
        let inner = f.if_blocks(f.list("list").llen()).0.local(1);
        f.add(redipy_script::redis("GETT", f.key("k"), [] as [Expr; 0]));
        f.add(f.set("s").sadd(list([1])));
        f.while_(Expr::from(1).lt(2), |b| b.add(&inner));
        f.returns(Expr::from("a") - 1);
        f.add(f.list("list").lpop());
    }

    d11_limits() |f| {
        let numbers: Vec<_> = (0..120).map(|number| f.local(number)).collect();
        let queue = f.list("list");
        f.add(queue.rpush((0..250).collect::<Vec<_>>()));
        let sum = numbers.iter().fold(Expr::from(0), |sum, number| sum + number);
        f.returns(list(exprs![sum, queue.llen()]));
    }

    d12_errors() |f| {
        let queue = f.list("list");
        f.add(queue.rpush("c"));
        f.add(redipy_script::RedisVar::new(queue.key()).get());
    }
}
