"""Which packages the project asks for itself, and which only come along."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.evidence import Evidence, Metadata
from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import MAIN, Dependency, Pin
from migrator.model.source import FromIndex
from migrator.model.version import pinned_version, read_specifier

from .closure import Graph, Node, find_roots

IMPORT_NAMES = {
    # import name: distribution, where they differ; what the index does not tell without a download
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cairo": "pycairo",
    "corsheaders": "django-cors-headers",
    "crypto": "pycryptodome",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "debug_toolbar": "django-debug-toolbar",
    "django_filters": "django-filter",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "factory": "factory-boy",
    "fitz": "pymupdf",
    "git": "gitpython",
    "github": "pygithub",
    "gi": "pygobject",
    "grpc": "grpcio",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown": "markdown",
    "mysqldb": "mysqlclient",
    "nacl": "pynacl",
    "openssl": "pyopenssl",
    "pil": "pillow",
    "pkg_resources": "setuptools",
    "psycopg2": "psycopg2-binary",
    "pythonjsonlogger": "python-json-logger",
    "rest_framework": "djangorestframework",
    "serial": "pyserial",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "slugify": "python-slugify",
    "socks": "pysocks",
    "telegram": "python-telegram-bot",
    "usb": "pyusb",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}


_NEVER_FROZEN = frozenset(NormalizedName(name) for name in ("distribute", "pip", "setuptools", "wheel"))
_A_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")
_TOLERANCE = 20
"""One need in so many may be missing from a freeze."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Direct:
    """The lines that become dependencies, and the extras that they turn out to have had."""

    lines: tuple[Dependency, ...]
    extras: dict[NormalizedName, frozenset[str]] = field(hash=False)
    orphans: tuple[Dependency, ...]
    """Lines that nothing asks for and nobody wished by name; kept, so that no pin is lost."""
    findings: tuple[Finding, ...]


def choose_direct(
    declared: tuple[Dependency, ...],
    pins: tuple[Pin, ...],
    evidence: Evidence,
    graph: Graph,
    imported: frozenset[str],
) -> Direct:
    """Choose, group by group, the lines that the project itself asks for.

    What a ``.in`` file or a ``# via -r`` comment says counts; a bare freeze (every line pinned, and everything that
    the pins need is among them) is reduced to the roots of its graph and what the code imports; in any other file
    every line is a wish of its own. Where nothing is declared at all (a lock alone), the pins stand for a freeze, each
    section for one of its own; a pin that no declared line speaks of and nothing asks for is an orphan, unless there is
    something of which nobody knows yet what it asks for.
    """
    lines = tuple(d for d in declared if not d.constraint)
    locked = _lines_of(pins, {d.name for d in lines})
    lines = lines or locked
    chosen: list[Dependency] = []
    findings: list[Finding] = []
    for group in sorted({d.group for d in lines}):
        mine = tuple(d for d in lines if d.group == group)
        if lines is locked:
            asked = frozenset(pin.name for pin in pins if pin.top_level and group in pin.groups)
            direct, told = _direct_of_section(mine, asked, graph, imported)
        else:
            direct, told = _direct_of_group(mine, lines, graph, evidence, imported)
        chosen += direct
        findings += told
    # nobody may take these from an index, whether or not somebody asks for them
    chosen += [d for d in locked if not isinstance(d.source, FromIndex) and d not in chosen]
    names = {d.name for d in chosen}
    extras, told = _lost_extras(chosen, lines, graph, pins)
    findings += told
    starts = [*_nodes(chosen), *((name, extra) for name in extras for extra in extras[name])]
    reached = graph.reach(starts)
    # the index tells nothing of repositories and folders; what they turn out not to need is named after the lock
    is_known = bool(evidence.facts) and all(isinstance(d.source, FromIndex) for d in chosen)
    candidates = _unique([*lines, *(locked if is_known else ())])
    orphans = _first_orphans([d for d in candidates if d.name not in names and d.name not in reached], graph)
    findings += [_orphan(d) for d in orphans]
    return Direct(lines=tuple(chosen), extras=extras, orphans=tuple(orphans), findings=tuple(findings))


def _first_orphans(orphans: list[Dependency], graph: Graph) -> list[Dependency]:
    """Those that no other orphan needs: the others come along with them."""
    among = graph.within(frozenset(d.name for d in orphans))
    first = find_roots(among)
    return [d for d in orphans if d.name in first or d.name not in among.requires]


