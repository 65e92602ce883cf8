"""An override that replaces a pinned package: production does not run what the pin says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import AttributeChange, Override, OverrideKind
from migrator.planning.natives.remarks import remark_overridden_pins

from .expressions import pin, project

SET, APPEND = AttributeChange.SET, AttributeChange.APPEND


def override(package: str, how: OverrideKind = OverrideKind.OVERRIDE, **attributes: AttributeChange) -> Override:
    return Override(
        package=canonicalize_name(package),
        raw_name=package,
        how=how,
        origin=Origin(path="requirements_override.nix", line=4),
        attributes=tuple(attributes.items()),
    )


@pytest.mark.parametrize(
    "harmless",
    [
        override("foo", buildInputs=APPEND),
        override("foo", patchPhase=SET, doCheck=SET),
        override("bar", src=SET),
        override("bar", OverrideKind.NEW),
        override("foo", OverrideKind.UNKNOWN),
    ],
    ids=["inputs", "phases", "no pin of it", "a package that nothing pins", "what cannot be read"],
)
def test_what_leaves_the_pin_as_it_is(harmless: Override) -> None:
    assert list(remark_overridden_pins(replace(project(pin("foo 1")), overrides=(harmless,)), allowed=False)) == []


@pytest.mark.parametrize(
    ("replacing", "what"),
    [
        (override("Foo", src=SET, name=SET), "sets its name and src"),
        (override("foo", version=SET, buildInputs=APPEND), "sets its version"),
        (override("foo", OverrideKind.ALIAS), "takes another package in its place"),
        (override("foo", OverrideKind.NEW, src=SET), "puts a package of its own in its place"),
        (override("foo", OverrideKind.NULL), "leaves it out"),
    ],
    ids=["source", "version", "alias", "new", "null"],
)
def test_what_replaces_it_stops_until_it_is_accepted(replacing: Override, what: str) -> None:
    before = replace(project(pin("foo 1"), pin("bar 2")), overrides=(replacing,))
    (stop,) = remark_overridden_pins(before, allowed=False)
    (review,) = remark_overridden_pins(before, allowed=True)
    assert stop.message == f"Production does not run foo 1, which {before.pins[0].origin} pins: an override {what}"
    assert stop.message == review.message
    assert {f.code for f in (stop, review)} == {Code.PIN_OVERRIDDEN}
    assert (stop.severity, review.severity) == (Severity.STOP, Severity.REVIEW)
    assert (str(stop.origin), stop.advice.split(",")[0]) == (
        "requirements_override.nix:4",
        "Pin what production runs in the requirements file",
    )
