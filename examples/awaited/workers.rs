//! Producers and consumers as tasks of tokio, on several threads.

use redipy::prelude::*;
use redipy::script::Script;
use redipy::{AsyncRedis, Error, Kind, Result};
use tokio::task::JoinHandle;

use blocking::{JOBS_EACH, PRODUCERS, WORKERS};

#[expect(dead_code, reason = "only its scripts are used")]
#[path = "../workers.rs"]
mod blocking;

/// The two ends of a job's life, as scripts.
#[derive(Clone)]
struct Queue {
    redis: AsyncRedis,
    take: Script,
    finish: Script,
}

impl Queue {
    async fn take(&self, worker: &str) -> Result<Option<String>> {
        let call = self.take.key("queue", "workers:queue").key("running", "workers:running").arg("worker", worker);
        call.query(&self.redis).await
    }

    async fn finish(&self, job: &str) -> Result<bool> {
        let call = self.finish.key("running", "workers:running").key("done", "workers:done").arg("job", job);
        call.query(&self.redis).await
    }
}

/// Takes jobs until the producers are done and the queue is empty; returns how many it did.
async fn work(queue: Queue, name: String) -> Result<i64> {
    let mut count = 0;
    loop {
        let closed = queue.redis.exists("workers:closed").await? == 1;
        match queue.take(&name).await? {
            Some(job) => count += i64::from(queue.finish(&job).await?),
            None if closed => return Ok(count),
            None => tokio::task::yield_now().await,
        }
    }
}

async fn produce(r: AsyncRedis, producer: i64) -> Result<()> {
    for i in 0..JOBS_EACH {
        r.rpush("workers:queue", format!("job-{producer}-{i}")).await?;
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let r = support::connect_async("workers:").await?;
    let (take, finish) = (r.register(blocking::take())?, r.register(blocking::finish())?);
    let queue = Queue { redis: r.clone(), take, finish };
    let workers: Vec<_> = (0..WORKERS).map(|i| tokio::spawn(work(queue.clone(), format!("worker-{i}")))).collect();
    let producers: Vec<_> = (0..PRODUCERS).map(|producer| tokio::spawn(produce(r.clone(), producer))).collect();

    for producer in producers {
        join(producer).await?;
    }
    r.set("workers:closed", 1).await?;
    let mut done = 0;
    for worker in workers {
        done += join(worker).await?;
    }

    println!("jobs put into the queue: {}", PRODUCERS * JOBS_EACH);
    println!("jobs done by {WORKERS} workers: {done}");
    println!("jobs counted: {:?}", r.hget("workers:done", "jobs").await?);
    let (left, running) = (r.llen("workers:queue").await?, r.hlen("workers:running").await?);
    println!("left in the queue: {left}, running: {running}");
    Ok(())
}

/// The result of a task.
async fn join<T>(task: JoinHandle<Result<T>>) -> Result<T> {
    task.await.unwrap_or_else(|_| Err(Error::new(Kind::Config, "a task has panicked")))
}
