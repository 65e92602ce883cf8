"""Expressions laid before an installed Nix, where the user asks for that, and what it says of the reading."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping

from migrator.compare.evaluation import compare_evaluation
from migrator.model.evaluation import Evaluation, NotEvaluated
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Project
from migrator.model.reader import Input, Reader
from migrator.model.tree import Tree
from migrator.tools.nix.evaluation import evaluate_expression

from .reading import is_beside

Evaluate = Callable[[str, Mapping[str, bytes]], Evaluation | NotEvaluated]


def check_with_nix(
    reader: Reader,
    tree: Tree,
    inputs: tuple[Input, ...],
    locale_encoding: str,
    evaluate: Evaluate = evaluate_expression,
) -> tuple[Finding, ...]:
    """What Nix says of each expression among ``inputs``, read by itself: what stands beside it is nothing of Nix."""
    expressions = (given for given in inputs if not is_beside(given, reader, tree))
    read = (reader.read(tree, (given,), locale_encoding).project for given in expressions)
    return tuple(finding for project in read for finding in _check(project, tree, evaluate))


def _check(project: Project, tree: Tree, evaluate: Evaluate) -> Iterator[Finding]:
    sources = {path: tree.read(path) or b"" for path in project.sources if not posixpath.isabs(path)}
    if not sources:
        return  # told by the reader: there is no such file
    main = project.sources[0]
    answer = evaluate(main, sources)
    if isinstance(answer, NotEvaluated):
        yield _not_checked(main, answer)
    else:
        yield from compare_evaluation(project, answer)


def _not_checked(main: str, answer: NotEvaluated) -> Finding:
    return Finding(
        code=Code.NIX_NOT_CHECKED,
        severity=Severity.REVIEW,
        message=f"{main} was not checked with Nix: {answer.why}.",
        origin=Origin(path=main),
        advice="Mend that and run it again, or go without --check-with-nix and compare some packages by hand.",
    )
