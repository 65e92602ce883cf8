"""Nix text to a tree: what is shown is read back, strings mean what Nix says, and what is no Nix is told."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.nix import parse as syntax
from migrator.nix.parse import form_of
from migrator.nix.show import show
from migrator.nix.tree import Expression

from .nix_evaluation import evaluate
from .nix_trees import as_tree, plain
from .test_nix_show import MEANINGS, SHOWN, Meaning


def read(text: str) -> Expression:
    """The tree of ``text``, read by the parser under test."""
    expression = syntax.expression_of(syntax.parse(text.encode()))
    assert expression is not None
    return as_tree(expression)


def literal(text: str) -> str:
    """What the string literal ``text`` means, read by the parser under test."""
    form = form_of(syntax.expression_of(syntax.parse(text.encode())))
    assert isinstance(form, syntax.Text)
    parts = [part for part in form.parts if isinstance(part, str)]
    assert len(parts) == len(form.parts)
    return "".join(parts)


@pytest.mark.parametrize(("tree", "text"), SHOWN.values(), ids=SHOWN.keys())
def test_what_is_shown_is_read_back(tree: Expression, text: str) -> None:
    assert read(text) == plain(tree)


@settings(deadline=None)
@given(MEANINGS)
def test_whatever_is_shown_is_read_back(meaning: Meaning) -> None:
    tree, _ = meaning
    assert read(show(tree)) == plain(tree)


FORMS = {
    "a URL without quotes": ("https://a.example/x?y=z", syntax.Uri("https://a.example/x?y=z")),
    "a number": ("1.5", syntax.Number("1.5")),
    "a path": ("./a/b.nix", syntax.PathText("./a/b.nix")),
    "a path that is looked up": ("<nixpkgs/lib>", syntax.PathText("<nixpkgs/lib>")),
    "a path of somebody's home": ("~/a.nix", syntax.PathText("~/a.nix")),
    "an absolute path": ("/home/ada/a.nix", syntax.PathText("/home/ada/a.nix")),
    "a variable with a prime": ("fix'", syntax.Variable("fix'")),
    "parentheses, many": ("((((x))))", syntax.Variable("x")),
    "an empty string": ('""', syntax.Text(())),
    "nothing in parentheses": ("()", syntax.Refused()),
}


@pytest.mark.parametrize(("text", "form"), FORMS.values(), ids=FORMS.keys())
def test_each_form_is_told(text: str, form: syntax.Form) -> None:
    assert form_of(syntax.expression_of(syntax.parse(text.encode()))) == form


def test_a_set_tells_its_entries_with_their_places() -> None:
    text = '{\n  a."b c".d = 1;\n  inherit x;\n  inherit (y)\n    z;\n  ${n} = 2;\n}'
    form = form_of(syntax.expression_of(syntax.parse(text.encode())))
    assert isinstance(form, syntax.Attributes)
    assert [syntax.place_of(entry.node)[:2] for entry in form.entries] == [(2, 2), (3, 3), (4, 5), (6, 6)]
    first, second, third, last = form.entries
    assert isinstance(first, syntax.Entry)
    assert first.path == ("a", "b c", "d")
    assert isinstance(second, syntax.Inherited)
    assert (second.names, second.source) == (("x",), None)
    assert isinstance(third, syntax.Inherited)
    assert (third.names, form_of(third.source)) == (("z",), syntax.Variable("y"))
    assert isinstance(last, syntax.Entry)
    (key,) = last.path
    assert not isinstance(key, str)
    assert form_of(key) == syntax.Variable("n")


SELECTED = {
    'self."zope.interface"': "zope.interface",
    "self.six": "six",
    'self."Grüße"': "Grüße",
    'self."a".b': None,
    "self.a.b": None,
    'self."a${b}"': None,
    'self."a\\"b"': None,
    "self.${x}": None,
    'selfish."a"': None,
    "self": None,
    '(self."a")': None,
    'self /* x */ ."a"': None,
}


@pytest.mark.parametrize(("text", "name"), SELECTED.items(), ids=SELECTED.keys())
def test_the_short_cut_for_names_takes_nothing_else(text: str, name: str | None) -> None:
    expression = syntax.expression_of(syntax.parse(text.encode()))
    assert expression is not None
    assert syntax.selected_from(expression, b"self") == name
    if name is not None:
        form = form_of(expression)
        assert isinstance(form, syntax.Selection)
        assert form.path == (name,)


# strings, as Nix itself reads them

ESCAPED = st.sampled_from(["\\n", "\\t", "\\r", "\\\\", '\\"', "\\$", "\\${", "\\x", "$$", "'", "''"])
INDENTED = st.sampled_from(["''$", "''${", "'''", "''\\n", "''\\t", "''\\x", "''\\\\", "$$", '"', "\\"])


@st.composite
def quoted(draw: st.DrawFn) -> str:
    """A string literal without interpolation, by the rules of Nix's lexer."""
    pieces = st.one_of(st.text(st.sampled_from(" \n\tab}\r#"), max_size=8), ESCAPED)
    return '"' + "".join(draw(st.lists(pieces, max_size=6))) + '"'


