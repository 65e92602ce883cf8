"""Expressions laid before an installed Nix, where the user asks for that, and what it says of the reading."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from migrator.compare.evaluated_overrides import compare_overrides
from migrator.compare.evaluation import compare_evaluation
from migrator.model.evaluation import EvaluatedOverride, NotEvaluated
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Project
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree
from migrator.tools.nix.evaluation import evaluate_expression, evaluate_overrides

from .reading import is_beside


def check_with_nix(reader: Reader, tree: Tree, inputs: tuple[Input, ...], locale_encoding: str) -> tuple[Finding, ...]:
    """What Nix says of each expression among ``inputs``, read by itself: what stands beside it is nothing of Nix."""
    expressions = (given for given in inputs if not is_beside(given, reader, tree))
    read = (reader.read(tree, (given,), locale_encoding).project for given in expressions)
    return tuple(finding for project in read for finding in _check(project, tree))


def _check(project: Project, tree: Tree) -> Iterator[Finding]:
    sources = {path: tree.read(path) or b"" for path in project.sources if not posixpath.isabs(path)}
    if not sources:
        return  # told by the reader: there is no such file
    main = project.sources[0]
    answer = evaluate_expression(main, sources)
    if isinstance(answer, NotEvaluated):
        yield _not_checked(main, answer)
        return
    yield from compare_evaluation(project, answer)
    yield from _check_overrides(project, sources)


def _check_overrides(project: Project, sources: Mapping[str, bytes]) -> Iterator[Finding]:
    """What Nix says of the files beside the expression and its generated set: they can hold nothing but overrides."""
    names = {pin.raw_name for pin in project.pins}
    read: dict[str, Mapping[str, EvaluatedOverride]] = {}
    for path in sorted(sources.keys() - {project.sources[0], *(pin.origin.path for pin in project.pins)}):
        answer = evaluate_overrides(path, sources, names)
        if isinstance(answer, NotEvaluated):
            yield _not_checked(path, answer)
        else:
            read[path] = answer
    yield from compare_overrides(project, read)


def _not_checked(path: str, answer: NotEvaluated) -> Finding:
    return Finding(
        code=Code.NIX_NOT_CHECKED,
        severity=Severity.REVIEW,
        message=f"{path} was not checked with Nix: {answer.why}.",
        origin=Origin(path=path),
        advice="Mend that and run it again, or go without --check-with-nix and compare some packages by hand.",
    )
