"""Which pins of an expression only build others, and so are in no lock."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Severity
from migrator.model.project import Dependency, Option, Pin
from migrator.planning.left_out import leave_unneeded

from .expressions import evidence, fact, line, option, pin, project

NOTHING = Evidence()


@dataclass(frozen=True, kw_only=True)
class Case:
    pins: tuple[Pin, ...]
    lines: tuple[Dependency, ...] = ()
    facts: Evidence = NOTHING
    options: tuple[Option, ...] = ()
    imports: frozenset[str] = frozenset()
    left: str = ""


WEB = pin("web 1", needs="core", build="scm")
CORE = pin("core 1", build="scm")
SCM = pin("scm 1", needs="toml")
TOML = pin("toml 1")

CASES = {
    "nothing builds anything": Case(pins=(pin("web 1", needs="core"), pin("core 1"), pin("stray 1"))),
    "what builds, and what that needs": Case(pins=(WEB, CORE, SCM, TOML), lines=(line("web"),), left="scm 1, toml 1"),
    "where no file names the roots": Case(pins=(WEB, CORE, SCM, TOML), left="scm 1, toml 1"),
    "what builds, and runs as well": Case(
        pins=(pin("web 1", needs="scm", build="scm"), SCM, TOML), lines=(line("web"),)
    ),
    "what builds, and is asked for": Case(pins=(WEB, CORE, SCM, TOML), lines=(line("web"), line("scm"))),
    "what builds, and is imported": Case(pins=(WEB, CORE, SCM, TOML), imports=frozenset({"scm"})),
    "what the index knows counts before the expression": Case(
        pins=(WEB, CORE, SCM, TOML), facts=evidence(fact("core 1", "toml")), left="scm 1"
    ),
    "what builds needs by the expression, if not by the index": Case(
        pins=(WEB, CORE, SCM, TOML),
        lines=(line("web"),),
        facts=evidence(fact("scm 1")),
        left="scm 1, toml 1",
    ),
    "what an extra that was asked for brings": Case(
        pins=(WEB, CORE, SCM, TOML),
        lines=(line("web[fast]"),),
        facts=evidence(fact("web 1", "core", "toml; extra == 'fast'")),
        left="scm 1",
    ),
    "what nobody asks for and nothing is built with": Case(
        pins=(WEB, CORE, SCM, TOML, pin("stray 1", needs="toml")), lines=(line("web"),), left="scm 1"
    ),
    "named with --setup-requires alone": Case(
        pins=(pin("web 1"), SCM, TOML),
        lines=(line("web"),),
        options=(option("--setup-requires", "scm>=1 other"),),
        left="scm 1, toml 1",
    ),
    "named with --setup-requires, in words nobody can read": Case(
        pins=(pin("web 1"), SCM), options=(option("--setup-requires", "${x} @@"),)
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_only_builds_is_left_out(case: Case) -> None:
    before = project(*case.pins, declared=case.lines, options=case.options)
    after, findings = leave_unneeded(before, case.facts, ("3.11",), case.imports)
    gone = sorted(f"{p.name} {p.version}" for p in before.pins if p not in after.pins)
    assert ", ".join(gone) == case.left
    many = "These pins are" if len(gone) > 1 else "This pin is"
    message = (
        f"{many} there to build other packages and not locked: {case.left}; poetry2nix and Poetry bring what builds a "
        "package themselves"
    )
    severity = Severity.NOTE if case.lines else Severity.REVIEW
    assert [(f.code, f.severity, f.message) for f in findings] == (
        [(Code.BUILD_REQUIREMENT, severity, message)] if case.left else []
    )


FUTURES = evidence(
    fact("web 1", "futures>=3; python_version < '3'", "wrapt; sys_platform == 'win32'"),
    fact("core 1", "futures; python_version == '2.7'"),
    fact("futures 3.2", "deep"),
    fact("deep 1"),
)
OLD = (pin("web 1", needs="core futures"), pin("core 1", needs="futures"), pin("futures 3.2"), pin("deep 1"))


@pytest.mark.parametrize(
    ("pythons", "told"),
    [
        (
            ("3.11", "3.12"),
            [("core, web ask for these pins on no Python from 3.11 on, so nothing installs them: deep 1, futures 3.2")],
        ),
        (("2.7",), []),
    ],
)
def test_what_only_an_older_python_needed_is_left_out(pythons: tuple[str, ...], told: list[str]) -> None:
    after, findings = leave_unneeded(project(*OLD), FUTURES, pythons, frozenset())
    assert [p.name for p in after.pins] == (["web", "core"] if told else [p.name for p in OLD])
    assert [f.message for f in findings] == told
    assert {(f.code, f.severity) for f in findings} <= {(Code.OTHER_PYTHONS, Severity.NOTE)}


@pytest.mark.parametrize("lines", [(line("web"), line("futures")), (line("web[old]"),)])
def test_a_backport_that_is_asked_for_stays(lines: tuple[Dependency, ...]) -> None:
    facts = evidence(fact("web 1", "futures; python_version < '3'", "futures; extra == 'old'"), fact("futures 3.2"))
    before = project(pin("web 1", needs="futures"), pin("futures 3.2"), declared=lines)
    assert leave_unneeded(before, facts, ("3.11",), frozenset()) == (before, ())


def test_another_format_is_left_alone() -> None:
    before = project(*OLD, format="requirements")
    assert leave_unneeded(before, FUTURES, ("3.11",), frozenset()) == (before, ())