def _lines_of(pins: tuple[Pin, ...], declared: set[NormalizedName]) -> tuple[Dependency, ...]:
    """What a tool would have written for the pins that no line declares, each for its first group, main before all."""
    return tuple(
        Dependency(
            name=pin.name,
            raw_name=pin.raw_name,
            origin=pin.origin,
            specifier=SpecifierSet() if pin.version is None else read_specifier(f"=={pin.version}"),
            extras=pin.extras,
            marker=pin.marker,
            source=pin.source,
            editable=pin.editable,
            group=min(pin.groups, key=lambda group: (group != MAIN, group)),
            compiled=True,
        )
        for pin in pins
        if pin.name not in declared
    )


def _direct_of_group(
    lines: tuple[Dependency, ...],
    everything: tuple[Dependency, ...],
    graph: Graph,
    evidence: Evidence,
    imported: frozenset[str],
) -> tuple[list[Dependency], list[Finding]]:
    elsewhere = [d for d in lines if not isinstance(d.source, FromIndex)]
    wished = [d for d in lines if _is_wish(d)]
    # "# via" is as good a signature as the header, which scripts like to cut off
    compiled = [d for d in lines if (d.compiled or d.via) and not _is_wish(d)]
    loose = [d for d in lines if d not in compiled and not _is_wish(d)]
    if compiled:
        inputs = {PurePosixPath(d.origin.path).stem for d in wished}
        if not wished and not any(d.via for d in compiled):
            return _unique([*loose, *_roots(compiled, graph, imported), *elsewhere]), [_inferred(compiled)]
        # the wishes of an input that stands beside the compiled file are read from it, not from the comments
        asked = [d for d in _asked(compiled, everything) if PurePosixPath(d.origin.path).stem not in inputs]
        named = {d.name for d in wished}
        return _unique([*wished, *(d for d in asked if d.name not in named), *loose, *elsewhere]), []
    if wished:
        # "requirements.in" beside a frozen "requirements.txt" that no tool signed
        named = {d.name for d in wished}
        stems = {PurePosixPath(d.origin.path).with_suffix("") for d in wished}
        loose = [d for d in loose if d.name not in named and PurePosixPath(d.origin.path).with_suffix("") not in stems]
        return _unique([*wished, *loose, *elsewhere]), []
    if _is_freeze(loose, everything, graph, evidence):
        roots = _roots(loose, graph, imported)
        if len({d.name for d in roots}) < len({d.name for d in loose}):
            return _unique([*roots, *elsewhere]), [_inferred(loose)]
    return _unique([*loose, *elsewhere]), []


def _direct_of_section(
    lines: tuple[Dependency, ...], asked: frozenset[NormalizedName], graph: Graph, imported: frozenset[str]
) -> tuple[list[Dependency], list[Finding]]:
    """Of a section of a lock: what it says was ``asked`` for, and what nothing else in the section needs.

    A pin with extras was asked for by whoever wants them: the project, unless another package does.
    """
    names = frozenset(line.name for line in lines)
    extra = frozenset(line.name for line in lines if line.extras) - asked
    for name in sorted(extra):
        others = (d for d in lines if d.name in asked | extra and d.name != name)
        asked = asked if name in graph.reach(_nodes(others)) else asked | {name}
    along = graph.reach(_nodes(d for d in lines if d.name in asked))
    roots = _roots([d for d in lines if d.name not in along], graph.within(names), imported)
    direct = asked | {d.name for d in roots}
    return _unique(d for d in lines if d.name in direct), [_inferred(list(lines))]


def _is_wish(line: Dependency) -> bool:
    return not line.compiled and line.by_hand


def _asked(compiled: list[Dependency], everything: tuple[Dependency, ...]) -> list[Dependency]:
    """The lines of compiled files that an input of theirs asks for, by their ``# via`` comments.

    Before 2021 pip-compile wrote no comment for those, and ``uv export`` writes the project's own name, which no line
    has. A layer's ``via -r base.txt`` is the word of that file, where it is read as well, and no wish of the layer.
    """
    names = {d.name for d in everything}
    read = {PurePosixPath(d.origin.path).name for d in everything}
    by_file: dict[str, list[Dependency]] = {}
    for line in compiled:
        by_file.setdefault(line.origin.path, []).append(line)
    asked = []
    for lines in by_file.values():
        if any(_names_a_file(via) for line in lines for via in line.via):
            asked += [d for d in lines if any(_names_a_file(via) and not _is_layer(via, read) for via in d.via)]
        else:
            asked += [d for d in lines if not d.via or any(_names_the_project(via, names) for via in d.via)]
    return asked


def _names_the_project(via: str, names: set[NormalizedName]) -> bool:
    return _A_NAME.fullmatch(via) is not None and canonicalize_name(via) not in names


def _names_a_file(via: str) -> bool:
    return (
        via.startswith(("-r ", "--requirement")) or "pyproject.toml" in via or "setup.py" in via or "setup.cfg" in via
    )


