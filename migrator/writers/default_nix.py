"""``default.nix``: the project through poetry2nix, with the one table of what poetry2nix lacks.

The shape evaluates on nixpkgs 23.11 and later. What it works around, in the order of the file:

* poetry2nix left nixpkgs in 23.11 and is unmaintained: its last commit is pinned, as an argument;
* it takes every member of ``lib.licenses`` for a licence, and nixpkgs keeps functions there since 2026;
* it stops at a wheel tag newer than itself even where it builds from source, and takes a free-threaded wheel for an
  ordinary one: it is given the lock without those lines;
* it looks for the version in the names of the files, which may spell it otherwise (``2017.04.29`` for ``2017.4.29``):
  the lock that it is given spells it as they do;
* its overrides of Rust packages use a function that nixpkgs 25.05 dropped, and the choice of a wheel has no effect
  after an override (``overridePythonAttrs`` forgets ``override``): such a package is taken before them;
* it adds build systems to the packages that it knows, and none to any other, nor to what comes from a repository;
* it ignores the markers of direct dependencies;
* the hooks of CMake, Meson and Ninja configure and build whatever they come with, a Python package too.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.model.artifact import Artifact, Ownership
from migrator.model.native import NIX_FIRST_LINE, POETRY2NIX_COMMIT, FileVersion, NixOverride, NixPlan
from migrator.model.project import MAIN
from migrator.nix.show import show
from migrator.nix.tree import (
    AttrSet,
    Binary,
    Binding,
    Commented,
    Expression,
    Formal,
    Function,
    If,
    Inherit,
    Let,
    List,
    Name,
    Not,
    Path,
    Select,
    String,
    apply,
    bind,
    select,
    string,
)

_SHA256 = "0xq52gq2920xnv7n8rchy3myxbijfpap8z0sd572ifla9dnpqzvi"

_PYTHON_TAGS = "[a-z]+[0-9]+([.][a-z]+[0-9]+)*"
_ABI_TAG = "none|abi3|cp[0-9]+m?u?|pypy[0-9]+_pp[0-9]+"
_MACHINES = "x86_64|i686|aarch64|armv7l|ppc64|ppc64le|s390x"
_PLATFORM_TAG = (
    f"any|(many|musl)linux[0-9_]+_({_MACHINES})|linux_[a-z0-9_]+|macosx_[0-9]+_[0-9]+_[a-z0-9_]+|win32|win_[a-z0-9]+"
)

_TABLE_COMMENT = """\
What poetry2nix lacks, by package; null: for no platform. Of some packages their markers name the
only systems or Pythons, which poetry2nix does not look at."""
_LOCK_COMMENT = """\
poetry2nix stops at a wheel tag that it does not know, even where it builds from source, and
takes free-threaded wheels for ordinary ones: it gets the lock without the lines of such wheels."""
_RESPELL_COMMENT = """\
poetry2nix takes files whose names hold the version: here they spell it otherwise than the lock."""
_WHEELS_COMMENT = """\
A wheel is chosen before poetry2nix's own overrides, because it cannot be after them, and stays
without them: some of them build Rust in a way that nixpkgs no longer has."""

_HOOKS_COMMENT = "CMake, Meson and Ninja are for the package's own build; their hooks would take its place"
_PHASES = ("CmakeConfigure", "MesonConfigure", "NinjaBuild", "NinjaCheck", "NinjaInstall")

_NOTHING = List(())


def write(plan: NixPlan, path: str = "default.nix") -> Artifact:
    """The file ``path`` for ``plan``; equal plans give equal bytes.

    It evaluates to the application, or the environment of its packages, with two attributes more for shell.nix:
    ``poetry2nix`` and ``arguments``, those that poetry2nix was called with.
    """
    expression = Commented(
        NIX_FIRST_LINE.removeprefix("# "),
        Function(_arguments(plan), Let(_bindings(plan), _result(plan))),
    )
    return Artifact(path=path, text=show(expression) + "\n", ownership=Ownership.GENERATED)


def _arguments(plan: NixPlan) -> tuple[Formal, ...]:
    return (
        Formal("pkgs", apply("import", Path("<nixpkgs>"), AttrSet(()))),
        Formal("python", _python(plan.python_attributes)),
        Formal("groups", List((string(MAIN),)), "the dependency groups to install"),
        Formal("extras", List((string("*"),)), "the extras to install; * is all of them"),
        Formal("poetry2nixSource", _source(), "the last commit of poetry2nix"),
        Formal("poetry2nix", _poetry2nix()),
    )


def _python(attributes: tuple[str, ...]) -> Expression:
    *newer, oldest = attributes
    expression = select("pkgs", oldest)
    for attribute in reversed(newer):
        expression = Select(Name("pkgs"), (attribute,), expression)
    return expression


def _source() -> Expression:
    url = f"https://github.com/nix-community/poetry2nix/archive/{POETRY2NIX_COMMIT}.tar.gz"
    return apply("fetchTarball", AttrSet((bind("url", string(url)), bind("sha256", string(_SHA256)))))


def _poetry2nix() -> Expression:
    is_set = Function("_", select("builtins", "isAttrs"))
    licenses = apply(select("pkgs", "lib", "filterAttrs"), is_set, select("pkgs", "lib", "licenses"))
    lib = Binary("//", (select("pkgs", "lib"), AttrSet((bind("licenses", licenses),))))
    comment = "poetry2nix reads each of these as a licence, and nixpkgs has functions among them"
    return apply("import", Name("poetry2nixSource"), AttrSet((Inherit(("pkgs",)), bind("lib", lib, comment))))


def _bindings(plan: NixPlan) -> tuple[Binding | Inherit, ...]:
    return (
        Inherit(("lib",), Name("pkgs")),
        Inherit(("system",), select("pkgs", "stdenv", "hostPlatform")),
        bind("table", _table(plan.overrides), _TABLE_COMMENT),
        *_lock(plan.respelled),
        *_overrides(),
        bind("arguments", _arguments_of_call(plan)),
    )


# the table


def _table(rows: tuple[NixOverride, ...]) -> Expression:
    return AttrSet(tuple(bind(row.package, _row(row), row.reason) for row in sorted(rows, key=lambda r: r.package)))


def _row(row: NixOverride) -> Expression:
    if row.drop:
        return Name("null")
    fields = (
        ("systems", _strings(row.systems)),
        ("pythons", _strings(row.pythons)),
        ("preferWheel", Name("true") if row.prefer_wheel else None),
        ("buildInputs", _inputs(row.libraries)),
        ("nativeBuildInputs", _inputs(row.tools)),
        ("buildSystems", _strings(row.build_systems)),
    )
    return AttrSet(tuple(bind(name, value) for name, value in fields if value is not None))


def _strings(values: tuple[str, ...]) -> Expression | None:
    return List(tuple(string(value) for value in values)) if values else None


def _inputs(attributes: tuple[str, ...]) -> Expression | None:
    return List(tuple(_input(attribute) for attribute in attributes)) if attributes else None


def _input(attribute: str) -> Expression:
    """``xorg.libxcb`` of nixpkgs; ``a or b`` is the first of them that is there."""
    first, *others = attribute.split(" or ")
    default = _input(" or ".join(others)) if others else None
    return Select(Name("pkgs"), tuple(first.split(".")), default)


# the lock


def _lock(respelled: tuple[FileVersion, ...]) -> tuple[Binding, ...]:
    lines = apply(
        select("lib", "splitString"), string("\n"), apply(select("builtins", "readFile"), Path("./poetry.lock"))
    )
    readable = apply(select("builtins", "filter"), Name("isReadable"), lines)
    text = apply(select("lib", "concatStringsSep"), string("\n"), readable)
    platforms = ("-(", Name("platform"), ")([.](", Name("platform"), "))*")
    return (
        bind("platform", string(_PLATFORM_TAG), _LOCK_COMMENT),
        bind("wheel", string('[[:space:]]*[{]file = "[^"]*[.]whl".*')),
        bind("readableWheel", String((f".*-{_PYTHON_TAGS}-({_ABI_TAG})", *platforms, '[.]whl".*'))),
        bind(
            "isReadable",
            Function("line", Binary("||", (_matches("wheel", "=="), _matches("readableWheel", "!=")))),
        ),
        *_respell(respelled),
        bind(
            "poetrylock",
            apply(select("builtins", "toFile"), string("poetry.lock"), apply("respell", text) if respelled else text),
        ),
    )


def _respell(rows: tuple[FileVersion, ...]) -> tuple[Binding, ...]:
    if not rows:
        return ()

    def heads(versions: Iterable[str]) -> List:
        pairs = zip(rows, versions, strict=True)
        return List(tuple(string(f'name = "{row.package}"\nversion = "{version}"\n') for row, version in pairs))

    replace = apply(
        select("builtins", "replaceStrings"), heads(row.version for row in rows), heads(row.spelled for row in rows)
    )
    return (bind("respell", replace, _RESPELL_COMMENT),)


def _matches(pattern: str, comparison: str) -> Expression:
    return Binary(comparison, (apply(select("builtins", "match"), Name(pattern), Name("line")), Name("null")))


# the mapping


def _overrides() -> tuple[Binding, ...]:
    extend = select("poetry2nix", "defaultPoetryOverrides", "extend")
    override = apply("override", Name("final"), Name("prev"))
    overlay = Function("final", Function("prev", apply(select("lib", "mapAttrs"), override, Name("table"))))
    return (
        bind("asWheel", _as_wheel(), _WHEELS_COMMENT),
        bind("wheels", _wheels()),
        bind("isWanted", _is_wanted()),
        bind("override", _override()),
        bind("overrides", List((Name("wheels"), apply(extend, overlay)))),
    )


def _as_wheel() -> Expression:
    wheel = apply(select("package", "override"), AttrSet((bind("preferWheel", Name("true")),)))
    return Function("package", If(_is_null(Name("package")), Name("null"), wheel))


def _wheels() -> Expression:
    wheel = apply("asWheel", Select(Name("prev"), (Name("name"),)))
    wheels = apply(select("lib", "mapAttrs"), Function("name", Function("_", wheel)), Name("table"))
    return Function("_", Function("prev", AttrSet((bind("tableWheels", wheels),))))


def _is_wanted() -> Expression:
    places = (("systems", Name("system")), ("pythons", select("python", "pythonVersion")))
    wanted = (
        apply(select("builtins", "elem"), here, Select(Name("row"), (named,), List((here,)))) for named, here in places
    )
    return Function("row", Binary("&&", (Binary("!=", (Name("row"), Name("null"))), *wanted)))


def _override() -> Expression:
    prefers = Select(Name("row"), ("preferWheel",), Name("false"))
    wheel = Select(Name("prev"), ("tableWheels", Name("name")))
    package = If(prefers, wheel, Select(Name("prev"), (Name("name"),)))
    builder = Function("builder", Select(Name("final"), (Name("builder"),)))
    build_systems = apply("map", builder, _attribute_or_nothing("row", "buildSystems"))
    without = (
        bind(f"dontUse{phase}", Name("true"), _HOOKS_COMMENT if not at else "") for at, phase in enumerate(_PHASES)
    )
    changed = AttrSet((_longer("buildInputs"), _longer("nativeBuildInputs", build_systems), *without))
    nothing = Binary("||", (Not(apply("isWanted", Name("row"))), _is_null(Name("package"))))
    more = apply(select("package", "overridePythonAttrs"), Function("old", changed))
    body: Expression = Let((bind("package", package),), If(nothing, Name("null"), more))
    for argument in ("row", "name", "prev", "final"):
        body = Function(argument, body)
    return body


def _longer(attribute: str, *more: Expression) -> Binding:
    lists = (_attribute_or_nothing("old", attribute), _attribute_or_nothing("row", attribute), *more)
    return bind(attribute, Binary("++", lists))


def _attribute_or_nothing(variable: str, attribute: str) -> Expression:
    return Select(Name(variable), (attribute,), _NOTHING)


def _is_null(expression: Expression) -> Expression:
    return Binary("==", (expression, Name("null")))


# the call


def _arguments_of_call(plan: NixPlan) -> Expression:
    prefer = (bind("preferWheels", Name("true")),) if plan.prefer_wheels else ()
    # of an application nothing is editable, and it does not know the argument
    editable = () if plan.application or not plan.editable_dependencies else (_not_editable(plan),)
    return AttrSet(
        (
            Inherit(("python", "overrides", "poetrylock", "groups", "extras")),
            bind("projectDir", Path("./.")),
            bind("checkGroups", _NOTHING),
            *prefer,
            *editable,
        )
    )


def _not_editable(plan: NixPlan) -> Binding:
    sources = AttrSet(tuple(bind(name, Name("null")) for name in sorted(plan.editable_dependencies)))
    return bind("editablePackageSources", sources, "only development has their files as they stand")


def _result(plan: NixPlan) -> Expression:
    function = "mkPoetryApplication" if plan.application else "mkPoetryEnv"
    made = apply(select("poetry2nix", function), Name("arguments"))
    return Binary("//", (made, AttrSet((Inherit(("poetry2nix", "arguments")),))))
