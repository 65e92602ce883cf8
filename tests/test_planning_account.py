"""The reasons that changes are given."""

from __future__ import annotations

from dataclasses import replace

import pytest
from packaging.utils import canonicalize_name as canonical
from packaging.version import Version

from migrator.model.change import Added
from migrator.model.project import Dependency
from migrator.planning.account import give_reasons

from .expressions import evidence, fact, pin, project


@pytest.mark.parametrize(
    ("extras", "reason"),
    [
        ({"argon2"}, "needed by django 1, minio 2"),
        ({"Argon2"}, "needed by django 1, minio 2"),
        ({"other"}, "needed by minio 2"),
        (set(), "needed by minio 2"),
    ],
)
def test_who_asks_for_a_package_through_an_extra_that_is_wished_is_named(extras: set[str], reason: str) -> None:
    django = fact("django 1", "argon2-cffi; extra == 'argon2'", "argon2-cffi; extra == 'ghost'")
    pins = (pin("django 1"), pin("minio 2"))
    wish = Dependency(name=canonical("django"), raw_name="Django", extras=frozenset(extras), origin=pins[0].origin)
    change = Added(
        name=canonical("argon2-cffi"), version=Version("3"), needed_by=(canonical("django"), canonical("minio"))
    )
    before = replace(project(*pins), declared=(wish,))
    (given,) = give_reasons((change,), (), evidence(django, fact("minio 2", "argon2-cffi")), before)
    assert given.reason == reason


def test_where_nobody_asks_plainly_the_extras_are_all_there_is() -> None:
    change = Added(name=canonical("redis"), version=Version("3"), needed_by=(canonical("celery"),))
    celery = fact("celery 1", "redis; extra == 'redis'")
    (given,) = give_reasons((change,), (), evidence(celery), project(pin("celery 1")))
    assert given.reason == "needed by celery 1"
