"""What docs/diff-and-check.md shows is what is printed."""

from __future__ import annotations

import re
from pathlib import Path

from migrator.model.plan import Record
from migrator.readers.surroundings.pyproject import read_pyproject
from migrator.reports.comparison import _WEIGHTS
from migrator.writers.pyproject.blocks import lay_out_record

from .command_line import migrate
from .test_check import shop

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "diff-and-check.md").read_text(encoding="utf-8")


def test_a_comparison_looks_as_the_page_shows() -> None:
    shown = re.findall(r"```console\n\$ migrate (.+)\n([^`]*)```", PAGE)
    assert shown
    for command, said in shown:
        assert migrate(*command.split(), cwd=ROOT).out == said


def test_a_check_looks_as_the_page_shows(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```text\n(.+?)```", PAGE, re.DOTALL)
    shop(tmp_path, "idna==3.6\n", 'httpx = "^0.28"\nidna = "^3.6"\n', "httpx 0.28.1", "idna 3.11")
    assert migrate("check", cwd=tmp_path).out == shown


def test_the_page_names_every_kind_of_change_and_the_marker() -> None:
    kinds = {*_WEIGHTS} - {"native", "override", "script"}
    assert [kind for kind in kinds if f"`{kind}`" not in PAGE] == []
    assert "<!-- migrator-diff -->" in PAGE


def test_the_record_is_called_as_the_page_calls_it() -> None:
    """``known`` is a key that people see in their pyproject.toml, and it is read again as it was written."""
    record = Record(format="requirements", sources=("requirements.txt",), known=("x: not in poetry.lock", "a: b"))
    head = next(block for block in lay_out_record(record, {}) if block.path == ("tool", "migrator"))
    assert head.entries["known"] == ["a: b", "x: not in poetry.lock"]
    assert "(`known`)" in PAGE
    text = '[tool.migrator]\nformat = "requirements"\nsources = []\nknown = ["x: not in poetry.lock", 1]\n'
    read = read_pyproject(text.encode()).record
    assert read is not None
    assert read.known == ("x: not in poetry.lock",)
