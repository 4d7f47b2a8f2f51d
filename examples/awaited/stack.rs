//! The stack with calls that are awaited.

use redipy::prelude::*;
use redipy::script::{Draft, Script};
use redipy::{AsyncRedis, Result, Value};

#[expect(dead_code, reason = "only its scripts are used")]
#[path = "../stack.rs"]
mod blocking;

/// Frames of fields. Frame `n` is the hash `<base>:frame:<n>`.
struct Stack {
    redis: AsyncRedis,
    base: &'static str,
    set_value: Script,
    get_value: Script,
    get_cascading: Script,
    pop_frame: Script,
}

impl Stack {
    fn new(redis: &AsyncRedis, base: &'static str) -> Result<Self> {
        let script = |draft: Draft| redis.register(draft);
        Ok(Self {
            redis: redis.clone(),
            base,
            set_value: script(blocking::set_value())?,
            get_value: script(blocking::get_value())?,
            get_cascading: script(blocking::get_cascading())?,
            pop_frame: script(blocking::pop_frame())?,
        })
    }

    async fn run(&self, script: &Script, args: &[(&str, &str)]) -> Result<Value> {
        let call = script.key("size", format!("{}:size", self.base)).key("frame", format!("{}:frame", self.base));
        self.redis.script(args.iter().fold(call, |call, (name, value)| call.arg(name, *value))).await
    }

    async fn push_frame(&self) -> Result<()> {
        self.redis.incr(format!("{}:size", self.base)).await.map(drop)
    }

    async fn set_value(&self, field: &str, value: &str) -> Result<()> {
        self.run(&self.set_value, &[("field", field), ("value", value)]).await.map(drop)
    }

    async fn get_value(&self, field: &str) -> Result<Value> {
        self.run(&self.get_value, &[("field", field)]).await
    }

    async fn get_cascading(&self, field: &str) -> Result<Value> {
        self.run(&self.get_cascading, &[("field", field)]).await
    }

    async fn pop_frame(&self) -> Result<Value> {
        self.run(&self.pop_frame, &[]).await
    }
}

fn main() -> Result<()> {
    support::block_on(run())
}

async fn run() -> Result<()> {
    let r = support::connect_async("stack:").await?;
    let stack = Stack::new(&r, "stack:main")?;

    stack.set_value("color", "red").await?;
    stack.set_value("shape", "circle").await?;
    stack.push_frame().await?;
    stack.set_value("color", "blue").await?;
    stack.push_frame().await?;
    stack.set_value("size", "large").await?;

    for field in ["color", "shape", "size", "weight"] {
        println!("{field}: here {}, cascading {}", stack.get_value(field).await?, stack.get_cascading(field).await?);
    }
    for _ in 0..4 {
        println!("popped {}", stack.pop_frame().await?);
    }
    println!("color: {}", stack.get_cascading("color").await?);
    Ok(())
}
