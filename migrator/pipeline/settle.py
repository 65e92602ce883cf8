"""Plan and lock in turn, until the lock holds every pin or the smallest step that gives way is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from packaging.specifiers import SpecifierSet
from packaging.utils import NormalizedName
from packaging.version import Version

from migrator.model.evidence import Evidence, Metadata, Missing
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
    find_deserted,
    find_drifts,
    find_narrowed,
    find_outranked,
    find_torn,
    find_violations,
    fits,
    limits_on,
    rank_nearest,
)
from migrator.planning.python_range import installs_on_all
from migrator.planning.split import Split, apply_split, find_split, join, limits_where, pythons_where, split_pin
from migrator.planning.step import ANY, drop_entry, drop_seed, give_precedence, let_go, move_pin, name_pin, without_wish
from migrator.tools.poetry.door import Poetry

from .settled import MadeSplit, Settled, Standing, Unsettled, explain_no_end, explain_no_lock

ROUNDS = 12
"""Locks at the most; a warm one costs well under a second."""
_STEADYING = 3
"""Locks at the most until Poetry repeats itself; one is the rule."""
_TRIES = 8
"""How many neighbours of a lost version are looked at, at once."""

_NOT_TRIED = "(not tried: Poetry's command line cannot leave a requirement out)"
_FOR_PRODUCTION = "named, so that production still installs it: nothing else that production needs asks for it"
_NOT_ENOUGH = "(and something else: without it the pin moves as well)"

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
        self._splits: dict[tuple[NormalizedName, str], MadeSplit] = {}
        self._whole: set[tuple[NormalizedName, str]] = set()

    def run(self, plan: ProjectPlan) -> Settled | Unsettled:
        plan = self._name_contested(self._prefer_production(self._replace_lost(plan)))
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

    def _prefer_production(self, plan: ProjectPlan) -> ProjectPlan:
        """The plan without a preference for what only developers pinned so; Poetry would take the newer of the two."""
        return give_precedence(plan, find_outranked(self.before, self.evidence, plan))

    def _replace_lost(self, plan: ProjectPlan) -> ProjectPlan:
        """Seeds for the nearest relatives of pins that the index does not have or no Python of the range installs."""
        seeded = {(seed.name, seed.version) for seed in plan.seeds}
        for pin in self.before.pins:
            if not _is_movable(pin) or (pin.name, pin.version) in seeded or self._is_settled(pin):
                continue
            fact = self._fact(pin)
            if isinstance(fact, Missing) and fact.has_no_relative:
                plan = drop_entry(plan, pin)
            else:
                plan = self._move(plan, pin, self._wanted) or drop_seed(plan, pin)
        return plan

    def _name_contested(self, plan: ProjectPlan) -> ProjectPlan:
        """The pins that Poetry would not find, or take from another index with other files: a named source has them."""
        for pin in self.before.pins:
            index = _explicit(self._fact(pin), plan)
            if index is not None:
                plan = name_pin(plan, pin, self.before, index=index)
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
                names = [pin.name for pin in movable]
                pairs = [pin for pin in movable if names.count(pin.name) > 1]  # one of them met the requirement
                return self._give_all(plan, excluded, pairs) or self._let_one_go(plan, requirers)
            case Failure.BUILD_FAILED:
                return self._drop_unbuildable(plan, answer.packages)
            case Failure.NEEDS_BUILD | Failure.OTHER:
                return None

    def _drop_unbuildable(self, plan: ProjectPlan, packages: Iterable[str]) -> ProjectPlan | None:
        """The plan without the pins whose build failed when they were gathered, and now that of what stands in."""
        names = {package.partition(" ")[0] for package in packages}
        changed = plan
        for pin in self.before.pins:
            if pin.name in names and isinstance(self._fact(pin), Missing):
                changed = drop_entry(drop_seed(changed, pin), pin)
                self._settle(pin)
        return changed if changed != plan else None

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
        torn = find_torn(self.before, now.after)
        in_part = [v.pin for v in violations if v.pin.name in torn]
        in_part += [drift.pin for drift in now.drifts if drift.pin.name in self._named]
        if (plan := self._give_all(now.plan, excluded, in_part, drifting)) is not None:
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
        for pin in find_deserted(self.before, now.after):
            if pin.name not in self._named:
                self._named.add(pin.name)
                index = _explicit(self._fact(pin), plan)
                plan = name_pin(plan, pin, self.before, index=index, why=_FOR_PRODUCTION)
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

    def _give_all(
        self,
        plan: ProjectPlan,
        excluded: list[Pin],
        in_part: Iterable[Pin] = (),
        drifting: set[NormalizedName] | None = None,
    ) -> ProjectPlan | None:
        """The plan with the ``excluded`` pins moved, where it can be only under the marker of what excludes them.

        Those ``in_part`` are moved so or not at all. A split must make no pin drift but those that are ``drifting``
        already. None where nothing is left to move.
        """
        found = {
            pin: made
            for pin in dict.fromkeys((*excluded, *in_part))
            if (made := self._find_split(pin, plan)) is not None
        }
        changed = self._move_all(plan, [pin for pin in excluded if pin not in found]) or plan
        # together, because one alone may make no lock; else each that does
        for several in dict.fromkeys((tuple(found.values()), *((made,) for made in found.values()))):
            left = [made for made in several if not self._is_settled(made.split.pin)]
            candidate = changed
            for made in left:
                candidate = self._split(candidate, made)
            if left and self._has_both(candidate, left, drifting):
                self._splits |= {_key(made.split.pin): replace(made, original=changed) for made in left}
                changed = candidate
        self._whole |= {_key(pin) for pin in found}
        changed = self._move_all(changed, [pin for pin in excluded if pin in found]) or changed
        return changed if changed != plan else None

    def _find_split(self, pin: Pin, plan: ProjectPlan) -> MadeSplit | None:
        """How ``pin`` need move only where what excludes it holds; None where it is all or nothing, or was tried."""
        if pin not in self.before.pins or not _is_movable(pin) or self._is_settled(pin) or _key(pin) in self._whole:
            return None
        split = find_split(pin, self._wanted, self.evidence, plan)
        new = self._find_nearest(pin, self._wanted, plan, split) if split is not None else None
        return MadeSplit(split=split, new=new, original=plan) if split is not None and new is not None else None

    def _split(self, plan: ProjectPlan, made: MadeSplit) -> ProjectPlan:
        sources = (_explicit(self._fact(made.split.pin), plan), _explicit(made.new, plan))
        return apply_split(plan, made.split, made.new, self.before, sources)

    def _has_both(self, plan: ProjectPlan, several: list[MadeSplit], drifting: set[NormalizedName] | None) -> bool:
        """Whether Poetry locks ``plan``, with both versions of each split pin, and no other pin drifts for that."""
        self._progress("locking under two conditions", 0, 0)
        request = self._render(plan)
        answer = self._poetry.lock(request)
        if isinstance(answer, NotLocked):
            return False
        after = self._read(request.pyproject, answer.text)
        drifts = {drift.pin.name for drift in find_drifts(self.before, after, plan.python)}
        narrowed = find_narrowed(self.before, after, plan.python)
        mine = {made.split.pin.name for made in several}
        return (
            all(made.stands_in(after, self.before) for made in several)
            and not any(made.split.pin in narrowed for made in several)
            and not drifts & mine
            and (drifting is None or drifts <= drifting)
        )

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

    def _find_nearest(self, pin: Pin, among: Project, plan: ProjectPlan, split: Split | None = None) -> Metadata | None:
        """The nearest release that the requirements in ``among`` allow, if possible one that brings no new conflict.

        With ``split``, for where the pin has to give way.
        """
        assert isinstance(pin.version, Version)  # noqa: S101 (only such pins are moved)
        index = pin.source.index if isinstance(pin.source, FromIndex) else None
        offered = [v for v in self._poetry.versions(pin.name, index) if isinstance(v, Version)]
        limits = (
            limits_where(split, among, self.evidence, plan)
            if split
            else limits_on(pin.name, among, self.evidence, plan)
        )
        python = pythons_where(split, plan.python) if split else plan.python
        allowed = rank_nearest(pin.version, offered, limits)
        if split:  # what another pin of this name puts there moves none of them
            siblings = {other.version for other in self.before.pins if other.name == pin.name}
            allowed = tuple(sorted(allowed, key=lambda version: version not in siblings))
        wishes = [entry for entry in plan.dependencies if entry.name == pin.name and entry.by_hand]
        wished = tuple(v for v in allowed if all(entry_allows(wish, v) for wish in wishes))
        # a wish gives way only where nothing else is left
        for versions in dict.fromkeys((wished, allowed)):
            usable = self._look_at(pin, versions[:_TRIES], python)
            if usable:
                return next((fact for fact in usable if fits(fact, among, plan)), usable[0])
        return None

    def _look_at(self, pin: Pin, versions: Iterable[Version], python: SpecifierSet) -> list[Metadata]:
        """Those of ``versions`` that install on all of ``python``, in their order."""
        candidates = [replace(pin, version=version, hashes=()) for version in versions]
        self._learn(candidates)
        facts = [self._fact(candidate) for candidate in candidates]
        return [f for f in facts if isinstance(f, Metadata) and installs_on_all(f.requires_python, python)]

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
        return _key(pin) in self._moved or _key(pin) in self._splits

    def _settle(self, pin: Pin, at: Version | None = None) -> None:
        self._moved[_key(pin)] = at

    @property
    def _wanted(self) -> Project:
        """The old pins, those that were moved at their new versions."""
        pins: list[Pin] = []
        for pin in self.before.pins:
            made = self._splits.get(_key(pin))
            if made is not None:
                pins += split_pin(pin, made.split, made.new)
            else:
                at = self._moved.get(_key(pin))
                pins.append(replace(pin, version=at, hashes=()) if at else pin)
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
        drifts = [(drift, self._prove(drift, now)) for drift in now.drifts]
        made = [each for each in self._splits.values() if each.stands_in(now.after, self.before)]
        drifts += [(each.as_drift(), self._prove_split(each, now)) for each in made]
        return Settled(
            plan=now.plan,
            lock=now.answer.text,
            after=now.after,
            evidence=self.evidence,
            drifts=tuple(sorted(drifts, key=lambda found: _key(found[0].pin))),
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
            return Reason(text=f"{everything} {_NOT_TRIED}")
        self._progress("proving the reasons", 0, 0)
        for reason in trials:
            if self._keeps(drift, now.plan, [reason]):
                return reason
        if len(trials) > 1 and self._keeps(drift, now.plan, trials):
            return Reason(text=everything)
        return Reason(text=f"{everything} {_NOT_ENOUGH}")

    def _prove_split(self, made: MadeSplit, now: Standing) -> Reason:
        """The requirements that exclude the pin, if it is kept everywhere without them."""
        text = made.split.text
        if not self._poetry.relaxes:
            return Reason(text=f"{text} {_NOT_TRIED}")
        self._progress("proving the reasons", 0, 0)
        pin = made.split.pin
        plan = join(now.plan, made.split, made.original)
        plan = name_pin(plan, pin, self.before, index=_explicit(self._fact(pin), plan))
        request = replace(self._render(plan), without=made.split.relaxations)
        answer = self._poetry.lock(request)
        if not isinstance(answer, NotLocked):
            held = {p.version for p in self._read(request.pyproject, answer.text).pins if p.name == pin.name}
            if pin.version in held <= {p.version for p in self.before.pins if p.name == pin.name}:
                return Reason(text=text)
        return Reason(text=f"{text} {_NOT_ENOUGH}")

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


def _key(pin: Pin) -> tuple[NormalizedName, str]:
    return (pin.name, str(pin.version))


def _is_movable(pin: Pin) -> bool:
    return isinstance(pin.source, FromIndex) and isinstance(pin.version, Version)


def _explicit(fact: Metadata | Missing | None, plan: ProjectPlan) -> str | None:
    """The source that an entry has to name: one that Poetry does not search by itself."""
    explicit = {source.name for source in plan.sources if source.priority is Priority.EXPLICIT}
    return fact.index if isinstance(fact, Metadata) and (fact.contested or fact.index in explicit) else None