def _is_layer(via: str, read: set[str]) -> bool:
    name = PurePosixPath(via.rsplit(maxsplit=1)[-1]).name
    return name.endswith((".txt", ".pip")) and name in read


def _is_freeze(lines: list[Dependency], everything: tuple[Dependency, ...], graph: Graph, evidence: Evidence) -> bool:
    """Whether the lines are all that was installed: each is pinned, and (nearly) all that they need is among them.

    A few are always missing: pip freeze leaves out setuptools and its like, people leave out what they distrust.
    """
    index = [d for d in lines if isinstance(d.source, FromIndex)]
    if not index or any(pinned_version(d.specifier) is None for d in index):
        return False
    needed: set[NormalizedName] = set()
    for line in index:
        version = pinned_version(line.specifier)
        if version is None or not isinstance(evidence.of(line.name, version), Metadata):
            return False
        for extra in ("", *line.extras):
            needed |= {canonicalize_name(r.name) for _, r in graph.active(line.name, extra, linux=True)}
    missing = needed - {d.name for d in everything} - _NEVER_FROZEN
    return len(missing) * _TOLERANCE <= len(needed)


def _roots(lines: list[Dependency], graph: Graph, imported: frozenset[str]) -> list[Dependency]:
    roots = find_roots(graph)
    named = {canonicalize_name(IMPORT_NAMES.get(name.lower(), name)) for name in imported}
    return [d for d in lines if d.name in roots or d.name in named]


def _unique(lines: Iterable[Dependency]) -> list[Dependency]:
    kept: dict[tuple[NormalizedName, str, str, str], Dependency] = {}
    for line in lines:
        kept.setdefault((line.name, str(line.marker), str(line.specifier), repr(line.source)), line)
    return list(kept.values())


def _nodes(lines: Iterable[Dependency]) -> list[Node]:
    return [node for d in lines for node in ((d.name, ""), *((d.name, canonicalize_name(e)) for e in d.extras))]


def _lost_extras(
    chosen: list[Dependency], lines: tuple[Dependency, ...], graph: Graph, pins: tuple[Pin, ...]
) -> tuple[dict[NormalizedName, frozenset[str]], list[Finding]]:
    """Extras that a freeze has forgotten: their requirements are pinned, and nothing else asks for them.

    Where a comment says who asked for one of these, it is believed.
    """
    pinned = {p.name for p in pins}
    asking = {d.name: {canonicalize_name(via) for via in d.via} for d in lines if d.via}
    found: dict[NormalizedName, frozenset[str]] = {}
    findings: list[Finding] = []
    direct = {d.name: d for d in chosen}
    while True:
        starts = [*_nodes(chosen), *((name, e) for name in found for e in found[name])]
        orphans = {d.name for d in lines} - graph.reach(starts)
        if not orphans:
            return found, findings
        best: tuple[int, int, NormalizedName, str] | None = None
        for name in sorted(direct):
            for extra in graph.extras(name):
                if extra in found.get(name, ()) or extra in direct[name].extras:
                    continue
                needs = {canonicalize_name(r.name) for _, r in graph.active(name, extra, linux=True)}
                if not needs or not needs <= pinned:
                    continue
                told = [asking[need] for need in needs & orphans if need in asking]
                if told and not any(name in names for names in told):
                    continue
                gained = len(orphans & graph.reach([(name, extra)]))
                rank = (-gained, len(needs), name, extra)
                if gained and (best is None or rank < best):
                    best = rank
        if best is None:
            return found, findings
        _, _, name, extra = best
        found[name] = found.get(name, frozenset()) | {extra}
        findings.append(
            Finding(
                code=Code.EXTRA_INFERRED,
                severity=Severity.NOTE,
                message=f"{name} is taken with its extra [{extra}]: all that it needs is pinned, "
                "and nothing else asks for it",
                origin=direct[name].origin,
            )
        )


def _inferred(lines: list[Dependency]) -> Finding:
    path = lines[0].origin.path
    return Finding(
        code=Code.ROOTS_INFERRED,
        severity=Severity.NOTE,
        message=f"{path} does not say which packages the project itself asks for: those that no other pin needs, "
        "and those that its code imports, became dependencies; the others are kept by the lock",
        origin=lines[0].origin,
    )


def _orphan(line: Dependency) -> Finding:
    return Finding(
        code=Code.ORPHAN_KEPT,
        severity=Severity.NOTE,
        message=f"{line.name} is needed by no other package; it became a dependency, so that the lock keeps it",
        advice="Remove it from pyproject.toml if the project does not use it",
        origin=line.origin,
    )
