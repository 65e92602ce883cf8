"""An expression of pypi2nix, laid before Nix with stand-ins for all that it would fetch; see ``stand-ins.nix``."""

from __future__ import annotations

import json
import os
import posixpath
import re
import tempfile
from collections.abc import Callable, Iterable, Mapping
from importlib.resources import files
from typing import Any, Generic, NamedTuple, TypeVar

from migrator.model.evaluation import (
    EvaluatedInput,
    EvaluatedOverride,
    EvaluatedPackage,
    EvaluatedSource,
    Evaluation,
    NotEvaluated,
)
from migrator.nix.quote import quote

from .confined import FILES, Limits, NixError, evaluate, find_nix

_WORD = re.compile(rb"[A-Za-z_][A-Za-z0-9_'-]{0,80}")
_QUESTION = "question.nix"
_STAGED = re.compile(r"(?:above/)+[^\s:']+")
"""The path of a file of the project, as Nix sees it."""
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
    return _ask(_Question("expression.nix", "", _packages), main, sources, limits or Limits())


def evaluate_overrides(
    path: str, sources: Mapping[str, bytes], known: Iterable[str], limits: Limits | None = None
) -> Mapping[str, EvaluatedOverride] | NotEvaluated:
    """What the file of overrides at ``path`` does to the packages ``known``; empty where it is no such file.

    For the rest see :func:`evaluate_expression`.
    """
    names = " ".join(map(quote, sorted(known)))
    question = _Question("overrides.nix", f"known = [ {names} ]; ", _overrides)
    return _ask(question, path, sources, limits or Limits())


_Answer = TypeVar("_Answer")


class _Question(NamedTuple, Generic[_Answer]):
    """What is asked: by which file of ours, with which further arguments, and how the answer is taken apart."""

    file: str
    more: str
    decode: Callable[[Any, Callable[[str], str]], _Answer]
    """Of what Nix printed, with a function that makes a path of Nix one of the project."""


def _ask(
    question: _Question[_Answer], main: str, sources: Mapping[str, bytes], limits: Limits
) -> _Answer | NotEvaluated:
    if sum(map(len, sources.values())) > _LARGEST:
        return NotEvaluated(why=f"it has more than {_LARGEST >> 20} MB")
    root = "/".join(["above"] * (_DEEP + _highest(sources)) + ["project"])
    try:
        program = find_nix()
        with tempfile.TemporaryDirectory(prefix="migrate-", ignore_cleanup_errors=True) as name:
            folder = os.path.realpath(name)  # Nix refuses to read through a link that it was not told of
            place = os.path.join(folder, FILES, root)
            staged = {posixpath.normpath(posixpath.join(root, path)): data for path, data in sources.items()}
            there = os.path.normpath(os.path.join(place, main))
            asked = _write_question(question, there, os.path.join(folder, FILES), staged)
            answer = evaluate(program, staged | asked, _QUESTION, folder, limits)
            return question.decode(json.loads(answer), lambda path: _relative(path, place, folder))
    except NixError as error:
        shown = _STAGED.sub(lambda found: posixpath.relpath(found[0], root), str(error))
        return NotEvaluated(why=shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…")
    except OSError as error:
        return NotEvaluated(why=f"the temporary files cannot be written ({error.strerror})")
    except (ValueError, RecursionError):  # of a file's name that is no UTF-8 as well
        return NotEvaluated(why="what Nix answers, or the name of a file, is nothing that can be read")


def _relative(path: str, root: str, folder: str) -> str:
    return posixpath.relpath(path, root) if path.startswith(f"{folder}/") else path


def _highest(paths: Mapping[str, bytes]) -> int:
    return max((path.count("../") for path in paths), default=0)


def _write_question(
    question: _Question[_Answer], main: str, folder: str, staged: Mapping[str, bytes]
) -> dict[str, bytes]:
    words = {word.decode() for data in staged.values() for word in _WORD.findall(data)}
    names = " ".join(quote(word) for word in sorted(words) if not word.startswith("__"))
    paths = " ".join(quote(f"{folder}/{path}") for path in sorted(staged))
    given = f"main = {quote(main)}; staged = [ {paths} ]; names = [ {names} ]; {question.more}"
    asked = f"import ./{question.file} {{ {given}}}\n"
    own = {name: files(__package__).joinpath(name).read_bytes() for name in (question.file, "stand-ins.nix")}
    return {_QUESTION: asked.encode(), **own}


def _packages(answer: dict[str, Any], relative: Callable[[str], str]) -> Evaluation:
    return Evaluation(packages={name: _package(said, relative) for name, said in answer.items()})


def _package(said: dict[str, Any], relative: Callable[[str], str]) -> EvaluatedPackage:
    return EvaluatedPackage(
        full_name=said["name"],
        number=said["number"],
        version=said["version"],
        format=said["format"],
        source=None if said["source"] is None else _source(said["source"], relative),
        needs=tuple(map(_input, said["needs"])),
        build_needs=tuple(map(_input, said["build_needs"])),
    )


def _input(said: dict[str, Any]) -> EvaluatedInput:
    return EvaluatedInput(entry=said.get("entry"), path=said.get("path"), text=said.get("text"))


def _source(said: dict[str, Any], relative: Callable[[str], str]) -> EvaluatedSource:
    arguments = {name: text for name, text in said["arguments"].items() if text is not None}
    if "path" in arguments:
        arguments["path"] = relative(arguments["path"])
    return EvaluatedSource(fetcher=said["fetcher"] or "", arguments=arguments)


def _overrides(answer: dict[str, Any] | None, _: object) -> dict[str, EvaluatedOverride]:
    return {
        name: EvaluatedOverride(
            how=said["how"], attributes={key: change for key, change in said["attributes"].items() if change}
        )
        for name, said in (answer or {}).items()
    }
