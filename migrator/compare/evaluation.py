"""What was read of an expression, held against what Nix makes of it, package by package."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import assert_never

from migrator.model.evaluation import EvaluatedInput, EvaluatedPackage, EvaluatedSource, Evaluation
from migrator.model.finding import Code, Finding, Severity
from migrator.model.origin import Origin
from migrator.model.project import NativeInput, Pin, Project
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs
from migrator.model.url import Url, mask_credentials
from migrator.model.version import AnyVersion, read_version
from migrator.nix.hashes import read_hash

_HASHES = ("sha256", "sha512", "sha1", "md5", "hash", "outputHash")
_OF_FILES = frozenset({"fetchPypi", "fetchurl"})
"""What fetches a file as it is; the hash of all others is that of an unpacked tree."""
_HOSTS = {"fetchFromGitHub": "github.com", "fetchFromGitLab": "gitlab.com", "fetchFromBitbucket": "bitbucket.org"}
_SEPARATOR = re.compile(r"[._-]")
_PYTHON_SET = re.compile(r"(?:python|pypy)\d*(?:Full)?(?:Packages|\.pkgs)\.")
_ADVICE = "Look at that place, and report it: what migrate reads is not what Nix builds."


def compare_evaluation(project: Project, evaluation: Evaluation) -> tuple[Finding, ...]:
    """Each difference, at the place where the package was read; one note where there is none."""
    found = tuple(_find_differences(project, evaluation.packages))
    if found:
        return found
    count = len(evaluation.packages)
    return (
        Finding(
            code=Code.NIX_AGREES,
            severity=Severity.NOTE,
            message=f"Nix was asked: {count} {'package is' if count == 1 else 'packages are'} what was read, "
            "with source, hash and inputs.",
            origin=Origin(path=project.origin.path),
        ),
    )


def _find_differences(project: Project, packages: Mapping[str, EvaluatedPackage]) -> Iterator[Finding]:
    pins = {pin.raw_name: pin for pin in project.pins}
    for name in sorted(packages.keys() - pins.keys()):
        said = packages[name]
        yield _differs(name, "package", "none", said.full_name or "one", Origin(path=project.origin.path))
    shared = _shared_natives(project)
    for pin in project.pins:
        evaluated = packages.get(pin.raw_name)
        if evaluated is None:
            yield _differs(pin.raw_name, "package", str(pin.version), "none", pin.origin)
        else:
            yield from _compare_package(pin, evaluated, shared, project.natives)
    yield from _compare_shared(project, packages, shared)


def _compare_package(
    pin: Pin, said: EvaluatedPackage, shared: frozenset[str], natives: tuple[NativeInput, ...]
) -> Iterator[Finding]:
    name = pin.raw_name
    version = _version_of(name, said)
    if version != pin.version:
        yield _differs(name, "version", _shown(pin.version), _shown(version), pin.origin)
    ours, theirs = _place_read(pin), _place_of(said.source)
    if ours != theirs:
        yield _differs(name, "src", _words(ours), _words(theirs), pin.origin)
    if (hashes := _hashes_of(said.source)) != frozenset(pin.hashes):
        yield _differs(name, "hash", _words(sorted(pin.hashes)), _words(sorted(hashes)), pin.origin)
    if said.format != pin.format:
        yield _differs(name, "format", _shown(pin.format), _shown(said.format), pin.origin)
    needs = frozenset(map(_input_name, said.needs))
    if needs != frozenset(pin.needs):
        yield _differs(name, "propagatedBuildInputs", _words(sorted(pin.needs)), _words(sorted(needs)), pin.origin)
    builds = frozenset(map(_input_name, said.build_needs))
    if builds not in {frozenset(pin.build_needs), frozenset(pin.build_needs) | shared}:
        yield _differs(
            name, "buildInputs", _words(sorted({*pin.build_needs, *shared})), _words(sorted(builds)), pin.origin
        )
    own = frozenset(native.attribute for native in natives if native.package == pin.name)
    libraries = frozenset(filter(None, map(_native_name, (*said.needs, *said.build_needs)))) - shared
    if not libraries <= own:
        yield _differs(name, "native inputs", _words(sorted(own)), _words(sorted(libraries)), pin.origin)


def _compare_shared(
    project: Project, packages: Mapping[str, EvaluatedPackage], shared: frozenset[str]
) -> Iterator[Finding]:
    """Whether each item that all packages should share is with one of them at least."""
    used = {_input_name(item) for said in packages.values() for item in said.build_needs}
    for native in project.natives:
        if packages and native.package is None and native.attribute in shared - used:
            yield _differs("commonBuildInputs", "item", native.attribute, "none", native.origin)


def _shared_natives(project: Project) -> frozenset[str]:
    """What stands in ``commonBuildInputs``; what only the command line in the header names is no part of it."""
    named = {option.origin.line for option in project.options if option.option == "--extra-build-inputs"}
    return frozenset(
        native.attribute for native in project.natives if native.package is None and native.origin.line not in named
    )


def _differs(name: str, what: str, ours: str, theirs: str, origin: Origin) -> Finding:
    return Finding(
        code=Code.NIX_DIFFERS,
        severity=Severity.STOP,
        message=mask_credentials(f"{name}, {what}: {ours} was read, Nix has {theirs}."),
        origin=origin,
        advice=_ADVICE,
    )


def _version_of(name: str, said: EvaluatedPackage) -> AnyVersion | None:
    """The version that is stated, or what follows the name of the entry, or what Nix itself takes for one."""
    full = said.full_name or ""
    rest = full.removeprefix(name)
    behind = rest[1:] if rest != full and _SEPARATOR.match(rest) else ""
    text = said.version or (behind if rest.startswith("-") else said.number or behind)
    return read_version(text) if text else None


def _place_of(source: EvaluatedSource | None) -> tuple[str, ...]:
    """Where something comes from, in words that both sides share: an address with its revision, or a path."""
    if source is None or source.fetcher == "fetchPypi":
        return ()
    given = source.arguments
    if "path" in given and source.fetcher in {"path", "cleanSource"}:
        return (given["path"],)
    rev = next((given[name] for name in ("rev", "ref", "tag") if given.get(name)), "")
    if host := _HOSTS.get(source.fetcher):
        domain = given.get("githubBase") or given.get("domain") or host
        return _address(f"https://{domain}/{given.get('owner', '')}/{given.get('repo', '')}", rev)
    return _address(given.get("url", ""), "" if source.fetcher in _OF_FILES else rev)


def _place_read(pin: Pin) -> tuple[str, ...]:
    match pin.source:
        case FromIndex(url=url):
            return () if url is None else (str(url),)
        case FromUrl(url=url):
            return (str(url),)
        case FromVcs(url=url, rev=rev):
            return tuple(filter(None, (str(url), rev)))
        case FromPath(path=path):
            return (path,)
        case _:
            assert_never(pin.source)


def _address(url: str, rev: str) -> tuple[str, ...]:
    return tuple(filter(None, (str(Url.parse(url)), rev)))


def _hashes_of(source: EvaluatedSource | None) -> frozenset[str]:
    if source is None or source.fetcher not in _OF_FILES:
        return frozenset()
    given = ((name, source.arguments.get(name)) for name in _HASHES)
    read = (read_hash(text, "hash" if name == "outputHash" else name) for name, text in given if text)
    return frozenset(filter(None, read))


def _input_name(said: EvaluatedInput) -> str:
    """An item of a list as it was read: an entry by its name, an attribute of nixpkgs by its path."""
    if said.path is not None:
        return said.path.removeprefix("pkgs.").removeprefix("self.")
    return said.entry or said.text or "something else"


def _native_name(said: EvaluatedInput) -> str | None:
    """The attribute of a library of nixpkgs; None for what is a package of Python."""
    path = said.path or ""
    if not path.startswith("pkgs.") or _PYTHON_SET.match(path.removeprefix("pkgs.")):
        return None
    return path.removeprefix("pkgs.")


def _shown(value: object) -> str:
    return "none" if value is None else str(value)


def _words(texts: object) -> str:
    return " ".join(texts) or "none" if isinstance(texts, list | tuple) else str(texts)
