"""What has been read so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import Comment, Dependency, Index, IndexRole, Option, Pin, Project, PythonHint, Reading
from migrator.model.url import mask_credentials

_LONGEST_QUOTE = 160


@dataclass(kw_only=True, slots=True)
class Collected:
    """The growing answer of the reader, in reading order."""

    declared: list[Dependency] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    hints: list[PythonHint] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def tell(self, code: Code, severity: Severity, message: str, origin: Origin, advice: str = "") -> None:
        """Add a finding."""
        self.findings.append(
            Finding(code=code, severity=severity, message=message, origin=origin, advice=mask_credentials(advice))
        )

    def reading(self, origin: Origin) -> Reading:
        """The whole answer."""
        return Reading(
            project=Project(
                format="requirements",
                origin=origin,
                python_hints=tuple(self.hints),
                declared=tuple(self.declared),
                pins=tuple(self.pins),
                indexes=tuple(self.indexes),
                options=tuple(self.options),
                comments=tuple(self.comments),
                sources=tuple(self.sources),
            ),
            findings=tuple(self.findings),
        )


class IndexLedger:
    """pip's rule for the indexes of one run: a later ``--index-url`` erases what came before it, ``--no-index`` all."""

    def __init__(self, collected: Collected) -> None:
        self._collected = collected
        self._live: list[Index] = []
        self._closed: Origin | None = None

    def close(self, origin: Origin) -> None:
        """``--no-index`` at ``origin``."""
        self._erase(f"--no-index in {origin} switches it off", keep=None)
        self._closed = self._closed or origin

    def add(self, index: Index) -> None:
        """An index, or a place to find links, which neither rule touches."""
        if index.role is IndexRole.FIND_LINKS:
            self._collected.indexes.append(index)
            return
        if self._closed is not None:
            self._tell(index, f"--no-index in {self._closed} switches it off")
            return
        if index.role is IndexRole.INDEX:
            self._erase(f"--index-url in {index.origin} comes later and replaces it", keep=index)
        self._live.append(index)
        self._collected.indexes.append(index)

    def _erase(self, why: str, keep: Index | None) -> None:
        for index in [one for one in self._live if one != keep]:
            self._live.remove(index)
            at = next(at for at, one in enumerate(self._collected.indexes) if one is index)
            del self._collected.indexes[at]
            self._tell(index, why)

    def _tell(self, index: Index, why: str) -> None:
        option = "--extra-index-url" if index.role is IndexRole.EXTRA else "--index-url"
        self._collected.tell(
            Code.OPTION_NOT_CARRIED,
            Severity.REVIEW,
            f"pip never asks the index {index.url} of {option}: {why}.",
            index.origin,
            "Put the --index-url first, or take this line out.",
        )


def quote(text: str) -> str:
    """``text`` as a message shows it: without credentials, shortened, between backquotes."""
    shown = mask_credentials(text)
    return f"`{shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE] + '…'}`"
