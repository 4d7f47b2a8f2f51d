"""Django's caches, its own for Redis and django-redis, with the pool class of this package."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from libraries import library

django = library("django")
library("django_redis")
KINDS = ["django_redis", "django"]


def _settings(kind: str, place: Any) -> dict[str, Any]:
    backend, option = {
        "django": ("django.core.cache.backends.redis.RedisCache", "pool_class"),
        "django_redis": ("django_redis.cache.RedisCache", "CONNECTION_POOL_CLASS"),
    }[kind]
    options = {option: "redipy.redis_py.ConnectionPool"} if place.port is None else {}
    return {"BACKEND": backend, "LOCATION": place.url, "OPTIONS": options}


@pytest.fixture
def caches(place: Any) -> Iterator[Any]:
    """The caches of a project; ``default`` is the one asked for."""
    from django.conf import settings
    from django.core.cache import CacheHandler
    from django.test.utils import override_settings

    if not settings.configured:
        settings.configure(SECRET_KEY="tests")
        django.setup()
    wanted = {kind: _settings(kind, place) for kind in KINDS}
    with override_settings(CACHES={"default": wanted["django"], **wanted}):
        yield CacheHandler(wanted)


@pytest.fixture(params=KINDS)
def cache(request: pytest.FixtureRequest, caches: Any) -> Any:
    """Each cache."""
    return caches[request.param]


def test_values(cache: Any) -> None:
    cache.set("k", {"a": [1, 2.5, "ä"]}, timeout=60)
    assert cache.get("k") == {"a": [1, 2.5, "ä"]}
    assert cache.get("none", "default") == "default"
    assert cache.add("k", 1) is False and cache.add("new", 1) is True
    cache.set_many({"a": 1, "b": 2})
    assert cache.get_many(["a", "b", "none"]) == {"a": 1, "b": 2}
    assert cache.get_or_set("made", lambda: 7) == 7
    assert cache.has_key("k") and cache.delete("k") and not cache.has_key("k")
    cache.delete_many(["a", "b"])
    assert cache.get_many(["a", "b"]) == {}
    assert cache.touch("new", 60) is True and cache.touch("none") is False
    cache.set("gone", 1, timeout=0)
    assert cache.get("gone") is None
    cache.set("v", "two", version=2)
    assert (cache.get("v"), cache.get("v", version=2)) == (None, "two")
    cache.clear()
    assert cache.get("new") is None
    cache.close()


def test_counting(cache: Any, place: Any) -> None:
    # django-redis asks for EVAL; where that is refused it reads and writes, which is not safe from other threads, and
    # does not notice that there is nothing to read.
    has_no_eval = place.port is None and "django_redis" in type(cache).__module__
    cache.set("n", 1)
    assert cache.incr("n", 4) == 5 and cache.decr("n") == 4
    with pytest.raises(TypeError if has_no_eval else ValueError):
        cache.incr("none")


def test_what_django_redis_adds(caches: Any, place: Any) -> None:
    cache = caches["django_redis"]
    cache.set("user:1", "ann", timeout=60)
    cache.set("user:2", "bob", timeout=None)
    assert 58 <= cache.ttl("user:1") <= 60 and cache.ttl("user:2") is None
    assert sorted(cache.keys("user:*")) == ["user:1", "user:2"]
    assert sorted(cache.iter_keys("user:*")) == ["user:1", "user:2"]
    assert cache.set("user:1", "eve", nx=True) is False
    assert cache.delete_pattern("user:*") == 2
    cache.sadd("tags", "a", "b")
    assert cache.smembers("tags") == {"a", "b"}
    cache.hset("h", "field", 1)
    assert cache.hlen("h") == 1
    from django_redis import get_redis_connection

    with place.until("EVALSHA"), cache.lock("nightly", timeout=5):
        assert get_redis_connection("django_redis").exists(cache.make_key("nightly")) == 1


def test_sessions(caches: Any) -> None:
    from django.contrib.sessions.backends.cache import SessionStore

    session = SessionStore()
    session["user"] = "ann"
    session.save()
    assert SessionStore(session.session_key)["user"] == "ann"
    session.flush()
    assert SessionStore(session.session_key).get("user") is None
