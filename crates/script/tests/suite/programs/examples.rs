//! The scripts of the six example programs.

use redipy_script::{Block, NONE, RedisHash, Var, exprs, int_str, list, max, num, redis, strs};

use super::{Case, case};

/// Divides a list of numbers by comparing each with `cmp`.
pub fn filter_list(f: &Block) {
    let cmp = f.arg("cmp");
    let (inp, left, right) = (f.list("inp"), f.list("left"), f.list("right"));
    let cur = f.local(inp.lpop());
    f.while_(cur.ne(NONE), |b| {
        b.if_(num(&cur).lt(&cmp), |t| t.add(left.rpush(&cur))).else_(|e| e.add(right.rpush(&cur)));
        b.assign(&cur, inp.lpop());
    });
    f.returns(NONE);
}

/// Sets a field in the topmost frame of an object stack.
pub fn stack_set_value(f: &Block) {
    let size = f.var("size");
    let frame = RedisHash::new(strs!(f.key("frame"), ":", int_str(size.get_or(0))));
    let (field, value) = (f.arg("field"), f.arg("value"));
    f.add(frame.hset((&field, &value)));
    f.returns(NONE);
}

/// Reads a field of the topmost frame.
pub fn stack_get_value(f: &Block) {
    let size = f.var("size");
    let frame = RedisHash::new(strs!(f.key("frame"), ":", int_str(size.get_or(0))));
    let field = f.arg("field");
    f.returns(frame.hget(&field));
}

/// Removes the topmost frame and returns its fields.
pub fn stack_pop_frame(f: &Block) {
    let size = f.var("size");
    let frame = RedisHash::new(strs!(f.key("frame"), ":", int_str(size.get_or(0))));
    let fields = f.local(frame.hgetall());
    f.add(frame.del());
    f.if_(num(size.get_or(0)).gt(0), |t| t.add(size.incrby(-1))).else_(|e| e.add(size.del()));
    f.returns(&fields);
}

/// Reads a field of the topmost frame that has it.
pub fn stack_get_cascading(f: &Block) {
    let size = f.var("size");
    let base = f.local(f.key("frame"));
    let field = f.arg("field");
    let pos = f.local(num(size.get_or(0)));
    let res = f.local(NONE);
    let cur = f.local(NONE);
    let frame = RedisHash::new(&cur);
    f.while_(res.eq(NONE).and(pos.ge(0)), |b| {
        b.assign(&cur, strs!(&base, ":", int_str(&pos)));
        b.assign(&res, frame.hget(&field));
        b.assign(&pos, &pos - 1);
    });
    f.returns(&res);
}

/// Takes a job from the queue and notes who runs it since when.
pub fn worker_take(f: &Block) {
    let (queue, running) = (f.list("queue"), f.hash("running"));
    let (worker, now) = (f.arg("worker"), f.arg("now"));
    let job = f.local(queue.lpop());
    f.if_(job.ne(NONE), |t| t.add(running.hset((&job, strs!(&worker, "@", &now)))));
    f.returns(&job);
}

/// Notes that a job is done; false if it was not running.
pub fn worker_finish(f: &Block) {
    let (running, done) = (f.hash("running"), f.var("done"));
    let job = f.arg("job");
    f.if_(running.hdel(&job), |t| {
        t.add(done.incrby(1));
        t.returns(true);
    });
    f.returns(false);
}

/// Allows so many calls within a sliding window; returns [allowed, remaining].
pub fn rate_limit(f: &Block) {
    let calls = f.zset("calls");
    let (now, window, limit, id) = (f.arg("now"), f.arg("window"), f.arg("limit"), f.arg("id"));
    f.while_(calls.zcount("-inf", &now - &window).gt(0), |b| b.add(calls.zpopmin()));
    let used = f.local(calls.zcard());
    f.if_(used.ge(&limit), |t| t.returns(list([false.into(), max(&limit - &used, 0)])));
    f.add(calls.zadd((&now, &id)));
    f.add(calls.pexpire(&window));
    f.returns(list([true.into(), &limit - &used - 1]));
}

/// Takes a lock for some milliseconds.
pub fn lock_acquire(f: &Block) {
    let lock = f.var("lock");
    let (token, ttl) = (f.arg("token"), f.arg("ttl"));
    f.returns(lock.set_with(&token, exprs!["NX", "PX", &ttl]));
}

/// Frees a lock, if it is still this holder's.
pub fn lock_release(f: &Block) {
    let lock = f.var("lock");
    let token = f.arg("token");
    f.if_(lock.get().eq(&token), |t| {
        t.add(lock.del());
        t.returns(true);
    });
    f.returns(false);
}

/// Keeps a lock for longer, if it is still this holder's.
pub fn lock_extend(f: &Block) {
    let lock = f.var("lock");
    let (token, ttl) = (f.arg("token"), f.arg("ttl"));
    f.returns(lock.get().eq(&token).and(lock.pexpire(&ttl)));
}

