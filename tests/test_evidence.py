"""What is known of a release is found by its name and version, however many were asked for."""

from __future__ import annotations

from dataclasses import replace

from packaging.utils import canonicalize_name
from packaging.version import Version

from migrator.model.evidence import Absence, Evidence, Metadata, Missing
from migrator.model.version import RawVersion

IDNA = canonicalize_name("idna")


def test_what_was_not_asked_for_is_unknown() -> None:
    evidence = Evidence(facts=(Metadata(name=IDNA, version=Version("3.10")),))
    assert evidence.of(IDNA, Version("3.11")) is None
    assert evidence.of(canonicalize_name("six"), Version("3.10")) is None
    assert Evidence().of(IDNA, Version("3.10")) is None


def test_a_fact_is_found_by_what_its_version_means_and_the_first_one_counts() -> None:
    first, second = (Metadata(name=IDNA, version=Version("3.0"), requires_python=text) for text in (">=3.8", ">=3.9"))
    raw = Missing(name=IDNA, version=RawVersion(text="2011n"), why=Absence.NO_VERSION)
    evidence = Evidence(facts=(first, second, raw))
    assert evidence.of(IDNA, Version("3")) is first
    assert evidence.of(IDNA, RawVersion(text="2011n")) is raw
    fuller = replace(evidence, facts=(second, *evidence.facts))
    assert fuller.of(IDNA, Version("3.0")) is second
    assert evidence == Evidence(facts=(first, second, raw)) != fuller


def test_a_hundred_thousand_releases_are_found() -> None:
    """Looking through all of them for each would take an hour."""
    facts = tuple(Metadata(name=canonicalize_name(f"p{n}"), version=Version(f"1.{n}")) for n in range(100_000))
    evidence = Evidence(facts=facts)
    assert all(evidence.of(fact.name, fact.version) is fact for fact in facts)
