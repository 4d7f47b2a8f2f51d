"""Plug-ins: functions of one's own in scripts, in process and on a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import plugins_program
import pytest
from conftest import Connect

import redipy
from redipy import errors
from redipy.errors import ResponseError, ScriptError
from redipy.memory.state import Machine
from redipy.plugin import HelperFunction, LocalGeneralFunction, LocalRedisFunction, LuaGeneralPatch, LuaRedisPatch
from redipy.redis.conn import ServerRuntime
from redipy.script import CallFn, ExecFunction, FnContext, RedisFn, RedisList, RedisVar, ToNum
from redipy.testing import Clock, redis_with

TESTS = Path(__file__).parent
ANY_COUNT: Any = {"count": 0, "at_least": True}


def module_of(*classes: type) -> str:
    """The name of a new module that defines these classes."""
    module = ModuleType(f"plugins_{len(sys.modules)}_{id(classes)}")
    sys.modules[module.__name__] = module
    for number, clazz in enumerate(classes):
        clazz.__module__ = module.__name__
        setattr(module, f"c{number}", clazz)
    return module.__name__


def general(function: Callable[[list[Any]], Any], name: str = "own", argc: Any = ANY_COUNT) -> type:
    """A general function for scripts in process."""
    members = {"name": lambda: name, "argc": lambda: argc, "call": function}
    return type("Own", (LocalGeneralFunction,), {key: staticmethod(value) for key, value in members.items()})


def command(function: Callable[[Machine, str, list[Any]], Any], name: str = "own", argc: Any = ANY_COUNT) -> type:
    """A Redis function for scripts in process."""
    members = {"name": lambda: name, "argc": lambda: argc, "call": function}
    return type("Own", (LocalRedisFunction,), {key: staticmethod(value) for key, value in members.items()})


def calling(function: Callable[[list[Any]], Any], r: redipy.Redis | None = None) -> Callable[[Any], Any]:
    """A script that gives what a general function gives for an argument."""
    r = redipy.Redis() if r is None else r
    r.get_memory_runtime().add_general_function_plugin(module_of(general(function)))
    ctx = FnContext()
    ctx.set_return_value(CallFn("own", ctx.add_arg("value")))
    script = r.register_script(ctx)
    return lambda value: script(keys={}, args={"value": value})


def on_key(r: redipy.Redis, function: Callable[[Machine, str, list[Any]], Any]) -> ExecFunction:
    """A script that gives what a Redis function gives for a key and an argument."""
    r.get_memory_runtime().add_redis_function_plugin(module_of(command(function)))
    ctx = FnContext()
    ctx.set_return_value(RedisFn("own", ctx.add_key("key"), ctx.add_arg("value")))
    return r.register_script(ctx)


def test_the_readmes_plugins(connect: Connect) -> None:
    r = connect()
    expected = [
        [5, True, False, [["a", 1.5], ["b", 2]], 5, 1, [1, "b"], "there"],
        [5, True, False, [["a", 1.5], ["b", 2]], 3, 1, [0, 2], "there"],
        "5",
    ]
    assert plugins_program.results(r) == expected


def test_the_same_plugins_on_the_original(server_port: int) -> None:
    python = os.environ.get("REDIPY_ORIGINAL_PYTHON")
    if python is None:
        reason = (
            "REDIPY_ORIGINAL_PYTHON names no Python that has redipy 0.7.1: no plug-in is compared with the original"
        )
        if os.environ.get("REDIPY_REQUIRE_ORIGINAL") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    command = [python, str(TESTS / "plugins_program.py"), str(server_port)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={"PATH": os.environ["PATH"]})
    server = redipy.Redis(host="127.0.0.1", port=server_port)
    server.flushall()
    ours = [plugins_program.results(redipy.Redis()), plugins_program.results(server)]
    assert json.loads(done.stdout) == ours


@pytest.mark.parametrize(
    "value", [0, 1.5, -7, 1e300, "", "ü\n\0", True, None, [], [1, [None, "a"]], {"a": {"b": [2.5]}}]
)
def test_values_go_both_ways(value: Any) -> None:
    seen: list[Any] = []

    def own(args: list[Any]) -> Any:
        seen.extend(args)
        return [args[0]]

    assert calling(own)(value) == [value]
    assert seen == [value] and type(seen[0]) is type(value)


def test_a_function_has_a_copy_of_a_list() -> None:
    def own(args: list[Any]) -> Any:
        args[0].append("more")
        return args[0]

    r = redipy.Redis()
    r.get_memory_runtime().add_general_function_plugin(module_of(general(own)))
    ctx = FnContext()
    items = ctx.add_local(["a"])
    more = ctx.add_local(CallFn("own", items))
    ctx.add(more.set_at(2, items))
    ctx.set_return_value(more)
    assert r.register_script(ctx)(keys={}, args={}) == ["a", "more", ["a"]]


def endless() -> list[Any]:
    items: list[Any] = []
    items.append(items)
    return items


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (object(), TypeError("what own gave: object is nothing that JSON has")),
        ({"a", "b"}, TypeError("what own gave: set is nothing that JSON has")),
        (b"bytes", TypeError("what own gave: bytes is nothing that JSON has")),
        (float("nan"), ValueError("what own gave: NaN and infinities are not allowed")),
        (float("inf"), ValueError("what own gave: NaN and infinities are not allowed")),
        (2**53 + 1, ValueError),
        (2**70, ValueError),
        ("\ud800", UnicodeEncodeError),
        ({"\udfff": 1}, UnicodeEncodeError),
        ({None: 1}, ValueError),
        (endless(), ValueError("what own gave: lists and dictionaries are nested too deeply")),
        ([[[[]]]] * 3, None),
    ],
)
def test_what_a_function_gives_is_checked(value: Any, error: Any) -> None:
    run = calling(lambda _: value)
    if error is None:
        assert run(None) == value
        return
    wanted = error if isinstance(error, type) else type(error)
    with pytest.raises(wanted) as raised:
        run(None)
    if not isinstance(error, type):
        assert str(raised.value) == str(error)


def test_values_are_not_nested_too_deeply() -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(ValueError, match="what own gave: value is nested too deeply"):
        calling(lambda _: deep)(None)


class OwnError(Exception):
    """An exception that only a plug-in raises."""


def test_an_exception_is_raised_as_it_is() -> None:
    error = OwnError("first", 2)

    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        sm.set_value(key, "before")
        raise error

    r = redipy.Redis()
    script = on_key(r, own)
    with pytest.raises(OwnError) as raised:
        script(keys={"key": "k"}, args={"value": 1})
    assert raised.value is error
    assert "own" in [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
    # What was done stays done, and nothing is held any more.
    assert r.get_value("k") == "before"
    assert r.delete("k", "other") == 1
    with pytest.raises(OwnError):
        script(keys={"key": "k"}, args={"value": 1})


@pytest.mark.parametrize("clazz", [KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError])
def test_exceptions_that_are_no_errors_are_passed_on(clazz: type[BaseException]) -> None:
    def own(args: list[Any]) -> Any:
        raise clazz

    with pytest.raises(clazz):
        calling(own)(None)


def test_an_exception_in_a_pipeline_stands_in_its_place() -> None:
    error = OwnError()

    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        if args[0] == "fail":
            raise error
        return sm.incrby(key, 1)

    r = redipy.Redis()
    script = on_key(r, own)
    with r.pipeline() as pipe:
        for value in ("ok", "fail", "ok"):
            script(keys={"key": "k"}, args={"value": value}, client=pipe)
        assert pipe.execute(raise_on_error=False) == [1, error, 2]


def every_call(sm: Machine, key: str, args: list[Any]) -> Any:
    """Makes every call of the original on the data."""
    made: list[Any] = [sm.set_value("s", "1"), sm.set_value("s", "2", return_previous=True), sm.get_value("s")]
    made += [sm.set_value("s", "3", mode="if_missing"), sm.incrby("s", 0.5), sm.exists("s", "none"), sm.key_type("s")]
    made += [sm.expire("s", expire_in=100), 99 < (sm.ttl("s") or 0) <= 100, sm.expire("s"), sm.ttl("s")]
    made += [sm.lpush("l", "b", "a"), sm.rpush("l", "c"), sm.lrange("l", 0, -1), sm.llen("l"), sm.lindex("l", 0)]
    made += [sm.lset("l", 0, "z"), sm.lpop("l"), sm.rpop("l", 2), sm.lpop("l")]
    made += [
        sm.zadd("z", {"a": 1.5, "b": 2}),
        sm.zrange("z", 0, -1),
        sm.zcard("z"),
        sm.zpop_min("z"),
        sm.zpop_max("z", 2),
    ]
    made += [sm.hset("h", {"a": "1", "b": "2"}), sm.hget("h", "a"), sm.hmget("h", "a", "c"), sm.hincrby("h", "a", 2)]
    made += [sm.hkeys("h"), sm.hvals("h"), sm.hgetall("h"), sm.hdel("h", "a")]
    made += [sm.sadd("m", "a", "b"), sm.srem("m", "b"), sm.sismember("m", "a"), sm.scard("m"), sorted(sm.smembers("m"))]
    made += [sorted(sm.keys()), sm.scan(0, count=100)[0], sm.keys_block(match="s"), sorted(sm.iter_keys(match="[hm]"))]
    # And any other command.
    made += [sm.strlen("s"), sm.execute_command("APPEND", "s", "!"), sm.delete("s", "l", "z", "h"), sm.flushall()]
    return [*made, sm.keys_block()]


def test_a_function_can_make_every_call() -> None:
    r = redipy.Redis()
    # fmt: off
    assert on_key(r, every_call)(keys={"key": "k"}, args={"value": 0}) == [
        True, "1", "2", False, 2.5, 1, "string", True, True, True, -1,
        2, 3, ["a", "b", "c"], 3, "a", None, "z", ["c", "b"], None,
        2, ["a", "b"], 2, [["a", 1.5]], [["b", 2]],
        2, "1", {"a": "1", "c": None}, 3, ["a", "b"], ["3", "2"], {"a": "3", "b": "2"}, 1,
        2, 1, True, 1, ["a"],
        ["h", "m", "s"], 0, ["s"], ["h", "m"],
        3, 4, 2, None, [],
    ]
    # fmt: on


def test_a_call_that_fails_raises_in_the_function() -> None:
    caught: list[Exception] = []

    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        calls: list[Callable[[], Any]] = [
            lambda: sm.lpush(key, "a"),
            lambda: sm.incrby(key, "x"),
            lambda: sm.execute_command("GETT", key),
            lambda: sm.execute_command("GET"),
            lambda: sm.execute_command("MULTI"),
        ]
        for call in calls:
            with pytest.raises(Exception) as raised:
                call()
            caught.append(raised.value)
        return sm.get_value(key)

    r = redipy.Redis()
    r.set_value("k", "text")
    assert on_key(r, own)(keys={"key": "k"}, args={"value": 0}) == "text"
    assert [type(error) for error in caught] == [
        errors._class_of("WrongTypeError"),
        *[errors._class_of("ResponseError")] * 4,
    ]


def test_a_script_and_its_function_see_the_same_data() -> None:
    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        return [key, sm.get_value(key), sm.incrby(key, args[0]), sm.get_value(f"{key}:more")]

    for name, prefix, stored in (("memory://plain", "", "k"), ("memory://prefixed", "pre:", "pre:k")):
        r, plain = redipy.connect(name, prefix=prefix), redipy.connect(name)
        plain.set_value(f"{stored}:more", "more")
        r.get_memory_runtime().add_redis_function_plugin(module_of(command(own)))
        ctx = FnContext()
        key = ctx.add_key("key")
        ctx.add(RedisVar(key).set(1))
        result = ctx.add_local(RedisFn("own", key, 2))
        ctx.add(result.set_at(4, RedisVar(key).get()))
        ctx.set_return_value(result)
        assert r.register_script(ctx)(keys={"key": "k"}, args={}) == ["k", "1", 3, "more", "3"]
        assert plain.get_value(stored) == "3"
        plain.flushall()


def test_all_keys_are_out_of_reach_under_a_prefix() -> None:
    r = redipy.connect("memory://", prefix="pre:")
    script = on_key(r, lambda sm, key, args: getattr(sm, args[0])())
    for call in ("keys", "flushall", "dbsize"):
        with pytest.raises(ScriptError, match="is about all keys, which a script under a prefix must not see"):
            script(keys={"key": "k"}, args={"value": call})


def test_calls_keep_their_order() -> None:
    """A call is made once, where it stands among the commands around it."""
    r = redipy.Redis()
    r.get_memory_runtime().add_redis_function_plugin(module_of(command(lambda sm, key, _: sm.rpush(key, "own"))))
    ctx = FnContext()
    key = ctx.add_key("key")
    items = RedisList(key)
    count = ctx.add_local(items.rpush("first"))
    ctx.add(count.assign(RedisFn("own", key) + items.rpush("between") + RedisFn("own", key)))
    ctx.add(RedisFn("own", key))
    then, _ = ctx.if_(RedisFn("own", key).eq_(0).and_(RedisFn("own", key)))
    then.add(items.rpush("never"))
    ctx.set_return_value(count)
    assert r.register_script(ctx)(keys={"key": "k"}, args={}) == 2 + 3 + 4
    assert r.lrange("k", 0, -1) == ["first", "own", "between", "own", "own", "own"]


def test_a_machine_is_of_no_use_elsewhere() -> None:
    kept: list[Machine] = []
    text = "what a plug-in's function is given can be used while it is called, by the same thread"

    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        errors: list[Any] = []

        def elsewhere() -> None:
            with pytest.raises(RuntimeError) as raised:
                sm.get_value(key)
            errors.append(str(raised.value))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        for earlier in kept:
            with pytest.raises(RuntimeError):
                earlier.get_value(key)
        kept.append(sm)
        return errors

    script = on_key(redipy.Redis(), own)
    for _ in range(2):
        assert script(keys={"key": "k"}, args={"value": 0}) == [text]
    for call in (Machine, kept[0].keys, lambda: kept[0].get_value("k"), lambda: kept[0].execute_command("PING")):
        with pytest.raises(RuntimeError, match="can be used while it is called"):
            call()


def refusals(r: redipy.Redis, script: Callable[[Any], Any]) -> dict[str, Callable[[], Any]]:
    """Calls that would wait for what their own thread holds."""
    pipe = r.pipeline()
    pipe.get_value("k")
    return {
        "get": lambda: r.get_value("k"),
        "set": lambda: r.set_value("k", "v"),
        "several": lambda: r.exists("a", "b"),
        "all": r.flushall,
        "named": lambda: r.execute_command("GET", "k"),
        "generated": lambda: r.append("k", "v"),
        "keys": lambda: r.keys(),
        "pipeline": pipe.execute,
        "script": lambda: script(0),
        "publish": lambda: r.publish("k", "v"),
        "wait": lambda: r.wait_for("k", lambda: True, 1),
    }


@pytest.mark.parametrize("prefix", ["", "pre:"])
@pytest.mark.parametrize("name", list(refusals(redipy.Redis(), print)))
def test_a_function_cannot_wait_for_itself(name: str, prefix: str) -> None:
    r = redipy.connect("memory://", prefix=prefix)
    by_value = calling(lambda args: calls[args[0]](), r)
    by_key = on_key(r, lambda sm, key, args: calls[args[0]]())
    calls = refusals(r, by_value)
    text = "a plug-in's function reaches the data through its first argument"
    with pytest.raises(RuntimeError, match=text):
        by_value(name)
    with pytest.raises(RuntimeError, match=text):
        by_key(keys={"key": "k"}, args={"value": name})
    r.set_value("k", "free")


@pytest.mark.parametrize("name", list(refusals(redipy.Redis(), print)))
def test_a_function_cannot_use_other_data_of_this_process(name: str) -> None:
    """Two threads that did so with each other's data would wait for ever; so it never depends on who else is there."""
    other = redipy.Redis()
    calls = refusals(other, lambda _: returning(other, lambda _: 1)(keys={}, args={}))
    run = calling(lambda args: calls[args[0]]())
    with pytest.raises(RuntimeError, match="a plug-in's function reaches the data through its first argument"):
        run(name)
    assert other.keys() == set()


