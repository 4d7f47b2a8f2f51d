"""limits: its storage counts in scripts, so it waits for EVALSHA; what it reads and clears works in process."""

from __future__ import annotations

from typing import Any

import pytest
from libraries import library

limits = library("limits")
storage = library("limits.storage")
strategies = library("limits.strategies")


@pytest.mark.parametrize(
    "strategy", ["FixedWindowRateLimiter", "MovingWindowRateLimiter", "SlidingWindowCounterRateLimiter"]
)
def test_strategies(place: Any, strategy: str) -> None:
    store = storage.storage_from_string("redis://localhost", connection_pool=place.pool())
    limiter = getattr(strategies, strategy)(store)
    two = limits.parse("2/minute")
    with place.until("EVALSHA"):
        assert [limiter.hit(two, "ann") for _ in range(3)] == [True, True, False]
        assert limiter.get_window_stats(two, "ann").remaining == 0
        assert store.reset() > 0


def test_reading_and_clearing(place: Any) -> None:
    store = storage.storage_from_string("redis://localhost", connection_pool=place.pool())
    assert store.check()
    place.client().set(store.prefixed_key("k"), 3, ex=60)
    assert store.get("k") == 3 and store.get("none") == 0
    assert store.get_expiry("k") > 0
    store.clear("k")
    assert store.get("k") == 0
