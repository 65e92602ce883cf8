"""The picture: which packages and native inputs are drawn, and what hangs on what."""

from __future__ import annotations

from dataclasses import replace

from packaging.utils import canonicalize_name

from migrator.model.native import Attribution, NixOverride, NixPlan, Settled
from migrator.model.origin import Origin
from migrator.model.outcome import Outcome
from migrator.model.plan import PlannedDependency
from migrator.model.project import Project
from migrator.reports.markdown import show_picture
from migrator.reports.picture import MOST_NODES, draw

from .report_outcomes import happy, make_pin, make_plan


def make_outcome(
    direct: dict[str, str], needs: dict[str, tuple[str, ...]], natives: dict[str, tuple[str, ...]]
) -> Outcome:
    """``direct`` by name with their groups, who needs whom, and the libraries of each package."""
    dependencies = tuple(
        PlannedDependency(name=canonicalize_name(name), raw_name=name, constraint="*", group=group)
        for name, group in direct.items()
    )
    pins = tuple(replace(make_pin(name, "1"), needs=needed) for name, needed in needs.items())
    rows = tuple(NixOverride(package=canonicalize_name(name), libraries=names) for name, names in natives.items())
    return replace(
        happy(),
        plan=make_plan(name="shop", dependencies=dependencies),
        after=Project(format="poetry", origin=Origin(path="poetry.lock"), pins=pins),
        nix=NixPlan(name="shop", application=False, python_attributes=(), overrides=rows, nixpkgs_release="25.11"),
    )


def drawn(outcome: Outcome) -> list[str]:
    """The edges, by what is written on their ends."""
    picture = draw(outcome)
    assert picture is not None
    labels = [f"({node.label})" if node.native else node.label for node in picture.nodes]
    lines = []
    for edge in picture.edges:
        line = "..>" if edge.indirect else "-->"
        lines.append(f"{labels[edge.start]} {line} {labels[edge.end]}{f' [{edge.label}]' if edge.label else ''}")
    return lines


def test_nothing_is_drawn_where_nothing_was_planned() -> None:
    assert draw(replace(happy(), plan=None)) is None
    assert draw(make_outcome({}, {}, {})) is None


def test_native_inputs_hang_on_the_direct_dependency_through_which_they_come() -> None:
    outcome = make_outcome(
        {"Web": "main", "pillow": "main", "linter": "dev"},
        {"web": ("glue",), "glue": ("cffi", "web"), "cffi": (), "pillow": (), "linter": ("cffi",), "lost": ()},
        {"pillow": ("zlib", "libjpeg"), "cffi": ("libffi", "zlib"), "lost": ("nothing",)},
    )
    assert drawn(outcome) == [
        "shop --> linter [dev]",
        "linter ..> cffi",
        "cffi --> (libffi)",
        "cffi --> (zlib)",
        "shop --> pillow",
        "pillow --> (libjpeg)",
        "pillow --> (zlib)",
        "shop --> Web",
    ]


def test_what_others_provide_is_drawn_too() -> None:
    outcome = make_outcome({"pillow": "main"}, {}, {})
    entry = Attribution(
        attribute="zlib", settled=Settled.POETRY2NIX, packages=(canonicalize_name("pillow"),), evidence=""
    )
    assert outcome.nix is not None
    outcome = replace(outcome, nix=replace(outcome.nix, attributions=(entry,)))
    assert drawn(outcome) == ["shop --> pillow", "pillow --> (zlib)"]


def test_without_a_lock_or_nix_the_direct_dependencies_are_drawn() -> None:
    outcome = replace(make_outcome({"b": "main", "a": "dev", "c": "main"}, {}, {}), after=None, nix=None)
    assert drawn(outcome) == ["shop --> b", "shop --> c", "shop --> a [dev]"]


def test_a_part_of_a_list_with_nothing_on_it_is_no_picture() -> None:
    assert draw(make_outcome({f"p{number:03}": "main" for number in range(MOST_NODES)}, {}, {})) is None


def test_a_picture_stays_small_and_counts_what_it_leaves_out() -> None:
    names = {f"p{number:03}": "main" for number in range(500)}
    picture = draw(make_outcome(names, {}, {"p400": ("zlib",)}))
    assert picture is not None
    assert len(picture.nodes) == MOST_NODES
    labels = [node.label for node in picture.nodes]
    assert labels[:4] == ["shop", "p400", "zlib", "p000"]
    assert labels[-1] == "and 479 packages more"
    assert len(show_picture(picture)) < 2_000


def test_a_package_with_too_many_natives_is_left_out_and_the_next_one_is_drawn() -> None:
    many = tuple(f"lib{number}" for number in range(50))
    assert drawn(make_outcome({"a": "main", "b": "main"}, {}, {"a": many})) == [
        "shop --> b",
        "shop --> and 1 package more",
    ]
