"""How a fact is put into words, the same in every form."""

from __future__ import annotations

from dataclasses import dataclass

from packaging.specifiers import SpecifierSet

from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source


@dataclass(frozen=True, kw_only=True, slots=True)
class OldTool:
    """By what the old tool installed: the beginning of a command, or an expression that Nix built."""

    install: str = ""
    expression: str = ""


_OLD_TOOLS = {
    "requirements": OldTool(install="pip install -r"),
    "pipenv": OldTool(install="pipenv sync"),
    "pypi2nix": OldTool(expression="requirements.nix"),
}


def old_tool(format_: str) -> OldTool:
    """The tool whose files are of that format; of a format without a row nothing is known."""
    return _OLD_TOOLS.get(format_, OldTool())


def count_of(number: int, noun: str) -> str:
    """``1 version``, ``2 versions``, ``2 hashes``."""
    ending = "" if number == 1 else "es" if noun.endswith("sh") else "s"
    return f"{number} {noun}{ending}"


def join_words(words: tuple[str, ...]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def show_value(value: object) -> str:
    """``value`` as text, empty for None."""
    return "" if value is None else str(value)


def show_range(range_: SpecifierSet) -> str:
    """A range as people write it: the lower bound first."""
    order = (">=", ">", "~=", "===", "==", "<=", "<", "!=")
    return ",".join(map(str, sorted(range_, key=lambda clause: (order.index(clause.operator), clause.version))))


def describe_source(source: Source) -> str:
    """Where a distribution comes from, in a few words and without credentials."""
    match source:
        case FromIndex(index=None):
            text = "the default index"
        case FromIndex(index=index):
            text = f"source {index}"
        case FromVcs(kind=kind, url=url, rev=rev, resolved=resolved):
            at = resolved or rev
            text = f"{kind} {url}" + (f" at {at}" if at else "")
        case FromUrl(url=url):
            text = str(url)
        case FromPath(path=path):
            text = f"path {path}"
    if not isinstance(source, FromIndex) and source.subdirectory:
        text += f", folder {source.subdirectory}"
    return text
