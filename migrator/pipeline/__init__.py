"""The whole program on one screen: read, gather, plan and lock, compare, plan the natives, write.

Nothing of the user's changes before the last step; then all files at once. A dry run is the same path without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from migrator.compare import compare, prove
from migrator.model.artifact import Artifact, Ownership
from migrator.model.distribution import DistributionFile
from migrator.model.evidence import Evidence
from migrator.model.finding import Code, Finding, Severity
from migrator.model.locking import LockRequest
from migrator.model.native import NixAnswers
from migrator.model.outcome import Ended, Outcome
from migrator.model.plan import PlannedSource, ProjectPlan
from migrator.model.progress import Progress
from migrator.model.project import Pin, Project, Reading
from migrator.model.reader import Input, Reader
from migrator.model.settings import Ask, Settings
from migrator.model.surroundings import Surroundings
from migrator.model.trouble import UsageError, WorldError
from migrator.planning.account import (
    account_for,
    find_additions,
    find_hash_alarms,
    find_incomparable,
    find_loosened,
    find_unproven_transport,
    give_reasons,
    refuse_drift,
    seeds_of_lock,
    select_allowed,
)
from migrator.planning.answers import recall_answers
from migrator.planning.archives import take_repositories
from migrator.planning.bounds import add_preferred, find_preferred, pin_bounded, remark_bounds
from migrator.planning.companions import take_stated
from migrator.planning.dependencies import Basis
from migrator.planning.gone_pythons import find_untried
from migrator.planning.indexes import name_indexes, plan_sources
from migrator.planning.left_out import leave_unneeded
from migrator.planning.natives.plan import NixBasis, find_wanted_files, plan_nix
from migrator.planning.natives.remarks import (
    find_overridden_pins,
    remark_flake,
    remark_overridden_pins,
    remark_overrides_without_nix,
)
from migrator.planning.natives.spelling import find_respelled
from migrator.planning.pairs import Superseded, forget_echoes, list_superseded, settle_pair
from migrator.planning.poetry_limits import find_poetry_limits
from migrator.planning.project_plan import plan_project, with_accepted
from migrator.planning.python_range import likely_pythons, pythons_of
from migrator.planning.remarks import drop_told, forget_nameless, leave_other_pythons, remark_builds, remark_without_nix
from migrator.readers import load_reader
from migrator.readers.surroundings import find_leftovers, read_surroundings
from migrator.tools.commit import commit
from migrator.tools.disk import DiskTree
from migrator.tools.poetry.door import Opening, Poetry
from migrator.tools.rewrite import find_rewrites, same, unified_diffs
from migrator.tools.transport import find_transport
from migrator.writers import pyproject
from migrator.writers.seed_lock import write_seed

from .fidelity import put_known
from .memory import MemoryTree
from .nix_check import check_with_nix
from .nix_files import write_nix_files
from .reading import read_with_companions
from .settle import settle
from .settled import Settled, Unsettled

LOCK = "poetry.lock"
PYPROJECT = "pyproject.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """One migration. ``root`` is the project's folder, called ``name``; ``output`` is where files land."""

    reader: Reader
    root: str
    output: str
    name: str
    settings: Settings
    locale_encoding: str


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """The doors through which a migration reaches out; tests put stand-ins behind them."""

    open_poetry: Callable[[Opening], Poetry]
    progress: Progress
    ask: Ask
    reports: Callable[[Outcome], tuple[Artifact, ...]] = field(default=lambda _: ())


