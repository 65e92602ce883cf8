"""Outcomes to render: nothing at all, a migration that went well, one that was stopped, and a hostile one."""

from __future__ import annotations

from dataclasses import replace

from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.artifact import Artifact, Ownership
from migrator.model.change import (
    Added,
    GroupsChanged,
    HashesChanged,
    HashProof,
    HashVerdict,
    MarkerChanged,
    Removed,
    SourceChanged,
    VersionChanged,
)
from migrator.model.finding import Code, Finding, Severity
from migrator.model.native import Attribution, NixOverride, NixPlan, Settled
from migrator.model.origin import Origin
from migrator.model.outcome import Ended, Outcome
from migrator.model.plan import PlannedDependency, PlannedSource, Priority, ProjectPlan, Record, Style
from migrator.model.project import Pin, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, VcsKind
from migrator.model.url import Url
from migrator.model.version import RawVersion

SECRET = "hunter2"

_IMGAPP = {
    "Flask": ("3.1.2", 5),
    "pillow": ("12.0.0", 8),
    "requests": ("2.32.5", 101),
    "blinker": ("1.9.0", 106),
    "click": ("8.3.1", 109),
    "itsdangerous": ("2.2.0", 112),
    "Jinja2": ("3.1.6", 115),
    "MarkupSafe": ("3.0.3", 118),
    "Werkzeug": ("3.1.3", 208),
    "certifi": ("2025.11.12", 213),
    "charset-normalizer": ("3.4.4", 216),
    "idna": ("3.11", 331),
    "urllib3": ("2.5.0", 334),
}


def at(line: int, path: str = "requirements.txt") -> Origin:
    return Origin(path=path, line=line, end_line=line)


def make_pin(name: str, version: str, line: int = 1, *hashes: str) -> Pin:
    return Pin(
        name=canonicalize_name(name), raw_name=name, version=Version(version), origin=at(line), hashes=tuple(hashes)
    )


def make_plan(**fields: object) -> ProjectPlan:
    plan = ProjectPlan(
        style=Style.CLASSIC,
        name="imgapp",
        version="0.1.0",
        description="",
        python=SpecifierSet(">=3.11,<3.14"),
        python_why="stated by .python-version (3.11), up to the newest Python that all pins install on",
        package_mode=True,
        scripts=(),
        dependencies=(),
        sources=(),
        seeds=(),
        record=Record(format="requirements", sources=("requirements.txt",)),
    )
    return replace(plan, **fields)  # type: ignore[arg-type]


def empty() -> Outcome:
    return Outcome(ended=Ended.STOPPED, before=Project(format="requirements", origin=Origin(path="requirements.txt")))


