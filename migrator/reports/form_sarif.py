"""The findings as SARIF 2.1.0 (OASIS), which code scanning and editors read."""

from __future__ import annotations

import json
from urllib.parse import quote

from migrator.model.finding import Severity
from migrator.model.form import MARKS, Form, Subject

from .annotations import Annotation, annotate
from .inert import show_invisible
from .inert_json import Json

_LEVELS = {Severity.STOP: "error", Severity.REVIEW: "warning", Severity.NOTE: "note"}
_NO_PLACE = "pyproject.toml"
"""Where a finding without a place is shown: code scanning takes none without, and this file is what was decided."""


def mark_properties(mark: str) -> str:
    """How every such log begins: first of all the mark by which a later run knows that it may replace the file."""
    return f'{{\n  "properties": {{\n    "kind": "{mark}",\n'


def render_sarif(subject: Subject) -> str:
    """One run whose results are the findings (of ``diff`` the changes too), the weightiest first.

    Addresses of files are relative to the project, or to where the command was run.
    """
    found = annotate(subject)
    rules = sorted({annotation.rule for annotation in found.rows})
    log: Json = {
        "properties": {"kind": found.mark, "verdict": show_invisible(found.verdict)},
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "migrator", "rules": [{"id": rule} for rule in rules]}},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": found.severity is not Severity.STOP}],
                "results": [_show_result(annotation, rules.index(annotation.rule)) for annotation in found.rows],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=True, indent=2) + "\n"


FORM = Form(name="sarif", suffix=".sarif", marks=tuple(map(mark_properties, MARKS)), render=render_sarif)


def _show_result(annotation: Annotation, rule: int) -> Json:
    origin = annotation.origin
    path = origin.path if origin is not None else _NO_PLACE
    start = max(origin.line, 1) if origin is not None else 1
    end = max(origin.end_line, start) if origin is not None else 1
    return {
        "ruleId": annotation.rule,
        "ruleIndex": rule,
        "level": _LEVELS[annotation.severity],
        "message": {"text": _escape("\n".join(annotation.lines)) or annotation.rule},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _show_path(path)},
                    "region": {"startLine": start, "endLine": end},
                }
            }
        ],
    }


def _escape(text: str) -> str:
    """Text of a message (3.11.5, 3.11.6): a brace would begin a placeholder, ``[text](target)`` is a link."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _show_path(path: str) -> str:
    """A path as a relative reference of RFC 3986: nothing in it is a scheme, a host or a query."""
    quoted = quote(show_invisible(path), safe="/")
    return quoted.lstrip("/") or "."
