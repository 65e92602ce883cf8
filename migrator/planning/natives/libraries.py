"""The table of native libraries, ``libraries.toml``: what nixpkgs calls each, and what others call it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Self

_OUTPUTS = frozenset({"bin", "dev", "lib", "out"})
_CARRIED = re.compile(r"(?P<soname>lib[A-Za-z0-9_.+-]+?)(?:-[0-9a-f]{8})*\.so(?:\.[0-9.]+)?")
"""A library's file in a repaired wheel: auditwheel puts eight digits of its hash behind the soname, each time."""


_COMPANIONS = frozenset(
    {
        # of the compilers
        *("libgcc_s", "libgfortran", "libgomp", "libomp", "libquadmath", "libstdc++"),
        # of Kerberos, FreeType, WebP and XCB
        *(
            "libbrotlicommon",
            "libbrotlidec",
            "libcom_err",
            "libharfbuzz",
            "libk5crypto",
            "libkeyutils",
            "libkrb5support",
        ),
        *("libXau", "libXdmcp", "libdeflate", "libselinux", "libsharpyuv"),
    }
)
"""Libraries that come along with others: whoever needs one of them names the other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Library:
    """One row: the attribute path in nixpkgs, and the names that others have for it."""

    attribute: str
    was: frozenset[str] = frozenset()
    also: frozenset[str] = frozenset()
    sonames: frozenset[str] = frozenset()
    system: frozenset[str] = frozenset()
    tool: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Libraries:
    """All rows, found by whatever name is at hand."""

    rows: dict[str, Library]
    _gone: dict[str, str]
    _known: dict[str, str]
    _sonames: dict[str, str]
    _system: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, rows: Iterable[Library]) -> Self:
        """The same rows, indexed."""
        listed = tuple(rows)
        system: dict[str, set[str]] = {}
        for row in listed:
            for name in row.system:
                system.setdefault(name, set()).add(row.attribute)
        return cls(
            rows={row.attribute: row for row in listed},
            _gone={name: row.attribute for row in listed for name in row.was},
            _known={name: row.attribute for row in listed for name in (row.attribute, *row.was, *row.also)},
            _sonames={name: row.attribute for row in listed for name in row.sonames},
            _system={name: tuple(sorted(attributes)) for name, attributes in system.items()},
        )

    def today(self, attribute: str) -> str:
        """What nixpkgs calls ``attribute`` now; itself where the table knows of no change."""
        if attribute in self._gone:
            return self._gone[attribute]
        base, output = _split(attribute)
        return f"{self._gone[base]}.{output}" if output and base in self._gone else attribute

    def same(self, one: str, other: str) -> bool:
        """Whether two attributes are one library: another output, version or build of it, or its old name."""
        return self._one_name(one) == self._one_name(other)

    def is_tool(self, attribute: str) -> bool:
        """Whether it is a program that runs during a build, and no library to link."""
        row = self.rows.get(self._one_name(attribute))
        return row.tool if row is not None else attribute.endswith("Hook")

    def carried(self, file: str) -> str | None:
        """The attribute of a library that a wheel carries under the name ``file``, None where that is unknown."""
        named = _CARRIED.fullmatch(file)
        return self._sonames.get(named["soname"]) if named else None

    def unknown(self, file: str) -> str | None:
        """The name of a library that a wheel carries, where no row has it and it does not come along with others."""
        named = _CARRIED.fullmatch(file)
        if named is None:
            return "one of another name"  # it may be any text
        soname = named["soname"]
        return None if soname in self._sonames or soname in _COMPANIONS else soname

    def of_system(self, package: str) -> tuple[str, ...]:
        """The attributes that the system package of that name stands for; none where that is unknown."""
        return self._system.get(package, ())

    def _one_name(self, attribute: str) -> str:
        if attribute in self._known:
            return self._known[attribute]
        base, _ = _split(attribute)
        return self._known.get(base, base)


def read_libraries(text: str) -> Libraries:
    """The rows of a table in the form of ``libraries.toml``."""
    return Libraries.of(_read_row(name, fields) for name, fields in tomllib.loads(text).items())


@cache
def libraries() -> Libraries:
    """The table that comes with the program."""
    return read_libraries(files(__package__).joinpath("libraries.toml").read_text(encoding="utf-8"))


def _split(attribute: str) -> tuple[str, str]:
    """The attribute without the output that it names, and that output: ``libxml2.dev`` is a part of ``libxml2``."""
    base, dot, output = attribute.rpartition(".")
    return (base, output) if dot and output in _OUTPUTS else (attribute, "")


def _read_row(name: str, fields: dict[str, Any]) -> Library:
    return Library(
        attribute=name,
        was=frozenset(fields.get("was", ())),
        also=frozenset(fields.get("also", ())),
        sonames=frozenset(fields.get("sonames", ())),
        system=frozenset(package for system in ("debian", "alpine", "fedora") for package in fields.get(system, ())),
        tool=fields.get("tool", False),
    )