def test_a_function_cannot_use_a_session_or_move_the_clock() -> None:
    clock = redipy._native.Clock()
    r = redipy.Redis()
    session = redipy._native.Session(r, Exception, list)
    calls: list[Callable[[], Any]] = [
        lambda: session.receive(b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"),
        lambda: clock.advance(1),
    ]
    run = calling(lambda args: calls[args[0]](), r)
    for index in range(len(calls)):
        with pytest.raises(RuntimeError, match="a plug-in's function reaches the data through its first argument"):
            run(index)


def test_a_server_can_be_asked_by_a_function(server_port: int) -> None:
    server = redipy.Redis(host="127.0.0.1", port=server_port)
    server.set_value("k", "there")
    assert calling(lambda _: server.get_value("k"))(None) == "there"


def end_sessions_in_a_function() -> None:
    """Sessions that watch a key end while their thread holds the data."""
    r = redipy.Redis()
    sessions: list[Any] = []

    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        sessions.clear()
        return sm.get_value(key)

    script = on_key(r, own)
    for _ in range(20):
        sessions.append(redipy._native.Session(r, Exception, list))
        assert sessions[0].receive(b"*2\r\n$5\r\nWATCH\r\n$1\r\nk\r\n") == [b"OK"]
        assert script(keys={"key": "k"}, args={"value": 0}) is None


def end_sessions_meanwhile() -> None:
    """Sessions that watch a key end while another thread runs a function, which needs the interpreter."""
    r = redipy.Redis()
    inside, release = threading.Event(), threading.Event()

    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        inside.set()
        release.wait(0.02)

    script = on_key(r, own)
    for _ in range(20):
        session = redipy._native.Session(r, Exception, list)
        session.receive(b"*2\r\n$5\r\nWATCH\r\n$1\r\nk\r\n")
        inside.clear()
        thread = threading.Thread(target=script, kwargs={"keys": {"key": "k"}, "args": {"value": 0}})
        thread.start()
        inside.wait()
        del session
        thread.join()


@pytest.mark.parametrize("function", [end_sessions_in_a_function, end_sessions_meanwhile])
def test_the_end_of_a_session_is_no_deadlock(function: Callable[[], None]) -> None:
    """In a process of its own, which can be given up."""
    code = f"import test_plugins; test_plugins.{function.__name__}()"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=TESTS, timeout=60)


