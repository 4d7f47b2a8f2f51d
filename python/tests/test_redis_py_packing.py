"""What redis-py sends in process is what the same redis-py sends to a server, whichever encoding and packer it has."""

from __future__ import annotations

import decimal
import enum
from typing import Any

import pytest
import redis
from ways import Said, Way


class Level(enum.IntEnum):
    HIGH = 3


class Kind(str, enum.Enum):
    LOW = "low"


class Text(str):
    def __str__(self) -> str:
        return "another"


VALUES: list[Any] = [
    *("text", "", "ä", "€", "\udcff", "\ud800", "a\r\nb", Text("own"), Kind.LOW, Level.HIGH, 1, -1, 2**70, 1.5, -0.0),
    *(float("inf"), float("nan"), 1e20, True, None, b"\xff\x00", bytearray(b"ab"), memoryview(b"ab"), "x" * 20_000),
    *(b"y" * 20_000, decimal.Decimal("1.5"), [1], ("a",), {}, object, Exception("x")),
]
NAMES: list[tuple[Any, ...]] = [
    *(("SET", "n", "1"), ("set n", "2"), (b"set", "n", "3"), (b"SET n", "4"), ("SET", "n", "5", "EX", 100), ("GET",)),
    *((" GET ", "n"), ("PING",), ("CLIENT SETNAME", "x"), ("ECHO", memoryview(b"z")), ("Ä", "n"), ("", "n"), (1, 2)),
]


@pytest.mark.parametrize("errors", ["strict", "replace", "surrogateescape"])
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16", "ascii"])
@pytest.mark.parametrize("style", ["blocking", "asyncio"])
def test_what_is_sent(server_port: int, style: str, encoding: str, errors: str) -> None:
    said: list[list[Any]] = []
    for port in (None, server_port):
        way = Way(port, style, decode_responses=False, encoding=encoding, encoding_errors=errors)
        results: list[Any] = []
        said.append(results)

        async def program(r: Any, _: Said, results: list[Any] = results) -> None:
            async def note(name: Any, *words: Any, **options: Any) -> None:
                try:
                    results.append(await getattr(r, name)(*words, **options))
                except Exception as error:  # whatever it is, it is to be the same
                    results.append((type(error).__name__, str(error)))

            for value in VALUES:
                await note("rpush", "l", value)
                await note("hset", "h", value, value)
            for words in NAMES:
                await note("execute_command", *words)
            async with r.pipeline() as pipe:
                for value in (value for value in VALUES if isinstance(value, (str, bytes, int)) and value is not True):
                    pipe.set("k", value)
                    pipe.get("k")
                try:
                    results.append(await pipe.execute())
                except Exception as error:
                    results.append((type(error).__name__, str(error)))
            await note("lrange", "l", 0, -1)
            await note("hgetall", "h")
            await note("get", "n")

        way.run(program)
    for ours, theirs in zip(*said, strict=True):
        assert ours == theirs


def test_a_command_may_be_cut_anywhere(server_port: int) -> None:
    for port in (None, server_port):
        r = Way(port, "blocking", decode_responses=True).blocking()
        connection: Any = r.connection_pool.make_connection()
        connection.connect()
        packed = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$3\r\na\r\n\r\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"
        for cut in range(1, len(packed) // 2):
            connection.send_packed_command([packed[:cut], packed[cut:-cut], packed[-cut:]])
            assert [connection.read_response() for _ in range(2)] == ["OK", "a\r\n"]
        connection.disconnect()


def test_memory_in_pieces(server_port: int) -> None:
    for port in (None, server_port):
        r = Way(port, "blocking", decode_responses=True).blocking()
        try:
            r.set("k", memoryview(b"abcdef")[::2])
        except BufferError as error:  # redis-py's own packer leaves it to the socket; hiredis makes bytes of it
            assert "not C-contiguous" in str(error)
        else:
            assert r.get("k") == "ace"


def test_what_is_no_command(server_port: int) -> None:
    said = []
    for port in (None, server_port):
        way = Way(port, "blocking", decode_responses=True)
        for sent in (b"*1\r\n+3\r\nGET\r\n", b"*1\r\n$-3\r\nGET\r\n", b"*0\r\n*1\r\n$4\r\nPING\r\n", b"*x\r\n"):
            connection: Any = way.blocking().connection_pool.make_connection()
            connection.connect()
            connection.send_packed_command([sent])
            try:
                said.append(connection.read_response())
            except redis.RedisError as error:
                said.append(str(error))
            connection.disconnect()
    assert said[: len(said) // 2] == said[len(said) // 2 :]
