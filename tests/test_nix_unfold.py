"""What Nix text stands for, without running it: the same as Nix says, and symbols for whatever comes from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from migrator.nix import parse as syntax
from migrator.nix.show import show
from migrator.nix.tree import Let, Name, bind
from migrator.nix.unfold import File, Unfolder
from migrator.nix.values import (
    FALSE,
    NULL,
    TRUE,
    UNKNOWN,
    Call,
    Closure,
    Constant,
    FilePath,
    Member,
    Record,
    Rest,
    Scope,
    Sequence,
    Symbol,
    Thunk,
    Undecided,
    Unknown,
    Value,
    Words,
    path_of,
)
from migrator.nix.values import (
    given as bound,
)

from .nix_evaluation import evaluate
from .test_nix_show import MEANINGS, Meaning

KNOWN = {"super": ("a", "b")}
OUTSIDE = {name: Symbol(name) for name in ("old", "pkgs", "self", "super")}
FILES = {"here/lib.nix": "{ x }: [ x ]", "link.nix": "./here/lib.nix"}


def load(path: FilePath) -> File | None:
    text = FILES.get(path.text.removeprefix("./"))
    return None if text is None else File(path.text.removeprefix("./"), syntax.parse(text.encode()))


def unfold(text: str) -> tuple[Value, Unfolder]:
    unfolder = Unfolder(load, KNOWN)
    expression = syntax.expression_of(syntax.parse(text.encode()))
    assert expression is not None
    scope = Scope("file.nix", {name: bound(value) for name, value in OUTSIDE.items()})
    return unfolder.unfold(expression, scope), unfolder


def told(value: Value, unfolder: Unfolder) -> Any:
    """A value as plain data: what comes from outside as its path between angle brackets."""
    path = path_of(value)
    if path:
        return f"<{'.'.join(path)}>"
    match value:
        case Words(parts):
            return "".join(part if isinstance(part, str) else str(told(part, unfolder)) for part in parts)
        case Constant(text):
            return {"true": True, "false": False, "null": None}.get(text, text)
        case FilePath(text):
            return f"path {text}"
        case Sequence(parts):
            return [told_part(part, unfolder) for part in parts]
        case Record(entries, others):
            found = {name: told(thunk.settle(unfolder), unfolder) for name, thunk in sorted(entries.items())}
            return found | ({"...": [told(other, unfolder) for other in others]} if others else {})
        case Call(function, argument):
            return f"({told(function, unfolder)} {told(argument.settle(unfolder), unfolder)})"
        case Undecided(options):
            return " or ".join(str(told(option.settle(unfolder), unfolder)) for option in options)
        case Closure():
            return "function"
        case _:
            return "?"


def told_part(part: Thunk | Rest, unfolder: Unfolder) -> Any:
    if isinstance(part, Rest):
        return f"{'some' if part.filtered else 'all'} of {told(part.value, unfolder)}"
    return told(part.settle(unfolder), unfolder)


def say(text: str) -> Any:
    return told(*unfold(text))


# closed expressions: Nix and the generator of meanings are the judges


@settings(deadline=None)
@given(MEANINGS)
def test_a_closed_expression_stands_for_its_meaning(meaning: Meaning) -> None:
    tree, expected = meaning
    text = show(Let((bind("x", Name("null")),), tree))
    # whether two sets or lists are equal is not looked at
    assert say(text) == expected or " == " in text


CLOSED = {
    "rec": "rec { a = b; b = 1; }",
    "let, with and inherit": "let a = { x = 1; y = 2; }; in with a; { inherit x; inherit (a) y; z = [ x y ]; }",
    "let before with": "let x = 1; in with { x = 2; y = 3; }; [ x y ]",
    "the innermost with": "with { x = 1; y = 1; }; with { x = 2; }; [ x y ]",
    "nested attribute paths": "{ a.b = 1; a.c.d = 2; }",
    "arguments with defaults": "({ a, b ? a, ... }@all: [ a b all.c ]) { a = 1; c = 3; }",
    "functions of several arguments": "(a: b: c: [ c b a ]) 1 2 3",
    "a default of a selection": "let s = { a = 1; }; in [ (s.a or 2) (s.b or 2) (s.b.c or s.a or 3) ]",
    "has an attribute": "let s = { a.b = 1; }; in [ (s ? a) (s ? a.b) (s ? a.c) (s ? c.d) ]",
    "a computed attribute": 'let n = "a"; s = { "${n}" = 1; }; in [ s.${n} s."${n}" ]',
    "choices": 'if "a" == "b" then 1 else if !false && true then 2 else 3',
    "logic": "[ (false -> true) (true || false) (false && true) (1 == 1) (1 != 2) (null == null) ]",
    "lists joined": "[ 1 ] ++ ([ 2 ] ++ [ 3 ]) ++ [ ]",
    "sets joined, the right wins": "{ a = 1; b = 1; } // { b = 2; } // { c = 3; }",
    "strings joined": '"a" + "b${"c" + "d"}"',
    "map and filter": 'builtins.filter (x: x != "b") (map (x: "${x}") [ "a" "b" ])',
    "sets from lists": 'builtins.listToAttrs (map (n: { name = n; value = n + "!"; }) [ "a" "b" ])',
    "names and values": "[ (builtins.attrNames { b = 1; a = 2; }) (builtins.attrValues { b = 1; a = 2; }) ]",
    "sets without": 'builtins.removeAttrs { a = 1; b = 2; } [ "a" ]',
    "elem and hasAttr": '[ (builtins.elem "a" [ "a" ]) (builtins.elem "b" [ "a" ]) (builtins.hasAttr "a" { }) ]',
    "getAttr": 'builtins.getAttr "a" { a = 1; }',
    "mapAttrs": "builtins.mapAttrs (n: v: [ n v ]) { a = 1; }",
    "a fold": "builtins.foldl' (a: b: b ++ a) [ ] [ [ 1 ] [ 2 ] ]",
    "lists in lists": "builtins.concatLists [ [ 1 ] [ 2 3 ] ]",
    "concatMap": "builtins.concatMap (x: [ x x ]) [ 1 2 ]",
    "concatStringsSep": 'builtins.concatStringsSep "-" [ "a" "b" ]',
    "a functor": "let f = { __functor = self: x: [ self.y x ]; y = 1; }; in f 2",
    "a string in a string": '"${"a"}${"${"b"}"}"',
    "recursion through a set": "let s = { a = 1; b = s.a; }; in s.b",
    "an assertion": "assert true; 1",
    "a comma behind the last argument": "({ a ? 1, }: a) { }",
}


@pytest.mark.nix
def test_nix_says_the_same(tmp_path: Path) -> None:
    said = evaluate(tmp_path, "[\n" + "\n".join(f"({text})" for text in CLOSED.values()) + "\n]")
    assert {name: _numbers(say(text)) for name, text in CLOSED.items()} == dict(zip(CLOSED, said, strict=True))


def _numbers(value: Any) -> Any:
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if isinstance(value, dict):
        return {name: _numbers(item) for name, item in value.items()}
    return int(value) if isinstance(value, str) and value.isdigit() else value


# what comes from outside stays a symbol

OPEN = {
    "a path of names": ("pkgs.xorg.libxcb", "<pkgs.xorg.libxcb>"),
    "an unknown variable": ("somewhere.else", "<somewhere.else>"),
    "with a symbol": ("with pkgs; [ zlib openssl.dev ]", ["<pkgs.zlib>", "<pkgs.openssl.dev>"]),
    "with what has known names, and with what has not": (
        "with pkgs; with super; [ a zlib ]",
        ["<super.a>", "<pkgs.zlib>"],
    ),
    "the library around, nixpkgs inside": ("with pkgs.lib; with pkgs; [ zlib ]", ["<pkgs.zlib>"]),
    "nixpkgs around, the library inside": ("with pkgs; with pkgs.lib; [ zlib ]", ["<pkgs.zlib>"]),
    "a call": ("pkgs.fetchurl { url = 1; }", "(<pkgs.fetchurl> {'url': '1'})"),
    "a default that is not needed": ("old.buildInputs or [ ]", "<old.buildInputs>"),
    "a default that is": ("super.c or pkgs.c", "<pkgs.c>"),
    "a list with a part from outside": ("old.buildInputs ++ [ self.a ]", ["all of <old.buildInputs>", "<self.a>"]),
    "a filter over it": ("builtins.filter (x: x.p) old.buildInputs", ["some of <old.buildInputs>"]),
    "a set with a part from outside": ("old // { a = 1; }", {"a": "1", "...": ["<old>"]}),
    "a string with a part from outside": ('old.patchPhase + "x"', "<old.patchPhase>x"),
    "the names of a symbol": ("builtins.attrNames super", ["a", "b"]),
    "what a symbol has": ("[ (super ? a) (super ? c) (self ? a) ]", [True, False, "?"]),
    "a loop over known names": (
        "pkgs.lib.genAttrs (builtins.attrNames super) (n: super.${n})",
        {"a": "<super.a>", "b": "<super.b>"},
    ),
    "a choice that nobody can make": ("if pkgs.stdenv.isDarwin then 1 else 2", "1 or 2"),
    "lists of such a choice": (
        "[ 0 ] ++ (if pkgs.x then [ pkgs.a ] else [ pkgs.a pkgs.b ])",
        ["0", "<pkgs.a>", "<pkgs.b>"],
    ),
    "nixpkgs imported": ("(import <nixpkgs> { }).zlib", "<pkgs.zlib>"),
    "a file imported": ("import ./here/lib.nix { x = 1; }", ["1"]),
    "a file that is a link": ("import ./link.nix { x = 1; }", ["1"]),
    "a file that is not there": (
        "import ./gone.nix { python = 1; }",
        "((<builtins.import> path ./gone.nix) {'python': '1'})",
    ),
    "whether a file is there": (
        "[ (builtins.pathExists ./here/lib.nix) (builtins.pathExists ./gone.nix) ]",
        [True, False],
    ),
    "callPackage": ("pkgs.callPackage ./here/lib.nix { x = 1; }", ["1"]),
    "a function that is given too little": ("({ a, b }: [ a b ]) { a = 1; }", ["1", "<b>"]),
    "arguments out of a symbol": ("({ a, b }: [ a b ]) old", ["<old.a>", "<old.b>"]),
    "compose": (
        "pkgs.lib.composeExtensions (s: p: { a = 1; }) (s: p: { b = p.x; }) self super",
        {"a": "1", "b": "<super.x>"},
    ),
    "optional parts": ("pkgs.lib.optional pkgs.x 1 ++ pkgs.lib.optionals false [ 2 ]", ["1"]),
    "an operator that is not looked at": ("1 < 2", "?"),
    "an attribute that is not there": ("{ a = 1; }.b", "?"),
    "a function that is none": ("1 2", "?"),
}


@pytest.mark.parametrize(("text", "expected"), OPEN.values(), ids=OPEN.keys())
def test_what_comes_from_outside_stays_a_symbol(text: str, expected: Any) -> None:
    assert say(text) == expected


def test_a_name_that_stands_nowhere_in_the_files_is_known_as_such() -> None:
    value, unfolder = unfold('builtins.attrNames super ++ [ "c" ]')
    assert isinstance(value, Sequence)
    nodes = [part.settle(unfolder) for part in value.parts if isinstance(part, Thunk)]
    assert [isinstance(words, Words) and words.node is None for words in nodes] == [True, True, False]


LIBRARY = {
    "fold": ("fold (a: b: [ a ] ++ b) [ ] [ 1 2 ]", ["1", "2"]),
    "foldr": ("foldr (a: b: b ++ [ a ]) [ ] [ 1 2 ]", ["2", "1"]),
    "a fold over a list from outside": ("fold (a: b: [ a ] ++ b) [ ] old.x", ["<old.x>"]),
    "a fold from the left over one": ("foldl (a: b: a ++ [ b ]) [ ] old.x", ["<old.x>"]),
    "composeManyExtensions": (
        "composeManyExtensions [ (s: p: { a = p.a; }) (s: p: { b = p.a; c = p.c; }) ] self super",
        {"a": "<super.a>", "b": "<super.a>", "c": "<super.c>"},
    ),
    "flip": ("flip (a: b: [ a b ]) 1 2", ["2", "1"]),
    "id": ("id 1", "1"),
    "nameValuePair and mapAttrs'": ('mapAttrs\' (n: v: nameValuePair (n + "!") v) { a = 1; }', {"a!": "1"}),
    "mapAttrs over a symbol": ("mapAttrs (n: v: v) super", {"a": "<super.a>", "b": "<super.b>"}),
    "mapAttrs over what nobody knows": ("mapAttrs (n: v: v) self", "((<pkgs.lib.mapAttrs> function) <self>)"),
    "filterAttrs": ("filterAttrs (n: v: hasAttr n super) { a = 1; c = 2; }", {"a": "1"}),
    "filterAttrs over a symbol": ('filterAttrs (n: v: n == "a") super', {"a": "<super.a>"}),
    "filterAttrs over what is partly known": (
        "filterAttrs (n: v: false) (old // { a = 1; })",
        {"a": "1", "...": ["<old>"]},
    ),
    "genAttrs over what nobody knows": (
        "genAttrs (attrNames self) (n: n)",
        "((<pkgs.lib.genAttrs> (<pkgs.lib.attrNames> <self>)) function)",
    ),
    "remove": ("remove self.a [ self.a self.b ]", ["<self.b>"]),
    "remove from outside": ("remove self.a old.x", ["some of <old.x>"]),
    "subtractLists": ("subtractLists [ self.a ] ([ self.a self.b ] ++ old.x)", ["<self.b>", "some of <old.x>"]),
    "unique": ("unique [ 1 1 ]", ["1", "1"]),
    "flatten": ("flatten [ [ 1 ] old.x ]", ["1", "all of <old.x>"]),
    "concatLists over one from outside": ("concatLists old.x", ["all of <old.x>"]),
    "map over one from outside": ("map (x: x) old.x", ["all of ?"]),
    "listToAttrs over one from outside": ("listToAttrs old.x", {"...": ["?"]}),
    "attrValues over what nobody knows": ("attrValues self", "(<pkgs.lib.attrValues> <self>)"),
    "concatStrings": ('concatStrings [ "a" old.x ]', "a<old.x>"),
    "concatStringsSep from outside": ('concatStringsSep " " old.x', "<old.x>"),
    "optionalString": ('[ (optionalString false "a") (optionalString pkgs.x "a") ]', ["", "a"]),
    "optionalAttrs": ("optionalAttrs false { a = 1; } // optionalAttrs pkgs.x { b = 1; }", {"b": "1"}),
    "recursiveUpdate": ("recursiveUpdate { a = 1; } { b = 2; }", {"a": "1", "b": "2"}),
    "singleton": ("singleton 1", ["1"]),
    "hasPrefix and hasSuffix": (
        '[ (hasPrefix "a" "ab") (hasSuffix "a" "ab") (hasSuffix "a" old.x) ]',
        [True, False, "((<pkgs.lib.hasSuffix> a) <old.x>)"],
    ),
    "isFunction": (
        "[ (isFunction (x: x)) (isFunction 1) (isFunction self.a) ]",
        [True, False, "(<pkgs.lib.isFunction> <self.a>)"],
    ),
    "toString": ('[ (toString "a") (toString ./a) (toString 1) ]', ["a", "path ./a", "(<builtins.toString> 1)"]),
    "trace and seq": ('[ (trace "x" 1) (seq 1 2) (deepSeq 1 2) ]', ["1", "2", "2"]),
    "removeAttrs from outside": ('removeAttrs self [ "a" ]', "<self>"),
    "a set without what nobody knows": ("removeAttrs { a = 1; } old.x", {"a": "1"}),
    "getAttr by what nobody knows": ("getAttr old.x { a = 1; }", "((<pkgs.lib.getAttr> <old.x>) {'a': '1'})"),
    "elem of what nobody knows": ("elem old.x [ 1 ]", "((<pkgs.lib.elem> <old.x>) ['1'])"),
    "too few arguments": ('hasSuffix "a"', "(<pkgs.lib.hasSuffix> a)"),
    "a list of its own": ("lists.optional true 1", ["1"]),
    "one that is not known": ("versionAtLeast old.version", "(<pkgs.lib.versionAtLeast> <old.version>)"),
    "one that only a library can have": ("unheardOf", "<pkgs.lib.unheardOf>"),
}


@pytest.mark.parametrize(("text", "expected"), LIBRARY.values(), ids=LIBRARY.keys())
def test_the_library_of_nixpkgs_is_told_as_far_as_looking_goes(text: str, expected: Any) -> None:
    assert say(f"with pkgs.lib; {text}") == expected


# bounds

ENDLESS = {
    "a variable that is itself": "let a = a; in a",
    "two that are one another": "let a = b; b = a; in a",
    "a function that calls itself": "let f = x: f x; in f 1",
    "a function that calls itself and more": "let f = x: (f x) ++ (f x); in f 1",
    "the omega": "(x: x x) (x: x x)",
    "lists that double": "let " + "".join(f"a{n + 1} = a{n} ++ a{n}; " for n in range(60)) + "a0 = [ 1 ]; in a60",
    "strings that double": "let "
    + "".join(f'a{n + 1} = "${{a{n}}}${{a{n}}}"; ' for n in range(60))
    + 'a0 = "x"; in a60',
    "sums that double": "let " + "".join(f"a{n + 1} = a{n} + a{n}; " for n in range(60)) + 'a0 = "x"; in a60',
    "maps of maps": "let l = [ 1 1 1 1 1 1 1 1 1 1 ]; f = g: builtins.concatMap (x: g) l; in "
    + "f (" * 12
    + "l"
    + ")" * 12,
    "a file that imports itself": "import ./self.nix",
    "depth": "(x: " * 5_000 + "1" + ")" * 5_000,
    "calls in calls": "f (" * 3_000 + "1" + ")" * 3_000,
    "defaults in defaults": "let f = { a ? f { } }: a; in f { }",
}


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS.keys())
def test_whatever_has_no_end_comes_to_one(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FILES, "self.nix", "import ./self.nix")
    value, unfolder = unfold(text)
    if isinstance(value, Sequence | Record):
        told(value, unfolder)


def test_symbols_are_told_apart() -> None:
    assert path_of(Member(Member(Symbol("pkgs"), "xorg"), "libxcb")) == ("pkgs", "xorg", "libxcb")
    assert path_of(TRUE) == path_of(FALSE) == path_of(NULL) == path_of(UNKNOWN) == ()
    assert isinstance(UNKNOWN, Unknown)
