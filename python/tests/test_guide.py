"""The examples of the guide, of the package's README and of the front page, run as they are written."""

from __future__ import annotations

import contextlib
import doctest
import io
from pathlib import Path

import redipy

ROOT = Path(__file__).parents[2]


def failures(guide: str) -> str:
    """What is not as it is written."""
    parser, runner, report = doctest.DocTestParser(), doctest.DocTestRunner(), io.StringIO()
    result = runner.run(parser.get_doctest(guide, {}, "python.md", "docs/python.md", 0), out=report.write)
    assert result.attempted > 30
    return report.getvalue()


def test_the_guide_in_process() -> None:
    assert failures((ROOT / "docs/python.md").read_text()) == ""


def test_the_guide_on_a_server(server_url: str) -> None:
    redipy.connect(server_url).flushall()
    guide = (ROOT / "docs/python.md").read_text()
    assert failures(guide.replace("r = redipy.Redis()\n", f"r = redipy.connect({server_url!r})\n")) == ""


def test_the_readme(server_port: int) -> None:
    code = (ROOT / "python/README.md").read_text().split("```python\n")[1].split("```")[0]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code.replace("6379", str(server_port)), {})
    wanted = [line.split("# ")[1] for line in code.splitlines() if line.startswith("print(")]
    assert printed.getvalue().splitlines() == wanted and len(wanted) == 1


def test_the_front_page(server_url: str) -> None:
    code = (ROOT / "README.md").read_text().split("```python\n")[1].split("```")[0]
    exec(code, {})
    redipy.connect(server_url).flushall()
    exec(code.replace("memory://", server_url), {})
