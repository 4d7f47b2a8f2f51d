"""Exceptions: which `except` clauses they are caught by."""

from __future__ import annotations

import builtins
import pickle
import subprocess
import sys

import pytest
import redis as redis_py
from programs import looping

import redipy
from redipy import errors
from redipy.errors import UnsupportedError


def test_clauses_of_the_original(redis: redipy.Redis) -> None:
    """What caught an error of the original, in memory or on a server, catches ours on both."""
    redis.set_value("text", "a")
    for clause in (ValueError, redis_py.ResponseError, redis_py.RedisError, errors.ResponseError):
        with pytest.raises(clause, match="value is not a valid float"):
            redis.incrby("text", 1)
    for clause in (TypeError, redis_py.ResponseError, errors.WrongTypeError):
        with pytest.raises(clause, match=r"^WRONGTYPE"):
            redis.lpush("text", "a")
    redis.rpush("list", "a")
    for clause in (IndexError, ValueError, redis_py.ResponseError):
        with pytest.raises(clause, match="index out of range"):
            redis.lset("list", 7, "b")


def test_bytes_that_are_no_text(redis: redipy.Redis) -> None:
    """A server echoes what it was sent; the exception has it byte for byte, and shows it as far as it is text."""
    with pytest.raises(errors.ResponseError, match="Unsupported option \ufffd\ufffd") as raised:
        redis.execute_command("EXPIRE", "k", 1, b"\xff\xe9")
    assert raised.value.message_bytes == b"ERR Unsupported option \xff\xe9"
    assert pickle.loads(pickle.dumps(raised.value)).message_bytes == raised.value.message_bytes
    with pytest.raises(errors.ResponseError) as raised:
        redis.execute_command("EXPIRE", "k", 1, "\u00e9")
    assert raised.value.message_bytes == "ERR Unsupported option \u00e9".encode()


def test_a_server_that_is_not_there() -> None:
    """It is a ConnectionError, of Python and of redis-py."""
    for clause in (builtins.ConnectionError, redis_py.ConnectionError, errors.ConnectionError):
        with pytest.raises(clause, match="is the server running there"):
            redipy.connect("redis://127.0.0.1:1").get_value("a")


def test_without_redis_py() -> None:
    """Nothing is imported for a clause that nobody can have written."""
    program = """
import sys, redipy
try:
    redipy.Redis().execute_command("NOSUCH")
except ValueError as error:
    assert type(error) is redipy.errors.ResponseError
    assert "redis" not in sys.modules
    import redis
    try:
        redipy.Redis().execute_command("NOSUCH")
    except redis.ResponseError as error:
        print(type(error).__mro__[1] is redipy.errors.ResponseError)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "True\n", done.stderr


@pytest.mark.parametrize("name", errors._IN_REDIS_PY)
def test_every_class(name: str) -> None:
    """Each is ours and redis-py's, looks like ours, has what theirs has, and can be pickled."""
    raised = errors._class_of(name)
    own = getattr(errors, name)
    theirs = getattr(redis_py.exceptions, errors._IN_REDIS_PY[name])
    assert issubclass(raised, own) and issubclass(raised, theirs)
    assert errors._class_of(name) is raised and repr(raised) == repr(own)
    error = raised("what is wrong")
    assert repr(error) == repr(own("what is wrong")) == f"{name}('what is wrong')"
    for attribute, value in vars(theirs("what is wrong")).items():
        assert getattr(error, attribute) == value
    error.may_have_run = True
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is own and str(copy) == "what is wrong" and copy.may_have_run


@pytest.mark.parametrize(
    "command",
    [
        "REPLCONF ACK 0",
        "CLIENT REPLY OFF",
        "SYNC",
        "PSYNC ? -1",
        "MONITOR",
        "QUIT",
        "HELLO 3",
        "RESET",
        "AUTH p",
        "SSUBSCRIBE c",
        "CLIENT SETNAME n",
        "CLIENT TRACKING ON",
        "SCRIPT DEBUG YES",
        "CLUSTER SYNCSLOTS",
        "READONLY",
        "ASKING",
    ],
)
def test_words_of_a_connection_are_refused_alike(redis: redipy.Redis, command: str) -> None:
    """In process they would do nothing or are unknown; who runs there first learns what a server would be asked in vain."""
    with pytest.raises(UnsupportedError, match=r" is not possible here: .+"):
        redis.execute_command(*command.split())
    with redis.pipeline() as pipe, pytest.raises(UnsupportedError, match=r" is not possible here: .+"):
        pipe.execute_command(*command.split())
        pipe.execute()
    redis.set_value("k", "v")
    assert redis.get_value("k") == "v"


def test_the_url_of_a_store_says_when_collections_change_their_form() -> None:
    """A packed hash is shown by one step of a scan, a large one is not."""
    for url, is_large in [("memory://", False), ("memory://?hash_max_listpack_entries=50", True)]:
        with redipy.connect(url) as store:
            store.hset("hash", mapping={f"field {number}": number for number in range(100)})
            cursor, _ = store.hscan("hash", 0)
            assert (cursor != 0) is is_large
    with pytest.raises(ValueError, match='"few" is no set_max_listpack_entries, which is a number from 0 on'):
        redipy.connect("memory://?set_max_listpack_entries=few")


def test_a_script_has_a_limit_of_steps() -> None:
    """Which the URL of a store may say."""
    with redipy.connect("memory://?script_steps=10000") as short:
        with pytest.raises(errors.TimeoutError, match="longer than allowed"):
            looping(short)(keys={"counter": "k"}, args={"steps": 100_000})
        assert 0 < int(short.get_value("k") or 0) < 10_000
