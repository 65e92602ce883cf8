"""What two inputs of one format ask for beside their pins: wishes, indexes, options and the like."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, assert_never

from packaging.specifiers import SpecifierSet

from migrator.model.comparison import EntryChanged, EntryKind, WishChanged
from migrator.model.source import FromIndex, FromPath, FromUrl, FromVcs, Source

if TYPE_CHECKING:
    from packaging.utils import NormalizedName

    from migrator.model.origin import Origin
    from migrator.model.project import Dependency, Index, NativeInput, Override, Project

    _Wishes = dict[tuple[NormalizedName, str, bool], list[Dependency]]


def compare_wishes(old: Project, new: Project) -> tuple[WishChanged, ...]:
    """The wishes that differ, sorted by name and group. Of a line that is a pin only its extras are a wish."""
    if old.format != new.format:
        return ()
    before, after = _by_name(old), _by_name(new)
    pinned = {(pin.name, pin.origin) for pin in (*old.pins, *new.pins)}
    changed = []
    for key in sorted(before.keys() | after.keys()):
        lines = (before.get(key, []), after.get(key, []))
        bare = all((line.name, line.origin) in pinned for side in lines for line in side)
        texts = [_show(side, bare=bare) for side in lines]
        if texts[0] == texts[1] or (bare and not all(lines)):  # a pin that came or went is told as such
            continue
        name, group, constraint = key
        origin = (lines[1] or lines[0])[0].origin
        changed.append(
            WishChanged(name=name, group=group, constraint=constraint, old=texts[0], new=texts[1], origin=origin)
        )
    return tuple(changed)


def compare_entries(old: Project, new: Project) -> tuple[EntryChanged, ...]:
    """Everything else that differs: indexes, the range of Pythons, options, native inputs, overrides, scripts."""
    if old.format != new.format:
        return ()
    before, after = _entries(old), _entries(new)
    changed = []
    for kind in EntryKind:
        was, is_ = before[kind], after[kind]
        for old_text, new_text in _pair(was.keys() - is_.keys(), is_.keys() - was.keys()):
            origin = was[old_text or ""] if new_text is None else is_[new_text]
            changed.append(EntryChanged(kind=kind, old=old_text, new=new_text, origin=origin))
    return tuple(changed)


def _pair(gone: set[str], come: set[str]) -> list[tuple[str | None, str | None]]:
    """One that went and one that came are the same entry, changed; else each stands by itself."""
    if len(gone) == len(come) == 1:
        return [(next(iter(gone)), next(iter(come)))]
    return [*((text, None) for text in sorted(gone)), *((None, text) for text in sorted(come))]


def _by_name(project: Project) -> _Wishes:
    wishes: _Wishes = defaultdict(list)
    for line in project.declared:
        if line.name:
            wishes[line.name, line.group, line.constraint].append(line)
    return wishes


def _show(lines: list[Dependency], *, bare: bool) -> str | None:
    """The wishes for one package as a requirement without its name, None where there is none."""
    if not lines:
        return None
    return " and ".join(sorted({_show_line(line, bare=bare) for line in lines}))


def _show_line(line: Dependency, *, bare: bool) -> str:
    extras = f"[{','.join(sorted(line.extras))}]" if line.extras else ""
    editable = "editable" if line.editable else ""
    if bare:
        return " ".join(filter(None, (extras, editable)))
    versions = _show_range(line.specifier) if isinstance(line.specifier, SpecifierSet) else str(line.specifier)
    marker = f"; {line.marker}" if line.marker is not None else ""
    return " ".join(filter(None, (extras + versions, _show_source(line.source), editable, marker)))


def _show_range(specifier: SpecifierSet) -> str:
    return ",".join(sorted(map(str, specifier), key=_lower_bound_first))


def _lower_bound_first(clause: str) -> tuple[bool, str]:
    return (not clause.startswith((">", "~", "=")), clause)


def _show_source(source: Source) -> str:
    match source:
        case FromIndex(index=None):
            return ""
        case FromIndex(index=index):
            return f"from {index}"
        case FromVcs(kind=kind, url=url, rev=rev, resolved=resolved):
            text = f"@ {kind}+{url.without_credentials()}" + (f"@{rev or resolved}" if rev or resolved else "")
        case FromUrl(url=url):
            text = f"@ {url.without_credentials()}"
        case FromPath(path=path):
            return f"@ {path}" + (f"/{source.subdirectory}" if source.subdirectory else "")
        case _:
            assert_never(source)
    return text + (f"#subdirectory={source.subdirectory}" if source.subdirectory else "")


def _entries(project: Project) -> dict[EntryKind, dict[str, Origin | None]]:
    """Of each kind the entries as text, each with its place where it has one."""
    indexes = ((_show_index(index), index.origin) for index in project.indexes)
    options = ((f"{option.option} {option.value}".strip(), option.origin) for option in project.options)
    natives = ((_show_native(native), native.origin) for native in project.natives)
    return {
        EntryKind.INDEX: dict(indexes),
        EntryKind.PYTHON: {} if project.python is None else {_show_range(project.python) or "any": None},
        EntryKind.OPTION: dict(options),
        EntryKind.NATIVE: dict(natives),
        EntryKind.OVERRIDE: {_show_override(override): override.origin for override in project.overrides},
        EntryKind.SCRIPT: {f"{script.name} = {script.target}": None for script in project.scripts},
    }


def _show_index(index: Index) -> str:
    return " ".join(filter(None, (index.name, str(index.url.without_credentials()), f"({index.role})")))


def _show_native(native: NativeInput) -> str:
    return native.attribute + (f" for {native.package}" if native.package else "")


def _show_override(override: Override) -> str:
    attributes = " ".join(f"{name}:{how}" for name, how in override.attributes)
    return " ".join(filter(None, (override.package, f"({override.how})", attributes)))
