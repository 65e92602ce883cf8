"""Options of pip and pipenv: what Poetry does by itself, and what it offers instead of the rest."""

from __future__ import annotations

from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.project import Option, Project

_CARRIED = frozenset({
    "-c", "--constraint", "-e", "--editable", "-r", "--requirement", "-i", "--index-url", "--pypi-url",
    "--extra-index-url", "-f", "--find-links",
})  # fmt: skip
"""Options that become something else: files that were read, sources, dependencies."""

_KEPT = {
    "--require-hashes": "Poetry always checks the hashes in poetry.lock",
    "--pre": "the lock keeps the pre-releases that are pinned",
    "--prefer-binary": "Poetry takes a wheel wherever there is one",
    "--use-feature": "it switches on something in pip itself",
    "--no-use-wheel": "pip itself has forgotten it",
    "--use-wheel": "Poetry takes a wheel wherever there is one",
    # pipenv's
    "allow_prereleases": "only a package that is pinned to a pre-release says allow-prereleases = true",
    "disable_pip_input": "Poetry asks nothing while it installs when --no-interaction is given",
    "install_search_all_sources": "each source that no package names is asked for what the first one lacks",
    "keep_outdated": "the lock keeps every version",
    "sort_pipfile": "pyproject.toml is sorted as it is",
    "use_pylock": "poetry.lock is the one lock; poetry export makes others of it",
    "build-system.requires": "Poetry builds each package with what that package itself asks for",
}
"""Options that need nothing in Poetry, and why; told as a note."""

_LATER = {"--pre": "Set allow-prereleases = true on a package that should take pre-releases in later updates"}


def remark_options(project: Project) -> tuple[Finding, ...]:
    """A finding for each option of the old tool that becomes nothing in the new files, with what Poetry offers."""
    return tuple(
        _remark(option)
        for option in project.options
        if option.option not in _CARRIED and (option.option, option.value) != ("allow_prereleases", "false")
    )


def _remark(option: Option) -> Finding:
    shown = f"{option.option} {option.value}".strip()
    kept = _KEPT.get(option.option)
    if kept is not None:
        return Finding(
            code=Code.OPTION_NOT_CARRIED,
            severity=Severity.NOTE,
            message=f"{shown} is not carried over: {kept}",
            advice=_LATER.get(option.option, ""),
            origin=option.origin,
        )
    return Finding(
        code=Code.OPTION_NOT_CARRIED,
        severity=Severity.REVIEW,
        message=f"{shown} has no place in pyproject.toml",
        advice=_instead(option),
        origin=option.origin,
    )


def _instead(option: Option) -> str:
    match option.option:
        case "no_binary":
            return f"Run: poetry config --local installer.no-binary {_packages(option.value)}"
        case "pip_args":
            return "Poetry 2.1 has a setting for builds: poetry config --local installer.build-config-settings.PACKAGE"
        case "skip_resolver":
            return "Poetry resolves every package; look whether its requirements are met"
        case "--no-binary" | "--only-binary":
            return f"Run: poetry config --local installer.{option.option[2:]} {_packages(option.value)}"
        case (
            "--config-settings" | "--config-setting" | "-C" | "--global-option" | "--build-option" | "--install-option"
        ):
            return "Poetry 2.1 has a setting for it: poetry config --local installer.build-config-settings.PACKAGE"
        case "--trusted-host":
            return "Give Poetry the certificate of that host: poetry config certificates.SOURCE.cert PATH"
        case "--no-index":
            return (
                "Poetry asks PyPI unless another source has the priority primary; name your own index with --index-url"
            )
        case _:
            return "Look whether the project still needs it; Poetry's own settings are listed by: poetry config --list"


def _packages(value: str) -> str:
    """Pip's list of packages as Poetry's setting spells it."""
    words = [word.strip() for word in value.split(",") if word.strip()]
    return ",".join(word if word.startswith(":") else canonicalize_name(word) for word in words) or ":none:"
