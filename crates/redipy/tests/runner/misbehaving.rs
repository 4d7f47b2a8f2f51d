//! The facade on a server that misbehaves.

use std::time::{Duration, Instant};

use redipy::prelude::*;
use redipy::script::script;
use redipy::{Kind, Redis, Result};
use redipy_conformance::fake::{Act, Fake, Manners};

fn connect(fake: &Fake) -> Redis {
    redipy::connect(&format!("redis://127.0.0.1:{}", fake.port())).unwrap()
}

#[test]
fn a_reply_of_the_wrong_shape_tells_whether_the_command_may_have_run() {
    let odd = || [Act::send("*1\r\n:1\r\n")];
    let fake = Fake::start(move |_| {
        Manners::new().on("INCR", odd()).on("GET", odd()).on("EVALSHA", [Act::send("*3\r\n:9\r\n:9\r\n:9\r\n")])
    });
    let r = connect(&fake);
    let open = |may_have_run, error: redipy::Error| {
        assert_eq!((error.kind(), error.may_have_run()), (Kind::Decode, may_have_run), "{error}");
    };
    open(true, r.incr("n").unwrap_err());
    open(false, r.get("n").unwrap_err());
    open(true, r.command("INCR").arg("n").query::<i64>().unwrap_err());
    open(true, r.session().unwrap().incr("n").unwrap_err());
    let mut pipe = r.pipeline();
    let sum = pipe.incr("n");
    open(true, pipe.execute().unwrap().take(sum).unwrap_err());
    let push = r.register(script(|f| f.returns(f.list("l").rpush("x")))).unwrap();
    open(true, r.script(push.key("l", "letters")).unwrap_err());
}

#[test]
fn the_time_for_an_answer_stands_in_the_url_or_in_the_builder() {
    let fake = Fake::start(|_| Manners::new().on("GET", [Act::Freeze]));
    let url = format!("redis://127.0.0.1:{}?timeout=0.2", fake.port());
    let start = Instant::now();
    let error = redipy::connect(&url).unwrap().get("k").unwrap_err();
    assert!(error.kind() == Kind::Timeout && error.message().contains("within 200ms"), "{error}");
    assert!(error.message().contains("?timeout=60"), "{error}");
    let builder = redipy::builder(&url).response_timeout(Duration::from_millis(300));
    let error = builder.connect().unwrap().get("k").unwrap_err();
    assert!(error.message().contains("within 300ms"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(8));
    let refused = redipy::builder(&url).response_timeout(Duration::ZERO).connect().err();
    assert_eq!(refused.map(|error| error.kind()), Some(Kind::Config));
}

#[test]
fn waiting_for_a_condition_ends_in_time_where_nobody_answers() -> Result<()> {
    let fake = Fake::start(|_| Manners::new().on("SUBSCRIBE", [Act::Freeze]));
    let start = Instant::now();
    let mut asked = 0;
    let held = connect(&fake).wait_for(
        "news",
        || {
            asked += 1;
            Ok(false)
        },
        Duration::from_millis(200),
    )?;
    assert_eq!((held, asked), (false, 1));
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    Ok(())
}
