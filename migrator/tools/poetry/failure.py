"""What went wrong in Poetry's own code, as an answer of the worker. Imported by the worker only."""

from __future__ import annotations

import traceback
from typing import Any

import requests
from poetry.console.exceptions import PoetryRuntimeError
from poetry.mixology.incompatibility_cause import PythonCauseError
from poetry.puzzle.exceptions import SolverProblemError
from poetry.repositories.exceptions import PackageNotFoundError, RepositoryError

from .building import BuildFailedError, NeedsBuildError
from .index import IndexTroubleError


def _python_conflicts(error: SolverProblemError) -> list[str]:
    causes = error.error._incompatibility.external_incompatibilities  # noqa: SLF001 (Poetry offers no other way)
    return sorted({str(i.terms[0].dependency.name) for i in causes if isinstance(i.cause, PythonCauseError)})


def describe_failure(error: Exception) -> dict[str, Any]:
    """The answer for ``error``: trouble with the world, or why there is no lock."""
    match error:
        case NeedsBuildError():
            return {"failure": "needs-build", "message": str(error), "packages": [str(error)]}
        case SolverProblemError():
            python = _python_conflicts(error)
            return {"failure": "python" if python else "conflict", "message": str(error), "packages": python}
        case PackageNotFoundError():
            words = str(error).removeprefix("Package ").split()
            version = [w.strip("().") for w in words[1:2] if w.startswith("(")]
            return {
                "failure": "version-not-found",
                "message": str(error),
                "packages": [" ".join([words[0].strip("[]"), *version])],
            }
        case BuildFailedError():
            return {"failure": "build-failed", "message": f"the build of {error}", "packages": [error.package]}
        case IndexTroubleError():
            return {"trouble": str(error)}
        case _:
            pass
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return {"trouble": "An answer of the package index broke off: check the network, then try again"}
    if isinstance(error, requests.exceptions.HTTPError) and error.response is not None:
        address = error.response.url.partition("#")[0]
        return {
            "trouble": f"{address} answered HTTP {error.response.status_code}: "
            "nothing can be locked now, try again later"
        }
    if is_world(error):
        return {"trouble": f"The package index could not be asked ({first_line(error)}): try again later"}
    internals = isinstance(error, AttributeError | ImportError | TypeError)
    return {
        "failure": "internals" if internals else "other",
        "message": " ".join(str(error).split()) or type(error).__name__,
        "packages": [],
        "traceback": traceback.format_exc(),
    }


def is_world(error: Exception) -> bool:
    """Whether Poetry gave up on the network: its own error for that is no class of requests."""
    return isinstance(error, requests.exceptions.RequestException | RepositoryError | PoetryRuntimeError)


def first_line(error: Exception) -> str:
    """The first line of what an error says of itself, else what it is called."""
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0]
