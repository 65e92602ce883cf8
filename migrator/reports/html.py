"""A document as one HTML page that needs nothing else: no script, no picture, no address, and it prints well."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .document import Cell, Code, Commands, Document, Inline, Item, Items, Picture, Section, Table, split_words
from .inert import show_invisible

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --soft: #8882; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem;
  background: Canvas; color: CanvasText; overflow-wrap: anywhere; }
h1, h2 { line-height: 1.2; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
code { font: .9em/1.4 ui-monospace, monospace; background: var(--soft); padding: .1em .3em; }
pre { background: var(--soft); padding: 1rem; white-space: pre-wrap; }
pre code { background: none; padding: 0; }
.verdict { font-size: 1.25rem; font-weight: bold; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border: 1px solid var(--line);
  min-width: 5rem; overflow-wrap: break-word; }
li { margin: .6rem 0; }
.weight { font-weight: bold; text-transform: uppercase; }
@media print {
  body { max-width: none; margin: 0; font-size: 9pt; }
  nav { display: none; }
  h2 { break-after: avoid; }
  tr, li, pre { break-inside: avoid; }
  .table { overflow: visible; }
  th, td { overflow-wrap: anywhere; }
}
""".strip()


def mark_lines(mark: str) -> str:
    """How every such page begins."""
    return f"<!DOCTYPE html>\n<!-- {mark} -->\n"


def show_html(document: Document) -> str:
    """The whole document; nothing is shortened, and what cannot be seen is written out."""
    sections = [section for section in document.sections if not isinstance(section.body, Picture)]
    return mark_lines(document.mark) + "".join(f"{line}\n" for line in _list_lines(document, sections))


def _list_lines(document: Document, sections: list[Section]) -> Iterator[str]:
    title = _show_value(document.title)
    yield '<html lang="en">'
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title>"
    yield f"<style>\n{_STYLE}\n</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"
    yield f"<h1>{title}</h1>"
    yield f'<p class="verdict">{_show_words(document.verdict)}</p>'
    for paragraph in document.lead:
        yield f"<p>{_show_words(paragraph)}</p>"
    yield '<nav aria-label="Contents">'
    yield "<ul>"
    for place, section in enumerate(sections, start=1):
        yield f'<li><a href="#part-{place}">{_show_value(section.title)}</a>{_count(section)}</li>'
    yield "</ul>"
    yield "</nav>"
    for place, section in enumerate(sections, start=1):
        yield f'<section id="part-{place}">'
        yield f"<h2>{_show_value(section.title)}</h2>"
        yield from _show_section(section)
        yield "</section>"
    yield "</main>"
    yield "</body>"
    yield "</html>"


def _count(section: Section) -> str:
    match section.body:
        case Table(rows=rows):
            return f" ({len(rows)})"
        case Items(rows=items):
            return f" ({len(items)})"
        case Commands() | Picture() | None:
            return ""


def _show_section(section: Section) -> Iterator[str]:
    if section.before:
        yield f"<p>{_show_words(section.before)}</p>"
    match section.body:
        case Table(header=header, rows=rows):
            # what scrolls has to be reached with the keyboard as well
            yield f'<div class="table" role="region" tabindex="0" aria-label="{_show_value(section.title)}">'
            yield "<table>"
            heads = (f'<th scope="col">{_show_value(title)}</th>' if title else "<td></td>" for title in header)
            yield f"<thead><tr>{''.join(heads)}</tr></thead>"
            yield "<tbody>"
            for row in rows:
                yield f"<tr>{''.join(f'<td>{_show_cell(cell)}</td>' for cell in row)}</tr>"
            yield "</tbody>"
            yield "</table>"
            yield "</div>"
        case Items(rows=items):
            yield "<ul>"
            for item in items:
                yield f"<li>{_show_item(item)}</li>"
            yield "</ul>"
        case Commands(rows=commands):
            lines = "\n".join(f"# {_show_value(does)}\n{_show_value(command)}" for command, does in commands)
            yield f"<pre><code>{lines}</code></pre>"
        case Picture() | None:
            pass
    if section.after:
        yield f"<p>{_show_words(section.after)}</p>"


def _show_item(item: Item) -> str:
    weight = f'<span class="weight">{_show_value(item.weight)}</span> ' if item.weight else ""
    lines = [f"{weight}{' '.join(map(_show_inline, item.head))}:", _show_words(item.text)]
    if item.advice:
        lines.append(f"<em>What to do:</em> {_show_words(item.advice)}")
    return "<br>".join(lines)


def _show_cell(cell: Cell) -> str:
    return "".join(map(_show_inline, cell))


def _show_inline(inline: Inline) -> str:
    if isinstance(inline, Code):
        return f"<code>{_show_value(inline.text)}</code>" if inline.text else ""
    return _show_words(inline.text)


def _show_words(text: str) -> str:
    """Words of one or more lines, values in backticks as code."""
    lines = [line for line in text.splitlines() if line.strip()] if text.strip() else [text]
    return "<br>".join("".join(map(_show_piece, split_words(line))) for line in lines)


def _show_piece(piece: Inline) -> str:
    value = _show_value(piece.text)
    return f"<code>{value}</code>" if isinstance(piece, Code) else value


def _show_value(text: str) -> str:
    return escape(show_invisible(text))