def migrate(job: Job, world: World) -> Outcome:
    """Migrate one project.

    :raises migrator.model.trouble.WorldError: no Poetry, no index, no disk; nothing has changed then
    """
    tree = DiskTree(job.root)
    world.progress("reading", 0, 0)
    surroundings, told = _look_around(job, tree)
    job = replace(job, settings=recall_answers(job.settings, surroundings.record, job.reader.name))
    inputs = job.settings.inputs or job.reader.discover(tree)
    if not inputs:
        raise WorldError(f"No {job.reader.name} file was found in {job.name}; name the files to migrate")
    _refuse_names(inputs)
    reading = read_with_companions(job.reader, tree, inputs, job.locale_encoding)
    project, archives = take_repositories(take_stated(reading.project))
    project, paired, superseded = settle_pair(project)
    sources, about = plan_sources(project, job.settings.index_url)
    project = name_indexes(project, sources, job.settings.index_url)
    state = _State(
        job=job,
        read=reading.project,
        before=pin_bounded(project),
        surroundings=surroundings,
        sources=sources,
        superseded=superseded,
        findings=(*forget_nameless(reading.findings, project), *told, *paired, *about, *archives),
    )
    if not (project.declared or project.pins):
        state = state.told((_nothing_read(inputs),))
    if job.settings.check_with_nix:
        state = state.told(check_with_nix(job.reader, tree, inputs, job.locale_encoding))
    if state.must_stop:
        return state.end()
    poetry = world.open_poetry(_opening(job, sources)) if job.settings.lock else None
    try:
        return _migrate(state, world, poetry)
    finally:
        if poetry is not None:
            poetry.close()


def _look_around(job: Job, tree: DiskTree) -> tuple[Surroundings, tuple[Finding, ...]]:
    """What stands beside the inputs; what is merged or kept is what stands where the files will land."""
    surroundings, told = read_surroundings(tree)
    if job.output == job.root:
        return surroundings, told
    there, more = read_surroundings(DiskTree(job.output))
    surroundings = replace(
        surroundings,
        own_default_nix=there.own_default_nix,
        own_shell_nix=there.own_shell_nix,
        own_flake=there.own_flake,
    )
    if there.pyproject is None:
        return surroundings, told
    return replace(
        surroundings,
        pyproject=there.pyproject,
        existing=there.existing,
        record=there.record,
        has_project_table=there.has_project_table,
        has_poetry_table=there.has_poetry_table,
    ), (*told, *(finding for finding in more if finding.severity is Severity.STOP))


def _migrate(state: _State, world: World, poetry: Poetry | None) -> Outcome:
    evidence = _gather(state.before, poetry, world.progress) if poetry else Evidence()
    state = replace(state, before=forget_echoes(state.before, evidence))
    state = state.without_unneeded(evidence).planned(evidence, world.ask)
    if state.plan is None or state.must_stop:
        return state.end()
    if poetry is not None:
        state = state.told(find_poetry_limits(state.render(state.plan).pyproject, poetry.version))
        if state.must_stop or state.plan is None:
            return state.end()
        settled = settle(state.plan, state.before, evidence, poetry, world.progress, state.render, _read_lock)
        if isinstance(settled, Unsettled):
            return state.told(settled.findings).end()
        state = state.locked(settled, poetry)
    else:
        state = state.unlocked()
    if state.job.settings.nix and state.after is not None and poetry is not None:
        state = state.with_nix(poetry, world.progress)
    else:
        state = state.told(remark_without_nix(state.before))
        state = state.told(tuple(remark_overrides_without_nix(state.before.overrides)))
    if not state.must_stop:
        tree, before = DiskTree(state.job.root), state.before
        state = state.told(find_leftovers(tree, before.format, before.sources, state.surroundings.default_nix))
    if state.must_stop or state.job.settings.dry_run:
        return state.end()
    world.progress("writing", 0, 0)
    outcome = state.end()
    artifacts = (*state.artifacts, *world.reports(outcome))
    try:
        commit(state.job.output, artifacts)
    except KeyboardInterrupt:
        if not same(state.job.output, artifacts):
            raise
        # it came when all was written already: what was asked for is done
    return outcome


