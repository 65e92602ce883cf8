"""An index in a process of its own, until it is interrupted.

    python -m tests.package_index --spec FILE.json --mode json --latency 0.05

The first line of standard output is the URL of the root; the index serves from then on.
`GET /-/log` gives the requests and the highest concurrency as JSON, `DELETE /-/log` clears them.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path
from typing import get_args

from .behaviour import Mode
from .release import read_specification
from .server import serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM."""
    options = _parser().parse_args(arguments)
    if (options.user is None) != (options.password is None):
        sys.exit("--user and --password go together")
    releases = read_specification(options.spec.read_text(encoding="utf-8"))
    stop = threading.Event()

    def interrupted(_number: int, _frame: object) -> None:
        stop.set()

    signal.signal(signal.SIGINT, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    with serve(
        releases,
        port=options.port,
        mode=options.mode,
        latency=options.latency,
        ranges=options.ranges,
        metadata_files=options.metadata_files,
        cache_control=options.cache_control,
        credentials=None if options.user is None else (options.user, options.password),
    ) as index:
        if options.prebuild:
            index.catalogue.prebuild()
        print(index.url, flush=True)
        stop.wait()
    return 0


def _parser() -> argparse.ArgumentParser:
    switch = argparse.BooleanOptionalAction
    parser = argparse.ArgumentParser(prog="python -m tests.package_index", description=__doc__)
    parser.add_argument("--spec", type=Path, required=True, metavar="FILE", help="releases (JSON)")
    parser.add_argument("--mode", choices=get_args(Mode), default="html")
    parser.add_argument("--port", type=int, default=0, help="default: a free one")
    parser.add_argument("--latency", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--ranges", action=switch, default=True, help="HTTP ranges on files")
    parser.add_argument("--metadata-files", action=switch, default=None, help="PEP 658")
    parser.add_argument("--cache-control", metavar="VALUE", help="header for pages")
    parser.add_argument("--prebuild", action="store_true", help="make all files before serving")
    parser.add_argument("--user")
    parser.add_argument("--password")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
