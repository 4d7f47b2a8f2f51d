//! A stack of frames, each with fields of its own; a field that the top frame lacks is looked up in
//! the frames below. The advanced example of the original redipy.

use redipy::prelude::*;
use redipy::script::{Block, Draft, NONE, RedisHash, RedisVar, Script, int_str, num, script};
use redipy::{Redis, Result, Value, script::strs};

/// Frames of fields. Frame `n` is the hash `<base>:frame:<n>`.
struct Stack {
    redis: Redis,
    base: String,
    set_value: Script,
    get_value: Script,
    get_cascading: Script,
    pop_frame: Script,
}

/// The size of the stack, and the hash of its top frame: its name is made up at every use.
fn top(f: &Block) -> (RedisVar, RedisHash) {
    let size = f.var("size");
    let frame = RedisHash::new(strs!(f.key("frame"), ":", int_str(size.get_or(0))));
    (size, frame)
}

/// Sets a field of the top frame.
pub fn set_value() -> Draft {
    script(|f| {
        let (_, frame) = top(f);
        f.add(frame.hset((f.arg("field"), f.arg("value"))));
        f.returns(NONE);
    })
}

/// A field of the top frame.
pub fn get_value() -> Draft {
    script(|f| {
        let (_, frame) = top(f);
        f.returns(frame.hget(f.arg("field")));
    })
}

/// Removes the top frame, and gives its fields.
pub fn pop_frame() -> Draft {
    script(|f| {
        let (size, frame) = top(f);
        let fields = f.local(frame.hgetall());
        f.add(frame.del());
        f.if_(num(size.get_or(0)).gt(0), |t| t.add(size.incrby(-1))).else_(|e| e.add(size.del()));
        f.returns(&fields);
    })
}

/// A field of the uppermost frame that has it.
pub fn get_cascading() -> Draft {
    script(|f| {
        let (size, base, field) = (f.var("size"), f.key("frame"), f.arg("field"));
        let pos = f.local(num(size.get_or(0)));
        let found = f.local(NONE);
        f.while_(found.eq(NONE).and(pos.ge(0)), |b| {
            let frame = RedisHash::new(strs!(&base, ":", int_str(&pos)));
            b.assign(&found, frame.hget(&field));
            b.assign(&pos, &pos - 1);
        });
        f.returns(&found);
    })
}

impl Stack {
    fn new(redis: &Redis, base: &str) -> Result<Self> {
        Ok(Self {
            redis: redis.clone(),
            base: base.to_owned(),
            set_value: redis.register(set_value())?,
            get_value: redis.register(get_value())?,
            get_cascading: redis.register(get_cascading())?,
            pop_frame: redis.register(pop_frame())?,
        })
    }

    fn run(&self, script: &Script, args: &[(&str, &str)]) -> Result<Value> {
        let call = script.key("size", format!("{}:size", self.base)).key("frame", format!("{}:frame", self.base));
        self.redis.script(args.iter().fold(call, |call, (name, value)| call.arg(name, *value)))
    }

    fn push_frame(&self) -> Result<()> {
        self.redis.incr(format!("{}:size", self.base)).map(drop)
    }

    fn set_value(&self, field: &str, value: &str) -> Result<()> {
        self.run(&self.set_value, &[("field", field), ("value", value)]).map(drop)
    }

    fn get_value(&self, field: &str) -> Result<Value> {
        self.run(&self.get_value, &[("field", field)])
    }

    fn get_cascading(&self, field: &str) -> Result<Value> {
        self.run(&self.get_cascading, &[("field", field)])
    }

    fn pop_frame(&self) -> Result<Value> {
        self.run(&self.pop_frame, &[])
    }
}

fn main() -> Result<()> {
    let r = support::connect("stack:")?;
    let stack = Stack::new(&r, "stack:main")?;

    stack.set_value("color", "red")?;
    stack.set_value("shape", "circle")?;
    stack.push_frame()?;
    stack.set_value("color", "blue")?;
    stack.push_frame()?;
    stack.set_value("size", "large")?;

    for field in ["color", "shape", "size", "weight"] {
        println!("{field}: here {}, cascading {}", stack.get_value(field)?, stack.get_cascading(field)?);
    }
    for _ in 0..4 {
        println!("popped {}", stack.pop_frame()?);
    }
    println!("color: {}", stack.get_cascading("color")?);
    Ok(())
}
