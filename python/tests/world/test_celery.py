"""Celery with its broker and its results in process, and on a server, with a worker of threads and a solo one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from libraries import library

import redipy

celery = library("celery")
worker = library("celery.contrib.testing.worker")
exceptions = library("celery.exceptions")
backends = library("redipy.celery")


def _tasks(app: Any) -> dict[str, Any]:
    def add(a: int, b: int) -> int:
        return a + b

    def total(numbers: list[int]) -> int:
        return sum(numbers)

    def fail() -> None:
        raise ValueError("no")

    def persist(self: Any) -> int:
        if self.request.retries < 2:
            raise self.retry(countdown=0.05)
        return int(self.request.retries)

    tasks = {
        function.__name__: app.task(function, name=function.__name__, shared=False) for function in (add, total, fail)
    }
    return {**tasks, "persist": app.task(persist, name="persist", bind=True, max_retries=2, shared=False)}


@pytest.fixture(scope="module", params=["engine-solo", "engine-threads", "server-threads"])
def tasks(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """The tasks of an app with a worker; stopping one takes Celery 4 seconds."""
    place, pool = request.param.split("-")
    url = f"redipy://celery-{pool}"
    if place == "server":
        port = request.getfixturevalue("server_port")
        redipy.connect(f"redis://127.0.0.1:{port}/1").execute_command("FLUSHDB")
        url = f"redipy+redis://127.0.0.1:{port}/1"
    app = celery.Celery(request.param, broker=url, backend=url, set_as_current=False)
    app.conf.update(broker_connection_retry_on_startup=True, result_expires=600)
    tasks = _tasks(app)
    with worker.start_worker(app, pool=pool, concurrency=2, perform_ping_check=False):
        yield {**tasks, "app": app}


def test_results(tasks: dict[str, Any]) -> None:
    result = tasks["add"].delay(1, 2)
    assert result.get(timeout=10) == 3 and result.state == "SUCCESS"
    results = [tasks["add"].delay(i, i) for i in range(50)]
    assert [each.get(timeout=10) for each in results] == [2 * i for i in range(50)]
    store = tasks["app"].backend.redis
    key = f"celery-task-meta-{result.id}"
    assert 590 <= store.execute_command("TTL", key) <= 600
    result.forget()
    assert store.exists(key) == 0


def test_a_failing_task(tasks: dict[str, Any]) -> None:
    result = tasks["fail"].delay()
    with pytest.raises(ValueError, match="no"):
        result.get(timeout=10)
    assert result.state == "FAILURE" and "ValueError" in result.traceback


def test_retries(tasks: dict[str, Any]) -> None:
    assert tasks["persist"].delay().get(timeout=10) == 2


def test_countdown(tasks: dict[str, Any]) -> None:
    start = time.monotonic()
    result = tasks["add"].apply_async((3, 4), countdown=0.3)
    with pytest.raises(exceptions.TimeoutError):
        result.get(timeout=0.05)
    assert result.get(timeout=10) == 7
    assert time.monotonic() - start >= 0.25


def test_groups_chains_and_chords(tasks: dict[str, Any]) -> None:
    add = tasks["add"]
    assert celery.group(add.s(i, i) for i in range(5))().get(timeout=10) == [0, 2, 4, 6, 8]
    assert celery.chain(add.s(1, 2), add.s(3))().get(timeout=10) == 6
    assert celery.chord([add.s(i, i) for i in range(5)], tasks["total"].s())().get(timeout=10) == 20
    failed = celery.chord([add.s(1, 1), tasks["fail"].s()], tasks["total"].s())()
    known = tasks["app"].backend.wait_for(failed.id, timeout=10)
    assert isinstance(known["result"], exceptions.ChordError) and "ValueError" in str(known["result"])


def test_remote_control(tasks: dict[str, Any]) -> None:
    control = tasks["app"].control
    [answer] = control.ping(timeout=1, limit=1)
    assert list(answer.values()) == [{"ok": "pong"}]
    assert [sorted(names) for names in control.inspect(timeout=1, limit=1).registered().values()] == [
        ["add", "fail", "persist", "total"]
    ]


def test_a_name_is_not_needed() -> None:
    app = celery.Celery("nameless", broker="redipy://", backend="redipy://", set_as_current=False)
    assert isinstance(app.backend, backends.Backend)
    with app.connection_for_write() as connection:
        connection.SimpleQueue("q").put(1)
        assert connection.SimpleQueue("q").get(timeout=1).payload == 1