def test_threads() -> None:
    """Scripts with plug-ins in two threads, while others read and write: nothing is lost, and all come to an end."""
    r = redipy.Redis()

    def own(sm: Machine, key: str, args: list[Any]) -> Any:
        before = int(sm.get_value(key) or 0)
        return sm.set_value(key, str(before + 1))

    script = on_key(r, own)
    rounds, done = 300, threading.Event()

    def run() -> None:
        for _ in range(rounds):
            script(keys={"key": "k"}, args={"value": 0})

    def read() -> None:
        while not done.is_set():
            assert int(r.get_value("k") or 0) <= 2 * rounds
            r.set_value("other", "x")
            r.exists("k", "other")

    readers = [threading.Thread(target=read, daemon=True) for _ in range(2)]
    writers = [threading.Thread(target=run, daemon=True) for _ in range(2)]
    for thread in [*readers, *writers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    done.set()
    for thread in [*readers, *writers]:
        thread.join(10)
        assert not thread.is_alive()
    assert r.get_value("k") == str(2 * rounds)


COUNTS = [
    ({"count": 1}, 0, "incorrect number of arguments need exactly 1 got 0"),
    ({"count": 1}, 1, None),
    ({"count": 1}, 2, "incorrect number of arguments need exactly 1 got 2"),
    ({"count": 1, "at_least": True}, 0, "incorrect number of arguments need at least 1 got 0"),
    ({"count": 1, "at_least": True}, 3, None),
    ({"count": 1, "at_most": 2}, 0, None),
    ({"count": 1, "at_most": 2}, 2, None),
    ({"count": 1, "at_most": 2}, 3, "incorrect number of arguments need exactly 1 up to 2 arguments got 3"),
]


@pytest.mark.parametrize(("argc", "count", "error"), COUNTS)
def test_the_number_of_arguments(argc: Any, count: int, error: str | None) -> None:
    r = redipy.Redis()
    runtime = r.get_memory_runtime()
    runtime.add_general_function_plugin(module_of(general(len, argc=argc)))
    more = {key: value if value is True else value - 1 for key, value in argc.items()}
    runtime.add_redis_function_plugin(module_of(command(lambda sm, key, args: 1 + len(args), argc=more)))
    for first in (CallFn, RedisFn):
        ctx = FnContext()
        if first is RedisFn and count == 0:
            continue
        ctx.set_return_value(first("own", *range(count)))
        if error is None:
            assert r.register_script(ctx)(keys={}, args={}) == count
        else:
            with pytest.raises(ScriptError) as raised:
                r.register_script(ctx)
            assert str(raised.value) == f"own: {error}"


def named(clazz: type, *names: str) -> type:
    """A subclass that gives these names."""
    members = {"name": staticmethod(lambda *_: names[0]), "names": staticmethod(lambda: set(names))}
    return type("Own", (clazz,), members)


def test_duplicates_are_refused() -> None:
    local = redipy.Redis().get_memory_runtime()
    backend = redipy.Redis("redis").get_redis_runtime().get_backend()
    kinds: list[tuple[Callable[[str], None], type, str, str]] = [
        (local.add_redis_function_plugin, LocalRedisFunction, "function", "hget"),
        (local.add_general_function_plugin, LocalGeneralFunction, "function", "tonumber"),
        (backend.add_redis_patch_plugin, LuaRedisPatch, "patch", "hget"),
        (backend.add_general_patch_plugin, LuaGeneralPatch, "patch", "string.find"),
        (backend.add_helper_function_plugin, HelperFunction, "function", "keyval_dict"),
    ]
    for add, clazz, kind, reserved in kinds:
        add(module_of(named(clazz, "mine")))
        for name in ("mine", reserved):
            with pytest.raises(RuntimeError) as raised:
                add(module_of(named(clazz, "new"), named(clazz, name)))
            assert str(raised.value) == f"duplicate {kind} definition: {name}"
        # Nothing of a module that is refused is added.
        add(module_of(named(clazz, "new")))
        with pytest.raises(ImportError):
            add("no_such_module")
        with pytest.raises(TypeError, match=r"^module must be the name of a module, not int$"):
            add(5)
    for add, clazz, kind, _ in (kinds[1], kinds[3]):
        with pytest.raises(RuntimeError, match=f"{kind} name redis.call is not allowed"):
            add(module_of(named(clazz, "redis.call")))


def test_a_plugin_wins_over_what_only_we_have() -> None:
    r = redipy.Redis()
    runtime = r.get_memory_runtime()
    runtime.add_general_function_plugin(module_of(general(lambda args: "own len", name="len")))
    runtime.add_redis_function_plugin(module_of(command(lambda sm, key, args: "own strlen", name="strlen")))
    ctx = FnContext()
    results = ctx.add_local([])
    for index, call in enumerate([CallFn("len", "abc"), RedisFn("strlen", "k"), RedisFn("STRLEN", "k")]):
        ctx.add(results.set_at(index, call))
    ctx.set_return_value(results)
    assert r.register_script(ctx)(keys={}, args={}) == ["own len", "own strlen", 0]


def returning(r: redipy.Redis, call: Callable[[FnContext], Any]) -> ExecFunction:
    ctx = FnContext()
    ctx.set_return_value(call(ctx))
    return r.register_script(ctx)


@pytest.fixture
def on_server(server_port: int) -> redipy.Redis:
    """A client of a server that is empty."""
    r = redipy.Redis(host="127.0.0.1", port=server_port)
    r.flushall()
    return r


def test_functions_of_lua(on_server: redipy.Redis) -> None:
    def given(name: str, *values: Any) -> Any:
        def call(ctx: FnContext) -> Any:
            return CallFn(name, *[ctx.add_arg(f"a{index}") for index in range(len(values))])

        script = returning(on_server, call)
        return script(keys={}, args={f"a{index}": value for index, value in enumerate(values)})

    assert given("math.floor", 3.7) == 3
    assert given("math.max", 1, 5, 3) == 5
    assert given("string.upper", "abc") == "ABC"
    assert given("table.concat", ["a", "b"], "-") == "a-b"
    assert given("table.concat", [1, 2]) == "12"
    assert given("cjson.encode", [1, 2]) == "[1,2]"
    assert given("struct.unpack", "BB", "\x01\x02") == 1
    assert given("string.match", "abc", "x") is None
    assert given("unpack", [{"a": [1, None]}, 2]) == {"a": [1, None]}
    assert given("next", {"only": 1}) == "only"
    assert given("select", "#", None, None, None) == 3
    assert given("redis.sha1hex", "") == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    with pytest.raises(ResponseError, match="number expected, got string"):
        given("math.sin", "x")
    with pytest.raises(ScriptError, match=r"string\.gmatch gave a function"):
        given("string.gmatch", "a", "a")
    with pytest.raises(ResponseError, match="attempt to call"):
        given("math.flor", 1)


@pytest.mark.parametrize("name", ["lenn", "os.exit() or x", "a b", "", "x.", "toolong"])
def test_a_name_that_lua_cannot_have_is_refused(name: str, on_server: redipy.Redis) -> None:
    with pytest.raises(ScriptError, match="unknown function"):
        returning(on_server, lambda ctx: CallFn(name, 1))


@pytest.mark.parametrize("make", [redipy.Redis, lambda: redis_with(Clock())])
def test_what_lua_has_is_not_in_process(make: Callable[[], redipy.Redis]) -> None:
    with pytest.raises(ScriptError, match=r'unknown function "math\.sin"'):
        returning(make(), lambda ctx: CallFn("math.sin", 1))


@pytest.mark.parametrize("place", ["in process", "on a server"])
def test_pure_functions_of_lua_are_the_same_everywhere(place: str, on_server: redipy.Redis) -> None:
    r = on_server if place == "on a server" else redipy.Redis()

    def given(name: str, *values: Any) -> Any:
        return returning(r, lambda ctx: CallFn(name, *values))(keys={}, args={})

    assert [given("math.floor", "3.7"), given("math.ceil", 3.2), given("math.sqrt", 9)] == [3, 4, 3]
    assert [given("math.max", 1, 5, 3), given("math.min", 1, 5, 3), given("math.abs", -2)] == [5, 1, 2]
    assert [given("math.fmod", -7, 3), given("string.len", "é"), given("string.byte", "a")] == [-1, 2, 97]
    assert [given("string.sub", "hello", 2, 3), given("string.rep", "ab", 2)] == ["el", "abab"]
    assert [given("string.upper", "a"), given("string.lower", "A"), given("string.reverse", "ab")] == ["A", "a", "ba"]
    assert given("string.char", 104, 105) == "hi"
    with pytest.raises(ScriptError, match=r"math\.floor needs the text of a number"):
        given("math.floor", "x")


def test_a_script_that_runs_elsewhere_says_what_it_misses(on_server: redipy.Redis) -> None:
    r = redipy.Redis()
    r.get_memory_runtime().add_general_function_plugin(module_of(general(len)))
    script = returning(r, lambda ctx: CallFn("own", 1))
    assert script(keys={}, args={}) == 1
    with pytest.raises(ScriptError, match="own is a function of this process; a server does not have it"):
        script(keys={}, args={}, client=on_server)
    sine = returning(on_server, lambda ctx: CallFn("math.sin", 1.5))
    with pytest.raises(ScriptError, match=r"math\.sin is a function of a server's Lua; this process does not have it"):
        sine(keys={}, args={}, client=r)
    on_server.get_redis_runtime().get_backend().add_redis_patch_plugin("plugins_lua")
    has = returning(on_server, lambda ctx: RedisFn("hexists", "h", "f"))
    assert has(keys={}, args={}) is False
    with pytest.raises(ScriptError, match="HEXISTS is a function of a server's Lua; this process does not have it"):
        has(keys={}, args={}, client=r)


def test_a_server_by_its_url_has_plug_ins_too(server_url: str) -> None:
    r = redipy.connect(server_url)
    runtime = r.get_runtime()
    assert isinstance(runtime, ServerRuntime)
    runtime.get_backend().add_redis_patch_plugin("plugins_lua")
    assert returning(r, lambda ctx: RedisFn("hexists", "h", "f"))(keys={}, args={}) is False


def test_lua_is_as_it_was_without_plugins(on_server: redipy.Redis) -> None:
    def lua(add: Callable[[Any], None]) -> list[str]:
        codes: list[list[str]] = []
        connection = redipy.Redis("redis").get_redis_runtime()
        add(connection.get_backend())
        connection.set_code_hook(codes.append)
        ctx = FnContext()
        ctx.set_return_value(ToNum(RedisVar(ctx.add_key("k")).get(default=1)))
        connection.register_script(ctx)
        return codes[0]

    plain = lua(lambda backend: None)
    assert not any("native" in line for line in plain)
    assert lua(lambda backend: backend.add_redis_patch_plugin("plugins_lua")) == plain


@pytest.mark.parametrize("prefix", ["", "pre:"])
def test_patches_under_a_prefix(prefix: str, server_port: int) -> None:
    r = redipy.Redis(host="127.0.0.1", port=server_port, prefix=prefix)
    plain = redipy.Redis(host="127.0.0.1", port=server_port)
    plain.flushall()
    assert plugins_program.results(r)[0][:4] == [5, True, False, [["a", 1.5], ["b", 2]]]
    assert plain.keys() == {f"{prefix}{key}" for key in "rfs"}


def test_a_patch_sees_statements_and_its_own_arguments(on_server: redipy.Redis) -> None:
    seen: list[Any] = []

    class Seen(LuaRedisPatch):
        @staticmethod
        def names() -> set[str]:
            return {"getdel", "llen"}

        def patch(self, name: str, expr: Any, args: Any, *, is_expr_stmt: bool) -> Any:
            seen.append((name, self.name(), [arg.get("value") for arg in args], is_expr_stmt))
            none = {"kind": "val", "type": "none", "value": None}
            return {"kind": "binary", "op": "or", "left": expr, "right": none}

    on_server.get_redis_runtime().get_backend().add_redis_patch_plugin(module_of(Seen))
    on_server.set_value("k", "")
    ctx = FnContext()
    ctx.add(RedisFn("getdel", "none"))
    results = ctx.add_local([])
    for index in range(2):
        ctx.add(results.set_at(index, RedisFn("getdel", "k")))
    ctx.add(results.set_at(2, RedisList("list").llen()))
    ctx.set_return_value(results)
    shown: list[Any] = []
    on_server.set_compile_hook(lambda program: shown.append(json.dumps(program)))
    script = on_server.register_script(ctx)
    assert seen == [
        ("getdel", "getdel", ["none"], True),
        *[("getdel", "getdel", ["k"], False)] * 2,
        ("llen", "llen", ["list"], False),
    ]
    # A text that is empty is true in Lua, and 0 too.
    assert script(keys={}, args={}) == ["", None, 0]
    # The script itself is not changed by its patches.
    assert shown == [json.dumps(ctx.compile())] and "native" not in shown[0]


def test_a_helper_can_call_itself_and_gets_plain_tables(on_server: redipy.Redis) -> None:
    class Depth(HelperFunction):
        @staticmethod
        def name() -> str:
            return "depth"

        @staticmethod
        def args() -> str:
            return "value"

        @staticmethod
        def body() -> str:
            return """
                if type(value) ~= "table" then return 0 end
                local most = 0
                for key, item in pairs(value) do
                    assert(key ~= 0 and item ~= nil)
                    most = math.max(most, redipy.depth(item))
                end
                return most + 1
            """

    backend = on_server.get_redis_runtime().get_backend()
    backend.add_helper_function_plugin(module_of(Depth))
    depth = returning(on_server, lambda ctx: CallFn("redipy.depth", ctx.add_arg("value")))
    assert [depth(keys={}, args={"value": value}) for value in (1, [], [1, None], {"a": [[]]})] == [0, 1, 1, 3]
    with pytest.raises(RuntimeError, match="unknown helper width"):
        returning(on_server, lambda ctx: CallFn("redipy.width", 1))


def test_commands_that_we_do_not_know_are_the_servers(on_server: redipy.Redis) -> None:
    on_server.set_value("k", "value")
    part = returning(on_server, lambda ctx: RedisFn("substr", ctx.add_key("k"), 1, 2))
    assert part(keys={"k": "k"}, args={}) == "al"
    with pytest.raises(ScriptError, match="unknown command GETT; did you mean GET"):
        returning(on_server, lambda ctx: RedisFn("gett", "k"))
