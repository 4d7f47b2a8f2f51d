"""Small functions that users of the original import: times, JSON, texts, and what the program is.

Example:
    >>> from redipy.util import json_compact, normalize_values, to_number_str
    >>> json_compact({"b": 1, "a": [None]})
    b'{"a":[null],"b":1}'
    >>> normalize_values({b"field": [b"value", 1]})
    {'field': ['value', 1]}
    >>> to_number_str(3.0), to_number_str(2.5)
    ('3', '2.5')
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from hashlib import blake2b
from typing import IO, Any, NoReturn, TypeVar, overload

from redipy._process_util import (
    TEST_SALT,
    TEST_SALT_LOCK,
    check_pid_exists,
    get_function_info,
    get_relative_function_info,
    get_test_salt,
    ideal_thread_count,
    is_test,
    parent_python_module,
    python_module,
)
from redipy._text_util import (
    BUFF_SIZE,
    ELAPSED_UNITS,
    NL,
    NUMBER_PATTERN,
    code_fmt,
    convert_pattern,
    deindent,
    elapsed_time_string,
    extract_list,
    extract_number,
    file_hash_size,
    get_file_hash,
    highest_number,
    indent,
    is_hex,
    lua_fmt,
    reject_patterns,
    retain_some,
    short_hash_size,
    text_hash_size,
    to_bool,
    to_list,
)

T = TypeVar("T")


def now() -> datetime:
    """The time, with the time zone of this machine."""
    return datetime.now(timezone.utc).astimezone()


def now_ts() -> datetime:
    """The time, in UTC."""
    return datetime.now(timezone.utc)


def from_timestamp(timestamp: float) -> datetime:
    """The time of a POSIX timestamp, in UTC."""
    return datetime.fromtimestamp(timestamp, timezone.utc)


def to_timestamp(time: datetime) -> float:
    """The POSIX timestamp of a time."""
    return time.timestamp()


def time_diff(from_time: datetime, to_time: datetime) -> float:
    """The seconds from one time to another; negative if the other is earlier."""
    return (to_time - from_time).total_seconds()


def fmt_time(when: datetime) -> str:
    """A time as text, which `parse_time_str` reads."""
    return when.isoformat()


def get_time_str() -> str:
    """The time as text."""
    return fmt_time(now())


def parse_time_str(time_str: str) -> datetime:
    """The time that `fmt_time` wrote.

    Raises:
        ValueError: it is no such text.
    """
    return datetime.fromisoformat(time_str)


def get_text_hash(text: str) -> str:
    """The BLAKE2b hash of a text, as 64 hexadecimal digits."""
    return blake2b(text.encode("utf-8"), digest_size=32).hexdigest()


def get_short_hash(text: str) -> str:
    """A short BLAKE2b hash of a text, as 8 hexadecimal digits."""
    return blake2b(text.encode("utf-8"), digest_size=4).hexdigest()


def is_int(value: Any) -> bool:
    """Whether ``int`` takes this."""
    try:
        int(value)
    except ValueError:
        return False
    return True


def is_float(value: Any) -> bool:
    """Whether ``float`` takes this."""
    try:
        float(value)
    except (ValueError, TypeError):
        return False
    return True


def to_number_str(value: float) -> str:
    """A number as text, without a point if it is integral."""
    return f"{int(value)}" if int(value) == value else f"{value}"


def only(arr: list[T]) -> T:
    """The only item of a list.

    Raises:
        ValueError: it has another number of items.
    """
    if len(arr) != 1:
        raise ValueError(f"array must have exactly one element: {arr}")
    return arr[0]


def identity(obj: T) -> T:
    """The object itself."""
    return obj


def is_json(value: str) -> bool:
    """Whether a text is JSON."""
    try:
        json.loads(value)
    except json.JSONDecodeError:
        return False
    return True


def report_json_error(err: json.JSONDecodeError) -> NoReturn:
    """Raises the error as a ``ValueError`` that shows where it is, and in what."""
    raise ValueError(f"JSON parse error ({err.lineno}:{err.colno}): {err.doc!r}") from err


def json_maybe_read(data: str) -> Any | None:
    """The value of a JSON text; None if it is none."""
    try:
        return json.loads(data)
    except json.JSONDecodeError:
        return None


def json_read(data: bytes) -> Any:
    """The value of a JSON text in UTF-8.

    Raises:
        ValueError: it is none.
    """
    try:
        return json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        report_json_error(error)


def json_load(fin: IO[str]) -> Any:
    """The value of a file with JSON.

    Raises:
        ValueError: it has none.
    """
    try:
        return json.load(fin)
    except json.JSONDecodeError as error:
        report_json_error(error)


def read_jsonl(fin: IO[str]) -> Iterator[Any]:
    """The values of a file with JSON in each line that is not empty.

    Raises:
        ValueError: a line has none.
    """
    for line in fin:
        if text := line.rstrip():
            try:
                yield json.loads(text)
            except json.JSONDecodeError as error:
                report_json_error(error)


def json_compact(obj: Any) -> bytes:
    """A value as JSON without spaces, names in order."""
    return json.dumps(obj, sort_keys=True, separators=(",", ":")).encode("utf-8")


def json_pretty(obj: Any) -> str:
    """A value as JSON for readers, names in order."""
    return json.dumps(obj, sort_keys=True, indent=2)


def json_dump(obj: Any, fout: IO[str]) -> None:
    """Writes a value to a file, as JSON for readers."""
    print(json_pretty(obj), file=fout)


@overload
def to_maybe_str(res: bytes) -> str: ...
@overload
def to_maybe_str(res: None) -> None: ...
def to_maybe_str(res: bytes | None) -> str | None:
    """Bytes as text; None for None."""
    return None if res is None else res.decode("utf-8")


@overload
def to_list_str(res: Iterable[bytes], transform: Callable[[str], str] | None = None) -> list[str]: ...
@overload
def to_list_str(res: None, transform: Callable[[str], str] | None = None) -> None: ...
def to_list_str(res: Iterable[bytes] | None, transform: Callable[[str], str] | None = None) -> list[str] | None:
    """Many bytes as texts, each put through a function if one is given; None for None."""
    if res is None:
        return None
    texts = [item.decode("utf-8") for item in res]
    return texts if transform is None else list(map(transform, texts))


def normalize_values(res: Any) -> Any:
    """The same with all bytes as texts, also those in lists, tuples and dictionaries."""
    if isinstance(res, bytes):
        return res.decode("utf-8")
    if isinstance(res, (list, tuple)):
        return type(res)(map(normalize_values, res))
    if isinstance(res, dict):
        return {normalize_values(key): normalize_values(value) for key, value in res.items()}
    return res


def escape(text: str, subs: dict[str, str]) -> str:
    r"""A text with a backslash and the name of it, in place of each character that has a name.

    Example:
        >>> print(escape("a\nb", {"\n": "n"}))
        a\nb
    """
    text = text.replace("\\", "\\\\")
    for char, name in subs.items():
        text = text.replace(char, f"\\{name}")
    return text


def unescape(text: str, subs: dict[str, str]) -> str:
    r"""What `escape` was given; here ``subs`` has the characters by their names.

    Example:
        >>> unescape("a\\nb", {"n": "\n"}) == "a\nb"
        True
    """
    chars, result = iter(text), ""
    for char in chars:
        if char == "\\":
            char = next(chars, "")
            char = subs.get(char, char)
        result += char
    return result


__all__ = [
    "BUFF_SIZE",
    "ELAPSED_UNITS",
    "NL",
    "NUMBER_PATTERN",
    "TEST_SALT",
    "TEST_SALT_LOCK",
    "check_pid_exists",
    "code_fmt",
    "convert_pattern",
    "deindent",
    "elapsed_time_string",
    "escape",
    "extract_list",
    "extract_number",
    "file_hash_size",
    "fmt_time",
    "from_timestamp",
    "get_file_hash",
    "get_function_info",
    "get_relative_function_info",
    "get_short_hash",
    "get_test_salt",
    "get_text_hash",
    "get_time_str",
    "highest_number",
    "ideal_thread_count",
    "identity",
    "indent",
    "is_float",
    "is_hex",
    "is_int",
    "is_json",
    "is_test",
    "json_compact",
    "json_dump",
    "json_load",
    "json_maybe_read",
    "json_pretty",
    "json_read",
    "lua_fmt",
    "normalize_values",
    "now",
    "now_ts",
    "only",
    "parent_python_module",
    "parse_time_str",
    "python_module",
    "read_jsonl",
    "reject_patterns",
    "report_json_error",
    "retain_some",
    "short_hash_size",
    "text_hash_size",
    "time_diff",
    "to_bool",
    "to_list",
    "to_list_str",
    "to_maybe_str",
    "to_number_str",
    "to_timestamp",
    "unescape",
]
