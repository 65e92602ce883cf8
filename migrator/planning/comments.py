"""What becomes of comments: they stay in the old files, and a person is told which."""

from __future__ import annotations

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Index, Option, Project

_LONGEST = 80


def remark_comments(project: Project) -> tuple[Finding, ...]:
    """One note for each file that somebody commented by hand; what a tool wrote into its own file is left out."""
    compiled = {line.origin.path for line in project.declared if line.compiled}
    beside: dict[str, dict[Origin, str]] = {}
    for line in project.declared:
        if line.comment:
            beside.setdefault(line.origin.path, {})[line.origin] = f"{line.raw_name or 'line'} ({_short(line.comment)})"
    settings: tuple[Index | Option, ...] = (*project.indexes, *project.options)
    for fact in settings:
        if fact.comment:
            beside.setdefault(fact.origin.path, {})[fact.origin] = f"line {fact.origin.line} ({_short(fact.comment)})"
    alone: dict[str, set[Origin]] = {}
    for comment in project.comments:
        if comment.text:
            alone.setdefault(comment.origin.path, set()).add(comment.origin)
    paths = dict.fromkeys((*beside, *alone))
    return tuple(_note(path, beside.get(path, {}), len(alone.get(path, ()))) for path in paths if path not in compiled)


def _note(path: str, beside: dict[Origin, str], alone: int) -> Finding:
    number = len(beside) + alone
    what = "1 comment is" if number == 1 else f"{number} comments are"
    named = f", also of {', '.join(text for _, text in sorted(beside.items()))}" if beside else ""
    return Finding(
        code=Code.COMMENT_NOT_CARRIED,
        severity=Severity.NOTE,
        origin=Origin(path=path),
        message=f"{what} not carried over{named}",
        advice="The file stays; copy to pyproject.toml what should be known there",
    )


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
