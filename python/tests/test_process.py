"""What concerns the whole process: threads, signals, forks, subinterpreters."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from programs import looping

import redipy
from redipy import _native


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a process of its own, which can import `programs`."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env)


def test_threads_share_a_client(redis: redipy.Redis) -> None:
    """Increments of several threads add up."""

    def count(_: int) -> None:
        for _ in range(200):
            redis.incrby("count", 1)
            with redis.pipeline() as pipe:
                pipe.incrby("a", 1)
                pipe.incrby("b", 1)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count, range(4)))
    assert [redis.get_value(key) for key in ("count", "a", "b")] == ["800", "800", "800"]


def test_a_long_script_keeps_nobody_from_running() -> None:
    """The interpreter is free while a script runs, also for calls that have to wait for it."""
    redis = redipy.Redis()
    script = looping(redis)
    running = threading.Thread(target=script, kwargs={"keys": {"counter": "k"}, "args": {"steps": 300_000}})
    waiting = threading.Thread(target=redis.get_value, args=("k",))
    running.start()
    waiting.start()
    turns = 0
    while running.is_alive():
        turns += 1
        time.sleep(0.001)
    waiting.join()
    running.join()
    assert turns > 3
    assert redis.get_value("k") == "300000"


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGINT to send here")
@pytest.mark.parametrize(
    "call",
    ["redipy.Redis().wait_for('k', lambda: None, None)", "redipy.Redis().subscribe('c').get_message()"],
)
def test_ctrl_c_ends_a_wait(call: str) -> None:
    """A call that would wait for ever is ended by KeyboardInterrupt."""
    # A process that was started in the background ignores SIGINT, and so would its child.
    program = f"""
import signal, redipy
signal.signal(signal.SIGINT, signal.default_int_handler)
print("ready", flush=True)
{call}
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
        finally:
            process.kill()
    assert b"KeyboardInterrupt" in errors


