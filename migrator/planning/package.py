"""Whether the project is a package, and which of its folders are it, so that ``poetry install`` finds them.

Poetry looks for a folder or a module called like the project (``poetry.core.masonry.utils.module``); whatever else is
the package has to be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Finding, Severity
from migrator.model.layout import Layout, PackageInclude, Place, PlaceKind
from migrator.model.origin import Origin
from migrator.model.project import Project, Script

from .drift import is_project_itself

_POETRY_LOOKS_IN = ("", "src")
_ONLY_DEPENDENCIES = "`poetry install` installs the dependencies only (package-mode = false)"
_NAME_IT = 'If it is to be installed, name its package: [tool.poetry] packages = [{ include = "FOLDER" }]'


@dataclass(frozen=True, kw_only=True, slots=True)
class Packaging:
    """``packages`` and ``import_root`` as in ``ProjectPlan``; ``package_mode`` is whether there is one to install."""

    package_mode: bool
    packages: tuple[PackageInclude, ...] = ()
    import_root: str = ""
    findings: tuple[Finding, ...] = ()


def plan_packaging(name: str, layout: Layout, scripts: tuple[Script, ...], *, installs: bool) -> Packaging:
    """What is installed of the project called ``name``, and what is to be told of that.

    What the configuration of its build tool names counts, then what Poetry finds by itself, then the one folder that
    can be meant. ``installs`` says that somebody installs the project: its metadata names it, or a line ``-e .``.
    """
    stated = layout.stated
    if stated is not None and stated.is_poetrys:
        return Packaging(package_mode=bool(stated.packages), import_root=_root(stated.packages))
    if stated is not None and not stated.packages:
        return _only_dependencies(f"{stated.by}: it is no package", stated.origin)
    found = find_as_poetry(name, layout)
    if stated is not None:
        if found is not None and stated.packages == (found.include,):
            return Packaging(package_mode=True, import_root=found.include.root)
        return _named(stated.packages, f"{stated.by} installs {_show(stated.packages)}", stated.origin)
    meant = bool(installs or scripts)
    if found is not None and (meant or found.kind is PlaceKind.PACKAGE):
        return _found(found.include, layout, scripts)
    if places := _choose(name, layout, scripts, meant=meant):
        return _named(places, f"Poetry does not find {_show(places)} by the project's name")
    return _nothing_chosen(layout, scripts, meant=meant)


def remark_itself(project: Project, packaging: Packaging) -> Iterator[Finding]:
    """What becomes of lines that install the project (``-e .``), which is no dependency of itself; without, of pins."""
    done = "is installed by `poetry install`" if packaging.package_mode else "is no package that Poetry installs"
    told = []
    for line in project.declared:
        if is_project_itself(line.source):
            extras = f" with its extras {', '.join(sorted(line.extras))}" if line.extras else ""
            told.append((line.origin, f"The project itself{extras} {done}; the line is no dependency"))
    if not told:
        told = [
            (pin.origin, f"{pin.raw_name} is the project itself, which {done}; it is no dependency")
            for pin in project.pins
            if is_project_itself(pin.source)
        ]
    for origin, message in told:
        yield Finding(code=Code.PROJECT_ITSELF, severity=Severity.NOTE, origin=origin, message=message)


def find_as_poetry(name: str, layout: Layout) -> Place | None:
    """The package or module that Poetry takes for the project of that name; None where it takes none or gives up."""
    expected = canonicalize_name(name).replace("-", "_")
    for root in _POETRY_LOOKS_IN:
        here = [
            place
            for place in layout.places
            if place.include.root == root and place.include.include in {expected, f"{expected}.py"}
        ]
        if here:  # of a folder and a module beside it Poetry takes neither, nor a folder without Python
            return here[0] if len(here) == 1 and here[0].kind is not PlaceKind.OTHER else None
    return None


def _choose(name: str, layout: Layout, scripts: tuple[Script, ...], *, meant: bool) -> tuple[PackageInclude, ...]:
    """What is called like the project but for its spelling; else what scripts start, else the only package."""
    places = [place for place in layout.places if place.kind is not PlaceKind.OTHER]
    alike = [place for place in places if _spell(place.include.module) == _spell(name)]
    if not meant:
        return tuple(place.include for place in alike if place.kind is PlaceKind.PACKAGE)[:1]
    if alike:
        return (min(alike, key=lambda place: tuple(PlaceKind).index(place.kind)).include,)
    packages = [place for place in places if place.kind is PlaceKind.PACKAGE and place.is_top and not place.beside]
    if starting := _starting(layout, scripts):  # which may import any package beside it
        roots = {place.include.root for place in starting}
        return _includes((*starting, *(place for place in packages if place.include.root in roots)))
    return _includes(packages) if len(packages) == 1 or all(p.include.root == "src" for p in packages) else ()


def _found(package: PackageInclude, layout: Layout, scripts: tuple[Script, ...]) -> Packaging:
    """What Poetry finds, and what beside it the scripts start."""
    more = _includes(place for place in _starting(layout, scripts) if place.include.root == package.root)
    others = tuple(each for each in more if each != package)
    if not others:
        return Packaging(package_mode=True, import_root=package.root)
    return _named(tuple(sorted((package, *others))), f"The scripts start {_show(others)} beside {package.path}")


def _starting(layout: Layout, scripts: tuple[Script, ...]) -> list[Place]:
    """The packages and modules that hold what the scripts start."""
    started = {script.target.partition(":")[0].partition(".")[0] for script in scripts}
    return [p for p in layout.places if p.is_top and p.kind is not PlaceKind.OTHER and p.include.module in started]


def _includes(places: Iterable[Place]) -> tuple[PackageInclude, ...]:
    return tuple(sorted({place.include for place in places}))


def _spell(name: str) -> str:
    return re.sub(r"[-_.]+", "", name).lower()


def _root(packages: tuple[PackageInclude, ...]) -> str:
    return packages[0].root if packages else ""


def _show(packages: tuple[PackageInclude, ...]) -> str:
    return ", ".join(package.path for package in packages)


def _named(packages: tuple[PackageInclude, ...], why: str, origin: Origin | None = None) -> Packaging:
    finding = Finding(
        code=Code.PACKAGE_INFERRED,
        severity=Severity.NOTE,
        message=f"{why}, so [tool.poetry] packages names {'it' if len(packages) == 1 else 'them'}",
        origin=origin,
    )
    return Packaging(package_mode=True, packages=packages, import_root=_root(packages), findings=(finding,))


def _only_dependencies(
    why: str, origin: Origin | None = None, severity: Severity = Severity.NOTE, advice: str = ""
) -> Packaging:
    message = f"{why}, so {_ONLY_DEPENDENCIES}"
    finding = Finding(code=Code.PACKAGE_INFERRED, severity=severity, message=message, origin=origin, advice=advice)
    return Packaging(package_mode=False, findings=(finding,))


def _nothing_chosen(layout: Layout, scripts: tuple[Script, ...], *, meant: bool) -> Packaging:
    """Only an environment; told where something could have been meant."""
    candidates = _show(layout.packages)
    if scripts:
        started = ", ".join(sorted(script.target for script in scripts))
        why = f"None of the packages ({candidates}) is" if candidates else "Nothing in the project's folder is"
        return _only_dependencies(f"{why} what the scripts start ({started})", None, Severity.REVIEW, _NAME_IT)
    if candidates:
        severity = Severity.REVIEW if meant else Severity.NOTE
        return _only_dependencies(
            f"Nothing says which of the packages ({candidates}) is the project", None, severity, _NAME_IT
        )
    if layout.absent is not None:
        why = f"What {layout.absent.by} installs is not in the project's folder"
        return _only_dependencies(why, layout.absent.origin, Severity.REVIEW, _NAME_IT)
    if meant:
        return _only_dependencies("The project's folder holds no package")
    return Packaging(package_mode=False)
