"""Recorded programs of the original, with the answers that are right: read from the files that Rust's tests use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILES = Path(__file__).parents[2] / "crates" / "conformance" / "original"


def load(name: str) -> list[dict[str, Any]]:
    """The cases of a file."""
    cases: list[dict[str, Any]] = json.loads((FILES / f"{name}.json").read_text(), object_hook=_value)
    return cases


def _value(fields: dict[str, Any]) -> Any:
    if len(fields) != 1:
        return fields
    [(tag, inner)] = fields.items()
    match tag:
        case "$float":
            return float(inner)
        case "$bytes":
            return bytes.fromhex(inner)
        case "$set":
            return set(inner)
        case "$dict":
            return {key: value for key, value in inner}
    return fields