def happy() -> Outcome:
    """Thirteen pins, three of them direct; everything kept, one native input that needs a look."""
    pins = tuple(make_pin(name, version, line, f"sha256:{line:064x}") for name, (version, line) in _IMGAPP.items())
    direct = tuple(
        PlannedDependency(
            name=canonicalize_name(name),
            raw_name=name,
            constraint=f"^{_IMGAPP[name][0]}",
            was=f"{name}=={_IMGAPP[name][0]}",
            why="a pin of a full freeze: the version stays in the lock, the range may grow",
            origin=at(_IMGAPP[name][1]),
        )
        for name in ("requests", "Flask", "pillow")
    )
    proofs = tuple(
        HashProof(name=pin.name, version=pin.version, verdict=HashVerdict.SAME) for pin in pins if pin.version
    )
    before = Project(
        format="requirements", origin=Origin(path="requirements.txt"), pins=pins, sources=("requirements.txt",)
    )
    files = ("default.nix", "poetry.lock", "pyproject.toml", "shell.nix")
    owners = (Ownership.GENERATED, Ownership.GENERATED, Ownership.MERGED, Ownership.SEEDED)
    return Outcome(
        ended=Ended.WRITTEN,
        before=before,
        after=Project(format="poetry", origin=Origin(path="poetry.lock"), pins=pins),
        plan=make_plan(dependencies=direct),
        nix=NixPlan(
            name="imgapp",
            application=True,
            python_attributes=("python313", "python312", "python311"),
            nixpkgs_release="25.11",
            overrides=(
                NixOverride(
                    package=canonicalize_name("pillow"),
                    libraries=("libavif", "libjpeg"),
                    tools=("pkg-config",),
                    build_systems=(canonicalize_name("pybind11"),),
                    reason="pillow 12 is built with pybind11, which poetry2nix does not know yet",
                ),
            ),
            attributions=(
                Attribution(
                    attribute="libffi",
                    settled=Settled.POETRY2NIX,
                    packages=(canonicalize_name("cffi"),),
                    evidence="its default override has it",
                ),
                Attribution(
                    attribute="libjpeg",
                    settled=Settled.OURS,
                    packages=(canonicalize_name("pillow"),),
                    evidence="table of native libraries",
                    was="libjpeg_turbo",
                ),
            ),
        ),
        artifacts=tuple(
            Artifact(path=path, text="", ownership=owner) for path, owner in zip(files, owners, strict=True)
        ),
        written=files,
        changes=(
            Added(
                name=canonicalize_name("colorama"),
                version=Version("0.4.6"),
                marker=Marker('platform_system == "Windows"'),
                needed_by=("click",),
            ),
        ),
        proofs=proofs,
        findings=(
            Finding(
                code=Code.NAME_INFERRED,
                severity=Severity.NOTE,
                message="The project is named after its folder, imgapp.",
            ),
            Finding(
                code=Code.ROOTS_INFERRED,
                severity=Severity.NOTE,
                message="Flask, pillow and requests are direct: no other pin asks for them.",
                origin=Origin(path="requirements.txt"),
            ),
            Finding(
                code=Code.OPTION_NOT_CARRIED,
                severity=Severity.NOTE,
                message="--require-hashes is not carried over: Poetry always checks hashes.",
                origin=at(2),
            ),
            Finding(
                code=Code.LEFTOVER,
                severity=Severity.NOTE,
                message="RUN pip install -r requirements.txt",
                origin=at(7, "Dockerfile"),
                advice="`poetry install` does that now",
            ),
            Finding(
                code=Code.NATIVE_UNKNOWN,
                severity=Severity.REVIEW,
                message="pillow is built from source, and no row of the table speaks about pillow 12.",
                origin=at(8),
                advice="Build it with nix-build; where a library is missing, run again with --native ATTRIBUTE=pillow.",
            ),
        ),
        poetry="2.5.1",
    )


def drifted() -> Outcome:
    """A pin that cannot be kept, other bytes under one version, and a pin that went: stopped."""
    good = happy()
    pins = (*good.before.pins, make_pin("pytz", "2011", 9), make_pin("six", "1.0", 10, "sha256:" + "a" * 64))
    urllib3, six, idna = (canonicalize_name(name) for name in ("urllib3", "six", "idna"))
    return replace(
        good,
        ended=Ended.STOPPED,
        before=replace(good.before, pins=pins),
        written=(),
        changes=(
            *good.changes,
            VersionChanged(
                name=urllib3,
                old=Version("2.5.0"),
                new=Version("2.4.0"),
                reason="requests 2.32.5 asks for urllib3<2.5",
            ),
            Removed(name=canonicalize_name("pytz"), version=Version("2011"), reason="it is on no index"),
            HashesChanged(
                name=six,
                version=Version("1.0"),
                verdict=HashVerdict.MISMATCH,
                missing=("sha256:" + "a" * 64,),
                extra=("sha256:" + "b" * 64, "sha256:" + "c" * 64),
            ),
            HashesChanged(
                name=idna, version=Version("3.11"), verdict=HashVerdict.SUPERSET, extra=("sha256:" + "d" * 64,)
            ),
            MarkerChanged(name=idna, version=Version("3.11"), old=Marker('os_name == "nt"'), new=None),
            GroupsChanged(name=idna, version=Version("3.11"), old=frozenset({"main"}), new=frozenset({"dev", "main"})),
            SourceChanged(
                name=idna,
                version=Version("3.11"),
                old=FromIndex(),
                new=FromVcs(kind=VcsKind.GIT, url=Url.parse("https://git.example/idna"), rev="v3", subdirectory="lib"),
            ),
        ),
        proofs=(
            *(proof for proof in good.proofs if proof.name != urllib3),
            HashProof(name=six, version=Version("1.0"), verdict=HashVerdict.MISMATCH),
        ),
        findings=(
            *good.findings,
            Finding(
                code=Code.HASH_MISMATCH,
                severity=Severity.STOP,
                message="six 1.0 has other bytes than before.",
                origin=at(10),
                advice="Find out who changed the file on the index before anything else.",
            ),
            Finding(
                code=Code.PIN_GONE,
                severity=Severity.STOP,
                message="Two pins cannot be kept.\nurllib3 moves, pytz goes.",
                advice="Accept that with --allow-drift, or change the pins.",
            ),
        ),
    )


