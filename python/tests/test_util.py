"""The small functions of `redipy.util`; the answers are those of versions 0.4.2 and 0.7.1."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from redipy import util


def test_lines() -> None:
    """Lines, their indentation, and code that is made of them."""
    code = "\n    if x then\n        y  \n\n    end\n\n"
    assert util.deindent(code) == "if x then\n    y  \n\nend\n"
    assert util.deindent("  a\n\tb") == " a\nb\n"
    assert util.lua_fmt(code) == "if x then\n  y  \n\nend\n"
    assert (util.deindent(""), util.deindent("  \n x")) == ("", " \nx\n")
    assert util.indent("a\nb", 2) == ["  a", "  b"]
    assert util.code_fmt(["a  ", "", " b"]) == "a\n\n b\n"


def test_hashes(tmp_path: Path) -> None:
    """Hashes of texts and files have the sizes that are said."""
    (tmp_path / "file").write_text("x" * 200_000)
    assert util.get_file_hash(f"{tmp_path}/file") == util.get_text_hash("x" * 200_000)
    assert util.text_hash_size() == util.file_hash_size() == len(util.get_text_hash(""))
    assert util.short_hash_size() == len(util.get_short_hash(""))
    assert [util.is_hex(text) for text in ("", "fF0", "xyz")] == [True, True, False]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "   0.000s"),
        (59.9, "  59.900s"),
        (60, "   1.000m"),
        (3600, "   1.000h"),
        (1e7, " 115.741d"),
        (-3, "  -3.000s"),
    ],
)
def test_elapsed_times(seconds: float, shown: str) -> None:
    """Times are shown in the largest unit that fits."""
    assert util.elapsed_time_string(seconds) == shown


def test_values() -> None:
    """Truth and lists, or an error that says the value."""
    assert [util.to_bool(value) for value in (True, "FALSE", "1", "0.5", 1.5, 0)] == [
        True,
        False,
        True,
        False,
        True,
        False,
    ]
    assert util.to_list([1]) == [1]
    wrong: list[tuple[Callable[[Any], Any], Any, str]] = [
        (util.to_bool, "x", "x cannot be interpreted as bool"),
        (util.to_list, (1,), "(1,) is not a list"),
        (util.reject_patterns, "a*", "key='a*' must not be a pattern"),
    ]
    for function, value, text in wrong:
        with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
            function(value)
    assert util.reject_patterns("a") == "a"


def test_numbers_in_texts() -> None:
    """Texts between others, and the highest number in them."""
    files = ["run1.log", "run22.log", "run3.txt", "other9.log", "run.log"]
    assert list(util.extract_list(files, "run", ".txt")) == [("run3.txt", "3")]
    assert list(util.extract_number(files, "run", ".log")) == [("run1.log", 1), ("run22.log", 22)]
    assert util.highest_number(files, "run") == ("run22.log", 22)
    assert util.highest_number(files, "none") is None


def test_what_is_retained() -> None:
    """The highest are kept, and the last one besides."""
    assert util.retain_some([5, 1, 4, 2], 2, key=int) == ([2, 4, 5], [1])
    assert util.retain_some([5, 1, 4, 2], 2, key=int, keep_last=False) == ([4, 5], [1, 2])
    assert util.retain_some([5, 1, 4, 2], 2, key=int, reverse=True, keep_last=False) == ([2, 1], [5, 4])
    assert util.retain_some([1], 2, key=int) == ([1], [])


@pytest.mark.parametrize(
    ("pattern", "prefix", "matches", "others"),
    [
        ("abc", "abc", ["abc"], ["abcd", "ab", "abc\n"]),
        ("a*c", "a", ["ac", "abbc", "a\nc"], ["ab"]),
        ("a?[b-d]", "a", ["axb", "a.d"], ["axa", "ab"]),
        ("x[^a-c]", "x", ["xd", "x^"], ["xa"]),
        ("a\\*b*", "a*b", ["a*b", "a*bc"], ["axb"]),
        ("[c-a][\\]]", "", ["b]"], ["b", "d]"]),
        ("a.^-", "a.^-", ["a.^-"], ["ab^-"]),
        ("[]x", "", [], ["x", "]x"]),
        ("[^]x", "", ["ax"], ["x"]),
        ("[ab", "", ["a"], ["["]),
    ],
)
def test_patterns(pattern: str, prefix: str, matches: list[str], others: list[str]) -> None:
    """Glob patterns match what they match on a server."""
    found, expression = util.convert_pattern(pattern)
    assert found == prefix
    assert [text for text in [*matches, *others] if expression.match(text)] == matches


class Base:
    """A class whose methods ask who called."""

    def who(self) -> tuple[str, int, str]:
        """Who is being called."""
        return util.get_function_info(clazz=type(self))


class Derived(Base):
    """A class that inherits them."""


def test_the_program() -> None:
    """What is known of the program that runs."""
    assert util.is_test()
    salt = util.get_test_salt()
    assert salt is not None and salt.startswith("salt:") and salt == util.get_test_salt()
    assert util.python_module() == __name__
    assert (util.parent_python_module("a.b.c"), util.parent_python_module("a")) == ("a.b", "")
    assert util.check_pid_exists(os.getpid()) and not util.check_pid_exists(2**22 + 1)
    assert util.ideal_thread_count() >= 1
    assert Derived().who()[2] == "who"
    assert util.get_function_info(clazz=int)[2] == "test_the_program"
    file, _, name, variables = util.get_relative_function_info(0)
    assert (file, name, variables["salt"]) == (__file__, "test_the_program", salt)
    assert util.get_relative_function_info(1000) == ("unknown", -1, "unknown", {})
