"""dramatiq: its broker is one script, so it waits for EVALSHA; results and rate limits work in process."""

from __future__ import annotations

from typing import Any

from libraries import library

dramatiq = library("dramatiq")
brokers = library("dramatiq.brokers.redis")
rate_limits = library("dramatiq.rate_limits")
limit_backends = library("dramatiq.rate_limits.backends")
results = library("dramatiq.results")
result_backends = library("dramatiq.results.backends")


def test_a_worker(place: Any) -> None:
    broker = brokers.RedisBroker(client=place.client())
    backend = result_backends.RedisBackend(client=place.client())
    broker.add_middleware(results.Results(backend=backend))

    @dramatiq.actor(broker=broker, store_results=True)
    def add(a: int, b: int) -> int:
        return a + b

    with place.until("EVALSHA"):
        message = add.send(1, 2)
        worker = dramatiq.Worker(broker, worker_timeout=50, worker_threads=1)
        worker.start()
        try:
            assert message.get_result(backend=backend, block=True, timeout=5000) == 3
        finally:
            worker.stop()


def test_results(place: Any) -> None:
    backend = result_backends.RedisBackend(client=place.client())
    message = dramatiq.Message("queue", "actor", (), {}, {})
    backend.store_result(message, {"answer": 42}, 10000)
    assert backend.get_result(message) == {"answer": 42}
    with place.until("BRPOPLPUSH"):
        assert backend.get_result(message, block=True, timeout=1000) == {"answer": 42}


def test_rate_limits(place: Any) -> None:
    backend = limit_backends.RedisBackend(client=place.client())
    one = rate_limits.ConcurrentRateLimiter(backend, "one-at-a-time", limit=1)
    with one.acquire(raise_on_failure=False) as first, one.acquire(raise_on_failure=False) as second:
        assert (first, second) == (True, False)
    bucket = rate_limits.BucketRateLimiter(backend, "bucket", limit=2, bucket=10**9)
    taken = []
    for _ in range(3):
        with bucket.acquire(raise_on_failure=False) as acquired:
            taken.append(acquired)
    assert taken == [True, True, False]
    window = rate_limits.WindowRateLimiter(backend, "window", limit=1, window=60)
    with window.acquire(raise_on_failure=False) as acquired:
        assert acquired
