"""What a team on a Python is told that nixpkgs has no more, and what is said of releases that are older than theirs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.specifiers import SpecifierSet

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import Project, PythonHint
from migrator.planning.gone_pythons import find_gone, find_untried
from migrator.planning.python_range import plan_python

from .expressions import evidence, fact, pin, project

RANGE = SpecifierSet(">=3.8")
HINT = Origin(path="requirements.nix", line=17)


START = "The project is for Python {}, and nixpkgs has Python 3.9 to 3.14 only. Of {}, "
END = " (add --dry-run to see it). Or lock what runs today for the old Python, without Nix files: --no-nix"


def gone(range_: str, *facts: Metadata) -> list[tuple[str, str, str]]:
    pins = tuple(
        pin(f"{f.name} {f.version}", line=n, needs=" ".join(r.name for r in f.requires))
        for n, f in enumerate(facts, 30)
    )
    known = evidence(*facts)
    python = plan_python(None, [PythonHint(range=SpecifierSet(range_), stated=False, origin=HINT)], pins, known)
    found = find_gone(project(*pins), known, python, frozenset())
    assert {f.code for f in found} <= {Code.PYTHON_GONE}
    return [(f.severity.value, f.message, f.advice) for f in found]


def test_a_python_that_nixpkgs_has_is_not_gone() -> None:
    assert gone(">=3.8", fact("foo 1", python=">=3.6"), fact("bar 1", python="<3.10")) == []


def test_a_pin_from_a_repository_has_no_version_to_show() -> None:
    pins = (pin("foo 1"), replace(pin("forked 1"), version=None))
    python = plan_python(None, [PythonHint(range=SpecifierSet("==3.7.*"), stated=True, origin=HINT)], pins, evidence())
    (found,) = find_gone(project(*pins), evidence(), python, frozenset())
    assert "2 say nothing of it (foo 1, forked), and 0 cannot" in found.message


def test_python_2_with_pins_that_run_on_python_3_as_well() -> None:
    (found,) = gone(">=2.7", fact("foo 1"), fact("bar 1", python=">=2.7,!=3.0.*"))
    said = "1 say that they install there, 1 say nothing of it (foo 1), and 0 cannot"
    assert found == (
        "stop",
        START.format(">=2.7,<3.0 (from requirements.nix:17)", "2 pins") + said,
        "Move on with --python '>=3.11'; no pin has to move, as far as they say" + END,
    )


def test_python_2_with_pins_for_python_2_only() -> None:
    facts = (
        fact("both 1", files=("both-1-py2.py3-none-any.whl",)),
        fact("maya 0.1", files=("maya-0.1-py2-none-any.whl", "maya-0.1.tar.gz")),
        fact("futures 3.2", python=">=2.6, <3"),
        fact("sdist 1", files=("sdist-1.tar.gz", "broken.whl")),
    )
    said = "1 say that they install there, 2 say nothing of it (maya 0.1, sdist 1), and 1 cannot"
    assert gone(">=2.7", *facts) == [
        (
            "stop",
            START.format(">=2.7,<3.0 (from requirements.nix:17)", "4 pins") + said,
            "Move on with --python '>=3.11' --allow-drift; 1 pin then moves" + END,
        ),
        ("review", "futures 3.2 installs on no Python that nixpkgs has: it asks for Python >=2.6, <3", ""),
    ]


def test_a_backport_that_only_python_2_needed_does_not_hold_anybody_up() -> None:
    facts = (fact("foo 1", "futures; python_version < '3'", python=">=2.7"), fact("futures 3.2", python="<3"))
    (found,) = gone(">=2.7", *facts)
    said = "1 say that they install there, 1 only served older Pythons, and 0 cannot"
    assert found[1:] == (
        START.format(">=2.7,<3.0 (from requirements.nix:17)", "2 pins") + said,
        "Move on with --python '>=3.11'; no pin has to move, as far as they say" + END,
    )


def test_python_3_6_and_a_backport_that_ended_there() -> None:
    said = "1 say that they install there, and 1 cannot"
    assert gone(">=3.6", fact("dataclasses 0.8", python=">=3.6, <3.7"), fact("foo 1", python=">=3.6,<3.11")) == [
        (
            "stop",
            START.format(">=3.6,<3.7 (from requirements.nix:17; narrowed by dataclasses 0.8 (>=3.6, <3.7))", "2 pins")
            + said,
            "Move on with --python '>=3.10' --allow-drift; 1 pin then moves" + END,
        ),
        ("review", "dataclasses 0.8 installs on no Python that nixpkgs has: it asks for Python >=3.6, <3.7", ""),
    ]


def test_nothing_is_said_where_no_range_was_found() -> None:
    nothing = Evidence()
    assert find_gone(project(), nothing, plan_python(None, [], (), nothing), frozenset()) == ()


def locked(**files: str) -> Project:
    return project(*(pin(f"{name} 1", files=tuple(text.split())) for name, text in files.items()))


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ("foo-1.tar.gz", None),
        ("foo-1-py3-none-any.whl", None),
        ("foo-1-py2.py3-none-any.whl", None),
        ("foo-1-cp313-cp313-manylinux_2_17_x86_64.whl", None),
        ("foo-1-cp38-abi3-manylinux_2_17_x86_64.whl", None),
        ("foo-1-py3-none-manylinux_2_17_x86_64.whl", None),
        ("foo-1-cp312-none-win_amd64.whl", None),
        ("not-a-wheel.whl", None),
        ("foo-1-cp38-cp38-manylinux_2_17_x86_64.whl foo-1-cp37-cp37m-win32.whl", "3.8"),
        ("foo-1-cp314-cp314-win32.whl", "3.14"),
        ("foo-1-cp38-abi3-win32.whl foo-1-cp39-cp39-win32.whl", None),
        ("foo-1-py2-none-any.whl foo-1.tar.gz", None),
        ("foo-1-cp27-cp27mu-manylinux1_x86_64.whl", "2.7"),
        ("foo-1-pp37-pypy37_pp73-win32.whl", "another Python"),
    ],
)
def test_releases_that_nobody_published_for_a_python(files: str, told: str | None) -> None:
    found = find_untried(locked(foo=files, sure="sure-1-py3-none-any.whl"), RANGE, "python313")
    message = f"default.nix takes Python 3.13, for which these releases were never published: foo 1 (up to {told})"
    assert [f.message for f in found] == ([message] if told else [])
    assert {(f.code, f.severity) for f in found} <= {(Code.PYTHON_UNTRIED, Severity.REVIEW)}


def test_the_nix_file_is_named_as_ours_is_called() -> None:
    (found,) = find_untried(locked(foo="foo-1-cp38-cp38-win32.whl"), RANGE, "python313", "migrator.nix")
    assert found.message.startswith("migrator.nix takes Python 3.13, ")


OLD = "foo-1-cp{0}-cp{0}-win32.whl"


@pytest.mark.parametrize(
    ("files", "range_", "advice"),
    [
        ({"foo": OLD.format("37")}, ">=3.8", ""),
        (
            {"foo": OLD.format("311")},
            ">=3.8",
            (
                "; or build with an older Python: --arg python '(import <nixpkgs> {}).python311', "
                "or for good with --python '>=3.8,<3.12'"
            ),
        ),
        ({"foo": OLD.format("311")}, ">=3.12", ""),
        (
            {"foo": OLD.format("311"), "bar": OLD.format("310"), "baz": OLD.format("310")},
            ">=3.9,<4",
            (
                "; or build with an older Python, for which 2 of them were never published: "
                "--arg python '(import <nixpkgs> {}).python311', or for good with --python '>=3.9,<3.12'"
            ),
        ),
        (
            {"foo": OLD.format("312"), "bar": OLD.format("311"), "baz": OLD.format("311")},
            ">=3.11",
            (
                "; or build with an older Python, for which 1 of them was never published: "
                "--arg python '(import <nixpkgs> {}).python311', or for good with --python '>=3.11,<3.12'"
            ),
        ),
        ({"foo": OLD.format("310")}, ">=3.8", ""),
    ],
)
def test_what_to_do_about_them(files: dict[str, str], range_: str, advice: str) -> None:
    (found,) = find_untried(locked(**files), SpecifierSet(range_), "python313")
    assert found.advice == f"Try the build before you rely on it{advice}"


def test_nothing_is_said_of_an_unknown_python() -> None:
    assert find_untried(locked(foo=OLD.format("37")), RANGE, "python3") == ()
