"""Libraries that the tests of this directory need."""

from __future__ import annotations

import importlib
import os
from typing import Any

import pytest


def library(name: str) -> Any:
    """A module of a library. Without it the test module is skipped, or fails where all libraries must be there."""
    if os.environ.get("REDIPY_REQUIRE_WORLD") == "1":
        return importlib.import_module(name)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        reason = f"{error}: NOTHING OF {name.partition('.')[0].upper()} IS TESTED; scripts/test-python installs all"
        pytest.skip(reason, allow_module_level=True)