HOSTILE = (
    "a|b|c",
    "`code` ``more`` ```",
    "<script>alert(1)</script>",
    "<!-- gone",
    "</details></td>",
    "[link](https://evil.example/x) ![img](http://evil.example/y.png)",
    "[ref]: https://evil.example",
    "https://evil.example/a www.evil.example <https://evil.example>",
    "@admin cc @org/team mail@evil.example #1 owner/repo#2 GH-3 :tada: :1:",
    "**bold** _em_ ~~gone~~ $x^2$ &lt;b&gt; &#64;admin",
    "line\n# heading\n\n| a | b |\n|---|---|\n- [x] done",
    "\x1b[31mred\x1b[0m \x1b]8;;https://evil.example\x07link\x1b]8;;\x07\r\b\x07\x00\x7f\x9b",
    "\u202eltr\u2066\u200f\u200b\ufeff\u2028\u2029\x85\U000e0041",
    "lone \ud800 surrogate",
    "[bold red]rich[/] [link=https://evil.example]x[/link] [/] \\[x]",
    "back\\|slash \\` \\",
    "    indented ```\n~~~",
    "$(rm -rf /) %s {0} ${HOME}",
    "",
    " ",
    "x" * 5000,
    "::::" * 50,
)


def hostile(text: str) -> Outcome:
    """An outcome in which every string that can come from an input is ``text``."""
    name = canonicalize_name(text)
    version = RawVersion(text=text)
    origin = Origin(path=text, line=3, key=text)
    url = Url.parse(text)
    pins = (Pin(name=name, raw_name=text, version=version, origin=origin, hashes=(text,)),)
    sources = (
        FromIndex(index=text, url=url),
        FromVcs(kind=VcsKind.GIT, url=url, rev=text, subdirectory=text),
        FromUrl(url=url, subdirectory=text),
        FromPath(path=text, subdirectory=text),
    )
    return Outcome(
        ended=Ended.WRITTEN,
        before=Project(format="requirements", origin=origin, pins=pins),
        after=Project(format="poetry", origin=origin, pins=pins),
        plan=make_plan(
            name=text,
            python_why=text,
            dependencies=tuple(
                PlannedDependency(
                    name=name,
                    raw_name=text,
                    constraint=text,
                    extras=frozenset({text}),
                    source=source,
                    group=text,
                    was=text,
                    why=text,
                    origin=origin,
                )
                for source in sources
            ),
            sources=(PlannedSource(name=text, url=url, priority=Priority.EXPLICIT, origin=origin),),
        ),
        nix=NixPlan(
            name=text,
            application=False,
            python_attributes=(),
            nixpkgs_release="25.11",
            overrides=(NixOverride(package=name, libraries=(text,), tools=(text,), reason=text),),
            attributions=tuple(
                Attribution(
                    attribute=text + suffix, settled=settled, packages=(name,), evidence=text, was=text, origin=origin
                )
                for settled in Settled
                for suffix in ("", "2")
            ),
        ),
        artifacts=(Artifact(path=text, text=text, ownership=Ownership.GENERATED),),
        written=(text,),
        diffs=(text,),
        changes=(
            Added(name=name, version=version, needed_by=(text,)),
            Added(name=name, version=version, reason=text),
            Removed(name=name, version=version, reason=text),
            VersionChanged(name=name, old=version, new=version, reason=text),
            SourceChanged(name=name, version=version, old=sources[0], new=sources[1], reason=text),
            SourceChanged(name=name, version=version, old=sources[2], new=sources[3], reason=text),
            GroupsChanged(name=name, version=version, old=frozenset({text}), new=frozenset(), reason=text),
            HashesChanged(
                name=name,
                version=version,
                verdict=HashVerdict.NOT_COMPARABLE,
                missing=(text,),
                extra=(text,),
                reason=text,
            ),
        ),
        proofs=(HashProof(name=name, version=version, verdict=HashVerdict.NOT_COMPARABLE),),
        findings=tuple(
            Finding(code=code, severity=severity, message=text, origin=origin, advice=text)
            for code in Code
            for severity in Severity
        ),
        poetry=text,
    )


