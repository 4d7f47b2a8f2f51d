"""What every Redis of this package can do: the calls, and the constants that they take."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal, TypeVar, get_args

if TYPE_CHECKING:
    from redipy.backend.backend import ExecFunction
    from redipy.symbolic.seq import FnContext

T = TypeVar("T")

RSetMode = Literal["always", "if_missing", "if_exists"]
"""When SET sets."""
RSM_ALWAYS: RSetMode = "always"
"""Sets in any case."""
RSM_MISSING: RSetMode = "if_missing"
"""Sets if there is no such key: NX."""
RSM_EXISTS: RSetMode = "if_exists"
"""Sets if there is such a key: XX."""
RSM_FLAGS: dict[RSetMode, str | None] = {RSM_ALWAYS: None, RSM_MISSING: "NX", RSM_EXISTS: "XX"}
"""The options of SET."""

RExpireMode = Literal["always", "if_persist", "if_expire", "if_later", "if_earlier"]
"""When EXPIRE sets an expiry."""
REX_ALWAYS: RExpireMode = "always"
"""Sets in any case."""
REX_PERSIST: RExpireMode = "if_persist"
"""Sets if the key does not expire: NX."""
REX_EXPIRE: RExpireMode = "if_expire"
"""Sets if the key expires: XX."""
REX_LATER: RExpireMode = "if_later"
"""Sets if the key would expire earlier: GT."""
REX_EARLIER: RExpireMode = "if_earlier"
"""Sets if the key would expire later: LT."""
REX_FLAGS: dict[RExpireMode, str | None] = {
    REX_ALWAYS: None,
    REX_PERSIST: "NX",
    REX_EXPIRE: "XX",
    REX_LATER: "GT",
    REX_EARLIER: "LT",
}
"""The options of EXPIRE."""

KeyType = Literal["string", "list", "set", "zset", "hash", "stream"]
"""The type of a key's value."""
KEY_TYPES: set[KeyType] = set(get_args(KeyType))
"""All types."""


def as_key_type(text: str | None) -> KeyType | None:
    """The type of this name; None for None and for ``"none"``.

    Raises:
        ValueError: there is no such type.
    """
    if text is None or text == "none":
        return None
    if text not in KEY_TYPES:
        raise ValueError(f"unknown key type: {text}. Only {KEY_TYPES} are supported.")
    return text


class KeyWalk:
    """A walk through all keys by SCAN, each of them once."""

    def __init__(self) -> None:
        self.cursor, self.count, self.is_over = 0, 10, False
        self._seen: set[str] = set()

    def take(self, page: tuple[int, list[str]]) -> list[str]:
        """The keys that a step found and that none before did."""
        self.cursor, keys = page
        self.count, self.is_over = min(self.count * 2, 1000), self.cursor == 0
        new = [key for key in dict.fromkeys(keys) if key not in self._seen]
        self._seen.update(new)
        return new


class PipelineAPI:
    """Calls that are queued. `execute` gives what each of them gives elsewhere."""

    def execute(self) -> list[Any]:
        """Executes all that is queued, without any other call in between; the results in order."""
        raise NotImplementedError


class RedisAPI:
    """The calls. What they take and give is documented at `redipy.Redis`."""

    def scan(
        self,
        cursor: int,
        *,
        match: str | None = None,
        count: int | None = None,
        filter_type: KeyType | None = None,
    ) -> tuple[int, list[str]]:
        """One step through all keys: the cursor of the next step, 0 at the end, and some keys."""
        raise NotImplementedError

    def keys_block(self, *, match: str | None = None, filter_type: KeyType | None = None) -> list[str]:
        """All keys that match; nobody else is served meanwhile."""
        raise NotImplementedError

    def iter_keys(self, *, match: str | None = None, filter_type: KeyType | None = None) -> Iterable[str]:
        """All keys that match, step by step. One that comes or goes meanwhile may or may not be among them."""
        walk = KeyWalk()
        while not walk.is_over:
            yield from walk.take(self.scan(walk.cursor, match=match, count=walk.count, filter_type=filter_type))

    def keys(
        self,
        *,
        match: str | None = None,
        filter_type: KeyType | None = None,
        block: bool = True,
    ) -> set[str]:
        """All keys that match, at once or, without ``block``, step by step."""
        if block:
            return set(self.keys_block(match=match, filter_type=filter_type))
        return set(self.iter_keys(match=match, filter_type=filter_type))


class RedisClientAPI(RedisAPI):
    """The calls, pipelines and scripts."""

    def pipeline(self) -> AbstractContextManager[PipelineAPI]:
        """Queues calls, which are executed when the block is left; nothing is after an exception."""
        raise NotImplementedError

    def register_script(self, ctx: FnContext) -> ExecFunction:
        """Compiles a script; what is given runs it when it is called."""
        raise NotImplementedError
