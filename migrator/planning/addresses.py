"""What a person should know of the addresses of single packages: variables in them, and credentials."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from migrator.model.finding import Code, Finding, Severity
from migrator.model.plan import credential_variables
from migrator.model.project import Dependency
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs
from migrator.model.url import Url

UNSTATED = "nobody has written where it comes from"
"""Why a package cannot be installed whose place an expression computes, or does not say."""
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
"""What pip replaces, and nothing else."""


def remark_address(line: Dependency) -> tuple[Finding, ...]:
    """What becomes of the variables and the credentials in the address of ``line``; nothing for an index.

    Poetry expands no variable, so one outside the credentials stops: there would be no such file to lock.
    """
    match line.source:
        case FromIndex():
            return ()
        case FromPath(path=path):
            return _about_variable(line, path)
        case FromUrl(url=url):
            return (*_about_variable(line, url.without_credentials().reveal()), *_about_credentials(line, url))
        case FromVcs(url=url, rev=rev):
            plain = f"{url.without_credentials().reveal()}@{rev or ''}"
            return (*_about_variable(line, plain), *_about_credentials(line, url))


def _about_variable(line: Dependency, address: str) -> tuple[Finding, ...]:
    found = _VARIABLE.search(address)
    if found is None:
        return ()
    return (
        Finding(
            code=Code.VARIABLE_KEPT,
            severity=Severity.STOP,
            message=f"The address of {line.raw_name} holds the variable {found[1]}, and Poetry expands none there",
            advice="Write the value in its place",
            origin=line.origin,
        ),
    )


def _about_credentials(line: Dependency, url: Url) -> tuple[Finding, ...]:
    if not url.has_credentials:
        return ()
    variables = sorted({name for part in (url.user, url.password) for name in _VARIABLE.findall(part or "")})
    held = f" (they are those of {' and '.join(variables)})" if variables else ""
    return (
        Finding(
            code=Code.CREDENTIALS_REMOVED,
            severity=Severity.REVIEW,
            message=f"The credentials in {url} are not written to pyproject.toml{held}",
            advice=_instead(url),
            origin=line.origin,
        ),
    )


def _instead(url: Url) -> str:
    """Where Poetry finds credentials for a single address: it looks for a repository of the same host."""
    if url.scheme not in {"http", "https"}:
        return "Give ssh a key for that host"
    name = re.sub(r"[^a-z0-9]+", "-", url.host).strip("-") or "host"
    user, password = credential_variables(name)
    host = urlsplit(url.without_credentials().reveal()).netloc
    return (
        f"Run: poetry config repositories.{name} {url.scheme}://{host}; then set {user} and {password}, "
        f"or run: poetry config http-basic.{name} USER PASSWORD"
    )
