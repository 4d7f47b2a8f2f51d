"""arq: jobs are queued and looked up in process; its worker asks for sorted sets by score."""

from __future__ import annotations

import asyncio
from typing import Any

from libraries import library

arq = library("arq")
jobs = library("arq.jobs")


async def add(_: dict[Any, Any], a: int, b: int) -> int:
    """A job."""
    return a + b


def test_jobs_are_queued(place: Any) -> None:
    async def main() -> None:
        client = arq.ArqRedis(connection_pool=place.async_pool())
        job = await client.enqueue_job("add", 1, 2)
        assert await client.enqueue_job("add", 1, 2, _job_id=job.job_id) is None
        assert await job.status() == jobs.JobStatus.queued
        assert (await job.info()).args == (1, 2)
        later = await client.enqueue_job("add", 3, 4, _defer_by=60)
        assert await later.status() == jobs.JobStatus.deferred
        assert [each.job_id for each in await client.queued_jobs()] == [job.job_id, later.job_id]
        assert await client.all_job_results() == []
        await client.aclose(close_connection_pool=True)

    asyncio.run(main())


def test_a_worker(place: Any) -> None:
    async def main() -> None:
        client = arq.ArqRedis(connection_pool=place.async_pool())
        job = await client.enqueue_job("add", 1, 2)
        worker = arq.Worker([add], redis_pool=client, burst=True, poll_delay=0.01, handle_signals=False)
        try:
            with place.until("ZRANGEBYSCORE"):
                assert await worker.run_check() == 1
                assert await job.result(timeout=1) == 3
        finally:
            await client.aclose(close_connection_pool=True)

    asyncio.run(main())


def test_what_the_worker_tells_of_the_server(place: Any) -> None:
    async def main() -> list[str]:
        client = arq.ArqRedis(connection_pool=place.async_pool())
        told: list[str] = []
        await arq.connections.log_redis_info(client, told.append)
        await client.aclose(close_connection_pool=True)
        return told

    [line] = asyncio.run(main())
    assert line.startswith(("redis_version=7.", "redis_version=8.")) and line.endswith("db_keys=0")
