"""Options of pip, pipenv and pypi2nix: what Poetry does by itself, and what it offers instead of the rest."""

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


_BECAME = frozenset({"", "--python-version", "--extra-build-inputs", "--editable", "--requirements", "--overrides"})
"""Options of pypi2nix that became a range of Pythons, native inputs, dependencies and overrides."""

_OF_ITS_RUN = frozenset({
    "--verbose", "--quiet", "--version", "--cache-dir", "--wheels-cache", "--build-directory", "--nix-shell",
    "--basename", "--name", "--emit-extra-build-inputs", "--no-emit-extra-build-inputs",
    "--dependency-graph-output", "--dependency-graph-input",
})  # fmt: skip
"""Options that only said how pypi2nix itself runs."""

_INSTEAD = {
    "--setup-requires": (Severity.NOTE, "poetry2nix and Poetry bring what builds a package themselves", ""),
    "--default-overrides": (Severity.NOTE, "poetry2nix has overrides of its own", ""),
    "--no-default-overrides": (Severity.NOTE, "poetry2nix has overrides of its own", ""),
    "--enable-tests": (
        Severity.NOTE,
        "poetry2nix runs no tests of the packages",
        "Set doCheck = true in an override of the package whose tests should run",
    ),
    "--nix-path": (
        Severity.NOTE,
        "it chose nixpkgs for that one run",
        "Give default.nix the nixpkgs that it should use: nix-build --arg pkgs 'import PATH { }'",
    ),
    "--extra-env": (
        Severity.REVIEW,
        "it set variables for every build",
        "Give them to the package that needs them, as attributes of an override",
    ),
    "--buildout": (
        Severity.REVIEW,
        "zc.buildout's files are not read",
        "Write what the project itself asks for into a requirements file and migrate again with --group main=FILE",
    ),
}  # fmt: skip


def remark_options(project: Project) -> tuple[Finding, ...]:
    """A finding for each option that becomes nothing in the new files, with what Poetry or poetry2nix offers instead.

    Those of pip, and those on the command line that an expression of pypi2nix tells in its header.
    """
    of_header = [option for option in project.options if option.origin.path.endswith(".nix")]
    of_pip = [option for option in project.options if option not in of_header and not _is_carried(option)]
    idle = [option for option in of_header if option.option in _OF_ITS_RUN]
    told: dict[str, list[Option]] = {}
    for option in of_header:
        if option not in idle and option.option not in _BECAME:
            told.setdefault(option.option, []).append(option)
    return (*map(_remark, of_pip), *map(_remark_header, told.values()), *_remark_idle(idle))


def _is_carried(option: Option) -> bool:
    return option.option in _CARRIED or (option.option, option.value) == ("allow_prereleases", "false")


def _remark_header(options: list[Option]) -> Finding:
    option = options[0]
    severity, why, advice = _INSTEAD.get(
        option.option, (Severity.REVIEW, "nothing is known of it", "Look whether the project still needs it")
    )
    values = " ".join(dict.fromkeys(o.value for o in options))
    return Finding(
        code=Code.OPTION_NOT_CARRIED,
        severity=severity,
        message=f"{option.option} {values}".strip() + f" of pypi2nix is not carried over: {why}",
        advice=advice,
        origin=option.origin,
    )


def _remark_idle(options: list[Option]) -> tuple[Finding, ...]:
    if not options:
        return ()
    shown = ", ".join(sorted({_show(option) for option in options}))
    finding = Finding(
        code=Code.OPTION_NOT_CARRIED,
        severity=Severity.NOTE,
        message=f"These options said how pypi2nix itself runs, and nothing needs them: {shown}",
        origin=options[0].origin,
    )
    return (finding,)


def _show(option: Option) -> str:
    return f"{option.option} {option.value}".strip()


def _remark(option: Option) -> Finding:
    shown = _show(option)
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
