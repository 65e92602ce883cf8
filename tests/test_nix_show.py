"""Nix text: quoted so that Nix gives every string back, laid out as nixfmt does, and meaning what the tree means."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.nix import tree as nix
from migrator.nix.quote import quote
from migrator.nix.show import show
from migrator.nix.tree import (
    Apply,
    AttrSet,
    Binary,
    Binding,
    Commented,
    Expression,
    Formal,
    Function,
    If,
    Inherit,
    Let,
    List,
    Name,
    Not,
    Select,
    String,
    apply,
    bind,
    select,
    string,
)

from .nix_evaluation import evaluate, parse
from .nix_style import breaches

X = Name("x")
LONG = Name("a_name_of_thirty_characters_xx")

REFUSED = {
    "NUL, which Nix cannot hold": (string("a\0b"), "Nix cannot hold this string: 'a\\x00b'"),
    "half of a surrogate pair": (string("\ud800"), "Nix cannot hold this string: '\\ud800'"),
    "NUL in an attribute name": (select("x", "a\0"), "Nix cannot hold this string: 'a\\x00'"),
    "a keyword as a variable": (Name("let"), "not a variable of the Nix language: 'let'"),
    "code in place of a variable": (Name("x; evil"), "not a variable of the Nix language: 'x; evil'"),
    "code in place of an argument": (Function("x: y", X), "not a variable of the Nix language: 'x: y'"),
    "code in place of a formal": (Function((Formal("a, b"),), X), "not a variable of the Nix language: 'a, b'"),
    "a path with a space": (nix.Path("./a b"), "not a path of the Nix language: './a b'"),
    "a path with an interpolation": (nix.Path("./${x}"), "not a path of the Nix language: './${x}'"),
    "several lines inside a string": (String((Let((), X),)), "an expression inside ${ } has to fit on a line"),
    "several lines inside an attribute": (Select(X, (Let((), X),)), "an expression inside ${ } has to fit on a line"),
    "an absolute path": (nix.Path("/etc/passwd"), "not a path of the Nix language: '/etc/passwd'"),
}

SHOWN = {
    "an empty string": (string(""), '""'),
    "what has to be escaped": (string('\\ " ${x} $x \n \r \t'), r'"\\ \" \${x} $x \n \r \t"'),
    "interpolation": (String(("a", X, "b")), '"a${x}b"'),
    "a dollar before an interpolation": (String(("$", X)), r'"\$${x}"'),
    "a dollar and a brace from two texts": (String(("$", "{x}")), r'"\${x}"'),
    "plain and odd attribute names": (select("x", "a-b", "3to2", "a.b", "or", ""), 'x.a-b."3to2"."a.b"."or".""'),
    "a computed attribute": (Select(X, (Name("n"),)), "x.${n}"),
    "defaults, read from the right": (Select(X, ("a",), Select(X, ("b",), List(()))), "x.a or x.b or [ ]"),
    "an attribute of a default": (Select(Select(X, ("a",), X), ("b",)), "(x.a or x).b"),
    "empty list and set": (List((List(()), AttrSet(()))), "[\n  [ ]\n  { }\n]"),
    "one item on a line": (List((string("a"),)), '[ "a" ]'),
    "two items on two": (List((X, apply("f", X))), "[\n  x\n  (f x)\n]"),
    "one binding on a line": (apply("f", AttrSet((bind("a", X),))), "f { a = x; }"),
    "a nested set on several": (AttrSet((bind("a", AttrSet((bind("b", X),))),)), "{\n  a = {\n    b = x;\n  };\n}"),
    "a short inherit": (AttrSet((Inherit(("a", "b", "c")),)), "{ inherit a b c; }"),
    "a long inherit": (
        AttrSet((Inherit(("a", "b", "c", "d"), X),)),
        "{\n  inherit (x)\n    a\n    b\n    c\n    d\n    ;\n}",
    ),
    "a quoted name in an inherit": (AttrSet((Inherit(("a b",), X),)), '{ inherit (x) "a b"; }'),
    "a path of bindings": (AttrSet((Binding(("a", "b c"), X),)), '{ a."b c" = x; }'),
    "a comment, made harmless": (
        AttrSet((bind("a", X, "one\rtwo\x1b[0m\n\nthree"),)),
        "{\n  # one\n  # two [0m\n  #\n  # three\n  a = x;\n}",
    ),
    "a file's head": (Commented("ours", X), "# ours\nx"),
    "functions": (Function("a", Function("b", X)), "a: b: x"),
    "few formals": (Function((Formal("a"), Formal("b")), X), "{ a, b }: x"),
    "formals with defaults": (
        Function((Formal("a", X), Formal("b", comment="why")), X),
        "{\n  a ? x,\n  # why\n  b,\n}:\nx",
    ),
    "let": (Let((bind("a", X), bind("b", X, "why")), X), "let\n  a = x;\n\n  # why\n  b = x;\nin\nx"),
    "an absorbed set": (
        AttrSet((bind("a", apply("f", X, AttrSet((bind("b", X), bind("c", X))))),)),
        "{ a = f x {\n    b = x;\n    c = x;\n  };\n}".replace("{ a", "{\n  a"),
    ),
    "an absorbed function": (
        apply("f", Function("o", AttrSet((bind("a", X), bind("b", X))))),
        "f (o: {\n  a = x;\n  b = x;\n})",
    ),
    "an update": (
        AttrSet((bind("a", Binary("//", (X, AttrSet((bind("b", X),))))),)),
        "{\n  a = x // {\n    b = x;\n  };\n}",
    ),
    "a long sum": (
        AttrSet((bind("a", Binary("++", (LONG,) * 4)),)),
        "{\n  a =\n    " + "\n    ++ ".join([LONG.text] * 4) + ";\n}",
    ),
    "operators that bind tighter or not": (
        Binary("||", (Binary("==", (X, Name("null"))), Binary("&&", (Not(X), Not(Binary("==", (X, X))))))),
        "x == null || !x && !(x == x)",
    ),
    "operands that need parentheses": (
        Binary("++", (If(X, X, X), Binary("++", (X, X)), Function("a", X), apply("f", X))),
        "(if x then x else x) ++ (x ++ x) ++ (a: x) ++ f x",
    ),
    "a long choice": (
        If(apply("f", *(LONG,) * 2), LONG, If(X, LONG, LONG)),
        f"if f {LONG.text} {LONG.text} then\n  {LONG.text}\nelse if x then\n  {LONG.text}\nelse\n  {LONG.text}",
    ),
    "a long condition": (
        If(Binary("&&", (LONG,) * 4), X, X),
        "if\n  " + "\n  && ".join([LONG.text] * 4) + "\nthen\n  x\nelse\n  x",
    ),
    "a negation of several lines": (
        Not(If(X, Binary("++", (LONG,) * 3), X)),
        f"!(\n  if x then\n    {' ++ '.join([LONG.text] * 3)}\n  else\n    x\n)",
    ),
    "a long call": (
        AttrSet((bind("a", apply("f", *(LONG,) * 4)),)),
        "{\n  a =\n    f\n" + f"      {LONG.text}\n" * 3 + f"      {LONG.text};\n}}",
    ),
    "a call whose last argument is long": (
        apply("f", apply("f", X, X, *(LONG,) * 3)),
        f"f (\n  f x x {' '.join([LONG.text] * 3)}\n)",
    ),
    "functions of several arguments": (
        AttrSet(
            (
                bind("a", Function("a", Function("b", Function("c", Let((bind("d", X),), X))))),
                bind("b", Function("a", Function("b", List((X, X))))),
            )
        ),
        "{\n  a =\n    a: b: c:\n    let\n      d = x;\n    in\n    x;\n  b = a: b: [\n    x\n    x\n  ];\n}",
    ),
    "an update of a set": (
        AttrSet((bind("a", Binary("//", (AttrSet((bind("b", X),)), X))),)),
        "{\n  a = {\n    b = x;\n  }\n  // x;\n}",
    ),
    "a long selection": (
        Select(X, ("a" * 60,), Select(X, ("b" * 60,), X)),
        f"x.{'a' * 60}\n  or x.{'b' * 60} or x",
    ),
}


@pytest.mark.parametrize(("tree", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_nix_cannot_say_is_refused(tree: Expression, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        show(tree)
    assert str(caught.value) == message


@pytest.mark.parametrize(("tree", "text"), SHOWN.values(), ids=SHOWN.keys())
def test_a_tree_is_shown_in_the_style_of_nixfmt(tree: Expression, text: str) -> None:
    assert show(tree) == text
    assert breaches(text + "\n") == []


@pytest.mark.nix
def test_nix_reads_what_is_shown(tmp_path: Path) -> None:
    """Every name that occurs is an argument, so that only the form is judged."""
    names = f"x, f, n, a, b, c, d, o, {LONG.text}"
    assert parse(tmp_path, f"{{ {names} }}:\n[\n" + "".join(f"({text}\n)\n" for _, text in SHOWN.values()) + "]\n")


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
NASTY = st.text(st.sampled_from("$${}\"\\\n\r\t'`#\x1b\x7f\x85\u2028\ufeff\U0001f40d"), max_size=12)
NAMES = st.one_of(st.sampled_from(["a", "b-c", "or", "let", "3to2", "a.b", "zope.interface", "${x}"]), NASTY)


@pytest.mark.nix
@settings(deadline=None, max_examples=12)
@given(st.lists(TEXTS | NASTY, max_size=120))
def test_nix_gives_every_quoted_string_back(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        assert evaluate(Path(folder), "[ " + " ".join(map(quote, texts)) + " ]") == texts


@pytest.mark.nix
@settings(deadline=None, max_examples=12)
@given(st.lists(st.tuples(NASTY, NASTY, NASTY), max_size=30))
def test_nix_gives_text_around_interpolations_back(texts: list[tuple[str, str, str]]) -> None:
    tree = List(tuple(String((before, string(inner), after)) for before, inner, after in texts))
    with tempfile.TemporaryDirectory() as folder:
        assert evaluate(Path(folder), show(tree)) == ["".join(parts) for parts in texts]


@pytest.mark.nix
@settings(deadline=None, max_examples=12)
@given(st.lists(NAMES | TEXTS, unique=True, max_size=30))
def test_nix_gives_every_attribute_name_back(names: list[str]) -> None:
    tree = AttrSet(tuple(bind(name, string(name)) for name in names))
    picked = List(tuple(Select(Name("set"), (name,)) for name in names))
    with tempfile.TemporaryDirectory() as folder:
        text = show(Let((bind("set", tree),), List((Name("set"), picked))))
        assert evaluate(Path(folder), text) == [{name: name for name in names}, names]


Meaning = tuple[Expression, Any]


def _list(items: list[Meaning]) -> Meaning:
    return List(tuple(tree for tree, _ in items)), [value for _, value in items]


def _set(items: dict[str, Meaning]) -> Meaning:
    bindings = tuple(bind(name, tree, "why" if name == "a" else "") for name, (tree, _) in items.items())
    return AttrSet(bindings), {name: value for name, (_, value) in items.items()}


def _joined(left: Meaning, right: Meaning) -> Meaning:
    (one, first), (other, second) = left, right
    if isinstance(first, list) and isinstance(second, list):
        return Binary("++", (one, other)), first + second
    if isinstance(first, dict) and isinstance(second, dict):
        return Binary("//", (one, other)), first | second
    return If(Binary("==", (one, other)), one, other), second


def _selected(base: Meaning, name: str, default: Meaning) -> Meaning:
    (tree, value), (other, otherwise) = base, default
    found = value.get(name, otherwise) if isinstance(value, dict) else otherwise
    return Select(tree, (name,), other), found


def _wrapped(inner: Meaning, how: int) -> Meaning:
    tree, value = inner
    match how:
        case 0:
            return Let((bind("v", tree),), Name("v")), value
        case 1:
            return Apply(Function("v", Name("v")), (tree,)), value
        case 2:
            return Apply(Function((Formal("v"), Formal("w", tree)), Name("w")), (AttrSet((bind("v", tree),)),)), value
        case 3:
            return Let((bind("v", tree),), Select(AttrSet((Inherit(("v",)),)), ("v",))), value
        case 4:
            return Commented("why", Select(AttrSet((Binding(("a", "b"), tree),)), ("a", "b"))), value
        case _:
            return Not(Binary("==", (tree, List((X,))))), True


LEAVES: st.SearchStrategy[Meaning] = st.one_of(
    TEXTS.map(lambda text: (string(text), text)),
    st.sampled_from([(Name("true"), True), (Name("false"), False), (Name("null"), None)]),
)
MEANINGS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(_list),
        st.dictionaries(NAMES, inner, max_size=4).map(_set),
        st.builds(_joined, inner, inner),
        st.builds(_selected, inner, NAMES, inner),
        st.builds(_wrapped, inner, st.integers(0, 5)),
    ),
    max_leaves=12,
)


@pytest.mark.nix
@settings(deadline=None, max_examples=25)
@given(st.lists(MEANINGS, max_size=12))
def test_what_is_shown_means_what_the_tree_means(meanings: list[Meaning]) -> None:
    tree, values = _list(meanings)
    text = show(Let((bind("x", Name("null")),), tree))
    # a set of which something is selected may stand on the line
    assert [told for told in breaches(text + "\n") if "a set after = on one line" not in told] == []
    with tempfile.TemporaryDirectory() as folder:
        assert evaluate(Path(folder), text) == values
