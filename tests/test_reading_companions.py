"""Files of another format that belong to an input: who reads them, in which group, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.model.origin import Origin
from migrator.model.project import MAIN, Companion, CompanionRole, Pin, Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree
from migrator.pipeline.reading import read_with_companions
from migrator.readers import load_reader

from .expressions import line, pin, project
from .trees import DictTree

ORIGIN = Origin(path="requirements.nix", line=5)


def reader(*companions: Companion, pins: tuple[Pin, ...] = (pin("foo 1"),)) -> Reader:
    """A reader of another format, which found ``companions``."""

    def read(_: Tree, inputs: tuple[Input, ...], __: str) -> Reading:
        return Reading(project=project(*pins, sources=tuple(i.path for i in inputs)), companions=companions)

    return Reader(
        name="pypi2nix",
        summary="",
        migrates=True,
        recognises=lambda name, _: name.endswith(".nix"),
        discover=lambda _: (),
        read=read,
    )


def roots(path: str, group: str = MAIN) -> Companion:
    return Companion(format="requirements", path=path, role=CompanionRole.ROOTS, origin=ORIGIN, group=group)


def frozen(path: str) -> Companion:
    return Companion(format="requirements", path=path, role=CompanionRole.FROZEN, origin=ORIGIN)


def read(reader: Reader, files: dict[str, str], *inputs: Input) -> Reading:
    return read_with_companions(reader, DictTree(files), inputs or (Input(path="requirements.nix"),), "utf-8")


def groups(project: Project) -> dict[str, str]:
    return {line.name: line.group for line in project.declared}


def test_an_input_without_companions_is_what_its_reader_says() -> None:
    files = {"requirements.txt": "foo==1\n"}
    alone = load_reader("requirements").read(DictTree(files), (Input(path="requirements.txt"),), "utf-8")
    assert read(load_reader("requirements"), files, Input(path="requirements.txt")) == alone


def test_roots_are_declared_with_their_own_places_and_the_pins_stay() -> None:
    files = {
        "requirements.txt": "--index-url https://corp.example/simple\n-c bounds.txt\nfoo>=1  # why\n# alone\n@@\n",
        "bounds.txt": "foo<2\n",
    }
    found = read(reader(roots("requirements.txt")), files)
    said = [(d.name, str(d.specifier), d.constraint, str(d.origin)) for d in found.project.declared]
    assert said == [("foo", "<2", True, "bounds.txt:1"), ("foo", ">=1", False, "requirements.txt:3")]
    assert [str(index.url) for index in found.project.indexes] == ["https://corp.example/simple"]
    assert [option.option for option in found.project.options] == ["--constraint"]
    assert [comment.text for comment in found.project.comments] == ["alone"]
    assert found.project.pins == (pin("foo 1"),)
    assert found.project.sources == ("requirements.nix", "requirements.txt", "bounds.txt")
    assert [str(finding.origin) for finding in found.findings] == ["requirements.txt:5"]
    assert found.companions == ()


@pytest.mark.parametrize(
    ("companions", "inputs", "expected"),
    [
        ((roots("requirements.txt"),), (), {"foo": "main"}),
        ((roots("requirements.txt"), roots("requirements-dev.txt")), (), {"foo": "main", "tool": "dev"}),
        ((roots("requirements-dev.txt"),), (), {"tool": "main"}),
        ((roots("requirements-dev.txt"), roots("requirements-docs.txt")), (), {"tool": "main", "book": "docs"}),
        ((roots("requirements.txt"), roots("requirements.txt")), (), {"foo": "main"}),
        ((roots("requirements.txt", "web"),), (), {"foo": "main"}),
        (
            (roots("requirements.txt"), roots("requirements-dev.txt")),
            (Input(path="requirements-dev.txt", group="lint"),),
            {"foo": "main", "tool": "lint"},
        ),
        ((), (Input(path="requirements-dev.txt", group="dev"),), {"tool": "dev"}),
    ],
)
def test_the_groups_of_roots(
    companions: tuple[Companion, ...], inputs: tuple[Input, ...], expected: dict[str, str]
) -> None:
    """By their names; what the user says of a file counts; and one at least is main."""
    files = {"requirements.txt": "foo\n", "requirements-dev.txt": "tool\n", "requirements-docs.txt": "book\n"}
    found = read(reader(*companions), files, Input(path="requirements.nix"), *inputs)
    assert groups(found.project) == expected


def test_a_constraints_file_that_the_user_names_only_bounds() -> None:
    bounds = Input(path="bounds.txt", constraint=True)
    found = read(reader(), {"bounds.txt": "foo<2\n"}, Input(path="requirements.nix"), bounds)
    assert [(d.name, d.constraint) for d in found.project.declared] == [("foo", True)]


def test_a_frozen_file_declares_nothing_and_what_it_says_otherwise_is_told() -> None:
    found = read(reader(frozen("requirements_frozen.txt")), {"requirements_frozen.txt": "bar==1\nfoo==1\n"})
    assert (found.project.declared, found.project.pins) == ((), (pin("foo 1"),))
    assert [(f.code.value, str(f.origin)) for f in found.findings] == [
        ("expression-differs", "requirements_frozen.txt:1")
    ]


def test_a_file_that_is_no_requirements_file_either_is_left_to_the_reader() -> None:
    found = read(reader(), {"notes.md": "x"}, Input(path="notes.md"))
    assert found.project.sources == ("notes.md",)
    only = read(reader(), {"requirements.txt": "foo\n"}, Input(path="requirements.txt"))
    assert only.project.sources == ("requirements.txt",)


def test_what_the_command_line_asked_for_is_compared_as_well() -> None:
    origin = Origin(path="requirements.nix", line=5)
    asked = replace(line("foo==2"), origin=origin)
    given = replace(reader(), read=lambda *_: Reading(project=project(pin("foo 1"), declared=(asked,))))
    found = read(given, {})
    assert [(f.code.value, f.origin) for f in found.findings] == [("expression-differs", origin)]
