"""Which pins of an expression only build others, and so are in no lock."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Severity
from migrator.model.project import Dependency, Option, Pin
from migrator.planning.building import leave_build_requirements

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
    "what runs on another Python alone": Case(
        pins=(WEB, CORE, SCM, TOML),
        lines=(line("web"),),
        facts=evidence(fact("core 1", "toml; python_version < '3.8'")),
        left="scm 1, toml 1",
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
def test_what_is_left_out(case: Case) -> None:
    before = project(*case.pins, declared=case.lines, options=case.options)
    after, findings = leave_build_requirements(before, case.facts, ("3.11",), case.imports)
    gone = sorted(f"{p.name} {p.version}" for p in before.pins if p not in after.pins)
    assert ", ".join(gone) == case.left
    many = "These pins are" if len(gone) > 1 else "This pin is"
    assert [(f.code, f.severity, f.message) for f in findings] == (
        [
            (
                Code.BUILD_REQUIREMENT,
                Severity.NOTE if case.lines else Severity.REVIEW,
                (
                    f"{many} there to build other packages and not locked: {case.left}; poetry2nix and Poetry bring "
                    "what builds a package themselves"
                ),
            )
        ]
        if case.left
        else []
    )
