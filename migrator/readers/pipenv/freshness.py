"""Whether a lock was made of this very Pipfile, as pipenv itself finds out."""

from __future__ import annotations

from typing import Any

from packaging.utils import canonicalize_name

from .files import Data

_PUBLIC = {"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": True}
_NOT_HASHED = frozenset({"source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv"})
_RESERVED = frozenset({"default", "develop"})


def hash_pipfile(data: Data) -> frozenset[str]:
    """The SHA-256 hashes that releases of pipenv give a Pipfile of that ``data``; none where it has no hash.

    They hash the sources, ``[requires]`` and all packages, categories included, as sorted JSON. A Pipfile without
    sources has PyPI's. Releases before 2026.4 take the names of packages as written, later ones as PEP 503 writes them.
    """
    names = {category: table for category, table in data.items() if category not in _NOT_HASHED | _RESERVED}
    names |= {"default": data.get("packages", {}), "develop": data.get("dev-packages", {})}
    plain = {category: _canonical(table) for category, table in names.items()}
    meta = {"sources": data.get("source", [_PUBLIC]), "requires": data.get("requires", {})}
    found = {_hash({**packages, "_meta": meta}) for packages in (names, plain)}
    return frozenset(digest for digest in found if digest)


def _hash(data: dict[str, Any]) -> str:
    from pipfile.api import Pipfile  # it brings a TOML parser along, which only a pair needs

    pipfile = Pipfile(filename="Pipfile")
    pipfile.data = data
    try:
        digest: str = pipfile.hash
    except (TypeError, ValueError, RecursionError):  # a date, say: JSON has none, and pipenv stops there
        return ""
    return digest


def _canonical(table: object) -> object:
    return {canonicalize_name(name): value for name, value in table.items()} if isinstance(table, dict) else table