def with_credentials() -> Outcome:
    """Addresses with credentials in every place that a report looks at."""
    address = f"https://bot:{SECRET}@pkgs.example/simple?token={SECRET}"
    outcome = hostile(f"see {address} and git+ssh://git:{SECRET}@git.example/x.git")
    plan = outcome.plan
    assert plan is not None
    sources = (
        PlannedSource(name="my-priv", url=Url.parse(address), priority=Priority.PRIMARY, origin=at(1)),
        PlannedSource(name="my.priv", url=Url.parse("https://pkgs.example/simple"), priority=Priority.EXPLICIT),
    )
    origin = Origin(path=address, line=2, key=address)
    finding = Finding(code=Code.REMOTE_INCLUDE, severity=Severity.NOTE, message=address, advice=address, origin=origin)
    return replace(outcome, plan=replace(plan, sources=sources), findings=(*outcome.findings, finding))


def large(packages: int) -> Outcome:
    """So many packages, each with everything that a report can say of it."""
    good = happy()
    names = [f"package-{number:04}" for number in range(packages)]
    pins = tuple(make_pin(name, "1.2.3", number + 1, f"sha256:{number:064x}") for number, name in enumerate(names))
    direct = tuple(
        PlannedDependency(
            name=pin.name,
            raw_name=pin.raw_name,
            constraint="^1.2.3",
            was=f"{pin.raw_name}==1.2.3",
            why="a pin of a full freeze: the version stays in the lock, the range may grow",
            origin=pin.origin,
        )
        for pin in pins
    )
    findings = tuple(
        Finding(
            code=code,
            severity=severity,
            message=f"{pin.raw_name} is worth a word, and this is the word.",
            origin=pin.origin,
            advice="Have a look at it.",
        )
        for pin in pins
        for code, severity in ((Code.YANKED, Severity.REVIEW), (Code.PLAIN_INDEX, Severity.NOTE))
    )
    changes = tuple(
        change
        for pin in pins
        for change in (
            VersionChanged(
                name=pin.name, old=pin.version, new=Version("1.2.4"), reason="another-package asks for >1.2.3"
            ),
            HashesChanged(name=pin.name, version=pin.version, verdict=HashVerdict.SUPERSET, extra=("sha256:0",)),
        )
    )
    before = replace(good.before, pins=pins)
    plan = replace(good.plan, dependencies=direct) if good.plan else None
    return replace(good, before=before, after=before, plan=plan, changes=changes, findings=findings, proofs=())
