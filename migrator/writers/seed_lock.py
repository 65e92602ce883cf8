"""The skeleton poetry.lock that makes Poetry prefer the old pins.

It holds the least that Poetry's locker accepts: Poetry fetches requirements and files of the chosen version anew
anyway, and takes a locked version as a preference only. ``files`` stays empty for that reason.
"""

from __future__ import annotations

from migrator.model.plan import PlannedSource, Seed

_LOCK_VERSION = "2.1"


def write_seed(seeds: tuple[Seed, ...], sources: tuple[PlannedSource, ...]) -> str:
    """The text of a poetry.lock that holds just ``seeds``, sorted by name and version.

    A seed of a named source says so, as Poetry would write it: without it Poetry does not find the seed again for a
    dependency with ``source =``. A name that ``sources`` does not have is left out, because Poetry stops on it.
    """
    import tomlkit

    # Poetry writes no source for what comes from PyPI
    urls = {s.name: str(s.url.without_credentials()).rstrip("/") for s in sources if not s.is_public}
    packages = tomlkit.aot()
    for seed in sorted(set(seeds), key=lambda seed: (seed.name, str(seed.version), seed.index or "")):
        package = tomlkit.table()
        package["name"] = seed.name
        package["version"] = str(seed.version)
        package["optional"] = False
        package["python-versions"] = "*"
        package["files"] = []
        if seed.index in urls:
            source = tomlkit.table()
            source["type"] = "legacy"
            source["url"] = urls[seed.index]
            source["reference"] = seed.index
            package["source"] = source
        packages.append(package)
    document = tomlkit.document()
    # Poetry looks the key up even where nothing is locked
    document["package"] = packages or tomlkit.array()
    metadata = tomlkit.table()
    metadata["lock-version"] = _LOCK_VERSION
    metadata["python-versions"] = "*"
    metadata["content-hash"] = ""
    document["metadata"] = metadata
    return tomlkit.dumps(document)
