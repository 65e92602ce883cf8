"""The direct dependencies, and the native inputs that hang on them, as a small graph."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from migrator.model.native import NixPlan
from migrator.model.outcome import Outcome
from migrator.model.plan import ProjectPlan
from migrator.model.project import MAIN, Project

from .document import Edge, Node, Picture
from .wording import count_of

MOST_NODES = 24
"""A picture with more is read by nobody; what is left out is counted in a node of its own."""


def draw(outcome: Outcome) -> Picture | None:
    """The project, what it asks for, and native inputs; None where nothing was planned, or a part of a list is all.

    A native input of a package that the project does not ask for itself hangs on that package, and that on the direct
    dependency through which it comes. Dependencies with native inputs come first.
    """
    plan = outcome.plan
    if plan is None or not plan.dependencies:
        return None
    groups = _group_names(plan)
    inputs = _list_inputs(outcome.nix)
    carriers = _find_carriers(outcome.after, groups, inputs)
    easel = _Easel(plan.name)
    heavy = sorted({direct for direct in carriers.values() if direct is not None})
    for name in (*heavy, *(name for name in groups if name not in heavy)):
        easel.add_direct(
            name, groups[name], [package for package, via in sorted(carriers.items()) if via == name], inputs
        )
    return easel.finish() if carriers or not easel.left_out else None


def _group_names(plan: ProjectPlan) -> dict[str, tuple[str, str]]:
    """Each direct dependency by its name, with the name as written and its group; main's come first."""
    entries = sorted(
        plan.dependencies, key=lambda entry: (entry.group != MAIN, entry.group, entry.name, entry.raw_name)
    )
    found: dict[str, tuple[str, str]] = {}
    for entry in entries:
        found.setdefault(entry.name, (entry.raw_name, entry.group))
    return found


def _list_inputs(nix: NixPlan | None) -> dict[str, tuple[str, ...]]:
    """The native inputs of each package, sorted."""
    found: dict[str, set[str]] = {}
    if nix is not None:
        for row in nix.overrides:
            found.setdefault(row.package, set()).update((*row.libraries, *row.tools))
        for entry in nix.attributions:
            for package in entry.packages:
                found.setdefault(package, set()).add(entry.attribute)
    return {package: tuple(sorted(names)) for package, names in sorted(found.items()) if names}


def _find_carriers(
    after: Project | None, direct: Mapping[str, object], inputs: Mapping[str, object]
) -> dict[str, str | None]:
    """Through which direct dependency each package with native inputs comes: the nearest, then the first by name."""
    needs: dict[str, set[str]] = {}
    for pin in after.pins if after else ():
        needs.setdefault(pin.name, set()).update(pin.needs)
    via: dict[str, str] = {name: name for name in sorted(direct)}
    queue = deque(via)
    while queue:
        name = queue.popleft()
        for needed in sorted(needs.get(name, ())):
            if needed not in via:
                via[needed] = via[name]
                queue.append(needed)
    return {package: via.get(package) for package in inputs}


class _Easel:
    """Nodes and edges as they come, until there are enough."""

    def __init__(self, project: str) -> None:
        self._nodes = [Node(label=project)]
        self._edges: list[Edge] = []
        self._natives: dict[str, int] = {}
        self.left_out = 0

    def add_direct(
        self, name: str, shown: tuple[str, str], carried: list[str], inputs: Mapping[str, tuple[str, ...]]
    ) -> None:
        raw_name, group = shown
        fresh = {attribute for package in carried for attribute in inputs[package]} - self._natives.keys()
        size = 1 + sum(package != name for package in carried) + len(fresh)
        if len(self._nodes) + size > MOST_NODES - 1:
            self.left_out += 1
            return
        direct = self._add(Node(label=raw_name))
        self._edges.append(Edge(start=0, end=direct, label="" if group == MAIN else group))
        for package in carried:
            holder = direct
            if package != name:
                holder = self._add(Node(label=package))
                self._edges.append(Edge(start=direct, end=holder, indirect=True))
            for attribute in inputs[package]:
                if attribute not in self._natives:
                    self._natives[attribute] = self._add(Node(label=attribute, native=True))
                self._edges.append(Edge(start=holder, end=self._natives[attribute]))

    def finish(self) -> Picture:
        if self.left_out:
            more = self._add(Node(label=f"and {count_of(self.left_out, 'package')} more"))
            self._edges.append(Edge(start=0, end=more))
        return Picture(nodes=tuple(self._nodes), edges=tuple(self._edges))

    def _add(self, node: Node) -> int:
        self._nodes.append(node)
        return len(self._nodes) - 1
