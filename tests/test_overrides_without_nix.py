"""An old Nix override is told also where no Nix file is written."""

from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from migrator.model.finding import Code, Severity
from migrator.model.origin import Origin
from migrator.model.project import AttributeChange, Override, OverrideKind
from migrator.planning.natives.remarks import remark_overrides_without_nix


@pytest.mark.parametrize(
    ("how", "attribute", "severities"),
    [
        (OverrideKind.OVERRIDE, "buildInputs", []),
        (OverrideKind.OVERRIDE, "src", [Severity.REVIEW]),
        (OverrideKind.OVERRIDE, "version", [Severity.REVIEW]),
        (OverrideKind.NEW, "src", [Severity.REVIEW]),
        (OverrideKind.NULL, None, [Severity.REVIEW]),
    ],
)
def test_what_decides_what_is_installed_wants_eyes(
    how: OverrideKind, attribute: str | None, severities: list[Severity]
) -> None:
    origin = Origin(path="requirements_override.nix", line=3)
    attributes = ((attribute, AttributeChange.SET),) if attribute else ()
    override = Override(package=canonicalize_name("lib"), raw_name="lib", how=how, origin=origin, attributes=attributes)
    told = list(remark_overrides_without_nix((override,)))
    assert [(f.code, f.severity, f.origin) for f in told] == [
        (Code.OVERRIDE_NOT_CARRIED, severity, origin) for severity in severities
    ]
    assert all("lib" in finding.message for finding in told)
