"""The programs of docs/redis-py.md, each in a process of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from libraries import library

for name in ("arq", "celery", "django_redis", "dramatiq", "huey", "limits", "redis", "rq"):
    library(name)

PAGE = Path(__file__).parents[3] / "docs" / "redis-py.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_there_is_one_for_each_library() -> None:
    found = "\n".join(PROGRAMS)
    for word in ("redis.Redis(", "Celery(", "RedisHuey(", "CACHES", "Queue(", "ArqRedis(", "dramatiq", "limits"):
        assert word in found


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_programs(number: int, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[number])
    runner = ["-m", "pytest", "-p", "redipy.testing"] if "@pytest" in PROGRAMS[number] else []
    run = subprocess.run([sys.executable, *runner, program], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
