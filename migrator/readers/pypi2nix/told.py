"""What has been read so far, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Comment, Companion, Dependency, NativeInput, Option, Override, Pin, PythonHint
from migrator.model.url import mask_credentials
from migrator.nix import parse as syntax

if TYPE_CHECKING:
    from tree_sitter import Node

    from migrator.nix.values import Thunk

_LONGEST_QUOTE = 120


@dataclass(kw_only=True, slots=True)
class Collected:
    """The growing answer of the reader, in reading order."""

    declared: list[Dependency] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    natives: list[NativeInput] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    hints: list[PythonHint] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    companions: list[Companion] = field(default_factory=list)

    def tell(self, code: Code, severity: Severity, message: str, origin: Origin, advice: str = "") -> None:
        """Add a finding."""
        self.findings.append(
            Finding(
                code=code,
                severity=severity,
                message=mask_credentials(message),
                origin=origin,
                advice=mask_credentials(advice),
            )
        )


def origin_of(node: Node, file: str, key: str = "") -> Origin:
    """Where ``node`` stands."""
    place = syntax.place_of(node)
    return Origin(path=file, line=place.line, end_line=place.end_line, key=key)


def origin_of_thunk(thunk: Thunk, fallback: Origin, key: str = "") -> Origin:
    """Where what ``thunk`` puts off stands; ``fallback`` where it stands nowhere."""
    node = thunk.entry or thunk.node
    return fallback if node is None else origin_of(node, thunk.scope.file, key)


def quote(node: Node) -> str:
    """The text of ``node`` as a message shows it: on one line, shortened, without credentials, between backquotes."""
    text = " ".join(syntax.source_of(node).split())
    shown = mask_credentials(text)
    return f"`{shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE] + '…'}`"
