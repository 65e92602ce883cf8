"""pyproject.toml: a new one, or ours merged into the user's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.model.artifact import Artifact, Ownership

if TYPE_CHECKING:
    from collections.abc import Mapping

    from migrator.model.plan import ProjectPlan

__all__ = ["write"]


def write(plan: ProjectPlan, existing: str | None) -> Artifact:
    """pyproject.toml for ``plan``.

    ``existing`` is the text that stands there, None for none. Of that everything stays as it is, comments, order and
    line ends included, but for what a previous run wrote: ``[tool.migrator.written]`` holds a fingerprint of each
    such value, and one that was edited since is the user's. Where the user has an entry of a name that the plan has,
    his stays. The same plan gives the same text whatever the order of its dependencies, and written over its own
    result it changes nothing.

    What stands in the tables follows Poetry's documentation, PEP 508, PEP 621 and PEP 735. ``plan.style`` is a wish:
    a file that has ``[project]`` keeps it, and one that has ``[tool.poetry]`` without it stays classic.

    :raises ValueError: ``existing`` is no TOML, or the plan holds a repository that is not git's, for which Poetry
        has no words; reading and planning leave neither through
    """
    from .standing import is_all_ours, read_marks

    text = existing or ""
    windows = "\r\n" in text and "\n" not in text.replace("\r\n", "")
    if windows:
        text = text.replace("\r\n", "\n")
    marks = read_marks(text)
    result = _merge(plan, text, marks)
    if result != text and is_all_ours(text, marks):  # then new tables come in their place, not at the end
        result = _merge(plan, "", {})
    return Artifact(
        path="pyproject.toml",
        text=result.replace("\n", "\r\n") if windows else result,
        ownership=Ownership.MERGED,
    )


def _merge(plan: ProjectPlan, text: str, marks: Mapping[str, Mapping[str, str]]) -> str:
    # tomlkit costs 33 ms that only a migration needs
    from .blocks import choose_style, lay_out, lay_out_record
    from .merge import Document
    from .standing import look

    standing = look(text, marks)
    document = Document(text, marks)
    for block in lay_out(plan, choose_style(plan.style, standing), standing):
        document.put(block)
    document.remove_stale()
    for block in lay_out_record(plan.record, document.written):
        document.put(block)
    return document.show()
