"""Which forms of pyproject.toml are too new for a Poetry."""

from __future__ import annotations

import tomllib

from packaging.version import Version

from migrator.model.finding import Code, Finding, Severity

_PROJECT_SINCE = Version("2.0")
_GROUPS_SINCE = Version("2.2")


def find_poetry_limits(pyproject: str, poetry: str) -> tuple[Finding, ...]:
    """What the Poetry of version ``poetry`` would pass over in ``pyproject``; each such thing stops."""
    data, version = tomllib.loads(pyproject), Version(poetry)
    if "project" in data and version < _PROJECT_SINCE:
        return (_too_old(version, "the [project] table", _PROJECT_SINCE),)
    if "dependency-groups" in data and version < _GROUPS_SINCE:
        return (_too_old(version, "[dependency-groups]", _GROUPS_SINCE),)
    return ()


def _too_old(version: Version, what: str, since: Version) -> Finding:
    return Finding(
        code=Code.POETRY_LIMIT,
        severity=Severity.STOP,
        message=f"Poetry {version} does not read {what}, which needs Poetry {since}",
        advice="Use --format poetry, or name a newer Poetry with --poetry",
    )
