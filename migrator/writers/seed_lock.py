"""The skeleton poetry.lock that makes Poetry prefer the old pins.

It holds the least that Poetry's locker accepts: Poetry fetches requirements and files of the chosen version anew
anyway, and takes a locked version as a preference only. ``files`` stays empty for that reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.plan import PlannedSource, Seed

_PACKAGE = """\
[[package]]
name = {name}
version = {version}
optional = false
python-versions = "*"
files = []

"""
_SOURCE = """\
[package.source]
type = "legacy"
url = {url}
reference = {reference}

"""
_METADATA = """\
[metadata]
lock-version = "2.1"
python-versions = "*"
content-hash = ""
"""


def write_seed(seeds: tuple[Seed, ...], sources: tuple[PlannedSource, ...]) -> str:
    """The text of a poetry.lock that holds just ``seeds``, sorted by name and version.

    A seed of a named source says so, as Poetry would write it: without it Poetry does not find the seed again for a
    dependency with ``source =``. A name that ``sources`` does not have is left out, because Poetry stops on it.
    """
    # Poetry writes no source for what comes from PyPI
    urls = {s.name: str(s.url.without_credentials()).rstrip("/") for s in sources if not s.is_public}
    ordered = sorted(set(seeds), key=lambda seed: (seed.name, str(seed.version), seed.index or ""))
    # Poetry looks the key up even where nothing is locked
    packages = [text for seed in ordered for text in _show(seed, urls)] or ["package = []\n\n"]
    return "".join((*packages, _METADATA))


def _show(seed: Seed, urls: dict[str, str]) -> Iterator[str]:
    # a document of tomlkit's takes ten times as long, which a hundred pins make felt
    yield _PACKAGE.format(name=_quote(seed.name), version=_quote(str(seed.version)))
    if seed.index in urls:
        yield _SOURCE.format(url=_quote(urls[seed.index]), reference=_quote(seed.index))


def _quote(text: str) -> str:
    import tomlkit

    return tomlkit.string(text).as_string()
