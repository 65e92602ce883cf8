"""``shell.nix``: everything for development, built from the one default.nix."""

from __future__ import annotations

from migrator.model.artifact import Artifact, Ownership
from migrator.model.native import NIX_FIRST_LINE, NixPlan
from migrator.model.project import MAIN
from migrator.nix.show import show
from migrator.nix.tree import (
    AttrSet,
    Binary,
    Commented,
    Expression,
    Formal,
    Function,
    Inherit,
    Let,
    List,
    Name,
    Path,
    apply,
    bind,
    select,
    string,
)


def write(plan: NixPlan, path: str = "shell.nix", default: str = "default.nix") -> Artifact:
    """The file ``path`` for ``plan``; equal plans give equal bytes.

    The environment has the packages of all groups, the project itself as its files stand (where it is a package),
    and Poetry. Everything else comes from ``default``, the file beside it that :mod:`~migrator.writers.default_nix`
    writes.
    """
    inherit = AttrSet((Inherit(("pkgs",)),))
    arguments = (
        Formal("pkgs", apply("import", Path("<nixpkgs>"), AttrSet(()))),
        Formal("project", apply("import", Path(f"./{default}"), inherit)),
    )
    shell = apply(
        select("pkgs", "mkShell"),
        AttrSet((bind("nativeBuildInputs", List((Name("environment"), select("pkgs", "poetry")))),)),
    )
    expression = Commented(
        NIX_FIRST_LINE.removeprefix("# "),
        Function(arguments, Let((bind("environment", _environment(plan)),), shell)),
    )
    return Artifact(path=path, text=show(expression) + "\n", ownership=Ownership.GENERATED)


def _environment(plan: NixPlan) -> Expression:
    changes = [bind("groups", List(tuple(string(group) for group in (MAIN, *sorted(set(plan.groups) - {MAIN})))))]
    if plan.editable_packages or plan.editable_dependencies:
        folder = Path("./src" if plan.has_src else "./.")
        sources = AttrSet(tuple(bind(name, folder) for name in sorted(plan.editable_packages)))
        changes.append(bind("editablePackageSources", sources))
    arguments = Binary("//", (select("project", "arguments"), AttrSet(tuple(changes))))
    return apply(select("project", "poetry2nix", "mkPoetryEnv"), arguments)
