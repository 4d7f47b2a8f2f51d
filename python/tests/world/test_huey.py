"""Huey without blocking reads: tasks, results, retries, pipelines, locks and a consumer; schedules need scripts."""

from __future__ import annotations

import time
from typing import Any

import pytest
from libraries import library

huey = library("huey")
KINDS = ["RedisHuey", "PriorityRedisHuey", "RedisExpireHuey"]


@pytest.fixture(params=KINDS)
def queue(request: pytest.FixtureRequest, place: Any) -> Any:
    """A queue of each kind."""
    return getattr(huey, request.param)("app", blocking=False, connection_pool=place.pool())


def _work(queue: Any) -> None:
    while (task := queue.dequeue()) is not None:
        queue.execute(task)


def test_tasks(queue: Any) -> None:
    @queue.task()
    def add(a: int, b: int) -> int:
        return a + b

    result = add(1, 2)
    assert len(queue) == 1 and result.get() is None
    _work(queue)
    assert result.get() == 3 and len(queue) == 0
    chain = queue.enqueue(add.s(1, 1).then(add, 3))
    _work(queue)
    assert chain.get() == [2, 5]
    revoked = add(1, 2)
    revoked.revoke()
    _work(queue)
    assert revoked.get() is None


def test_a_failing_task(queue: Any) -> None:
    runs = []

    @queue.task(retries=1)
    def fail() -> None:
        runs.append(1)
        raise ValueError("no")

    result = fail()
    _work(queue)
    with pytest.raises(huey.exceptions.TaskException, match="no"):
        result.get()
    assert len(runs) == 2


def test_values_and_locks(queue: Any) -> None:
    queue.put("k", [1])
    assert queue.get("k", peek=True) == [1]
    with queue.lock_task("nightly"):
        assert queue.is_locked("nightly")
        with pytest.raises(huey.exceptions.TaskLockedException), queue.lock_task("nightly"):
            pass
    assert not queue.is_locked("nightly")


def test_a_consumer(queue: Any) -> None:
    @queue.task()
    def add(a: int, b: int) -> int:
        return a + b

    consumer = queue.create_consumer(workers=2, initial_delay=0.01, max_delay=0.02, check_worker_health=False)
    consumer.start()
    try:
        assert [add(i, i)(blocking=True, timeout=5) for i in range(3)] == [0, 2, 4]
    finally:
        consumer.stop(graceful=True)


def test_schedules(queue: Any, place: Any) -> None:
    @queue.task()
    def add(a: int, b: int) -> int:
        return a + b

    result = add.schedule((3, 4), delay=0.01)
    _work(queue)
    time.sleep(0.05)
    assert len(queue.scheduled()) == 1
    with place.until("EVALSHA"):
        for task in queue.read_schedule():
            queue.execute(task)
        assert result.get() == 7


@pytest.mark.parametrize(("kind", "command"), [("RedisHuey", "BRPOP"), ("PriorityRedisHuey", "BZPOPMIN")])
def test_blocking_reads(place: Any, kind: str, command: str) -> None:
    queue = getattr(huey, kind)("app", connection_pool=place.pool(), read_timeout=0.1)
    with place.until(command):
        assert queue.dequeue() is None


def test_waiting_for_a_result(place: Any) -> None:
    queue = huey.RedisHuey("app", blocking=False, connection_pool=place.pool(), notify_result=True)

    @queue.task()
    def add(a: int, b: int) -> int:
        return a + b

    result = add(1, 2)
    _work(queue)
    assert result.get() == 3
    with place.until("BLPOP"), pytest.raises(huey.exceptions.ResultTimeout):
        add(1, 2).get(blocking=True, timeout=0.1)