def _gather(before: Project, poetry: Poetry, progress: Progress) -> Evidence:
    """What the index says of the pins, and of what constraints pin among all that these need."""
    evidence = poetry.gather(before.pins, progress)
    asked: set[Pin] = set()
    while preferred := tuple(pin for pin in find_preferred(before, evidence) if pin not in asked):
        asked.update(preferred)
        evidence = add_preferred(evidence, poetry.gather(preferred, progress))
    return evidence


@dataclass(frozen=True, kw_only=True, slots=True)
class _State:
    """What is known so far; each stage gives a fuller one."""

    job: Job
    read: Project
    """What the files say, as ``check`` will read it again."""
    before: Project
    surroundings: Surroundings
    sources: tuple[PlannedSource, ...]
    superseded: tuple[Superseded, ...]
    findings: tuple[Finding, ...] = ()
    plan: ProjectPlan | None = None
    after: Project | None = None
    outcome: Outcome | None = None
    artifacts: tuple[Artifact, ...] = ()

    @property
    def must_stop(self) -> bool:
        return any(finding.severity is Severity.STOP for finding in self.findings)

    @property
    def as_read(self) -> Project:
        """``before`` with the pins that give way to those of another section: they were pinned, and count."""
        return replace(self.before, pins=(*self.before.pins, *(each.pin for each in self.superseded)))

    def told(self, findings: tuple[Finding, ...]) -> _State:
        return replace(self, findings=(*self.findings, *findings))

    def without_unneeded(self, evidence: Evidence) -> _State:
        """The same with the pins alone that are there to run."""
        hints = (*self.surroundings.python_hints, *self.before.python_hints)
        pythons = likely_pythons(self.job.settings.python, hints)
        before, left = leave_unneeded(self.before, evidence, pythons, self.surroundings.imports)
        return replace(self, before=before).told(left)

    def planned(self, evidence: Evidence, ask: Ask) -> _State:
        """The first plan; a range of Pythons that nobody stated is asked for."""
        basis = Basis(
            project=self.before,
            surroundings=self.surroundings,
            evidence=evidence,
            settings=self.job.settings,
            sources=self.sources,
            folder=self.job.name,
        )
        plan, findings = plan_project(basis)
        if plan is None and (answer := ask("For which Pythons is the project meant? (for example >=3.11)")):
            basis = replace(basis, settings=replace(basis.settings, python=read_range(answer)))
            plan, findings = plan_project(basis)
        before, others = self.before, tuple[Finding, ...]()
        if plan is not None:
            plan = replace(plan, seeds=(*plan.seeds, *seeds_of_lock(plan, self._old_lock())))
            before, others = leave_other_pythons(before, plan.python)
        job = replace(self.job, settings=basis.settings)
        return replace(self, plan=plan, before=before, job=job).told((*findings, *others))

    def _old_lock(self) -> Project | None:
        text = DiskTree(self.job.output).read(LOCK) or DiskTree(self.job.root).read(LOCK)
        return None if text is None else _read(MemoryTree({LOCK: text})).project

    def render(self, plan: ProjectPlan) -> LockRequest:
        """The question to Poetry that a plan amounts to."""
        return LockRequest(
            pyproject=pyproject.write(plan, self.surroundings.pyproject).text, seed=write_seed(plan.seeds, plan.sources)
        )

    def locked(self, settled: Settled, poetry: Poetry) -> _State:
        """The lock that was found, what it changed, and whether that is allowed."""
        drifts = settled.drifts
        allowed = self.job.settings.allow_drift
        record = self.surroundings.record
        passing = select_allowed(drifts, everything=allowed, accepted=record.accepted if record else ())
        plan = put_known(with_accepted(settled.plan, account_for(passing)), self.read, settled.after)
        assert self.plan is not None  # noqa: S101 (planned before)
        written = pyproject.write(plan, self.surroundings.pyproject)
        changes = give_reasons(compare(self.before, settled.after), drifts, settled.evidence, self.before)
        proofs = prove(self.before, settled.after)
        refused = refuse_drift(drifts, passing)
        findings = (
            *refused,
            *find_loosened(self.plan, plan),
            *find_additions(changes, self.before, pythons_of(plan.python)),
            *find_hash_alarms(proofs, self.before, settled.after),
            *find_incomparable(changes, self.before),
            *remark_overridden_pins(self.before, allowed=allowed),
            *find_unproven_transport(settled.evidence, proofs),
            *(_warned(text) for text in settled.warnings if "yanked" not in text),
            *remark_builds(settled.built, self.before),
            *remark_bounds(self.before, settled.after),
            *(_limited(text) for text in poetry.limits),
            *(_check_failed(error) for error in poetry.check(written.text, settled.lock)),
        )
        artifacts = (written, Artifact(path=LOCK, text=settled.lock, ownership=Ownership.GENERATED))
        outcome = Outcome(
            ended=Ended.WRITTEN,
            before=self.as_read,
            changes=(*changes, *list_superseded(self.superseded)),
            proofs=proofs,
            overridden=frozenset((pin.name, pin.version) for pin, _ in find_overridden_pins(self.before)),
            poetry=poetry.version,
        )
        state = replace(self, findings=drop_told(self.findings, refused), plan=plan, after=settled.after)
        return replace(state, artifacts=artifacts, outcome=outcome).told(findings)

    def unlocked(self) -> _State:
        """What ``--no-lock`` writes: pyproject.toml alone."""
        assert self.plan is not None  # noqa: S101 (planned before)
        finding = Finding(
            code=Code.NOT_LOCKED,
            severity=Severity.REVIEW,
            message="Nothing was locked, so the versions of yesterday are written nowhere",
            advice="Migrate without --no-lock; a plain `poetry lock` would take the newest versions",
        )
        return replace(self, artifacts=(pyproject.write(self.plan, self.surroundings.pyproject),)).told(
            (finding, *remark_bounds(self.before, None))
        )

    def with_nix(self, poetry: Poetry, progress: Progress) -> _State:
        """The Nix files for what is locked now."""
        assert self.plan is not None  # noqa: S101 (planned before)
        assert self.after is not None  # noqa: S101 (locked before)
        settings = self.job.settings
        basis = NixBasis(
            before=self.before,
            after=self.after,
            plan=self.plan,
            answers=NixAnswers(natives=settings.natives, prefer_wheels=settings.prefer_wheels),
            system_packages=self.surroundings.system_packages,
            file=self.surroundings.default_nix,
        )
        asked: set[DistributionFile] = set()
        while wanted := tuple(file for file in find_wanted_files(basis) if file not in asked):
            progress("looking into files", 0, 0)
            asked.update(wanted)
            basis = replace(basis, insides=(*basis.insides, *poetry.look_into(wanted)))
        plan, findings = plan_nix(basis)
        untried = find_untried(self.after, self.plan.python, plan.python_attributes[0], plan.file)
        findings = (*findings, *untried)
        plan = replace(plan, respelled=find_respelled(self.after.pins))
        output = DiskTree(self.job.output)
        files, told = write_nix_files(plan, self.surroundings, output, flake=settings.flake)
        outcome = replace(self.outcome, nix=plan) if self.outcome else None
        if settings.flake:
            told = (*told, *remark_flake(self.plan.dependencies))
        return replace(self, artifacts=(*self.artifacts, *files), outcome=outcome).told((*findings, *told))

    def end(self) -> Outcome:
        """The outcome as it stands: stopped, dry, or what is about to be written."""
        outcome = self.outcome or Outcome(ended=Ended.WRITTEN, before=self.as_read)
        artifacts = tuple(sorted(self.artifacts, key=lambda a: a.path))
        changed = tuple(r.path for r in find_rewrites(self.job.output, artifacts)) if not self.must_stop else ()
        ended = (
            Ended.STOPPED
            if self.must_stop
            else Ended.DRY_RUN
            if self.job.settings.dry_run
            else Ended.WRITTEN
            if changed
            else Ended.UNCHANGED
        )
        return replace(
            outcome,
            ended=ended,
            after=self.after,
            plan=self.plan,
            artifacts=artifacts,
            written=changed,
            diffs=unified_diffs(self.job.output, artifacts) if ended is Ended.DRY_RUN else (),
            findings=_sorted(self.findings),
        )


