"""A small package index on this machine, so that tests and benchmarks need no network.

    with serve([Release("demo", "1.0", requires=["helper>=2"]), Release("helper", "2.1")]) as index:
        pip("download", "--index-url", index.simple_url, "demo")
        assert Request("GET", "/simple/demo/", 200) in index.log

What it serves is declared as `Release` values; files are made in memory, with the same bytes on
every machine. How it serves (plain mirror or PyPI, ranges, latency, failures, credentials) is one
`Behaviour` value that may be changed while it runs.
"""

from .behaviour import Behaviour, Failure, Mode
from .catalogue import Catalogue, DistributionFile
from .distributions import BUILD_MARKER_VARIABLE
from .release import Release, SdistMetadata, read_specification
from .server import PackageIndex, serve
from .traffic import Request

__all__ = [
    "BUILD_MARKER_VARIABLE",
    "Behaviour",
    "Catalogue",
    "DistributionFile",
    "Failure",
    "Mode",
    "PackageIndex",
    "Release",
    "Request",
    "SdistMetadata",
    "read_specification",
    "serve",
]
