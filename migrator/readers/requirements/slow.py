"""Lines outside the fast path: every statement lands in the project or in a finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.project import Dependency, Index, IndexRole, Option, Pin
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs
from migrator.model.tree import Tree
from migrator.model.url import Url, mask_credentials
from migrator.model.version import RawSpecifier, RawVersion, pinned_version

from .advice import suggest_repair
from .collected import Collected, IndexLedger, quote
from .entries import Entry, Ground
from .options import DIFFER, FORMAT_CONTROL, GONE, PER_REQUIREMENT, Options
from .places import Place
from .statements import OptionLine, Refused, Requirement, read_statement, survey

if TYPE_CHECKING:
    from .walk import Walk

_ROLES = {"--index-url": IndexRole.INDEX, "--extra-index-url": IndexRole.EXTRA, "--find-links": IndexRole.FIND_LINKS}
_INCLUDES = ("--requirement", "--constraint")
_PEP_440 = "Name a release by its PEP 440 version."


@dataclass(kw_only=True)
class SlowPath:
    """Reads single lines of any form on behalf of ``walk``."""

    walk: Walk
    tree: Tree
    ledger: Callable[[], IndexLedger]

    @cached_property
    def _ground(self) -> Ground:
        return survey(self.tree)

    @property
    def _collected(self) -> Collected:
        return self.walk.collected

    def read(self, place: Place) -> None:
        """Read one logical line."""
        statement = read_statement(place.text, self._ground)
        match statement:
            case Requirement():
                self._add_requirement(place, statement)
            case OptionLine(options=options):
                self._add_options(place, options)
            case Refused(why=why):
                self._refuse(place, why)

    def _tell(self, code: Code, severity: Severity, place: Place, message: str, advice: str = "") -> None:
        self._collected.tell(code, severity, message, place.origin, advice)

    def _refuse(self, place: Place, why: str) -> None:
        repair = suggest_repair(place.text)
        what = mask_credentials(repair.what if repair else why)
        advice = repair.advice if repair else "Write it as NAME[EXTRAS]VERSIONS ; MARKER, or take the line out."
        self._tell(
            Code.NOT_UNDERSTOOD, Severity.REVIEW, place, f"{quote(place.text)} is no requirement: {what}.", advice
        )

    def _add_requirement(self, place: Place, statement: Requirement) -> None:
        entry, file = statement.entry, place.file
        name = canonicalize_name(entry.raw_name)
        hashes = statement.options.values("--hash")
        self._collected.declared.append(
            Dependency(
                name=name,
                raw_name=entry.raw_name,
                origin=place.origin,
                specifier=entry.specifier,
                extras=entry.extras,
                marker=entry.marker,
                source=entry.source,
                editable=entry.editable,
                group=file.group,
                constraint=file.constraint,
                hashes=hashes,
                comment=place.comment,
                via=place.via,
                by_hand=file.by_hand,
                compiled=file.compiled,
            )
        )
        version = pinned_version(entry.specifier)
        if isinstance(version, RawVersion) and "$" in version.text:
            version = None
        if entry.raw_name and not file.constraint and (version is not None or not isinstance(entry.source, FromIndex)):
            self._collected.pins.append(
                Pin(
                    name=name,
                    raw_name=entry.raw_name,
                    version=version,
                    origin=place.origin,
                    source=entry.source,
                    hashes=(*hashes, *entry.fragment_hashes),
                    marker=entry.marker,
                    groups=frozenset({file.group}),
                    extras=entry.extras,
                )
            )
        self._remark(place, entry)
        self._carry_options(place, statement)

    def _remark(self, place: Place, entry: Entry) -> None:
        shown = quote(place.text)
        if not entry.raw_name:
            folder = isinstance(entry.source, FromPath)
            advice = "State the name in the pyproject.toml there." if folder else "Write NAME @ before the address."
            self._tell(Code.NAMELESS_URL, Severity.REVIEW, place, f"{shown} does not say which package it is.", advice)
        if isinstance(entry.specifier, RawSpecifier):
            message = f"{shown}: {entry.specifier} is no version specifier of PEP 440; pip refuses it since 24.1."
            self._tell(Code.LEGACY_VERSION, Severity.REVIEW, place, message, _PEP_440)
        elif isinstance(pinned_version(entry.specifier), RawVersion):
            message = f"{shown} names a version outside PEP 440, which only === can."
            self._tell(Code.ARBITRARY_EQUALITY, Severity.REVIEW, place, message, _PEP_440)
        differs = entry.differs
        if entry.editable and place.file.constraint:
            differs = "pip 23 reads an editable constraint, pip 26 refuses it"
        if differs:
            severity = Severity.REVIEW if entry.doubtful else Severity.NOTE
            repair = suggest_repair(place.text) if entry.doubtful else None
            self._tell(Code.PIP_DIFFERS, severity, place, f"{shown}: {differs}.", repair.advice if repair else "")
        if "${" in place.text:
            message = f"{shown} holds a variable, which is kept as it stands."
            instead = "has settings of its own for credentials" if _is_secret(entry) else "does not: write the value"
            advice = f"pip puts the value from the environment there, Poetry {instead}."
            self._tell(Code.VARIABLE_KEPT, Severity.REVIEW, place, message, advice)

    def _carry_options(self, place: Place, statement: Requirement) -> None:
        """Few options count on a requirement's line, some of them for the whole run; pip passes over the others."""
        passed_over = list(statement.ignored)
        editables = 0
        for option, value in statement.options.given:
            editables += option == "--editable"
            if option == "--hash" or (option == "--editable" and statement.entry.editable and editables == 1):
                continue
            if option in FORMAT_CONTROL or option in PER_REQUIREMENT:
                self._collected.options.append(Option(option=option, value=value, origin=place.origin))
            else:
                passed_over.append(f"{option} {value}".strip())
        if passed_over:
            over = quote(" ".join(passed_over))
            message = f"{quote(place.text)}: pip passes over {over} on the line of a requirement."
            advice = "Put it on a line of its own, or take it out."
            self._tell(Code.OPTION_ON_REQUIREMENT, Severity.REVIEW, place, message, advice)

    def _add_options(self, place: Place, options: Options) -> None:
        includes = [(option, value) for option in _INCLUDES for value in options.values(option)]
        passed_over = list(options.leftover)
        links = options.values("--find-links")
        done = bool(includes)
        for option, value in options.others(*_INCLUDES):
            late = option == "--find-links" and value != links[0]
            if late or option == "--hash" or (includes and option not in FORMAT_CONTROL):
                passed_over.append(f"{option} {value}".strip())
            else:
                self._add_option(option, value, place)
                done = True
        passed_over.extend(f"{option} {value}" for option, value in includes[1:])
        if passed_over or not done:
            over = quote(" ".join(passed_over) or place.text)
            message = f"pip passes over {over} here: a line that begins with an option holds no requirement."
            advice = "Put each requirement and each option on a line of its own."
            self._tell(Code.NOT_UNDERSTOOD, Severity.REVIEW, place, message, advice)
        if includes:
            option, target = includes[0]
            self.walk.include(place, target, constraint=option == "--constraint")

    def _add_option(self, option: str, value: str, place: Place) -> None:
        role = _ROLES.get(option)
        if role is not None:
            self.ledger().add(Index(url=Url.parse(value), role=role, origin=place.origin, comment=place.comment))
            return
        if option == "--no-index":
            self.ledger().close(place.origin)
        self._collected.options.append(
            Option(option=option, value=mask_credentials(value), origin=place.origin, comment=place.comment)
        )
        if option in GONE or option in DIFFER:
            who = "pip 23 and pip 26 refuse it" if option in GONE else "only one of pip 23 and pip 26 knows it"
            self._tell(Code.PIP_DIFFERS, Severity.NOTE, place, f"{quote(option)}: {who}.")


def _is_secret(entry: Entry) -> bool:
    """Whether what is variable in an address are its credentials alone."""
    match entry.source:
        case FromUrl(url=url) | FromVcs(url=url, rev=None):
            return "${" not in url.without_credentials().reveal()
        case FromVcs(url=url, rev=rev):
            return "${" not in f"{url.without_credentials().reveal()}@{rev}"
        case _:
            return False