def read_one(reader: Reader, tree_root: str, path: str, locale_encoding: str, *, with_nix: bool = False) -> Reading:
    """Read one file for ``inspect``, and ask Nix about it where that is wished."""
    tree, inputs = DiskTree(tree_root), (Input(path=path),)
    reading = read_with_companions(reader, tree, inputs, locale_encoding)
    checked = check_with_nix(reader, tree, inputs, locale_encoding) if with_nix else ()
    return replace(reading, findings=(*reading.findings, *checked))


def read_range(text: str) -> SpecifierSet:
    """A range of Pythons as people type it: ``>=3.11``, ``3.11``, ``^3.11``.

    :raises migrator.model.trouble.UsageError: it is none
    """
    plain = text.strip()
    if plain[:1].isdigit():
        plain = f"=={plain}.*" if plain.count(".") == 1 else f"=={plain}"
    elif plain.startswith("^"):
        plain = f">={plain[1:]},<4.0"
    try:
        return SpecifierSet(plain)
    except InvalidSpecifier as error:
        raise UsageError(f"{text!r} is no range of Pythons; write for example '>=3.11' or '>=3.11,<3.14'") from error


def _opening(job: Job, sources: tuple[PlannedSource, ...]) -> Opening:
    return Opening(
        root=job.root,
        sources=sources,
        transport=find_transport(job.settings.index_url),
        allow_build=job.settings.allow_build,
    )


