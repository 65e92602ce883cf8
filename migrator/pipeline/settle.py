"""Plan and lock in turn, until the lock holds every pin or the smallest step that gives way is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.evidence import Absence, Evidence, Metadata, Missing
from migrator.model.locking import Failure, LockRequest, NotLocked
from migrator.model.plan import Priority, ProjectPlan
from migrator.model.progress import Progress
from migrator.model.project import Pin, Project
from migrator.model.source import FromIndex
from migrator.planning.drift import (
    Drift,
    Reason,
    entry_allows,
    explain,
    find_drifts,
    find_narrowed,
    find_violations,
    fits,
    limits_on,
    rank_nearest,
)
from migrator.planning.python_range import installs_on_all
from migrator.planning.step import ANY, drop_entry, drop_seed, let_go, move_pin, name_pin, without_wish
from migrator.tools.poetry.door import Poetry

from .settled import Settled, Standing, Unsettled, explain_no_end, explain_no_lock

ROUNDS = 12
"""Locks at the most; a warm one costs well under a second."""
_STEADYING = 3
"""Locks at the most until Poetry repeats itself; one is the rule."""
_TRIES = 8
"""How many neighbours of a lost version are looked at, at once."""

Render = Callable[[ProjectPlan], LockRequest]
ReadLock = Callable[[str, str], Project]


class _Search:
    """One search; what is learned on the way stays in it.

    Each pin is moved once and named once at the most, which bounds the search even without ROUNDS.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (as in settle)
        self, before: Project, evidence: Evidence, poetry: Poetry, progress: Progress, render: Render, read: ReadLock
    ) -> None:
        self.before = before
        self.evidence = evidence
        self._poetry = poetry
        self._progress = progress
        self._render = render
        self._read = read
        self._moved: dict[tuple[NormalizedName, str], Version | None] = {}
        self._named: set[NormalizedName] = set()
        self._let_go: set[NormalizedName] = set()

    def run(self, plan: ProjectPlan) -> Settled | Unsettled:
        plan = self._name_contested(self._replace_lost(plan))
        best: Standing | None = None
        for round_ in range(ROUNDS):
            self._progress("locking" if not round_ else f"locking again ({round_ + 1})", 0, 0)
            request = self._render(plan)
            answer = self._poetry.lock(request)
            if isinstance(answer, NotLocked):
                if best is not None:
                    break
                given = self._give_way(plan, answer)
                if given is None:
                    return Unsettled(findings=(explain_no_lock(answer),))
                plan = given
                continue
            after = self._read(request.pyproject, answer.text)
            standing = Standing(
                plan=plan, answer=answer, after=after, drifts=find_drifts(self.before, after, plan.python)
            )
            if best is None or len(standing.drifts) <= len(best.drifts):
                best = standing
            better = self._step(standing)
            if better is None:
                break
            plan = better
        return self._conclude(self._steady(best)) if best else Unsettled(findings=(explain_no_end(ROUNDS),))

    def _replace_lost(self, plan: ProjectPlan) -> ProjectPlan:
        """Seeds for the nearest relatives of pins that the index does not have or no Python of the range installs."""
        seeded = {(seed.name, seed.version) for seed in plan.seeds}
        for pin in self.before.pins:
            if not _is_movable(pin) or (pin.name, pin.version) in seeded or self._is_settled(pin):
                continue
            fact = self._fact(pin)
            if isinstance(fact, Missing) and fact.why is Absence.NO_PACKAGE:
                plan = drop_entry(plan, pin)
            else:
                plan = self._move(plan, pin, self._wanted) or drop_seed(plan, pin)
        return plan

    def _name_contested(self, plan: ProjectPlan) -> ProjectPlan:
        """The pins that Poetry would take from another index, with other files: only a named source holds those."""
        for pin in self.before.pins:
            fact = self._fact(pin)
            if isinstance(fact, Metadata) and fact.contested:
                plan = name_pin(plan, pin, self.before, index=fact.index)
        return plan

    def _give_way(self, plan: ProjectPlan, answer: NotLocked) -> ProjectPlan | None:
        """The plan with one more pin moved, after Poetry refused; None where nothing is left to move."""
        movable = [pin for pin in self.before.pins if _is_movable(pin) and not self._is_settled(pin)]
        match answer.failure:
            case Failure.VERSION_NOT_FOUND:
                lost = [p for p in movable if f"{p.name} {p.version}" in answer.packages]
                return self._move_all(plan, lost, or_drop=True)
            case Failure.PYTHON:
                return self._move_all(plan, [p for p in movable if p.name in answer.packages], or_drop=True)
            case Failure.CONFLICT:
                violations = find_violations(self._wanted, self.evidence, plan)
                excluded = [v.pin for v in violations if v.pin in movable]
                requirers = [pin for pin in movable if pin.name in {v.by for v in violations}]
                return self._move_all(plan, excluded) or self._let_one_go(plan, requirers)
            case Failure.NEEDS_BUILD | Failure.OTHER:
                return None

    def _let_one_go(self, plan: ProjectPlan, pins: list[Pin]) -> ProjectPlan | None:
        """The plan with the constraint of one more pin let go: two of them ask for what cannot be together."""
        for pin in pins:
            if pin.name not in self._let_go:
                self._let_go.add(pin.name)
                return let_go(plan, pin)
        return None

    def _step(self, now: Standing) -> ProjectPlan | None:
        """The plan for a closer lock; None where every drift is as small as it gets."""
        drifting = {drift.pin.name for drift in now.drifts}
        violations = find_violations(self._wanted, self.evidence, now.plan)
        # what another pin's requirement excludes gives way first: the one that requires it can then stay
        excluded = [v.pin for v in violations if {v.pin.name, v.by} & drifting and v.pin in self.before.pins]
        if (plan := self._move_all(now.plan, excluded)) is not None:
            return plan
        plan = now.plan
        for drift in now.drifts:
            pin = drift.pin
            if isinstance(pin.source, FromIndex) and pin.version is None and pin.name not in self._named:
                self._named.add(pin.name)
                plan = name_pin(plan, pin, self.before)
                continue
            if not _is_movable(pin) or isinstance(self._fact(pin), Missing) or self._is_settled(pin):
                continue
            if (named := self._name(plan, drift)) is not None:
                plan = named
            elif drift.new is not None:
                self._settle(pin)
                self._learn(now.after.pins)
                plan = self._move(plan, pin, now.after, instead_of=drift.new) or plan
        for pin in find_narrowed(self.before, now.after, now.plan.python):
            if pin.name not in self._named:
                self._named.add(pin.name)
                plan = name_pin(plan, pin, self.before, index=_explicit(self._fact(pin), plan))
        plan = self._take_back(plan, drifting)
        return None if plan == now.plan else plan

    def _take_back(self, plan: ProjectPlan, drifting: set[NormalizedName]) -> ProjectPlan:
        """The plan with the constraints again that were let go in vain: their pins stay."""
        for pin in self.before.pins:
            if pin.name in self._let_go - drifting and isinstance(pin.version, Version):
                fact = self._fact(pin)
                plan = move_pin(plan, pin, pin.version, pin.version, fact.index if isinstance(fact, Metadata) else None)
        self._let_go &= drifting
        return plan

    def _name(self, plan: ProjectPlan, drift: Drift) -> ProjectPlan | None:
        """The plan that asks for a pin by name: nothing else does, or Poetry merged two versions of one name."""
        pin = drift.pin
        siblings = [p for p in self.before.pins if p.name == pin.name and _is_movable(p)]
        if pin.name in self._named or (drift.new is not None and len({p.version for p in siblings}) == 1):
            return None
        self._named.add(pin.name)
        named = plan
        for sibling in siblings:  # one of them alone would stand in for all
            named = name_pin(named, sibling, self.before, index=_explicit(self._fact(sibling), plan))
        return named if named != plan else None

    def _move_all(self, plan: ProjectPlan, pins: Iterable[Pin], *, or_drop: bool = False) -> ProjectPlan | None:
        """The plan with ``pins`` at their nearest neighbours; None where none of them has one."""
        changed = plan
        for pin in pins:
            if not self._is_settled(pin):
                moved = self._move(changed, pin, self._wanted)
                if moved is None and or_drop:
                    moved = drop_seed(changed, pin)
                    self._settle(pin)
                changed = moved or changed
        return changed if changed != plan else None

    def _move(
        self, plan: ProjectPlan, pin: Pin, among: Project, instead_of: Version | None = None
    ) -> ProjectPlan | None:
        """The plan with ``pin`` at the nearest version that agrees with ``among``; None where there is none.

        With ``instead_of``, which the lock has now, also None where that is the nearest already.
        """
        nearest = self._find_nearest(pin, among, plan)
        if nearest is None:
            return None
        is_loose = any(d.name == pin.name and d.constraint == ANY and not d.by_hand for d in plan.dependencies)
        if nearest.version == instead_of and not is_loose:
            return None
        assert isinstance(pin.version, Version)  # noqa: S101 (only such pins are moved)
        assert isinstance(nearest.version, Version)  # noqa: S101 (only such versions are looked at)
        self._settle(pin, at=nearest.version)
        return move_pin(plan, pin, pin.version, nearest.version, nearest.index)

    def _find_nearest(self, pin: Pin, among: Project, plan: ProjectPlan) -> Metadata | None:
        """The nearest release that the requirements in ``among`` allow, if possible one that brings no new conflict."""
        assert isinstance(pin.version, Version)  # noqa: S101 (only such pins are moved)
        index = pin.source.index if isinstance(pin.source, FromIndex) else None
        offered = [v for v in self._poetry.versions(pin.name, index) if isinstance(v, Version)]
        allowed = rank_nearest(pin.version, offered, limits_on(pin.name, among, self.evidence, plan))
        wishes = [entry for entry in plan.dependencies if entry.name == pin.name and entry.by_hand]
        wished = tuple(v for v in allowed if all(entry_allows(wish, v) for wish in wishes))
        # a wish gives way only where nothing else is left
        for versions in dict.fromkeys((wished, allowed)):
            usable = self._look_at(pin, versions[:_TRIES], plan)
            if usable:
                return next((fact for fact in usable if fits(fact, among, plan)), usable[0])
        return None

    def _look_at(self, pin: Pin, versions: Iterable[Version], plan: ProjectPlan) -> list[Metadata]:
        """Those of ``versions`` that install everywhere, in their order."""
        candidates = [replace(pin, version=version, hashes=()) for version in versions]
        self._learn(candidates)
        facts = [self._fact(candidate) for candidate in candidates]
        return [f for f in facts if isinstance(f, Metadata) and installs_on_all(f.requires_python, plan.python)]

    def _learn(self, pins: Iterable[Pin]) -> None:
        unknown = tuple(
            pin
            for pin in pins
            if pin.version is not None and isinstance(pin.source, FromIndex) and self._fact(pin) is None
        )
        if unknown:
            more = self._poetry.gather(unknown, self._progress)
            self.evidence = replace(self.evidence, facts=(*self.evidence.facts, *more.facts))

    def _fact(self, pin: Pin) -> Metadata | Missing | None:
        return self.evidence.of(pin.name, pin.version) if pin.version is not None else None

    def _is_settled(self, pin: Pin) -> bool:
        return (pin.name, str(pin.version)) in self._moved

    def _settle(self, pin: Pin, at: Version | None = None) -> None:
        self._moved[pin.name, str(pin.version)] = at

    @property
    def _wanted(self) -> Project:
        """The old pins, those that were moved at their new versions."""
        pins = [
            replace(pin, version=at, hashes=()) if (at := self._moved.get((pin.name, str(pin.version)))) else pin
            for pin in self.before.pins
        ]
        return replace(self.before, pins=tuple(pins))

    def _steady(self, now: Standing) -> Standing:
        """The same lock once Poetry's own `poetry lock` would change nothing in it.

        Where nobody pinned a package, Poetry may hold two versions of it at first, and one when it sees both.
        """
        for _ in range(_STEADYING):
            names = [pin.name for pin in now.after.pins]
            if len(names) == len(set(names)):
                return now
            request = replace(self._render(now.plan), seed=now.answer.text)
            answer = self._poetry.lock(request)
            if isinstance(answer, NotLocked) or answer.text == now.answer.text:
                return now
            after = self._read(request.pyproject, answer.text)
            drifts = find_drifts(self.before, after, now.plan.python)
            if len(drifts) > len(now.drifts):
                return now
            now = Standing(plan=now.plan, answer=answer, after=after, drifts=drifts)
        return now

    def _conclude(self, now: Standing) -> Settled:
        if now.drifts:
            self._learn(now.after.pins)
        return Settled(
            plan=now.plan,
            lock=now.answer.text,
            after=now.after,
            evidence=self.evidence,
            drifts=tuple((drift, self._prove(drift, now)) for drift in now.drifts),
            warnings=now.answer.warnings,
            built=now.answer.built,
        )

    def _prove(self, drift: Drift, now: Standing) -> Reason:
        """The first reason without which the pin is kept; all of them where it takes all or none can be tried."""
        reasons = explain(drift, now.after, self.evidence, now.plan)
        trials = [r for r in reasons if r.can_be_tried]
        if not trials:
            return reasons[0]
        everything = "; ".join(r.text for r in trials)
        if not self._poetry.relaxes:
            return Reason(text=f"{everything} (not tried: Poetry's command line cannot leave a requirement out)")
        self._progress("proving the reasons", 0, 0)
        for reason in trials:
            if self._keeps(drift, now.plan, [reason]):
                return reason
        if len(trials) > 1 and self._keeps(drift, now.plan, trials):
            return Reason(text=everything)
        return Reason(text=f"{everything} (and something else: without it the pin moves as well)")

    def _keeps(self, drift: Drift, plan: ProjectPlan, without: list[Reason]) -> bool:
        """Whether a lock without these reasons holds the pin."""
        pin = drift.pin
        assert isinstance(pin.version, Version)  # noqa: S101 (only such pins have a reason that can be tried)
        for reason in without:
            if reason.wish is not None:
                plan = without_wish(plan, reason.wish)
        fact = self._fact(pin)
        index = fact.index if isinstance(fact, Metadata) else None
        plan = move_pin(plan, pin, drift.new or pin.version, pin.version, index)
        # nobody else may ask for it
        plan = name_pin(plan, pin, self.before, index=_explicit(fact, plan))
        request = replace(self._render(plan), without=tuple(r.relaxation for r in without if r.relaxation is not None))
        answer = self._poetry.lock(request)
        if isinstance(answer, NotLocked):
            return False
        return any(
            (p.name, p.version) == (pin.name, pin.version) for p in self._read(request.pyproject, answer.text).pins
        )


def settle(  # noqa: PLR0913, PLR0917 (the two stages, and what goes round between them)
    plan: ProjectPlan,
    before: Project,
    evidence: Evidence,
    poetry: Poetry,
    progress: Progress,
    render: Render,
    read: ReadLock,
) -> Settled | Unsettled:
    """Lock ``plan`` so that every pin of ``before`` is kept, or as few as possible move, each by the smallest step.

    ``render`` turns a plan into the question to Poetry, ``read`` a pyproject and its lock into a Project. The number of
    locks is bounded. Each reason that names a requirement was checked: without that requirement the pin stays.
    """
    return _Search(before, evidence, poetry, progress, render, read).run(plan)


def _is_movable(pin: Pin) -> bool:
    return isinstance(pin.source, FromIndex) and isinstance(pin.version, Version)


def _explicit(fact: Metadata | Missing | None, plan: ProjectPlan) -> str | None:
    """The source that an entry has to name: one that Poetry does not search by itself."""
    explicit = {source.name for source in plan.sources if source.priority is Priority.EXPLICIT}
    return fact.index if isinstance(fact, Metadata) and (fact.contested or fact.index in explicit) else None
