"""The findings as SARIF 2.1.0 (OASIS), which code scanning and editors read."""

from __future__ import annotations

import json
from typing import TypeAlias
from urllib.parse import quote

from migrator.model.finding import Finding, Severity
from migrator.model.form import REPORT_MARK, Form
from migrator.model.outcome import Ended, Outcome

from .inert import hide_credentials, show_invisible, show_lines
from .summary import summarise

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | bool | None"

_LEVELS = {Severity.STOP: "error", Severity.REVIEW: "warning", Severity.NOTE: "note"}
_MARK = f'{{\n  "properties": {{\n    "kind": "{REPORT_MARK}",\n'
_MESSAGE = 2_000
_NO_PLACE = "pyproject.toml"
"""Where a finding without a place is shown: code scanning takes none without, and this file is what was decided."""


def render_sarif(outcome: Outcome) -> str:
    """One run whose results are the findings, the weightiest first. Addresses of files are relative to the project."""
    summary = summarise(hide_credentials(outcome))
    codes = sorted({finding.code.value for finding in summary.findings})
    log: Json = {
        # first of all the mark by which a later run knows that it may replace the file
        "properties": {"kind": REPORT_MARK, "verdict": show_invisible(summary.verdict)},
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "migrator", "rules": [{"id": code} for code in codes]}},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": summary.ended is not Ended.STOPPED}],
                "results": [_show_result(finding, codes.index(finding.code.value)) for finding in summary.findings],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=True, indent=2) + "\n"


FORM = Form(name="sarif", suffix=".sarif", mark=_MARK, render=render_sarif)


def _show_result(finding: Finding, rule: int) -> Json:
    lines = (*show_lines(finding.message, _MESSAGE), *show_lines(finding.advice, _MESSAGE))
    origin = finding.origin
    path = origin.path if origin is not None else _NO_PLACE
    start = max(origin.line, 1) if origin is not None else 1
    end = max(origin.end_line, start) if origin is not None else 1
    return {
        "ruleId": finding.code.value,
        "ruleIndex": rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": _escape("\n".join(lines)) or finding.code.value},
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
