//! Small programs for commands: what they give, and what they refuse.

use redipy_script::{
    Expr, RedisHash, RedisList, RedisSet, RedisSortedSet, RedisVar, Value, call, command, exprs, list, redis,
};

use super::{Case, gives};

pub fn cases() -> Vec<Case> {
    [strings(), arguments(), collections(), refusals()].into_iter().flatten().collect()
}

/// What the database holds before.
const DATA: &[&str] = &[
    "SET s 5",
    "RPUSH l a b c",
    "HSET h f v g 1.5",
    "SADD t m 10 9 zz",
    "ZADD z 0.3333333333333333 a 2 b",
    "SET e x PX 100000",
];

fn with_data(case: Case) -> Case {
    case.setup(DATA)
}

/// Strings, numbers, and lists and dicts of them.
fn strings() -> Vec<Case> {
    vec![
        with_data(gives("bulk or nil", r#"["5", None, "v", None, "b", None]"#, |_| {
            let get = |name: &str, key: &str, args: &[&str]| redis(name, key, args.iter().copied());
            list([
                get("GET", "s", &[]),
                get("GET", "none", &[]),
                get("HGET", "h", &["f"]),
                get("HGET", "h", &["x"]),
                get("LINDEX", "l", &["1"]),
                get("LINDEX", "l", &["9"]),
            ])
        })),
        with_data(gives("pop with count", r#"[["a", "b"], [], None]"#, |_| {
            let (l, none) = (RedisList::new("l"), RedisList::new("none"));
            list([l.lpop_count(2), l.rpop_count(0), none.lpop_count(2)])
        })),
        with_data(gives("set", r#"[True, False, "6", None, True]"#, |_| {
            let (s, new) = (RedisVar::new("s"), RedisVar::new("new"));
            list([
                s.set(6),
                s.set_with(7, exprs!["NX"]),
                s.set_with(8, exprs!["GET"]),
                new.set_with(1, exprs!["get"]),
                new.set_with(2, exprs!["XX", "PX", 10000]),
            ])
        })),
        with_data(gives("incrby", r#"[10, 10.5, 0.5, 2, "0.5"]"#, |_| {
            let (s, h) = (RedisVar::new("s"), RedisHash::new("h"));
            list([s.incrby(5), s.incrby(0.5), h.hincrby("new", 0.5), h.hincrby("g", "0.5"), h.hget("new")])
        })),
        with_data(gives(
            "hmget and hgetall",
            r#"[{"f": "v", "x": None}, {"a": None}, {"f": "v", "g": "1.5"}, {}]"#,
            |_| {
                let (h, none) = (RedisHash::new("h"), RedisHash::new("none"));
                list([h.hmget(["f", "x"]), none.hmget(["a"]), h.hgetall(), none.hgetall()])
            },
        )),
    ]
}

/// Calls whose meaning depends on what they are given, and on how much.
fn arguments() -> Vec<Case> {
    vec![
        with_data(gives("options of SET that are computed", r#"["5", False, "x", True, None]"#, |f| {
            let (get, nx) = (f.arg("get"), f.arg("nx"));
            let s = RedisVar::new("s");
            let now = s.set_with("x", exprs![&get]);
            let refused = s.set_with("y", exprs![&nx]);
            let before = s.set_with("z", [Expr::from("PX"), 100_000.into(), get.clone()]);
            list([
                now,
                refused,
                before,
                s.set_with("get", [f.arg("xx")]),
                RedisVar::new("none").set_with(1, exprs![&get]),
            ])
        }))
        .with(|c| c.arg("get", "get").arg("nx", "NX").arg("xx", "XX")),
        with_data(gives("a dict of many fields", "[300, \"v\"]", |f| {
            let fields: Vec<_> = (0..299).map(|at| at.to_string()).chain(["f".to_owned()]).collect();
            let dict = f.local(RedisHash::new("h").hmget(fields));
            list([dict.len(), dict.get_key("f")])
        })),
    ]
}

