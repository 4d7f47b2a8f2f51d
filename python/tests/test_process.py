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

import pytest

import redipy


def run(program: str) -> subprocess.CompletedProcess[str]:
    """Runs a program in a process of its own."""
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


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
    context = redipy.script.FnContext()
    counter = redipy.script.RedisVar(context.add_key("counter"))
    left = context.add_local(context.add_arg("steps"))
    loop = context.while_(left.gt_(0))
    loop.add(counter.incrby(1))
    loop.add(left.assign(left - 1))
    context.set_return_value(None)
    script = redis.register_script(context)
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
