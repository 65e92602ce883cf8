"""``flake.nix``: default.nix and shell.nix as the outputs of a flake, and nothing of what they say.

nixpkgs and poetry2nix are its inputs, so that ``--override-input`` and ``follows`` reach them. poetry2nix comes as a
tree, no flake: default.nix calls it, with what it has to be told of nixpkgs' licences, and none of its own inputs is
needed.
"""

from __future__ import annotations

from shlex import quote

from migrator.model.artifact import Artifact, Ownership
from migrator.model.native import NIX_FIRST_LINE, POETRY2NIX_COMMIT, NixPlan
from migrator.nix.show import show
from migrator.nix.tree import (
    AttrSet,
    Binding,
    Commented,
    Expression,
    Formal,
    Function,
    Inherit,
    Let,
    List,
    Name,
    Path,
    Select,
    apply,
    bind,
    select,
    string,
)

_SYSTEMS = ("aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux")

_NIXPKGS_COMMENT = """\
a release: poetry2nix does not follow nixpkgs any more; --override-input nixpkgs takes another"""
_HOOK_COMMENT = """\
./. is a copy in the store: what is edited is the folder in which the shell was started"""


def write(plan: NixPlan, default: str = "default.nix", shell: str = "shell.nix") -> Artifact:
    """flake.nix for ``plan``; equal plans give equal bytes.

    For each system ``packages.default`` is what ``default`` says, ``devShells.default`` what ``shell`` says; both are
    files beside it, which :mod:`~migrator.writers.default_nix` and :mod:`~migrator.writers.shell_nix` write.
    """
    expression = Commented(
        NIX_FIRST_LINE.removeprefix("# "),
        AttrSet(
            (
                bind("description", string(plan.name)),
                bind("inputs", _inputs(plan.nixpkgs_release)),
                bind("outputs", _outputs(plan, default, shell)),
            )
        ),
    )
    return Artifact(path="flake.nix", text=show(expression) + "\n", ownership=Ownership.GENERATED)


def _inputs(release: str) -> Expression:
    nixpkgs = string(f"github:NixOS/nixpkgs/nixos-{release}")
    poetry2nix = (
        bind("url", string(f"github:nix-community/poetry2nix/{POETRY2NIX_COMMIT}")),
        bind("flake", Name("false")),
    )
    return AttrSet(
        (
            Binding(("nixpkgs", "url"), nixpkgs, _NIXPKGS_COMMENT),
            bind("poetry2nix", AttrSet(poetry2nix), "its last commit"),
        )
    )


def _outputs(plan: NixPlan, default: str, shell: str) -> Expression:
    bindings = (
        bind("systems", List(tuple(map(string, _SYSTEMS)))),
        bind("forEachSystem", _for_each_system()),
        bind("project", _import(default, bind("poetry2nixSource", Name("poetry2nix")))),
        bind("shell", _import(shell, bind("project", apply("project", Name("pkgs"))))),
    )
    outputs = (
        bind("packages", _of_each_system(apply("project", Name("pkgs")))),
        bind("devShells", _of_each_system(_develop(plan))),
    )
    formals = (Formal("self"), Formal("nixpkgs"), Formal("poetry2nix"))
    return Function(formals, Let(bindings, AttrSet(outputs)))


def _for_each_system() -> Expression:
    pkgs = Select(Name("nixpkgs"), ("legacyPackages", Name("system")))
    made = Function("system", apply("make", pkgs))
    return Function("make", apply(select("nixpkgs", "lib", "genAttrs"), Name("systems"), made))


def _of_each_system(default: Expression) -> Expression:
    return apply("forEachSystem", Function("pkgs", AttrSet((bind("default", default),))))


def _import(path: str, argument: Binding) -> Expression:
    """The file ``path`` as a function of nixpkgs."""
    return Function("pkgs", apply("import", Path(f"./{path}"), AttrSet((Inherit(("pkgs",)), argument))))


def _develop(plan: NixPlan) -> Expression:
    shell = apply("shell", Name("pkgs"))
    if not plan.editable_packages:
        return shell
    root = f'"{quote("/" + plan.import_root)}"' if plan.import_root else ""
    hook = string(f'export PYTHONPATH="$PWD{root}${{PYTHONPATH:+:$PYTHONPATH}}"')
    changes = Function("_", AttrSet((bind("shellHook", hook, _HOOK_COMMENT),)))
    return apply(Select(shell, ("overrideAttrs",)), changes)
