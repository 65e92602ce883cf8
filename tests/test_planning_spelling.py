"""Whether the names of a release's files spell its version as the lock does."""

from __future__ import annotations

import pytest

from migrator.model.source import FromPath
from migrator.planning.natives.spelling import find_respelled

from .expressions import pin


@pytest.mark.parametrize(
    ("package", "files", "spelled"),
    [
        ("regex 2017.4.29", "regex-2017.04.29.tar.gz regex-2017.04.29-cp36-none-win32.whl", "2017.04.29"),
        ("foo 1.0", "foo-1.0.tar.gz", None),
        ("foo 1.0", "foo-1.0-py3-none-any.whl foo-1.00.tar.gz", None),
        ("foo 1.0.post2", "foo-1.0-2.tar.gz", "1.0-2"),
        ("foo 1.0.post2", "foo-1.0.post2-py3-none-any.whl foo-1.0-2.tar.gz", None),
        ("foo 1.0rc1", "foo-1.0.rc1.zip", "1.0.rc1"),
        ("foo 1.0rc1", "foo-1.0c1-py3-none-any.whl", "1.0c1"),
        ("some-name 1.0b2", "Some_Name-1.0.beta2.tar.bz2", "1.0.beta2"),
        ("some-name 1.0b2", "some.name-1.0.beta2.exe", None),
        ("foo 1.0b2", "bar-1.0.beta2.tar.gz", None),
        ("foo 1.0b2", "foo-odd.tar.gz foo.whl", None),
        ("foo 1.0b2", "", None),
    ],
)
def test_a_version_in_the_names_of_files(package: str, files: str, spelled: str | None) -> None:
    locked = pin(package, files=tuple(files.split()))
    found = find_respelled([locked, locked])
    assert [(row.package, row.version, row.spelled) for row in found] == (
        [(locked.name, str(locked.version), spelled)] if spelled else []
    )


def test_what_comes_from_no_index_is_left_alone() -> None:
    assert find_respelled([pin("foo 1.0b2", files=("foo-1.0.beta2.tar.gz",), source=FromPath(path="./foo"))]) == ()
