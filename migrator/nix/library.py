"""What the functions of Nix and of nixpkgs' library do with values, as far as looking tells.

None leaves a call as it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from . import parse as syntax
from .values import (
    FALSE,
    PKGS,
    TRUE,
    UNKNOWN,
    Applied,
    Call,
    Closure,
    Constant,
    FilePath,
    Placed,
    Record,
    Rest,
    Scope,
    Sequence,
    Symbol,
    Thunk,
    Undecided,
    Value,
    Words,
    given,
    join,
)

if TYPE_CHECKING:
    from .unfold import Unfolder


def import_file(unfolder: Unfolder, argument: Thunk) -> Value | None:
    """``import argument``, where that is a file that can be read here."""
    value = argument.settle(unfolder)
    if isinstance(value, Undecided):
        value = value.options[0].settle(unfolder)
    if not isinstance(value, FilePath):
        return None
    file = unfolder.load(value)
    if file is None:
        return None
    expression = syntax.expression_of(file.root)
    if expression is None:
        return None
    found = unfolder.unfold(expression, Scope(file.path))
    # a symbolic link, in a place that does not follow them, is a file that holds a path
    target = unfolder.load(found) if isinstance(found, FilePath) else None
    inner = None if target is None else syntax.expression_of(target.root)
    return found if inner is None or target is None else unfolder.unfold(inner, Scope(target.path))


def imported_from_outside(argument: Value, with_: Value) -> Value | None:
    """``import X {…}``: nixpkgs, from wherever it is taken. What is given a ``python`` is something else."""
    if isinstance(with_, Record) and "python" in with_.entries:
        return None
    if isinstance(argument, FilePath):
        return PKGS if argument.text.rstrip(">").removesuffix(".nix").endswith("nixpkgs") else None
    return PKGS if isinstance(argument, Call | Symbol) else None


def _items(unfolder: Unfolder, thunk: Thunk) -> tuple[Thunk | Rest, ...]:
    return unfolder.parts(thunk.settle(unfolder))


def _plain(unfolder: Unfolder, thunk: Thunk) -> str | None:
    value = thunk.settle(unfolder)
    return value.plain if isinstance(value, Words) else None


def _texts(unfolder: Unfolder, thunk: Thunk) -> list[tuple[str, Thunk]] | None:
    """The strings of a list that is all known."""
    found = []
    for part in _items(unfolder, thunk):
        text = None if isinstance(part, Rest) else _plain(unfolder, part)
        if text is None or isinstance(part, Rest):
            return None
        found.append((text, part))
    return found


def _name_thunk(name: str, entry: Thunk | None) -> Thunk:
    return given(Words((name,), entry))


def _map(unfolder: Unfolder, function: Thunk, items: Thunk) -> Value:
    applied = function.settle(unfolder)
    return Sequence(
        tuple(
            Rest(UNKNOWN, filtered=part.filtered) if isinstance(part, Rest) else Applied(applied, part)
            for part in _items(unfolder, items)
        )
    )


def _filter(unfolder: Unfolder, predicate: Thunk, items: Thunk) -> Value:
    test = predicate.settle(unfolder)
    kept: list[Thunk | Rest] = []
    for part in _items(unfolder, items):
        if isinstance(part, Rest):
            kept.append(Rest(part.value, filtered=True))
        elif unfolder.apply(test, part) != FALSE:
            kept.append(part)
    return Sequence(tuple(kept))


def _without(unfolder: Unfolder, unwanted: Thunk, items: Thunk) -> Value:
    """``lib.remove`` and ``lib.subtractLists``."""
    wanted = unwanted.settle(unfolder)
    away = wanted.parts if isinstance(wanted, Sequence) else (unwanted,)
    shown = [part.settle(unfolder) for part in away if isinstance(part, Thunk)]
    kept: list[Thunk | Rest] = []
    for part in _items(unfolder, items):
        if isinstance(part, Rest):
            kept.append(Rest(part.value, filtered=True))
        elif part.settle(unfolder) not in shown:
            kept.append(part)
    return Sequence(tuple(kept))


def _elem(unfolder: Unfolder, item: Thunk, items: Thunk) -> Value | None:
    text, texts = _plain(unfolder, item), _texts(unfolder, items)
    if text is None or texts is None:
        return None
    return TRUE if any(text == other for other, _ in texts) else FALSE


def _attr_names(unfolder: Unfolder, record: Thunk) -> Value | None:
    names = unfolder.names(record.settle(unfolder))
    return None if names is None else Sequence(tuple(_name_thunk(name, entry) for name, entry in names))


def _attr_values(unfolder: Unfolder, record: Thunk) -> Value | None:
    value = record.settle(unfolder)
    if isinstance(value, Record) and not value.others:
        return Sequence(tuple(thunk for _, thunk in sorted(value.entries.items())))
    return None


def _list_to_attrs(unfolder: Unfolder, items: Thunk) -> Value | None:
    found: dict[str, Thunk] = {}
    others: list[Value] = []
    for part in _items(unfolder, items):
        record = UNKNOWN if isinstance(part, Rest) else part.settle(unfolder)
        name = unfolder.member(record, "name") if isinstance(record, Record) else None
        value = record.entries.get("value") if isinstance(record, Record) else None
        if not isinstance(name, Words) or name.plain is None or value is None:
            others.append(UNKNOWN)
        else:
            found.setdefault(name.plain, Placed(value, name.node))
    return Record(found, tuple(others[:1]))


def _member_thunk(unfolder: Unfolder, record: Thunk, name: str, entry: Thunk | None) -> Thunk:
    if entry is not None:
        return entry
    return given(unfolder.member(record.settle(unfolder), name) or UNKNOWN)


def _map_attrs(unfolder: Unfolder, function: Thunk, record: Thunk) -> Value | None:
    names = unfolder.names(record.settle(unfolder))
    if names is None:
        return None
    applied = function.settle(unfolder)
    found = {}
    for name, entry in names:
        first = unfolder.apply(applied, _name_thunk(name, entry))
        found[name] = Placed(Applied(first, _member_thunk(unfolder, record, name, entry)), entry)
    return Record(found)


def _map_attrs_to(unfolder: Unfolder, function: Thunk, record: Thunk) -> Value | None:
    names = unfolder.names(record.settle(unfolder))
    if names is None:
        return None
    applied = function.settle(unfolder)
    pairs = [
        Applied(unfolder.apply(applied, _name_thunk(name, entry)), _member_thunk(unfolder, record, name, entry))
        for name, entry in names
    ]
    return _list_to_attrs(unfolder, given(Sequence(tuple(pairs))))


def _filter_attrs(unfolder: Unfolder, predicate: Thunk, record: Thunk) -> Value | None:
    value = record.settle(unfolder)
    names = unfolder.names(value)
    if names is None:
        return value if isinstance(value, Record) else None
    test = predicate.settle(unfolder)
    found = {}
    for name, entry in names:
        member = _member_thunk(unfolder, record, name, entry)
        if unfolder.apply(unfolder.apply(test, _name_thunk(name, entry)), member) != FALSE:
            found[name] = member if entry is not None else Placed(member, None)
    return Record(found)


def _gen_attrs(unfolder: Unfolder, names: Thunk, function: Thunk) -> Value | None:
    texts = _texts(unfolder, names)
    if texts is None:
        return None
    applied = function.settle(unfolder)
    found: dict[str, Thunk] = {}
    for text, thunk in texts:
        words = thunk.settle(unfolder)
        found[text] = Placed(Applied(applied, thunk), words.node if isinstance(words, Words) else None)
    return Record(found)


def _remove_attrs(unfolder: Unfolder, record: Thunk, names: Thunk) -> Value | None:
    value, texts = record.settle(unfolder), _texts(unfolder, names)
    if texts is None:
        return value
    away = {text for text, _ in texts}
    if isinstance(value, Record):
        return Record({name: thunk for name, thunk in value.entries.items() if name not in away}, value.others)
    return value


def _has_attr(unfolder: Unfolder, name: Thunk, record: Thunk) -> Value | None:
    text = _plain(unfolder, name)
    return None if text is None else unfolder.has_attribute(text, record.settle(unfolder))


def _get_attr(unfolder: Unfolder, name: Thunk, record: Thunk) -> Value | None:
    text = _plain(unfolder, name)
    return None if text is None else unfolder.member(record.settle(unfolder), text)


def _optional(unfolder: Unfolder, condition: Thunk, item: Thunk) -> Value:
    return Sequence(()) if condition.settle(unfolder) == FALSE else Sequence((item,))


def _if_true(empty: Value) -> Callable[[Unfolder, Thunk, Thunk], Value]:
    def choose(unfolder: Unfolder, condition: Thunk, value: Thunk) -> Value:
        return empty if condition.settle(unfolder) == FALSE else value.settle(unfolder)

    return choose


def _concat(unfolder: Unfolder, lists: Thunk) -> Value:
    found: list[Thunk | Rest] = []
    for part in _items(unfolder, lists):
        found += [Rest(part.value)] if isinstance(part, Rest) else unfolder.parts(part.settle(unfolder))
    return unfolder.sequence(found)


def _concat_map(unfolder: Unfolder, function: Thunk, items: Thunk) -> Value:
    return _concat(unfolder, given(_map(unfolder, function, items)))


def _concat_strings(unfolder: Unfolder, separator: Thunk, items: Thunk) -> Value:
    between = separator.settle(unfolder)
    operands: list[Value] = []
    for part in _items(unfolder, items):
        operands += [between] if operands else []
        operands.append(part.value if isinstance(part, Rest) else part.settle(unfolder))
    return unfolder.words(operands)


def _fold(unfolder: Unfolder, function: Thunk, start: Thunk, items: Thunk) -> Value | None:
    """``lib.foldr``; ``fold`` is its older name."""
    parts = _items(unfolder, items)
    value = start
    for part in reversed(parts):
        item = given(part.value) if isinstance(part, Rest) else part
        value = given(unfolder.apply(unfolder.apply(function.settle(unfolder), item), value))
    return value.settle(unfolder)


def _fold_left(unfolder: Unfolder, function: Thunk, start: Thunk, items: Thunk) -> Value | None:
    value = start
    for part in _items(unfolder, items):
        item = given(part.value) if isinstance(part, Rest) else part
        value = given(unfolder.apply(unfolder.apply(function.settle(unfolder), value), item))
    return value.settle(unfolder)


def _compose(unfolder: Unfolder, first: Thunk, second: Thunk, self: Thunk, super_: Thunk) -> Value:
    """``lib.composeExtensions``."""
    return _compose_many(unfolder, given(Sequence((first, second))), self, super_)


def _compose_many(unfolder: Unfolder, extensions: Thunk, self: Thunk, super_: Thunk) -> Value:
    """Each extension sees what those before it have made as its own ``super``."""
    joined = Record({})
    for part in _items(unfolder, extensions):
        extension = part.value if isinstance(part, Rest) else part.settle(unfolder)
        seen = given(join(unfolder.record(super_.settle(unfolder)), joined)) if joined.entries else super_
        joined = join(joined, unfolder.record(unfolder.apply(unfolder.apply(extension, self), seen)))
    return joined


def _flip(unfolder: Unfolder, function: Thunk, first: Thunk, second: Thunk) -> Value:
    return unfolder.apply(unfolder.apply(function.settle(unfolder), second), first)


def _pair(_: Unfolder, name: Thunk, value: Thunk) -> Value:
    return Record({"name": name, "value": value})


def _update(unfolder: Unfolder, left: Thunk, right: Thunk) -> Value:
    return join(unfolder.record(left.settle(unfolder)), unfolder.record(right.settle(unfolder)))


def _ends(test: Callable[[str, str], bool]) -> Callable[[Unfolder, Thunk, Thunk], Value | None]:
    def decide(unfolder: Unfolder, end: Thunk, text: Thunk) -> Value | None:
        one, other = _plain(unfolder, end), _plain(unfolder, text)
        return None if one is None or other is None else TRUE if test(other, one) else FALSE

    return decide


def _path_exists(unfolder: Unfolder, path: Thunk) -> Value | None:
    value = path.settle(unfolder)
    if not isinstance(value, FilePath) or not value.text.endswith(".nix"):
        return None
    return TRUE if unfolder.load(value) is not None else FALSE


def _is_function(unfolder: Unfolder, value: Thunk) -> Value | None:
    match value.settle(unfolder):
        case Closure():
            return TRUE
        case Words() | Constant() | FilePath() | Sequence() | Record():
            return FALSE
        case _:
            return None


def _to_string(unfolder: Unfolder, value: Thunk) -> Value | None:
    shown = value.settle(unfolder)
    return shown if isinstance(shown, Words | FilePath) else None


def _identity(unfolder: Unfolder, value: Thunk) -> Value:
    return value.settle(unfolder)


def _second(unfolder: Unfolder, _: Thunk, value: Thunk) -> Value:
    return value.settle(unfolder)


class Primitive(NamedTuple):
    """A function of so many arguments."""

    arity: int
    run: Callable[..., Value | None]


PRIMITIVES: dict[str, Primitive] = {
    "attrNames": Primitive(1, _attr_names),
    "attrValues": Primitive(1, _attr_values),
    "composeExtensions": Primitive(4, _compose),
    "composeManyExtensions": Primitive(3, _compose_many),
    "concatLists": Primitive(1, _concat),
    "concatMap": Primitive(2, _concat_map),
    "concatStrings": Primitive(1, lambda unfolder, items: _concat_strings(unfolder, given(Words((), None)), items)),
    "concatStringsSep": Primitive(2, _concat_strings),
    "deepSeq": Primitive(2, _second),
    "elem": Primitive(2, _elem),
    "filter": Primitive(2, _filter),
    "filterAttrs": Primitive(2, _filter_attrs),
    "flatten": Primitive(1, _concat),
    "flip": Primitive(3, _flip),
    "fold": Primitive(3, _fold),
    "foldl": Primitive(3, _fold_left),
    "foldl'": Primitive(3, _fold_left),
    "foldr": Primitive(3, _fold),
    "genAttrs": Primitive(2, _gen_attrs),
    "getAttr": Primitive(2, _get_attr),
    "hasAttr": Primitive(2, _has_attr),
    "hasPrefix": Primitive(2, _ends(str.startswith)),
    "hasSuffix": Primitive(2, _ends(str.endswith)),
    "id": Primitive(1, _identity),
    "import": Primitive(1, import_file),
    "isFunction": Primitive(1, _is_function),
    "listToAttrs": Primitive(1, _list_to_attrs),
    "map": Primitive(2, _map),
    "mapAttrs": Primitive(2, _map_attrs),
    "mapAttrs'": Primitive(2, _map_attrs_to),
    "nameValuePair": Primitive(2, _pair),
    "optional": Primitive(2, _optional),
    "optionalAttrs": Primitive(2, _if_true(Record({}))),
    "optionalString": Primitive(2, _if_true(Words((), None))),
    "optionals": Primitive(2, _if_true(Sequence(()))),
    "pathExists": Primitive(1, _path_exists),
    "recursiveUpdate": Primitive(2, _update),
    "remove": Primitive(2, _without),
    "removeAttrs": Primitive(2, _remove_attrs),
    "seq": Primitive(2, _second),
    "singleton": Primitive(1, lambda _, item: Sequence((item,))),
    "subtractLists": Primitive(2, _without),
    "toPath": Primitive(1, _identity),
    "toString": Primitive(1, _to_string),
    "trace": Primitive(2, _second),
    "unique": Primitive(1, _identity),
}

KNOWN = frozenset(
    {
        *PRIMITIVES,
        "all",
        "any",
        "baseNameOf",
        "cleanSource",
        "extends",
        "fetchGit",
        "fetchTarball",
        "fileContents",
        "fix",
        "fix'",
        "getDev",
        "getLib",
        "head",
        "inNixShell",
        "last",
        "length",
        "licenses",
        "maintainers",
        "makeLibraryPath",
        "not",
        "overrideDerivation",
        "parseDrvName",
        "readFile",
        "splitString",
        "substring",
        "tail",
        "versionAtLeast",
        "versionOlder",
    }
)
"""The names that a ``with`` of the library means; any other may be meant by a ``with`` around it."""

EVERYWHERE = frozenset(
    {
        "abort",
        "baseNameOf",
        "builtins",
        "derivation",
        "dirOf",
        "fetchGit",
        "fetchTarball",
        "import",
        "isNull",
        "map",
        "placeholder",
        "removeAttrs",
        "throw",
        "toString",
    }
)
"""The names that Nix itself has everywhere."""