@pytest.mark.skipif(os.name != "posix", reason="there are no such signals here")
def test_signals_while_a_server_is_waited_for(server_url: str) -> None:
    """A handler that returns does not disturb the call; one that raises ends it, and what it raised is raised."""
    done = run(
        f"""
        import os, signal, threading, redipy
        r = redipy.connect({server_url!r})
        seen = []
        signal.signal(signal.SIGALRM, lambda *_: seen.append("alarm"))
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.05)
        assert r.execute_command("BLPOP", "none", 1) is None
        signal.setitimer(signal.ITIMER_REAL, 0)
        assert len(seen) > 5, seen
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            r.execute_command("BLPOP", "none", 30)
        except KeyboardInterrupt:
            r.rpush("none", "kept")
            assert r.llen("none") == 1
            r.flushall()
        else:
            raise SystemExit("not interrupted")
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGINT to send here")
def test_ctrl_c_ends_a_script_that_has_written_nothing() -> None:
    """Handlers of signals run while a script does, Ctrl-C ends it, and its keys are free then."""
    done = run(
        """
        import os, signal, threading, redipy
        from programs import endless
        r = redipy.Redis()
        script, seen = endless(r), []
        signal.signal(signal.SIGINT, signal.default_int_handler)

        def look(*_):
            try:
                r.get_value("k")
            except redipy.errors.UnsupportedError as error:
                seen.append(str(error))

        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            script(keys={"key": "k"}, args={"writes": False})
        except KeyboardInterrupt:
            assert r.get_value("k") is None
        else:
            raise SystemExit("not interrupted")
        assert len(seen) == 1 and "its engine's data is held" in seen[0], seen
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGINT to send here")
def test_ctrl_c_ends_a_wait_for_the_data_of_a_script() -> None:
    """Who waits for the keys of a long script is interrupted, whatever call it is; the script goes on."""
    done = run(
        """
        import os, signal, threading, time, redipy
        from programs import endless, looping
        r = redipy.Redis()
        script, other = endless(r), looping(r)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        running = threading.Thread(target=script, kwargs={"keys": {"key": "k"}, "args": {"writes": True}}, daemon=True)
        running.start()
        calls = [
            lambda: r.get_value("k"),
            lambda: r.mset({"a": 1, "k": 2, "z": 3}),
            lambda: other(keys={"counter": "k"}, args={"steps": 1}),
            lambda: r.keys(),
        ]
        for call in calls:
            threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                # Once the script has begun, the call waits for it.
                while True:
                    call()
            except KeyboardInterrupt:
                continue
        assert running.is_alive()
        os._exit(0)
        """
    )
    assert done.returncode == 0, done.stderr


def test_what_expires_goes_by_itself() -> None:
    """Nobody need look for a key whose time is over."""
    redis = redipy.Redis()
    for number in range(1000):
        redis.set_value(f"k{number}", "v", expire_in=0.05)
    assert redis.dbsize() > 0
    end = time.monotonic() + 20
    while redis.dbsize() > 0 and time.monotonic() < end:
        time.sleep(0.01)
    assert redis.dbsize() == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_what_expires_goes_in_a_fork_too() -> None:
    """The thread that removes it ends before the fork, and is there again in both processes."""
    done = run(
        """
        import os, signal, time, redipy
        r = redipy.Redis()
        r.set_value("before", "v", expire_in=0.2)
        r.rpush("large", *range(100_000))
        r.unlink("large")

        def threads():
            tasks = "/proc/self/task"
            return len(os.listdir(tasks)) if os.path.isdir(tasks) else 1

        assert threads() == 2 or not os.path.isdir("/proc")
        child = os.fork()
        signal.alarm(20)
        r.set_value("after", "v", expire_in=0.05)
        while r.dbsize() > 0:
            time.sleep(0.01)
        r.rpush("large", *range(100_000))
        r.unlink("large")
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_has_a_copy() -> None:
    """A forked process goes on with the data as it was, and shares nothing."""
    done = run(
        """
        import os, redipy
        r = redipy.Redis()
        r.set_value("k", "both")
        child = os.fork()
        r.set_value("who", "child" if child == 0 else "parent")
        assert r.get_value("k") == "both"
        if child == 0:
            os._exit(0 if r.get_value("who") == "child" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert r.get_value("who") == "parent"
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_waits_until_nobody_holds_data() -> None:
    """However busy other threads are, a forked process can use all data, and is not kept waiting for ever."""
    done = run(
        """
        import os, signal, threading, redipy
        from programs import looping
        from redipy.redis_py import connection_pool

        r, prefixed = redipy.Redis(), redipy.Redis(url="memory://name", prefix="p:")
        script = looping(r)
        busy = True

        def work():
            listener = r.subscribe("news")
            while busy:
                script(keys={"counter": "k"}, args={"steps": 200})
                r.mset({f"m{i}": i for i in range(50)})
                prefixed.incrby("p", 1)
                with r.pipeline() as pipe:
                    [pipe.set_value(f"m{i}", "x") for i in range(50)]
                r.publish("k", "message")
                r.execute_command("PUBLISH", "news", "message")
                listener.get_message(0.001)

        threads = [threading.Thread(target=work) for _ in range(4)]
        [thread.start() for thread in threads]
        for _ in range(60):
            child = os.fork()
            if child == 0:
                signal.alarm(20)
                assert script(keys={"counter": "own"}, args={"steps": 10}) is None
                assert r.get_value("own") == "10"
                r.flushall()
                assert r.keys() == set() and prefixed.incrby("own", 1) == 1.0
                with r.subscribe("own") as own:
                    assert r.execute_command("PUBLISH", "own", "message") == 1
                    assert own.get_message(5).data == "message"
                os._exit(0)
            status = os.waitpid(child, 0)[1]
            assert status == 0, status
        busy = False
        [thread.join() for thread in threads]
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_plugins_function_may_fork() -> None:
    """Its script goes on in both processes, whoever else holds data; and both can fork again."""
    done = run(
        """
        import os, signal, sys, threading, time, types, redipy
        from programs import looping
        from redipy.plugin import LocalRedisFunction
        from redipy.script import FnContext, RedisFn

        class Fork(LocalRedisFunction):
            @staticmethod
            def name():
                return "fork"
            @staticmethod
            def argc():
                return {"count": 0}
            @staticmethod
            def call(sm, key, args):
                pid = os.fork()
                sm.set_value(key, pid)
                return pid

        module = sys.modules["forks"] = types.ModuleType("forks")
        Fork.__module__, module.Fork = "forks", Fork
        other, r = redipy.Redis(), redipy.Redis()
        long, steps = looping(other), {"steps": 2_000_000}
        threading.Thread(target=long, kwargs={"keys": {"counter": "k"}, "args": steps}).start()
        r.get_memory_runtime().add_redis_function_plugin("forks")
        ctx = FnContext()
        ctx.set_return_value(RedisFn("fork", ctx.add_key("pid")))
        script = r.register_script(ctx)
        time.sleep(0.05)
        # The thread has the other data by now, and one more waits for what this one has.
        threading.Timer(0.05, r.mset, ({"pid": "waited", "more": "v"},)).start()
        child = script(keys={"pid": "pid"}, args={})
        signal.alarm(20)
        assert other.get_value("k") == str(steps["steps"])
        assert r.get_value("pid") in (str(child), "waited")
        grandchild = os.fork()
        if grandchild == 0:
            r.flushall()
            # The fork waited until the other thread had done with its data.
            assert other.get_value("k") == str(steps["steps"])
            os._exit(0)
        assert os.waitpid(grandchild, 0)[1] == 0
        looping(r)(keys={"counter": "again"}, args={"steps": 10})
        assert r.get_value("again") == "10"
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_functions_that_fork_at_once_lose_each_others_data() -> None:
    """None can wait for the other, which holds its data until then: a child is told at once that it lacks that."""
    done = run(
        """
        import os, signal, sys, threading, time, types, redipy
        from redipy.plugin import LocalRedisFunction
        from redipy.script import FnContext, RedisFn

        both = threading.Barrier(2)

        class Fork(LocalRedisFunction):
            @staticmethod
            def name():
                return "fork"
            @staticmethod
            def argc():
                return {"count": 0}
            @staticmethod
            def call(sm, key, args):
                both.wait(20)
                pid = os.fork()
                sm.set_value(key, "v")
                return pid

        module = sys.modules["forks"] = types.ModuleType("forks")
        Fork.__module__, module.Fork = "forks", Fork
        stores = redipy.Redis(), redipy.Redis()

        def use(own, other):
            own.get_memory_runtime().add_redis_function_plugin("forks")
            ctx = FnContext()
            ctx.set_return_value(RedisFn("fork", ctx.add_key("k")))
            child = own.register_script(ctx)(keys={"k": "k"}, args={})
            if child != 0:
                children.append(child)
                return
            signal.alarm(20)
            start = time.monotonic()
            status = 1
            try:
                own.set_value("own", own.get_value("k"))
                other.set_value("k", "w")
            except redipy.errors.UnsupportedError as error:
                status = 0 if "lost to the forked process" in str(error) and own.get_value("own") == "v" else 2
            except BaseException as error:
                print(repr(error), file=sys.stderr)
            # One of them may have forked when the other was done.
            else:
                status = 0
            if time.monotonic() - start > 2:
                status = 3
            os._exit(status)

        children = []
        threads = [threading.Thread(target=use, args=pair) for pair in (stores, stores[::-1])]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
        assert [store.get_value("k") for store in stores] == ["v", "v"]
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_signals_are_handled_while_a_fork_waits_for_a_script() -> None:
    """What a handler raises is raised in the parent when the fork is over, which is soon; the child is told what it lacks."""
    done = run(
        """
        import os, signal, subprocess, threading, time, redipy
        from programs import endless
        r, other = redipy.connect("memory://?script_steps=1000000000000"), redipy.Redis()
        script, alarms = endless(r), []
        held = {"keys": {"key": "k"}, "args": {"writes": True}}
        threading.Thread(target=script, kwargs=held, daemon=True).start()

        class Alarm(Exception):
            pass

        def ring(*_):
            alarms.append(time.monotonic())
            if len(alarms) == 3:
                raise Alarm("rang")

        time.sleep(0.05)
        other.set_value("k", "v")
        signal.signal(signal.SIGALRM, ring)
        signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
        start, child = time.monotonic(), None
        reads, writes = os.pipe()
        try:
            child = os.fork()
            if child == 0:
                signal.setitimer(signal.ITIMER_REAL, 0)
                assert other.get_value("k") == "v"
                try:
                    r.get_value("k")
                except redipy.errors.UnsupportedError as error:
                    os.write(writes, str(error).encode())
                os._exit(0)
            while time.monotonic() - start < 10:
                time.sleep(0.01)
        except Alarm as error:
            assert error.args == ("rang",)
        else:
            raise SystemExit("nothing was raised")
        assert alarms[0] - start < 1 and time.monotonic() - start < 5, (alarms, start)
        os.close(writes)
        assert b"lost to the forked process" in os.read(reads, 1000)
        signal.setitimer(signal.ITIMER_REAL, 0)
        os.wait()

        # Ctrl-C, and a function that runs between fork and exec.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        start = time.monotonic()
        try:
            subprocess.run(["true"], preexec_fn=lambda: None)
        except KeyboardInterrupt:
            assert time.monotonic() - start < 5
        else:
            raise SystemExit("not interrupted")
        os._exit(0)
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_signals_are_handled_while_another_thread_waits_to_fork() -> None:
    """Calls stand back for a fork, which waits for a script: they are interrupted all the same."""
    done = run(
        """
        import os, signal, threading, time, redipy
        from programs import endless
        r, other = redipy.connect("memory://?script_steps=1000000000000"), redipy.Redis()
        script = endless(r)
        held = {"keys": {"key": "k"}, "args": {"writes": True}}
        threading.Thread(target=script, kwargs=held, daemon=True).start()
        time.sleep(0.05)
        threading.Thread(target=os.fork, daemon=True).start()
        time.sleep(0.05)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for call in [lambda: other.mset({"a": 1, "b": 2}), lambda: other.execute_command("SET", "k", "v")]:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                call()
            except KeyboardInterrupt:
                continue
            raise SystemExit("not interrupted")
        os._exit(0)
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_script_of_asyncio_and_a_fork() -> None:
    """A fork waits for the threads that make calls, and a forked process has them anew."""
    done = run(
        """
        import asyncio, os, signal, redipy
        from programs import endless_context, looping_context
        from redipy import aio
        r = aio.Redis()
        loops, endless = r.register_script(looping_context()), r.register_script(endless_context())

        async def use(steps):
            running = asyncio.ensure_future(loops(keys={"counter": "k"}, args={"steps": steps}))
            await asyncio.sleep(0.01)
            child = os.fork() if steps > 10 else None
            if child == 0:
                os._exit(0 if redipy.Redis.get_value(r._client, "k") == str(steps) else 1)
            await running
            assert child is None or os.waitpid(child, 0)[1] == 0

        asyncio.run(use(300_000))
        child = os.fork()
        signal.alarm(20)
        asyncio.run(use(10))
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0

        async def leave():
            asyncio.ensure_future(endless(keys={"key": "other"}, args={"writes": False}))
            await asyncio.sleep(0.05)

        # It ends with its task, and the process with it.
        asyncio.run(leave())
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(os.name != "posix", reason="there is no SIGINT to send here")
def test_ctrl_c_ends_a_script_of_asyncio() -> None:
    """It cancels the main task, as asyncio does it, and that ends the script."""
    done = run(
        """
        import asyncio, os, signal, threading, time, redipy
        from programs import endless_context
        from redipy import aio
        r = aio.Redis()
        script = r.register_script(endless_context())

        async def main():
            await script(keys={"key": "k"}, args={"writes": False})

        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
        start = time.monotonic()
        try:
            asyncio.run(main())
        except KeyboardInterrupt:
            assert time.monotonic() - start < 2
        else:
            raise SystemExit("not interrupted")
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_has_connections_of_its_own(server_url: str) -> None:
    """Parent and child use one client of a server at the same time, waiting and with asyncio; no reply goes astray."""
    done = run(
        f"""
        import asyncio, os, signal, redipy
        from redipy import aio
        r, a = redipy.connect({server_url!r}), aio.connect({server_url!r})

        async def use(name):
            for turn in range(200):
                assert r.execute_command("ECHO", f"{{name}}{{turn}}") == f"{{name}}{{turn}}"
                assert await a.execute_command("ECHO", f"{{name}}{{turn}}") == f"{{name}}{{turn}}"

        asyncio.run(use("before"))
        children = []
        for child in range(3):
            if (pid := os.fork()) == 0:
                signal.alarm(20)
                asyncio.run(use(f"child{{child}}"))
                os._exit(0)
            children.append(pid)
        asyncio.run(use("parent"))
        assert [os.waitpid(pid, 0)[1] for pid in children] == [0, 0, 0]
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_asyncio_in_a_fork() -> None:
    """Tasks of a forked process are woken, whatever was used before."""
    done = run(
        """
        import asyncio, os, signal
        from programs import talk
        from redipy import aio
        r = aio.Redis()

        asyncio.run(talk(r))
        child = os.fork()
        signal.alarm(20)
        asyncio.run(talk(r))
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        """
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not os.path.isdir("/proc/self/task"), reason="nothing here tells the names of threads")
def test_the_thread_of_asyncio_ends_before_the_interpreter() -> None:
    """A thread that is about to use an interpreter that ends would abort the process."""
    done = run(
        """
        import atexit, os

        def names():
            tasks = "/proc/self/task"
            return [open(f"{tasks}/{task}/comm").read().strip() for task in os.listdir(tasks)]

        atexit.register(lambda: os._exit(10 + names().count("redipy-asyncio")))
        import asyncio
        from programs import talk
        from redipy import aio
        r = aio.Redis()

        asyncio.run(talk(r))
        assert names().count("redipy-asyncio") == 1
        """
    )
    assert done.returncode == 10, done.stderr


def test_an_interpreter_without_its_lock_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Free-threaded Python enables its lock for this package; where it may not, the package says so."""
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    with pytest.raises(ImportError, match="PYTHON_GIL"):
        _native.check_interpreter()
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: True, raising=False)
    _native.check_interpreter()


def test_subinterpreters_are_refused() -> None:
    """A second interpreter in the process cannot have the package, and is told."""
    done = run(
        """
        import os, redipy
        try:
            import _interpreters as interpreters
        except ImportError:
            import _xxsubinterpreters as interpreters
        reads, writes = os.pipe()
        code = f"try:\\n  import redipy\\nexcept ImportError as error:\\n  import os; os.write({writes}, str(error).encode())"
        interpreters.run_string(interpreters.create(), code)
        os.close(writes)
        print(os.read(reads, 1000).decode())
        assert redipy.Redis().set_value("k", "v")
        """
    )
    assert done.returncode == 0, done.stderr
    assert "several interpreters" in done.stdout or "subinterpreter" in done.stdout, done.stdout
