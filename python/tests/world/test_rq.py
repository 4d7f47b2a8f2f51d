"""RQ: jobs are queued, looked up and cancelled in process; a worker needs sorted sets by score and streams."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import jobs
import pytest
from libraries import library

rq = library("rq")


def test_jobs_are_queued(place: Any) -> None:
    connection = place.client()
    queue = rq.Queue("mail", connection=connection)
    job = queue.enqueue(jobs.add, 1, 2, job_timeout=30, meta={"for": "ann"})
    assert queue.count == 1 and queue.job_ids == [job.id]
    found = rq.job.Job.fetch(job.id, connection=connection)
    assert (found.get_status(), found.args, found.meta) == (rq.job.JobStatus.QUEUED, (1, 2), {"for": "ann"})
    later = queue.enqueue_in(timedelta(seconds=60), jobs.add, 1, 2)
    assert later.get_status() == rq.job.JobStatus.SCHEDULED
    after = queue.enqueue(jobs.add, 5, 6, depends_on=job)
    assert after.get_status() == rq.job.JobStatus.DEFERRED
    assert len(queue.enqueue_many([rq.Queue.prepare_data(jobs.add, (i, i)) for i in range(3)])) == 3
    job.cancel()
    assert job.get_status() == rq.job.JobStatus.CANCELED and job.id not in queue.job_ids
    assert [each.name for each in rq.Queue.all(connection=connection)] == ["mail"]


def test_a_worker(place: Any, caplog: pytest.LogCaptureFixture) -> None:
    connection = place.client()
    queue = rq.Queue(connection=connection)
    job = queue.enqueue(jobs.add, 1, 2)
    failing = queue.enqueue(jobs.fail, retry=rq.Retry(max=1))
    with caplog.at_level(logging.INFO, "rq.worker"):
        worked = rq.SimpleWorker([queue], connection=connection).work(burst=True)
    if place.port is None:
        assert not worked and "unknown command 'ZREMRANGEBYSCORE'" in caplog.text
        return
    assert worked
    assert (job.return_value(), job.get_status()) == (3, rq.job.JobStatus.FINISHED)
    assert failing.get_status() == rq.job.JobStatus.FAILED


def test_results_are_kept(place: Any) -> None:
    queue = rq.Queue(connection=place.client(), is_async=False)
    with place.until("XADD"):
        assert queue.enqueue(jobs.add, 3, 4).return_value() == 7
    with place.until("EVALSHA"):
        queue.empty()
    with place.until("BLPOP"), pytest.raises(rq.exceptions.DequeueTimeout):
        rq.Queue.dequeue_any([queue, rq.Queue("other", connection=queue.connection)], 1, queue.connection)


def test_the_worker_knows_its_connection(place: Any, recwarn: pytest.WarningsRecorder) -> None:
    worker = rq.SimpleWorker(["mail"], name="w1", connection=place.client())
    assert place.port is not None or worker.ip_address.startswith("in-process:")
    assert not [warning for warning in recwarn if "CLIENT LIST" in str(warning.message)]
    worker.register_birth()
    assert [each.name for each in rq.Worker.all(connection=worker.connection)] == ["w1"]
    worker.teardown()
    assert rq.Worker.all(connection=worker.connection) == []