@st.composite
def indented(draw: st.DrawFn) -> str:
    """An indented string literal without interpolation."""
    pieces = st.one_of(st.text(st.sampled_from("  \n\tab}#"), max_size=12), INDENTED)
    return "''" + "".join(draw(st.lists(pieces, max_size=6))) + "''"


@pytest.mark.nix
@settings(deadline=None, max_examples=25)
@given(st.lists(st.one_of(quoted(), indented()), max_size=60))
def test_a_string_means_what_nix_says(texts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        said = evaluate(Path(folder), "[ " + "\n".join(texts) + " ]")
    assert list(map(literal, texts)) == said


@pytest.mark.nix
def test_indentation_around_interpolations_is_what_nix_says(tmp_path: Path) -> None:
    texts = [
        "''\n    a ${x} b\n      ${x}\n    ''",
        "''${x}\n  b''",
        "''  \n  ${x}\n   ${x} c\n  ''",
        "''\n\n    a\n  \n    b${x}''",
    ]
    said = evaluate(tmp_path, 'let x = "X"; in [ ' + " ".join(texts) + " ]")
    for text, expected in zip(texts, said, strict=True):
        form = form_of(syntax.expression_of(syntax.parse(text.encode())))
        assert isinstance(form, syntax.Text)
        assert "".join(part if isinstance(part, str) else "X" for part in form.parts) == expected


# what is no Nix

REFUSED = {
    "all is well": ("{ a = 1; }", []),
    "a merge conflict": ("{\n<<<<<<< HEAD\n  a = 1;\n}", [(2, 1, "")]),
    "a semicolon that is missing": ("{ a = 1 }", [(1, 8, ";")]),
    "a bracket that is missing": ("{\n  a = [ 1;\n  b = 2;\n}", [(2, 10, "]")]),
    "a comma behind the last argument": ("{ a ? 1, b, }: a", []),
    "nothing that is Nix": (")", [(1, 1, "")]),
    "nothing": ("", []),
}


@pytest.mark.parametrize(("text", "places"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_grammar_refuses_is_told_by_its_place(text: str, places: list[tuple[int, int, str]]) -> None:
    found = [(syntax.place_of(node), missing) for node, missing in syntax.find_refused(syntax.parse(text.encode()))]
    assert [(place.line, place.column, missing) for place, missing in found] == places


def test_comments_are_found_and_what_only_looks_like_one_is_not() -> None:
    text = "# head\n{ a = \"# no\"; # yes\n  /* two\n     lines */\n  b = https://a.example/x;\n  c = ''\n    # no\n"
    text += "  ''; }\n"
    root = syntax.parse(text.encode())
    assert list(syntax.find_comments(root, text.encode())) == [
        ("# head", 1),
        ("# yes", 2),
        ("/* two\n     lines */", 3),
    ]
    assert list(syntax.comments_at_start(root)) == [("# head", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "(" * 100_000 + "1" + ")" * 100_000,
        "{ a = " * 50_000,
        "a: " * 100_000 + "1",
        '"' + "#" * 10**6 + '"',
    ],
    ids=["lists", "parentheses", "sets", "functions", "hashes"],
)
def test_deep_and_long_texts_are_read(text: str) -> None:
    """No recursion, and nothing that takes the square of the length."""
    root = syntax.parse(text.encode())
    form_of(syntax.expression_of(root))
    list(syntax.find_refused(root))
    list(syntax.find_comments(root, text.encode()))
