"""What Nix says of an expression of pypi2nix, and of an override file: nothing is fetched or built."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from migrator.nix.quote import quote

from .nix_evaluation import STAND_INS, evaluate

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_'-]*")
_OWN = frozenset({"outPath", "override", "overrideAttrs", "overrideDerivation", "type"})
"""Attributes by which Nix, or an override, knows a set for something else."""


def evaluate_expression(file: Path) -> dict[str, Any]:
    """Each package of the expression ``file`` by its attribute, as Nix understands it.

    :raises ValueError: Nix refuses it; the text is what Nix says
    """
    found: dict[str, Any] = _evaluated(file, "expression.nix")
    return found


def evaluate_overrides(file: Path, known: Iterable[str]) -> dict[str, Any]:
    """What the override file ``file`` makes of a set of the packages ``known``.

    :raises ValueError: Nix refuses it; the text is what Nix says
    """
    found: dict[str, Any] = _evaluated(file, "overrides.nix", f"known = {_strings(known)}; ")
    return found


def _evaluated(file: Path, question: str, more: str = "") -> Any:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "project"
        shutil.copytree(file.parent, place)
        copied = place / file.name
        words = {word for path in place.glob("*.nix") for word in _WORD.findall(path.read_text(encoding="utf-8"))}
        names = _strings(sorted(word for word in words - _OWN if not word.startswith("__")))
        asked = f"import {STAND_INS}/pypi2nix/{question} {{ file = {copied}; names = {names}; {more}}}"
        return evaluate(Path(folder), asked)


def _strings(texts: Iterable[str]) -> str:
    return f"[ {' '.join(map(quote, texts))} ]"
