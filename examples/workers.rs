//! Producers and consumers in several threads. Taking a job and noting who has it is one script, so
//! that no job is ever lost between the queue and a worker, and none is done twice.

use std::thread;

use redipy::prelude::*;
use redipy::script::{Draft, NONE, Script, script};
use redipy::{Kind, Redis, Result, Value};

pub const PRODUCERS: i64 = 3;
pub const JOBS_EACH: i64 = 100;
pub const WORKERS: usize = 4;

/// Takes a job out of the queue and notes which worker has it.
pub fn take() -> Draft {
    script(|f| {
        let (queue, running, worker) = (f.list("queue"), f.hash("running"), f.arg("worker"));
        let job = f.local(queue.lpop());
        f.if_(job.ne(NONE), |t| t.add(running.hset((&job, &worker))));
        f.returns(&job);
    })
}

/// Notes that a job is done; whether it was running.
pub fn finish() -> Draft {
    script(|f| {
        let (running, done, job) = (f.hash("running"), f.hash("done"), f.arg("job"));
        let worker = f.local(running.hget(&job));
        // A job that is not running was finished before: it does not count twice.
        f.if_(worker.ne(NONE), |t| {
            t.add(running.hdel(&job));
            t.add(done.hincrby("jobs", 1));
        });
        f.returns(worker.ne(NONE));
    })
}

/// The two ends of a job's life, as scripts.
#[derive(Clone)]
struct Queue {
    redis: Redis,
    take: Script,
    finish: Script,
}

impl Queue {
    fn new(redis: &Redis) -> Result<Self> {
        Ok(Self { redis: redis.clone(), take: redis.register(take())?, finish: redis.register(finish())? })
    }

    fn take(&self, worker: &str) -> Result<Option<String>> {
        let call = self.take.key("queue", "workers:queue").key("running", "workers:running").arg("worker", worker);
        Ok(match self.redis.script(call)? {
            Value::Bulk(job) => Some(job.to_text()),
            _ => None,
        })
    }

    fn finish(&self, job: &str) -> Result<bool> {
        let call = self.finish.key("running", "workers:running").key("done", "workers:done").arg("job", job);
        self.redis.script(call)?.decode()
    }
}

/// Takes jobs until the producers are done and the queue is empty; returns how many it did.
fn work(queue: &Queue, name: &str) -> Result<i64> {
    let mut count = 0;
    loop {
        let closed = queue.redis.exists("workers:closed")? == 1;
        match queue.take(name)? {
            Some(job) => count += i64::from(queue.finish(&job)?),
            None if closed => return Ok(count),
            None => thread::yield_now(),
        }
    }
}

fn main() -> Result<()> {
    let r = support::connect("workers:")?;
    let queue = Queue::new(&r)?;
    let workers: Vec<_> = (0..WORKERS)
        .map(|i| {
            let queue = queue.clone();
            thread::spawn(move || work(&queue, &format!("worker-{i}")))
        })
        .collect();
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|producer| {
            let r = r.clone();
            thread::spawn(move || {
                (0..JOBS_EACH).try_for_each(|i| r.rpush("workers:queue", format!("job-{producer}-{i}")).map(drop))
            })
        })
        .collect();

    producers.into_iter().try_for_each(join)?;
    r.set("workers:closed", 1)?;
    let done: i64 = workers.into_iter().map(join).sum::<Result<i64>>()?;

    println!("jobs put into the queue: {}", PRODUCERS * JOBS_EACH);
    println!("jobs done by {WORKERS} workers: {done}");
    println!("jobs counted: {:?}", r.hget("workers:done", "jobs")?);
    println!("left in the queue: {}, running: {}", r.llen("workers:queue")?, r.hlen("workers:running")?);
    Ok(())
}

/// The result of a thread.
fn join<T>(thread: thread::JoinHandle<Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|_| Err(redipy::Error::new(Kind::Config, "a thread has panicked")))
}
