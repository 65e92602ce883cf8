"""What poetry2nix knows of how packages are built, as of its last commit.

It adds a build system to the packages that a table of its own names, over eight thousand, and none to any other
package. Of that table the program keeps three bytes for each fact, of a hash: enough to ask whether a fact is known.
One question in fifteen hundred about an unknown fact is answered wrongly.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from packaging.utils import NormalizedName, canonicalize_name

_BYTES = 3
_WIDTH = 100
_SETUPTOOLS = canonicalize_name("setuptools")


@dataclass(frozen=True, slots=True)
class KnownBuilds:
    """The facts: names of packages, and pairs of a package and a build system that its newest versions get."""

    facts: frozenset[bytes]

    def has(self, package: NormalizedName) -> bool:
        """Whether poetry2nix adds some build system to ``package``."""
        return _digest(package) in self.facts

    def adds(self, package: NormalizedName, system: NormalizedName) -> bool:
        """Whether it adds this ``system`` to the newest versions, setuptools to some versions."""
        if system == _SETUPTOOLS:
            return self.has(package) and _digest(without_setuptools(package)) not in self.facts
        return _digest(f"{package} {system}") in self.facts


def without_setuptools(package: NormalizedName) -> str:
    """The fact that poetry2nix knows ``package`` and never adds setuptools, which nearly all others get."""
    return f"{package} without setuptools"


@cache
def known_builds() -> KnownBuilds:
    """The facts that come with the program."""
    return read(files(__package__).joinpath("known-builds.txt").read_text(encoding="ascii"))


def read(text: str) -> KnownBuilds:
    """The facts from a text that :func:`show` made."""
    data = b64decode("".join(text.split()), validate=True)
    return KnownBuilds(frozenset(data[start : start + _BYTES] for start in range(0, len(data), _BYTES)))


def show(facts: Iterable[str]) -> str:
    """The facts as lines of Base64, sorted by their hashes."""
    text = b64encode(b"".join(sorted({_digest(fact) for fact in facts}))).decode()
    return "".join(f"{text[start : start + _WIDTH]}\n" for start in range(0, len(text), _WIDTH))


def _digest(fact: str) -> bytes:
    return sha256(fact.encode()).digest()[:_BYTES]
