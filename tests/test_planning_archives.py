"""Zip archives whose address does not say so become the repository that they were made of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.finding import Code, Severity
from migrator.model.source import FromUrl, FromVcs, VcsKind
from migrator.model.url import Url
from migrator.planning.archives import repository_of, take_repositories

from .expressions import line, pin, project

COMMIT = "0123456789012345678901234567890123456789"


def at(url: str, subdirectory: str | None = None) -> FromUrl:
    return FromUrl(url=Url.parse(url), subdirectory=subdirectory)


@pytest.mark.parametrize(
    "url",
    [
        f"https://github.com/own/tool/zipball/{COMMIT}",
        f"https://www.github.com/own/tool/zipball/{COMMIT}",
        f"https://api.github.com/repos/own/tool/zipball/{COMMIT}",
        f"https://codeload.github.com/own/tool/zip/{COMMIT}",
        f"https://codeload.github.com/own/tool/legacy.zip/{COMMIT}",
    ],
)
def test_an_archive_without_an_ending(url: str) -> None:
    address = Url.parse("https://github.com/own/tool.git")
    repository = FromVcs(kind=VcsKind.GIT, url=address, rev=COMMIT, subdirectory="python")
    assert repository_of(at(url, "python")) == repository


@pytest.mark.parametrize(
    "url",
    [
        f"https://github.com/own/tool/archive/{COMMIT}.zip",
        f"https://github.com/own/tool/archive/{COMMIT}.tar.gz",
        f"https://github.com/own/tool/tarball/{COMMIT}",
        f"https://codeload.github.com/own/tool/zip/{COMMIT}.zip",
        "https://github.com/own/tool/zipball/",
        "https://github.com.evil.example/own/tool/zipball/x",
        "https://example.org/own/tool/zipball/x",
    ],
)
def test_any_other_address_stays(url: str) -> None:
    assert repository_of(at(url)) is None


def test_lines_and_pins_change_and_it_is_told_once() -> None:
    source = at(f"https://github.com/own/tool/zipball/{COMMIT}")
    before = project(pin("tool 1", source=source), pin("foo 1"), declared=(replace(line("tool"), source=source),))
    after, findings = take_repositories(before)
    sources = (*(line.source for line in after.declared), *(pin.source for pin in after.pins))
    assert [type(source).__name__ for source in sources] == [
        "FromVcs",
        "FromVcs",
        "FromIndex",
    ]
    assert [(f.code, f.severity, str(f.origin)) for f in findings] == [
        (Code.UNSUPPORTED_SOURCE, Severity.REVIEW, "requirements.txt:1")
    ]
    assert take_repositories(project(pin("foo 1"))) == (project(pin("foo 1")), ())
