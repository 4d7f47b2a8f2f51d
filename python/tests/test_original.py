"""Programs of the original, with the answers that are right. Where the original's backends disagreed, the language decides."""

from __future__ import annotations

import time
from typing import Any

import pytest
from cases import load

import redipy
import redipy.script
from redipy import errors

KINDS = {
    "WrongType": errors.WrongTypeError,
    "Script": errors.ScriptError,
    "Aborted": errors.AbortedError,
    "Config": TypeError,
    "OutOfMemory": errors.OutOfMemoryError,
    "Timeout": errors.TimeoutError,
    "Unsupported": errors.UnsupportedError,
}


def call(target: Any, words: list[Any]) -> Any:
    """Makes a recorded call."""
    name, *args = words
    named: dict[str, Any] = {}
    if args and isinstance(args[-1], dict) and args[-1].keys() == {"named"}:
        named = args.pop()["named"]
    match name:
        case "pipe":
            with target.pipeline() as pipe:
                for inner in args:
                    call(pipe, inner)
                return pipe.execute(raise_on_error=False)
        case "sorted":
            return sorted(call(target, args[0]))
        case "sleep":
            return time.sleep(args[0])
        case "ttl?":
            left = target.ttl(*args)
            return left if left is None else int(left + 0.5) if left >= 0 else -1
    return getattr(target, name)(*args, **named)


def fails(error: BaseException, failure: dict[str, str]) -> None:
    """Judges an exception."""
    assert isinstance(error, KINDS.get(failure["kind"], errors.ResponseError)), repr(error)
    if isinstance(error, redipy.RedipyError):
        assert str(error) == failure["text"]


def same(got: Any, wanted: Any) -> bool:
    """Whether two values are equal and, but for sets and tuples, of the same types."""
    if isinstance(got, (set, tuple)):
        return same(sorted(got), sorted(wanted)) if isinstance(got, set) else same(list(got), wanted)
    if isinstance(wanted, list):
        return isinstance(got, list) and len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(wanted, dict):
        return isinstance(got, dict) and got.keys() == wanted.keys() and all(same(got[key], wanted[key]) for key in got)
    if isinstance(wanted, float) and wanted != wanted:
        return isinstance(got, float) and got != got
    return bool(got == wanted) and isinstance(got, bool) == isinstance(wanted, bool)


def step(target: Any, expected: dict[str, Any]) -> None:
    """Makes a call and judges its answer."""
    if "fails" in expected:
        with pytest.raises((redipy.RedipyError, TypeError, ValueError)) as caught:
            call(target, list(expected["call"]))
        fails(caught.value, expected["fails"])
        return
    got = call(target, list(expected["call"]))
    failures = expected.get("fails_at", {})
    for at, failure in failures.items():
        fails(got[int(at)], failure)
        got[int(at)] = None
    assert same(got, expected["gives"]), (expected["call"], got)


# What Python says in its own way: the class of the exception, by the recorded case.
DELIBERATE: dict[str, type[BaseException]] = {
    "a21-set-bytes": UnicodeDecodeError,  # get_value gives a str, and these bytes are none: decode=False gives them
    "a103-expire-mode-bad": ValueError,  # the mode is no constant of the API; nothing is sent
    "s149-set-arg": TypeError,  # as in the original: JSON has no sets
    "s150-bytes-arg": TypeError,
}

CALLS = [case for case in load("calls") if case.get("binding") in (None, "python")]
SCRIPTS = [case for case in load("scripts") if case.get("binding") in (None, "python")]


@pytest.mark.parametrize("case", CALLS, ids=lambda case: case["id"])
def test_calls(case: dict[str, Any], connect: Any) -> None:
    """Calls, one after the other."""
    target = connect(prefix=case.get("prefix", ""))
    deliberate = DELIBERATE.get(case["id"])
    for expected in case["steps"]:
        if deliberate and ("fails" in expected or isinstance(expected.get("gives"), bytes)):
            with pytest.raises(deliberate):
                call(target, list(expected["call"]))
        else:
            step(target, expected)


def build(source: str) -> redipy.script.FnContext:
    """The script that a recorded program writes."""
    context = redipy.script.FnContext()
    names = {name: getattr(redipy.script, name) for name in redipy.script.__all__}
    exec(source, {**names, "c": context, "ctx": context, "redipy": redipy})
    return context


@pytest.mark.parametrize("case", SCRIPTS, ids=lambda case: case["id"])
def test_scripts(case: dict[str, Any], connect: Any) -> None:
    """Scripts: what is written is what the original wrote, and its answer is right."""
    script = case["script"]
    target = connect(prefix=case.get("prefix", ""))
    context = build(script["source"])
    assert context.compile() == script["ir"]
    for words in script.get("setup", []):
        call(target, list(words))
    if "refused" in script:
        with pytest.raises(redipy.RedipyError) as refused:
            target.register_script(context)
        assert script["refused"]["text"] in str(refused.value)
    else:
        run = target.register_script(context)
        keys, args = script.get("keys", {}), script.get("args", {})
        if case["id"] in DELIBERATE:
            with pytest.raises(DELIBERATE[case["id"]]):
                run(keys=keys, args=args)
        elif "fails" in script:
            with pytest.raises((redipy.RedipyError, TypeError)) as caught:
                run(keys=keys, args=args)
            fails(caught.value, script["fails"])
        else:
            got = run(keys=keys, args=args)
            assert same(got, script["gives"]), got
    for expected in script.get("after", []):
        step(target, expected)
