"""The native half of the package: what `redipy.Redis`, its pipelines and its scripts are made of."""

import builtins
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar, final, overload

from typing_extensions import Self, disjoint_base

from redipy._words import Key as _Key
from redipy._words import Word as _Word
from redipy.api import KeyType, RExpireMode, RSetMode
from redipy.graph.seq import SequenceObj

__all__ = [
    "AsyncClient",
    "AsyncMessages",
    "Call",
    "Client",
    "Clock",
    "Machine",
    "Pipeline",
    "Script",
    "Session",
    "Subscription",
    "check_interpreter",
    "keep_replies",
]

_T = TypeVar("_T")

def check_interpreter() -> None: ...
def keep_replies(limit: int) -> None: ...

@final
class Script:
    def __new__(
        cls,
        program: SequenceObj,
        *,
        functions: dict[str, Callable[[list[Any]], Any]] | None = None,
        commands: dict[str, Callable[[list[Any]], Any]] | None = None,
        lua: Mapping[str, str] | None = None,
    ) -> Self: ...
    @property
    def lua(self) -> str: ...
    @property
    def keys(self) -> list[str]: ...
    @property
    def args(self) -> list[str]: ...
    @property
    def warnings(self) -> list[str]: ...

# What Client and Machine have alike; at run time each has its own.
class _Calls:
    def execute_command(self, name: str, *args: _Word) -> Any: ...
    def _call(self, reads: str, name: str, *args: Any, cast: Callable[[Any], Any] = ...) -> Any: ...
    def _keys(self, *, match: _Word | None = None, filter_type: str | None = None) -> list[str]: ...
    def exists(self, *keys: _Key) -> int: ...
    def delete(self, *keys: _Key) -> int: ...
    def key_type(self, key: _Key) -> KeyType | None: ...
    def scan(
        self,
        cursor: int = 0,
        match: _Word | None = None,
        count: int | None = None,
        _type: str | None = None,
        *,
        filter_type: str | None = None,
    ) -> tuple[int, list[str]]: ...
    def flushall(self, asynchronous: bool = False) -> None: ...
    @overload
    def set_value(
        self,
        key: _Key,
        value: _Word,
        *,
        mode: RSetMode = "always",
        return_previous: Literal[True],
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> str | None: ...
    @overload
    def set_value(
        self,
        key: _Key,
        value: _Word,
        *,
        mode: RSetMode = "always",
        return_previous: Literal[False] = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> bool: ...
    @overload
    def set_value(
        self,
        key: _Key,
        value: _Word,
        *,
        mode: RSetMode = "always",
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> str | bool | None: ...
    def set(
        self,
        key: _Key,
        value: _Word,
        ex: _Word | timedelta | None = None,
        px: _Word | timedelta | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: _Word | datetime | None = None,
        pxat: _Word | datetime | None = None,
        *,
        mode: RSetMode = "always",
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> Any: ...
    def get_value(self, key: _Key) -> str | None: ...
    def expire(
        self,
        key: _Key,
        time: _Word | timedelta | None = None,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
        *,
        mode: RExpireMode = "always",
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
    ) -> bool: ...
    def ttl(self, key: _Key) -> float | None: ...
    def incrby(self, key: _Key, inc: _Word = 1) -> float: ...
    def lpush(self, key: _Key, *values: _Word) -> int: ...
    def rpush(self, key: _Key, *values: _Word) -> int: ...
    @overload
    def lpop(self, key: _Key, count: None = None) -> str | None: ...
    @overload
    def lpop(self, key: _Key, count: int) -> list[str] | None: ...
    @overload
    def rpop(self, key: _Key, count: None = None) -> str | None: ...
    @overload
    def rpop(self, key: _Key, count: int) -> list[str] | None: ...
    def lrange(self, key: _Key, start: int, stop: int) -> list[str]: ...
    def lset(self, key: _Key, index: int, value: _Word) -> None: ...
    def lindex(self, key: _Key, index: int) -> str | None: ...
    def llen(self, key: _Key) -> int: ...
    @overload
    def zadd(
        self,
        key: _Key,
        mapping: Mapping[Any, _Word],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        *,
        incr: Literal[True],
        gt: bool = False,
        lt: bool = False,
    ) -> float | None: ...
    @overload
    def zadd(
        self,
        key: _Key,
        mapping: Mapping[Any, _Word],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: Literal[False] = False,
        gt: bool = False,
        lt: bool = False,
    ) -> int: ...
    def zpop_max(self, key: _Key, count: int = 1) -> list[tuple[str, float]]: ...
    def zpop_min(self, key: _Key, count: int = 1) -> list[tuple[str, float]]: ...
    @overload
    def zrange(
        self,
        key: _Key,
        start: _Word,
        stop: _Word,
        desc: bool = False,
        *,
        withscores: Literal[True],
        score_cast_func: Callable[[Any], Any] = ...,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[tuple[str, float]]: ...
    @overload
    def zrange(
        self,
        key: _Key,
        start: _Word,
        stop: _Word,
        desc: bool = False,
        withscores: Literal[False] = False,
        score_cast_func: Callable[[Any], Any] = ...,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[str]: ...
    @overload
    def zrange(
        self,
        key: _Key,
        start: _Word,
        stop: _Word,
        desc: bool = False,
        withscores: bool = False,
        score_cast_func: Callable[[Any], Any] = ...,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[Any]: ...
    def zcard(self, key: _Key) -> int: ...
    @overload
    def hset(self, key: _Key, mapping: Mapping[Any, _Word]) -> int: ...
    @overload
    def hset(
        self,
        key: _Key,
        field: Mapping[Any, _Word] | _Word | None = None,
        value: _Word | None = None,
        mapping: Mapping[Any, _Word] | None = None,
        items: Sequence[_Word] | None = None,
    ) -> int: ...
    def hdel(self, key: _Key, *fields: _Word) -> int: ...
    def hget(self, key: _Key, field: _Word) -> str | None: ...
    def hmget(
        self, key: _Key, *fields: _Word | Sequence[_Word], keys: Sequence[_Word] | None = None
    ) -> dict[str, str | None]: ...
    def hincrby(self, key: _Key, field: _Word, inc: _Word = 1) -> float: ...
    def hkeys(self, key: _Key) -> list[str]: ...
    def hvals(self, key: _Key) -> list[str]: ...
    def hgetall(self, key: _Key) -> dict[str, str]: ...
    def sadd(self, key: _Key, *values: _Word) -> int: ...
    def srem(self, key: _Key, *values: _Word) -> int: ...
    def sismember(self, key: _Key, value: _Word) -> bool: ...
    def scard(self, key: _Key) -> int: ...
    def smembers(self, key: _Key) -> builtins.set[str]: ...

@disjoint_base
class Client(_Calls):
    def __init__(
        self,
        source: str | Client | Clock,
        *,
        prefix: str = "",
        decode: bool = True,
        client_name: str | None = None,
        connect_timeout: float | None = None,
        timeout: float | None = None,
    ) -> None: ...
    def describe(self) -> str: ...
    def tick(self, budget: int | None = None) -> bool: ...
    def _publish(self, channel: _Word, msg: _Word) -> int: ...
    def _run(self, script: Script, keys: Mapping[str, Any], args: Mapping[str, Any]) -> Any: ...
    def _wait_for(self, channel: _Word, predicate: Callable[[], _T], timeout: float | None) -> _T | None: ...

@disjoint_base
class Machine(_Calls):
    def __init__(self) -> None: ...

@disjoint_base
class AsyncClient:
    def __init__(self, client: Client) -> None: ...
    def describe(self) -> str: ...
    def execute_command(self, name: str, *args: _Word) -> Call[Any]: ...
    def _call(self, reads: str, name: str, *args: Any, cast: Callable[[Any], Any] = ...) -> Call[Any]: ...
    def _keys(self, *, match: _Word | None = None, filter_type: str | None = None) -> Call[list[str]]: ...
    def _publish(self, channel: _Word, msg: _Word) -> Call[int]: ...
    def _run(self, script: Script, keys: Mapping[str, Any], args: Mapping[str, Any]) -> Call[Any]: ...
    def _execute(self, pipeline: Pipeline) -> Call[list[Any]]: ...
    def _subscribe(self, channels: tuple[_Word, ...], patterns: tuple[_Word, ...]) -> Call[AsyncMessages]: ...
    def exists(self, *keys: _Key) -> Call[int]: ...
    def delete(self, *keys: _Key) -> Call[int]: ...
    def key_type(self, key: _Key) -> Call[KeyType | None]: ...
    def scan(
        self,
        cursor: int = 0,
        match: _Word | None = None,
        count: int | None = None,
        _type: str | None = None,
        *,
        filter_type: str | None = None,
    ) -> Call[tuple[int, list[str]]]: ...
    def flushall(self, asynchronous: bool = False) -> Call[None]: ...
    def set_value(
        self,
        key: _Key,
        value: _Word,
        *,
        mode: RSetMode = "always",
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> Call[Any]: ...
    def set(
        self,
        key: _Key,
        value: _Word,
        ex: _Word | timedelta | None = None,
        px: _Word | timedelta | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: _Word | datetime | None = None,
        pxat: _Word | datetime | None = None,
        *,
        mode: RSetMode = "always",
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> Call[Any]: ...
    def get_value(self, key: _Key) -> Call[str | None]: ...
    def expire(
        self,
        key: _Key,
        time: _Word | timedelta | None = None,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
        *,
        mode: RExpireMode = "always",
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
    ) -> Call[bool]: ...
    def ttl(self, key: _Key) -> Call[float | None]: ...
    def incrby(self, key: _Key, inc: _Word = 1) -> Call[float]: ...
    def lpush(self, key: _Key, *values: _Word) -> Call[int]: ...
    def rpush(self, key: _Key, *values: _Word) -> Call[int]: ...
    @overload
    def lpop(self, key: _Key, count: None = None) -> Call[str | None]: ...
    @overload
    def lpop(self, key: _Key, count: int) -> Call[list[str] | None]: ...
    @overload
    def rpop(self, key: _Key, count: None = None) -> Call[str | None]: ...
    @overload
    def rpop(self, key: _Key, count: int) -> Call[list[str] | None]: ...
    def lrange(self, key: _Key, start: int, stop: int) -> Call[list[str]]: ...
    def lset(self, key: _Key, index: int, value: _Word) -> Call[None]: ...
    def lindex(self, key: _Key, index: int) -> Call[str | None]: ...
    def llen(self, key: _Key) -> Call[int]: ...
    @overload
    def zadd(
        self,
        key: _Key,
        mapping: Mapping[Any, _Word],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        *,
        incr: Literal[True],
        gt: bool = False,
        lt: bool = False,
    ) -> Call[float | None]: ...
    @overload
    def zadd(
        self,
        key: _Key,
        mapping: Mapping[Any, _Word],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: Literal[False] = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Call[int]: ...
    def zpop_max(self, key: _Key, count: int = 1) -> Call[list[tuple[str, float]]]: ...
    def zpop_min(self, key: _Key, count: int = 1) -> Call[list[tuple[str, float]]]: ...
    @overload
    def zrange(
        self,
        key: _Key,
        start: _Word,
        stop: _Word,
        desc: bool = False,
        *,
        withscores: Literal[True],
        score_cast_func: Callable[[Any], Any] = ...,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Call[list[tuple[str, float]]]: ...
    @overload
    def zrange(
        self,
        key: _Key,
        start: _Word,
        stop: _Word,
        desc: bool = False,
        withscores: Literal[False] = False,
        score_cast_func: Callable[[Any], Any] = ...,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Call[list[str]]: ...
    @overload
    def zrange(
        self,
        key: _Key,
        start: _Word,
        stop: _Word,
        desc: bool = False,
        withscores: bool = False,
        score_cast_func: Callable[[Any], Any] = ...,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Call[list[Any]]: ...
    def zcard(self, key: _Key) -> Call[int]: ...
    @overload
    def hset(self, key: _Key, mapping: Mapping[Any, _Word]) -> Call[int]: ...
    @overload
    def hset(
        self,
        key: _Key,
        field: Mapping[Any, _Word] | _Word | None = None,
        value: _Word | None = None,
        mapping: Mapping[Any, _Word] | None = None,
        items: Sequence[_Word] | None = None,
    ) -> Call[int]: ...
    def hdel(self, key: _Key, *fields: _Word) -> Call[int]: ...
    def hget(self, key: _Key, field: _Word) -> Call[str | None]: ...
    def hmget(
        self, key: _Key, *fields: _Word | Sequence[_Word], keys: Sequence[_Word] | None = None
    ) -> Call[dict[str, str | None]]: ...
    def hincrby(self, key: _Key, field: _Word, inc: _Word = 1) -> Call[float]: ...
    def hkeys(self, key: _Key) -> Call[list[str]]: ...
    def hvals(self, key: _Key) -> Call[list[str]]: ...
    def hgetall(self, key: _Key) -> Call[dict[str, str]]: ...
    def sadd(self, key: _Key, *values: _Word) -> Call[int]: ...
    def srem(self, key: _Key, *values: _Word) -> Call[int]: ...
    def sismember(self, key: _Key, value: _Word) -> Call[bool]: ...
    def scard(self, key: _Key) -> Call[int]: ...
    def smembers(self, key: _Key) -> Call[builtins.set[str]]: ...

@final
class Call(Coroutine[Any, Any, _T]):
    def __await__(self) -> Generator[Any, Any, _T]: ...
    def __next__(self) -> Any: ...
    def send(self, value: Any) -> Any: ...
    def throw(self, kind: Any, value: Any = None, traceback: Any = None) -> Any: ...
    def close(self) -> None: ...

@final
class AsyncMessages:
    def subscribe(self, *channels: _Word) -> Call[None]: ...
    def psubscribe(self, *patterns: _Word) -> Call[None]: ...
    def unsubscribe(self, *channels: _Word) -> Call[None]: ...
    def punsubscribe(self, *patterns: _Word) -> Call[None]: ...
    def next(self) -> Call[tuple[str, str | None, str]]: ...
    def close(self) -> None: ...

@disjoint_base
class Pipeline:
    def __init__(self, client: Client) -> None: ...
    def __len__(self) -> int: ...
    def reset(self) -> None: ...
    def _execute(self) -> list[Any]: ...
    def execute_command(self, name: str, *args: _Word) -> None: ...
    def _call(self, reads: str, name: str, *args: Any, cast: Callable[[Any], Any] = ...) -> None: ...
    def _keys(self, *, match: _Word | None = None, filter_type: str | None = None) -> None: ...
    def _run(self, script: Script, keys: Mapping[str, Any], args: Mapping[str, Any]) -> None: ...
    def exists(self, *keys: _Key) -> None: ...
    def delete(self, *keys: _Key) -> None: ...
    def key_type(self, key: _Key) -> None: ...
    def scan(
        self,
        cursor: int = 0,
        match: _Word | None = None,
        count: int | None = None,
        _type: str | None = None,
        *,
        filter_type: str | None = None,
    ) -> None: ...
    def flushall(self, asynchronous: bool = False) -> None: ...
    def set_value(
        self,
        key: _Key,
        value: _Word,
        *,
        mode: RSetMode = "always",
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> None: ...
    def set(
        self,
        key: _Key,
        value: _Word,
        ex: _Word | timedelta | None = None,
        px: _Word | timedelta | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: _Word | datetime | None = None,
        pxat: _Word | datetime | None = None,
        *,
        mode: RSetMode = "always",
        return_previous: bool = False,
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
        keep_ttl: bool = False,
    ) -> None: ...
    def get_value(self, key: _Key) -> None: ...
    def expire(
        self,
        key: _Key,
        time: _Word | timedelta | None = None,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
        *,
        mode: RExpireMode = "always",
        expire_timestamp: datetime | None = None,
        expire_in: float | None = None,
    ) -> None: ...
    def ttl(self, key: _Key) -> None: ...
    def incrby(self, key: _Key, inc: _Word = 1) -> None: ...
    def lpush(self, key: _Key, *values: _Word) -> None: ...
    def rpush(self, key: _Key, *values: _Word) -> None: ...
    def lpop(self, key: _Key, count: int | None = None) -> None: ...
    def rpop(self, key: _Key, count: int | None = None) -> None: ...
    def lrange(self, key: _Key, start: int, stop: int) -> None: ...
    def lset(self, key: _Key, index: int, value: _Word) -> None: ...
    def lindex(self, key: _Key, index: int) -> None: ...
    def llen(self, key: _Key) -> None: ...
    def zadd(
        self,
        key: _Key,
        mapping: Mapping[Any, _Word],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> None: ...
    def zpop_max(self, key: _Key, count: int = 1) -> None: ...
    def zpop_min(self, key: _Key, count: int = 1) -> None: ...
    def zrange(
        self,
        key: _Key,
        start: _Word,
        stop: _Word,
        desc: bool = False,
        withscores: bool = False,
        score_cast_func: Callable[[Any], Any] = ...,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> None: ...
    def zcard(self, key: _Key) -> None: ...
    @overload
    def hset(self, key: _Key, mapping: Mapping[Any, _Word]) -> None: ...
    @overload
    def hset(
        self,
        key: _Key,
        field: Mapping[Any, _Word] | _Word | None = None,
        value: _Word | None = None,
        mapping: Mapping[Any, _Word] | None = None,
        items: Sequence[_Word] | None = None,
    ) -> None: ...
    def hdel(self, key: _Key, *fields: _Word) -> None: ...
    def hget(self, key: _Key, field: _Word) -> None: ...
    def hmget(self, key: _Key, *fields: _Word | Sequence[_Word], keys: Sequence[_Word] | None = None) -> None: ...
    def hincrby(self, key: _Key, field: _Word, inc: _Word = 1) -> None: ...
    def hkeys(self, key: _Key) -> None: ...
    def hvals(self, key: _Key) -> None: ...
    def hgetall(self, key: _Key) -> None: ...
    def sadd(self, key: _Key, *values: _Word) -> None: ...
    def srem(self, key: _Key, *values: _Word) -> None: ...
    def sismember(self, key: _Key, value: _Word) -> None: ...
    def scard(self, key: _Key) -> None: ...
    def smembers(self, key: _Key) -> None: ...

@disjoint_base
class Subscription:
    def __init__(self, client: Client, channels: tuple[_Word, ...], patterns: tuple[_Word, ...]) -> None: ...
    def subscribe(self, *channels: _Word) -> None: ...
    def psubscribe(self, *patterns: _Word) -> None: ...
    def unsubscribe(self, *channels: _Word) -> None: ...
    def punsubscribe(self, *patterns: _Word) -> None: ...
    def _receive(self, timeout: float | None = None) -> tuple[str, str | None, str] | None: ...
    def close(self) -> None: ...

@disjoint_base
class Clock:
    def __init__(self) -> None: ...
    def now(self) -> float: ...
    def advance(self, seconds: float) -> None: ...

@final
class Session:
    def __new__(
        cls,
        client: Client,
        fail: Callable[[str], Exception],
        push: Callable[[list[Any]], list[Any]],
        *,
        sets: bool = False,
    ) -> Self: ...
    def receive(self, bytes: bytes | bytearray | memoryview) -> list[Any]: ...
    def take(self) -> list[Any] | None: ...
    def wait(self, seconds: float) -> bool: ...
    def arrived(self) -> Call[None]: ...
    def may_wait(self) -> bool: ...
    def listens(self) -> bool: ...
    @property
    def protocol(self) -> int: ...
    @property
    def is_closed(self) -> bool: ...
    def close(self) -> None: ...
