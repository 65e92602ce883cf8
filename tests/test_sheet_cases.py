"""Each folder ``fixtures/sheets/NAME``: what ``diff`` and ``check`` say of it in every form, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model.form import CHECK_MARK, DIFF_MARK
from migrator.reports import form_names

from .cases import file_of
from .report_readers import check_report
from .sheet_cases import expected_sheet, find_sheets, play_sheet

SHEETS = find_sheets()


@pytest.mark.parametrize("case", SHEETS, ids=[case.name for case in SHEETS])
def test_what_goes_in_comes_out_as_expected(case: Path) -> None:
    assert play_sheet(case) == expected_sheet(case)


@pytest.mark.parametrize("form", form_names())
def test_what_is_expected_is_what_its_reader_expects(form: str) -> None:
    """Whoever rewrites them by mistake rewrites them into this."""
    marks = {"diff": DIFF_MARK, "check": CHECK_MARK}
    assert {case.name for case in SHEETS} == marks.keys()
    for case in SHEETS:
        check_report(form, (case / file_of(form)).read_text(encoding="utf-8"), marks[case.name])