/// Replies that a script sees in another form.
fn collections() -> Vec<Case> {
    vec![
        with_data(gives(
            "scores",
            r#"[["a", "b"], 2, None, 1, None, [["b", 2]], [["a", 0.3333333333333333]], [["b", 2]], [], 1.5]"#,
            |_| {
                let (z, none) = (RedisSortedSet::new("z"), RedisSortedSet::new("none"));
                list([
                    z.zrange(0, -1),
                    z.zscore("b"),
                    z.zscore("x"),
                    z.zrank("b"),
                    none.zrank("x"),
                    z.zrange_with(1, 1, exprs!["WITHSCORES"]),
                    z.zpopmin(),
                    redis("ZPOPMAX", "z", [3]),
                    none.zpopmin(),
                    none.zincrby(1.5, "m"),
                ])
            },
        )),
        with_data(gives("booleans", "[True, False, True, False, 1, 0, [True, False]]", |_| {
            let (t, h) = (RedisSet::new("t"), RedisHash::new("h"));
            list([
                t.sismember("m"),
                t.sismember("x"),
                h.hexists("f"),
                h.persist(),
                h.exists(),
                RedisHash::new("none").exists(),
                redis("SMISMEMBER", "t", ["m", "x"]),
            ])
        })),
        with_data(gives("type", r#"["string", "list", "hash", "set", "zset", None]"#, |_| {
            list(["s", "l", "h", "t", "z", "none"].map(|key| RedisVar::new(key).type_()))
        })),
        with_data(gives("ttl", "[-1, None, True]", |_| {
            let ttl = RedisVar::new("e").ttl();
            list([RedisVar::new("s").ttl(), RedisVar::new("none").ttl(), ttl.gt(99)])
        })),
        with_data(gives("members are sorted", r#"["10", "9", "m", "zz"]"#, |_| RedisSet::new("t").smembers())),
        with_data(gives(
            "lists without an order are sorted",
            r#"[["f", "g"], ["1.5", "v"], ["e", "h", "l"], []]"#,
            |_| {
                let h = RedisHash::new("h");
                let keys = redis("KEYS", "[ehl]", [] as [Expr; 0]);
                list([h.hkeys(), h.hvals(), keys, RedisHash::new("none").hkeys()])
            },
        )),
        with_data(gives("status", r#"[True, "PONG", True]"#, |_| {
            list([redis("RENAME", "s", ["s2"]), command("PING", [] as [Expr; 0]), redis("LSET", "l", exprs![0, "x"])])
        })),
        with_data(gives("lists with None", r#"[["5", None, None], [2, None]]"#, |_| {
            list([command("MGET", ["s", "none", "none"]), redis("ZMSCORE", "z", ["b", "none"])])
        })),
        with_data(gives("lower case and any command", r#"[1.5, "5"]"#, |_| {
            let add = redis("hincrby", "h", exprs!["n", 1.5]);
            list([add, redis("getdel", "s", [] as [Expr; 0])])
        })),
    ]
}

/// Errors of commands and of their arguments.
fn refusals() -> Vec<Case> {
    vec![
        with_data(gives("a command's error", "Syntax: ERR syntax error", |_| redis("LPOS", "l", ["a", "WRONG"]))),
        with_data(gives(
            "an argument that is none",
            "Script: SCRIPT command argument must be str or number, not None",
            |f| redis("RPUSH", "l", [f.arg("a")]),
        ))
        .with(|c| c.arg("a", Value::Null)),
        with_data(gives(
            "a bool as an argument",
            "Script: SCRIPT command argument must be str or number, not bool",
            |f| redis("RPUSH", "l", [f.arg("a")]),
        ))
        .with(|c| c.arg("a", true)),
        gives("an argument is evaluated before it is checked", "Script: SCRIPT bool is not a list", |f| {
            let a = f.arg("a");
            redis("RPUSH", "l", [a.clone(), a.at(0)])
        })
        .with(|c| c.arg("a", true)),
        gives("call by name", "[3, 255]", |_| list([call("max", exprs![1, 3]), call("num", exprs!["255"])])),
    ]
}