def _read_lock(pyproject_text: str, lock: str) -> Project:
    return _read(MemoryTree({LOCK: lock.encode(), PYPROJECT: pyproject_text.encode()})).project


def _read(tree: MemoryTree) -> Reading:
    return load_reader("poetry").read(tree, (Input(path=LOCK),), "utf-8")


def _sorted(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    weight = {Severity.STOP: 0, Severity.REVIEW: 1, Severity.NOTE: 2}
    unique = dict.fromkeys(findings)
    return tuple(
        sorted(
            unique,
            key=lambda f: (
                weight[f.severity],
                f.origin.path if f.origin else "",
                f.origin.line if f.origin else 0,
                f.code,
                f.message,
            ),
        )
    )


def _refuse_names(inputs: tuple[Input, ...]) -> None:
    """What is written is UTF-8, and pyproject.toml names the files that it was made from.

    :raises migrator.model.trouble.WorldError: the name of an input is not UTF-8
    """
    for given in inputs:
        try:
            given.path.encode()
        except UnicodeEncodeError as error:
            raise WorldError(
                f"{given.path}: this name is not UTF-8, so pyproject.toml cannot tell where its versions come from; "
                "rename the file, or name other files to migrate"
            ) from error


def _nothing_read(inputs: tuple[Input, ...]) -> Finding:
    return Finding(
        code=Code.NOTHING_READ,
        severity=Severity.STOP,
        message=f"No requirement was found in {', '.join(given.path for given in inputs)}",
        advice="Name the files that hold the project's dependencies",
    )


def _warned(text: str) -> Finding:
    return Finding(code=Code.POETRY_CHECK, severity=Severity.NOTE, message=f"Poetry says: {' '.join(text.split())}")


def _limited(text: str) -> Finding:
    return Finding(code=Code.POETRY_LIMIT, severity=Severity.NOTE, message=text)


def _check_failed(error: str) -> Finding:
    return Finding(code=Code.POETRY_CHECK, severity=Severity.STOP, message=f"`poetry check` would refuse this: {error}")
