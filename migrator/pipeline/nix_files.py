"""The Nix files: what they are called beside those of the user, and what is told of these."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.model.artifact import Artifact
from migrator.model.finding import Code, Finding, Severity
from migrator.model.native import NIX_FIRST_LINE, NixPlan
from migrator.model.surroundings import Surroundings
from migrator.model.tree import Tree
from migrator.writers import default_nix, flake_nix, shell_nix


def write_nix_files(
    plan: NixPlan, surroundings: Surroundings, output: Tree, *, flake: bool
) -> tuple[tuple[Artifact, ...], tuple[Finding, ...]]:
    """The Nix files for ``plan``, in ``output`` beside those of the user, and what to tell about these.

    Ours has another name where the user's own has it. There is no other name for a flake: a flake of the user stays
    alone, and the finding says what to add to it.
    """
    default, shell = surroundings.default_nix, surroundings.shell_nix
    files = [default_nix.write(plan, default), shell_nix.write(plan, shell, default)]
    if flake and not surroundings.own_flake:
        files.append(flake_nix.write(plan, default, shell))
    findings = [
        _kept(theirs, ours) for theirs, ours in (("default.nix", default), ("shell.nix", shell)) if theirs != ours
    ]
    if flake and surroundings.own_flake:
        findings.append(_flake_kept(default, shell))
    return tuple(files), (*findings, *_find_taken((default, shell), output))


def _find_taken(names: tuple[str, ...], output: Tree) -> Iterator[Finding]:
    for name in names:
        content = output.read(name)
        if content is not None and not content.startswith(NIX_FIRST_LINE.encode()):
            yield Finding(
                code=Code.NIX_FILE_KEPT,
                severity=Severity.STOP,
                message=f"{name} is yours, so there is no name left for ours",
                advice="Move it away, or leave the Nix files out with --no-nix",
            )


def _kept(theirs: str, ours: str) -> Finding:
    return Finding(
        code=Code.NIX_FILE_KEPT,
        severity=Severity.REVIEW,
        message=f"{theirs} is yours and stays as it is; the new expression is {ours}",
        advice=f"Import ./{ours} where {theirs} used the old packages",
    )


def _flake_kept(default: str, shell: str) -> Finding:
    return Finding(
        code=Code.NIX_FILE_KEPT,
        severity=Severity.REVIEW,
        message="flake.nix is yours and stays as it is, and a folder has but one: none was written",
        advice="Add to its outputs, for each system with its pkgs: "
        f"packages.${{system}}.default = import ./{default} {{ inherit pkgs; }}; "
        f"devShells.${{system}}.default = import ./{shell} {{ inherit pkgs; }}; "
        "and let git know both files, for a flake sees no others",
    )
