"""Overrides: which package, which of its attributes, and what is done to each.

An override file is ``{ pkgs, python }: self: super: { … }`` with any amount of helpers around it. It is unfolded with
``self``, ``super`` and the ``old`` package as symbols, so that it shows in the result whether an attribute of ``old``
is appended to, replaced, filtered or set.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from packaging.utils import NormalizedName, canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import AttributeChange, NativeInput, Override, OverrideKind
from migrator.nix.unfold import Unfolder
from migrator.nix.values import (
    NULL,
    PKGS,
    Call,
    Closure,
    FilePath,
    Member,
    Record,
    Rest,
    Sequence,
    Symbol,
    Thunk,
    Undecided,
    Unknown,
    Value,
    Words,
    given,
    is_from_loop,
    path_of,
    root_of,
)

from .lookup import is_python_set, plain
from .renames import today
from .told import Collected, origin_of_thunk

_METHODS = frozenset({"override", "overrideAttrs", "overrideDerivation", "overridePythonAttrs"})
_MAKERS = frozenset({"mkDerivation", "buildPythonPackage", "buildPythonApplication"})
_BUILD_INPUTS = frozenset({"buildInputs", "nativeBuildInputs", "propagatedNativeBuildInputs"})
_INPUTS = _BUILD_INPUTS | {"propagatedBuildInputs"}
_OLD = Symbol("old")
_SURROUNDINGS = Record({"pkgs": given(PKGS), "python": given(Symbol("python")), "lib": given(Symbol("lib"))})
_DEFAULT_OVERRIDES = frozenset({"garbas/nixpkgs-python", "nix-community/pypi2nix-overrides"})


class _Meaning(NamedTuple):
    """What an entry says. ``whole`` is false where a part of it could not be told."""

    how: OverrideKind
    attributes: tuple[tuple[str, Thunk], ...] = ()
    whole: bool = True


class OverrideReader:
    """Reads overrides into what has been collected."""

    def __init__(self, unfolder: Unfolder, collected: Collected) -> None:
        self._unfolder = unfolder
        self._collected = collected

    def read(self, value: Value, origin: Origin) -> bool:
        """Read the overrides that ``value`` is, or that a list of them holds; ``origin`` is where they are named.

        False (and nothing told) where it is nothing of that kind.
        """
        match value:
            case Sequence(parts):
                for part in parts:
                    inner = part.value if isinstance(part, Rest) else part.settle(self._unfolder)
                    place = origin if isinstance(part, Rest) else origin_of_thunk(part, origin)
                    if not self.read(inner, place):
                        self._tell_not_understood(place)
                return True
            case Undecided(options):
                found = [self.read(option.settle(self._unfolder), origin) for option in options]
                return any(found)
            case Closure():
                return self._read_function(value, origin)
            case Call() | FilePath():
                if not self._read_composed(value, origin):
                    self._tell_elsewhere(value, origin)
                return True
            case Record(entries, ()) if not entries:
                return True
            case _:
                return False

    def _read_function(self, function: Closure, origin: Origin) -> bool:
        value: Value = function
        if function.form.parameters is not None:
            value = self._unfolder.apply(value, given(_SURROUNDINGS))
        for argument in ("self", "super"):
            if not isinstance(value, Closure):
                return False
            value = self._unfolder.apply(value, given(Symbol(argument)))
        if isinstance(value, Unknown | Closure):
            return False
        self._read_entries(self._unfolder.record(value), origin)
        return True

    def _read_composed(self, value: Value, origin: Origin) -> bool:
        """Read what the library makes of functions (``composeExtensions``), which is told when all is given."""
        for argument in ("self", "super"):
            value = self._unfolder.apply(value, given(Symbol(argument)))
        if not isinstance(value, Record):
            return False
        self._read_entries(value, origin)
        return True

    def _read_entries(self, record: Record, origin: Origin) -> None:
        for name, thunk in record.entries.items():
            self._read_entry(name, thunk, origin)
        for other in record.others:
            self._read_other(other, origin)

    def _read_other(self, value: Value, origin: Origin) -> None:
        """A set that something else makes: the names that stand in it are told, and that it is not understood."""
        if root_of(value) in {Symbol("super"), Symbol("self")}:
            return
        for record in self._records_in(value):
            for name, thunk in record.entries.items():
                self._add(name, OverrideKind.UNKNOWN, thunk, origin)
        self._tell_not_understood(origin)

    def _records_in(self, value: Value) -> Iterator[Record]:
        while isinstance(value, Call):
            argument = value.argument.settle(self._unfolder)
            if isinstance(argument, Record):
                yield argument
            value = value.function

    def _read_entry(self, name: str, thunk: Thunk, origin: Origin) -> None:
        meaning = self._meaning(thunk.settle(self._unfolder))
        place = origin_of_thunk(thunk, origin, name)
        bulk = is_from_loop(thunk) and meaning.how is OverrideKind.OVERRIDE
        changes = []
        builders: list[NormalizedName] = []
        for attribute, value in meaning.attributes:
            change, added = self._change(value.settle(self._unfolder))
            if change is None:
                continue
            changes.append((attribute, change))
            for path in added if attribute in _INPUTS else ():
                self._note_input(name, path, value, place)
            if attribute in _BUILD_INPUTS:
                builders += filter(None, map(_builder, added))
        self._collected.overrides.append(
            Override(
                package=canonicalize_name(name),
                raw_name=name,
                how=OverrideKind.BULK if bulk else meaning.how,
                attributes=tuple(sorted(changes)),
                builders=tuple(dict.fromkeys(builders)),
                origin=place,
            )
        )
        if not meaning.whole:
            self._tell_not_understood(place, name)

    def _add(self, name: str, how: OverrideKind, thunk: Thunk, origin: Origin) -> None:
        place = origin_of_thunk(thunk, origin, name)
        self._collected.overrides.append(
            Override(package=canonicalize_name(name), raw_name=name, how=how, origin=place)
        )

    def _note_input(self, name: str, path: tuple[str, ...], at: Thunk, origin: Origin) -> None:
        attribute = ".".join(path[1:])
        if path[0] == "pkgs" and attribute and not is_python_set(attribute):
            self._collected.natives.append(
                NativeInput(
                    attribute=attribute,
                    today=today(attribute),
                    package=canonicalize_name(name),
                    origin=origin_of_thunk(at, origin, name),
                )
            )

    # what an entry means

    def _meaning(self, value: Value) -> _Meaning:
        if isinstance(value, Undecided):
            return self._meaning(value.options[0].settle(self._unfolder))
        if value == NULL:
            return _Meaning(OverrideKind.NULL)
        if path_of(value):
            return _Meaning(OverrideKind.ALIAS)
        if not isinstance(value, Call):
            return _Meaning(OverrideKind.UNKNOWN, whole=False)
        found = self._override(value)
        if found is not None:
            return found
        head = value.function
        if isinstance(head, Member) and head.name in _MAKERS:
            record = value.argument.settle(self._unfolder)
            entries = tuple(record.entries.items()) if isinstance(record, Record) else ()
            return _Meaning(OverrideKind.NEW, entries, isinstance(record, Record) and not record.others)
        while isinstance(head, Call):
            head = head.function
        if path_of(head)[:1] == ("pkgs",):
            return _Meaning(OverrideKind.ALIAS)
        return _Meaning(OverrideKind.UNKNOWN, whole=False)

    def _override(self, value: Call) -> _Meaning | None:
        """``python.overrideDerivation TARGET F``, or ``TARGET.overrideDerivation F``; a target may be one again."""
        function = value.function
        if isinstance(function, Call) and isinstance(function.function, Member):
            if function.function.name != "overrideDerivation":
                return None
            target = function.argument.settle(self._unfolder)
        elif isinstance(function, Member) and function.name in _METHODS:
            target = function.base
        else:
            return None
        inner = self._override(target) if isinstance(target, Call) else None
        attributes = dict(inner.attributes) if inner is not None else {}
        changed = self._applied_to_old(value.argument.settle(self._unfolder))
        attributes |= dict(changed.entries)
        others = [other for other in changed.others if root_of(other) != _OLD]
        whole = not others and (inner is None or inner.whole)
        return _Meaning(OverrideKind.OVERRIDE, tuple(attributes.items()), whole)

    def _applied_to_old(self, value: Value) -> Record:
        for _ in range(2):  # overrideAttrs may be given "final: previous:"
            if isinstance(value, Closure):
                value = self._unfolder.apply(value, given(_OLD))
        return self._unfolder.record(value)

    # what is done to an attribute

    def _change(self, value: Value) -> tuple[AttributeChange | None, list[tuple[str, ...]]]:
        """What is done to an attribute whose new value this is, and the names that a list of it adds.

        None where the old value stays.
        """
        if isinstance(value, Undecided):
            return self._undecided(value)
        if isinstance(value, Words):
            return _change_of_words(value), []
        if isinstance(value, Sequence):
            return self._change_of_list(value)
        if _is_old(value):
            return None, []
        return AttributeChange.SET, []

    def _undecided(self, value: Undecided) -> tuple[AttributeChange | None, list[tuple[str, ...]]]:
        found = [self._change(option.settle(self._unfolder)) for option in value.options]
        change = next((one for one, _ in found if one is not None), None)
        return change, [path for _, added in found for path in added]

    def _change_of_list(self, value: Sequence) -> tuple[AttributeChange | None, list[tuple[str, ...]]]:
        added: list[tuple[str, ...]] = []
        keeps = filters = more = False
        for part in value.parts:
            shown = part.value if isinstance(part, Rest) else part.settle(self._unfolder)
            if _is_old(shown):
                keeps = True
                filters = filters or (isinstance(part, Rest) and part.filtered)
                continue
            more = True
            path = path_of(shown)
            if path:
                added.append(path)
        if filters:
            return AttributeChange.FILTER, added
        if keeps:
            return AttributeChange.APPEND if more else None, added
        return AttributeChange.REPLACE if more else AttributeChange.CLEAR, added

    # what cannot be told

    def _tell_not_understood(self, origin: Origin, name: str = "") -> None:
        what = f"The override of {name}" if name else "A part of the overrides here"
        self._collected.tell(
            Code.NOT_UNDERSTOOD,
            Severity.REVIEW,
            f"{what} cannot be told without running it.",
            origin,
            "Read it, and look whether the project still needs it.",
        )

    def _tell_elsewhere(self, value: Call | FilePath, origin: Origin) -> None:
        """Overrides that are not in the project: a file that is not there, or one that would be fetched."""
        head: Value = value
        argument: Value = value
        while isinstance(head, Call):
            argument = head.argument.settle(self._unfolder)
            head = head.function
        if isinstance(argument, FilePath):
            self._collected.tell(
                Code.MISSING_INCLUDE,
                Severity.REVIEW,
                f"The overrides in {argument.text} are not there, so nothing of them was read.",
                origin,
                "Add the file, or look what it changes.",
            )
            return
        address = self._address_of(argument)
        if address in _DEFAULT_OVERRIDES:
            self._collected.tell(
                Code.REMOTE_INCLUDE,
                Severity.NOTE,
                f"The default overrides of pypi2nix ({address}) are not carried over: poetry2nix has its own for all "
                "of these packages.",
                origin,
            )
            return
        shown = f"the address {address}" if address else "an address that is made up on the way"
        self._collected.tell(
            Code.REMOTE_INCLUDE,
            Severity.REVIEW,
            f"Overrides come from {shown}; nothing was downloaded, so they were not read.",
            origin,
            "Download the file, and look what it changes.",
        )

    def _address_of(self, value: Value) -> str:
        """The address in ``"${pkgs.fetchgit { url = …; }}/overrides.nix"``."""
        if isinstance(value, Words):
            return next((self._address_of(part) for part in value.parts if not isinstance(part, str)), "")
        if not isinstance(value, Call):
            return ""
        record = value.argument.settle(self._unfolder)
        if not isinstance(record, Record):
            return ""
        fields = {name: thunk.settle(self._unfolder) for name, thunk in record.entries.items()}
        texts = {name: v.text if isinstance(v, FilePath) else plain(v) or "" for name, v in fields.items()}
        if texts.get("owner") and texts.get("repo"):
            return f"{texts['owner']}/{texts['repo']}"
        url = texts.get("url", "")
        bare = url.removeprefix("https://github.com/").removesuffix(".git").rstrip("/")
        return bare if bare in _DEFAULT_OVERRIDES else url


def _change_of_words(value: Words) -> AttributeChange:
    if value.plain == "":
        return AttributeChange.CLEAR
    keeps = any(not isinstance(part, str) and _is_old(part) for part in value.parts)
    return AttributeChange.APPEND if keeps else AttributeChange.SET


def _is_old(value: Value) -> bool:
    return isinstance(value, Member) and root_of(value) == _OLD


def _builder(path: tuple[str, ...]) -> NormalizedName | None:
    """The Python package that a list names by ``path``, from the old set or from nixpkgs; None for anything else."""
    match path:
        case ("self" | "super", name):
            return canonicalize_name(name)
        case ("pkgs", *names) if is_python_set(".".join(names)):
            return canonicalize_name(names[-1])
        case _:
            return None