/// Adds points and returns the new score, the rank from 1, and the best ones.
pub fn leaderboard(f: &Block) {
    let board = f.zset("board");
    let (player, points, count) = (f.arg("player"), f.arg("points"), f.arg("count"));
    let score = f.local(board.zincrby(&points, &player));
    let best = f.local(list([] as [redipy_script::Expr; 0]));
    let top = board.zrange_with(0, &count - 1, exprs!["REV", "WITHSCORES"]);
    f.for_(top, |b, place: Var, entry: Var| {
        let row = redipy_script::dict([("place", &place + 1), ("player", entry.at(0)), ("score", entry.at(1))]);
        b.set_at(&best, best.len(), row);
    });
    f.returns(redipy_script::dict([
        ("score", score.clone().into()),
        ("rank", redis("ZREVRANK", board.key(), [&player]) + 1),
        ("best", best.clone().into()),
    ]));
}

pub fn cases() -> Vec<Case> {
    vec![
        case("filter_list", "None", filter_list)
            .setup(&["RPUSH l 1 5 2 9 x3 3"])
            .with(|c| c.key("inp", "m").key("left", "s").key("right", "b").arg("cmp", 3)),
        case("filter_list moves all", "None", filter_list)
            .setup(&["RPUSH l 1 5 2 9 3"])
            .with(|c| c.key("inp", "l").key("left", "s").key("right", "b").arg("cmp", 3)),
        case("filter_list fails midway", "Script: SCRIPT cannot compare None with number", filter_list)
            .setup(&["RPUSH l 1 5 x 9 3"])
            .with(|c| c.key("inp", "l").key("left", "s").key("right", "b").arg("cmp", 3)),
        case("stack_set_value", "None", stack_set_value)
            .setup(&["SET z 2"])
            .with(|c| c.key("size", "z").key("frame", "fr").arg("field", "a").arg("value", "v")),
        case("stack_set_value at the bottom", "None", stack_set_value)
            .with(|c| c.key("size", "z").key("frame", "fr").arg("field", "a").arg("value", 0.5)),
        case("stack_get_value", "\"v\"", stack_get_value)
            .setup(&["SET z 2", "HSET fr:2 a v"])
            .with(|c| c.key("size", "z").key("frame", "fr").arg("field", "a")),
        case("stack_pop_frame", r#"{"a": "v", "b": "w"}"#, stack_pop_frame)
            .setup(&["SET z 2", "HSET fr:2 b w a v"])
            .with(|c| c.key("size", "z").key("frame", "fr")),
        case("stack_pop_frame at the bottom", "None", stack_pop_frame)
            .setup(&["SET z 0"])
            .with(|c| c.key("size", "z").key("frame", "fr")),
        case("stack_get_cascading", "\"low\"", stack_get_cascading)
            .setup(&["SET z 3", "HSET fr:1 a low", "HSET fr:3 b high"])
            .with(|c| c.key("size", "z").key("frame", "fr").arg("field", "a")),
        case("stack_get_cascading finds nothing", "None", stack_get_cascading)
            .setup(&["SET z 3"])
            .with(|c| c.key("size", "z").key("frame", "fr").arg("field", "a")),
        case("worker_take", "\"j1\"", worker_take)
            .setup(&["RPUSH q j1 j2"])
            .with(|c| c.key("queue", "q").key("running", "r").arg("worker", "w").arg("now", 1700000000.25)),
        case("worker_take nothing", "None", worker_take)
            .with(|c| c.key("queue", "q").key("running", "r").arg("worker", "w").arg("now", 1)),
        case("worker_finish", "True", worker_finish)
            .setup(&["HSET r j1 w", "SET d 41"])
            .with(|c| c.key("running", "r").key("done", "d").arg("job", "j1")),
        case("worker_finish twice", "False", worker_finish)
            .with(|c| c.key("running", "r").key("done", "d").arg("job", "j1")),
        case("rate_limit allows", "[True, 1]", rate_limit)
            .setup(&["ZADD c 1 old 1000 a"])
            .with(|c| c.key("calls", "c").arg("now", 1500).arg("window", 1000).arg("limit", 3).arg("id", "b")),
        case("rate_limit refuses", "[False, 0]", rate_limit)
            .setup(&["ZADD c 1400 x 1300 a"])
            .with(|c| c.key("calls", "c").arg("now", 1500).arg("window", 1000).arg("limit", 2).arg("id", "b")),
        case("lock_acquire", "True", lock_acquire)
            .with(|c| c.key("lock", "k").arg("token", "t").arg("ttl", 5000)),
        case("lock_acquire is refused", "False", lock_acquire)
            .setup(&["SET k other"])
            .with(|c| c.key("lock", "k").arg("token", "t").arg("ttl", 5000)),
        case("lock_release", "True", lock_release).setup(&["SET k t"]).with(|c| c.key("lock", "k").arg("token", "t")),
        case("lock_release by another", "False", lock_release)
            .setup(&["SET k u"])
            .with(|c| c.key("lock", "k").arg("token", "t")),
        case("lock_extend", "True", lock_extend)
            .setup(&["SET k t"])
            .with(|c| c.key("lock", "k").arg("token", "t").arg("ttl", 5000)),
        case("lock_extend by another", "False", lock_extend)
            .setup(&["SET k u"])
            .with(|c| c.key("lock", "k").arg("token", "t").arg("ttl", 5000)),
        case(
            "leaderboard",
            r#"{"best": [{"place": 1, "player": "eve", "score": 30}, {"place": 2, "player": "ada", "score": 20.5}], "rank": 2, "score": 20.5}"#,
            leaderboard,
        )
        .setup(&["ZADD b 10 ada 30 eve 5 bob"])
        .with(|c| c.key("board", "b").arg("player", "ada").arg("points", 10.5).arg("count", 2)),
    ]
}
