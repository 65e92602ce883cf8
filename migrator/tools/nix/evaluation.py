"""An expression of pypi2nix, laid before Nix with stand-ins for all that it would fetch; see ``expression.nix``."""

from __future__ import annotations

import json
import os
import posixpath
import re
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from migrator.model.evaluation import (
    EvaluatedInput,
    EvaluatedPackage,
    EvaluatedSource,
    Evaluation,
    NotEvaluated,
)
from migrator.nix.quote import quote

from .confined import FILES, Limits, NixError, evaluate, find_nix

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_'-]{0,80}")
_DEEP = 8
"""So many folders lie above the project, at least: a path may lead out of it and is still the same path."""
_LONGEST = 300
_LARGEST = 16 << 20
"""Bytes; the largest expression that is known has 4 MB."""


def evaluate_expression(
    main: str, sources: Mapping[str, bytes], limits: Limits | None = None
) -> Evaluation | NotEvaluated:
    """What Nix makes of the expression ``main``, one of the ``sources`` (all of them Nix files, by relative paths).

    Nothing but these files is given to Nix, and nothing of what they say is done. What goes wrong is an answer too.
    """
    if sum(map(len, sources.values())) > _LARGEST:
        return NotEvaluated(why=f"it has more than {_LARGEST >> 20} MB")
    root = "/".join(["above"] * (_DEEP + _highest(sources)) + ["project"])
    try:
        program = find_nix()
        with tempfile.TemporaryDirectory(prefix="migrate-", ignore_cleanup_errors=True) as name:
            folder = os.path.realpath(name)  # Nix refuses to read through a link that it was not told of
            place = os.path.join(folder, FILES, root)
            staged = {posixpath.normpath(posixpath.join(root, path)): data for path, data in sources.items()}
            staged |= _question(os.path.join(place, main), os.path.join(folder, FILES), staged)
            answer = evaluate(program, staged, "question.nix", folder, limits or Limits())
            return _decode(json.loads(answer), place, folder)
    except NixError as error:
        return NotEvaluated(why=_shorten(str(error).replace(f"{root}/", "")))
    except OSError as error:
        return NotEvaluated(why=f"the temporary files cannot be written ({error.strerror})")
    except (ValueError, RecursionError):  # of a file's name that is no UTF-8 as well
        return NotEvaluated(why="what Nix answers, or the name of a file, is nothing that can be read")


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _highest(paths: Mapping[str, bytes]) -> int:
    return max((path.count("../") for path in paths), default=0)


def _question(main: str, folder: str, staged: Mapping[str, bytes]) -> dict[str, bytes]:
    words = {word.decode() for data in staged.values() for word in _WORD.findall(data)}
    names = " ".join(quote(word) for word in sorted(words) if not word.startswith("__"))
    paths = " ".join(quote(f"{folder}/{path}") for path in sorted(staged))
    asked = f"import ./expression.nix {{ main = {quote(main)}; staged = [ {paths} ]; names = [ {names} ]; }}\n"
    stand_ins = files(__package__).joinpath("expression.nix").read_bytes()
    return {"question.nix": asked.encode(), "expression.nix": stand_ins}


def _decode(answer: dict[str, Any], root: str, folder: str) -> Evaluation:
    return Evaluation(packages={name: _package(said, root, folder) for name, said in answer.items()})


def _package(said: dict[str, Any], root: str, folder: str) -> EvaluatedPackage:
    return EvaluatedPackage(
        full_name=said["name"],
        number=said["number"],
        version=said["version"],
        format=said["format"],
        source=None if said["source"] is None else _source(said["source"], root, folder),
        needs=tuple(map(_input, said["needs"])),
        build_needs=tuple(map(_input, said["build_needs"])),
    )


def _input(said: dict[str, Any]) -> EvaluatedInput:
    return EvaluatedInput(entry=said.get("entry"), path=said.get("path"))


def _source(said: dict[str, Any], root: str, folder: str) -> EvaluatedSource:
    arguments = {name: text for name, text in said["arguments"].items() if text is not None}
    path = arguments.get("path", "")
    if path.startswith(f"{folder}/"):
        arguments["path"] = posixpath.relpath(path, root)
    return EvaluatedSource(fetcher=said["fetcher"] or "", arguments=arguments)
