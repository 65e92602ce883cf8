"""A bench and an index for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.package_index import PackageIndex, serve

from .workbench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    (tmp_path / "app").mkdir()
    return Bench(root=tmp_path)


@pytest.fixture
def index() -> Iterator[PackageIndex]:
    """An empty one; tests publish what they need."""
    with serve() as running:
        yield running
