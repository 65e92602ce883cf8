"""One set of real releases as a poetry.lock in each layout that some Poetry wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

CODES = {
    "asgiref-3.11.0-py3-none-any.whl": "1db9021efadb0d9512ce8ffaf72fcef601c7b73a8807a1bb2ef143dc6b14846d",
    "asgiref-3.11.0.tar.gz": "13acff32519542a1736223fb79a715acdebe24286d98e8b164a73085f40da2c4",
    "certifi-2024.2.2-py3-none-any.whl": "dc383c07b76109f368f6106eee2b593b04a011ea4d55f652c6ca24a754d1cdd1",
    "certifi-2024.2.2.tar.gz": "0569859f95fc761b18b45ef421b1290a0f65f147e92a1e5eb3e635f9a5e4e66f",
    "colorama-0.4.6-py2.py3-none-any.whl": "4f1d9991f5acc0ca119f9d443620b77f9d6b33703e51011c16baf57afb285fc6",
    "colorama-0.4.6.tar.gz": "08695f5cb7ed6e0531a20572697297273c47b8cae5a63ffc6d6ed5c201be6e44",
    "django-5.2.10-py3-none-any.whl": "cf85067a64250c95d5f9067b056c5eaa80591929f7e16fbcd997746e40d6c45c",
    "django-5.2.10.tar.gz": "74df100784c288c50a2b5cad59631d71214f40f72051d5af3fdf220c20bdbbbe",
    "django-6.0.1-py3-none-any.whl": "a92a4ff14f664a896f9849009cb8afaca7abe0d6fc53325f3d1895a15253433d",
    "django-6.0.1.tar.gz": "ed76a7af4da21551573b3d9dfc1f53e20dd2e6c7d70a3adc93eedb6338130a5f",
    "idna-3.6-py3-none-any.whl": "c05567e9c24a6b9faaa835c4821bad0590fbb9d5779e7caa6e1cc4978e7eb24f",
    "mistune-3.0.2-py3-none-any.whl": "71481854c30fdbc938963d3605b72501f5c10a9320ecd412c121c163a1c7d205",
    "mistune-3.0.2.tar.gz": "fc7f93ded930c92394ef2cb6f04a8aabab4117a91449e72dcc8dfa646a508be8",
    "PySocks-1.7.1-py27-none-any.whl": "08e69f092cc6dbe92a0fdd16eeb9b9ffbc13cadfe5ca4c7bd92ffb078b293299",
    "PySocks-1.7.1-py3-none-any.whl": "2725bd0a9925919b9b51739eea5f9e2bae91e83288108a9ad338b2e3a4435ee5",
    "PySocks-1.7.1.tar.gz": "3f8804571ebe159c380ac6de37643bb4685970655d3bba243530d6558b799aa0",
    "requests-2.31.0-py3-none-any.whl": "58cd2187c01e70e6e26505bca751777aa9f2ee0b7f4300988b709f44e013003f",
    "requests-2.31.0.tar.gz": "942c5a758f98d790eaed1a29cb6eefc7ffb0d1cf7af05c3d2791656dbd6ad1e1",
    "sqlparse-0.5.5-py3-none-any.whl": "12a08b3bf3eec877c519589833aed092e2444e68240a3577e8e26148acc7b1ba",
    "urllib3-2.2.0-py3-none-any.whl": "ce3711610ddce217e6d113a2732fafad960a03fd0318c91faa79481e35c11224",
    "urllib3-2.2.0.tar.gz": "051d961ad0c62a94e50ecf1af379c3aba230c66c710493493560c0c223c49f20",
    "zope.interface-7.2-cp311-cp311-win_amd64.whl": "3f6771d1647b1fc543d37640b45c06b34832a943c80d1db214a37c31161a93f1",
}
"""The sha256 of files as the index publishes them."""


@dataclass(frozen=True, kw_only=True)
class Locked:
    """One package of a lock; ``dependencies`` and ``extras`` are TOML."""

    name: str
    version: str
    files: tuple[str, ...] = ()
    dependencies: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    source: tuple[tuple[str, str], ...] = ()
    groups: tuple[str, ...] = ("main",)
    markers: str = ""
    optional: bool = False
    more: dict[str, str] = field(default_factory=dict)


PACKAGES = (
    Locked(name="asgiref", version="3.11.0", files=("asgiref-3.11.0-py3-none-any.whl", "asgiref-3.11.0.tar.gz")),
    Locked(name="certifi", version="2024.2.2", files=("certifi-2024.2.2-py3-none-any.whl", "certifi-2024.2.2.tar.gz")),
    Locked(
        name="colorama",
        version="0.4.6",
        files=("colorama-0.4.6-py2.py3-none-any.whl", "colorama-0.4.6.tar.gz"),
        groups=("dev",),
        markers='"sys_platform == \\"win32\\""',
    ),
    Locked(
        name="django",
        version="5.2.10",
        files=("django-5.2.10-py3-none-any.whl", "django-5.2.10.tar.gz"),
        dependencies=('asgiref = ">=3.8.1"', 'sqlparse = ">=0.3.1"'),
        extras=('argon2 = ["argon2-cffi (>=19.1.0)"]', 'bcrypt = ["bcrypt"]'),
        markers='"python_version < \\"3.12\\""',
    ),
    Locked(
        name="django",
        version="6.0.1",
        files=("django-6.0.1-py3-none-any.whl", "django-6.0.1.tar.gz"),
        dependencies=('asgiref = ">=3.9.1"', 'sqlparse = ">=0.5.0"'),
        markers='"python_version >= \\"3.12\\""',
    ),
    Locked(
        name="idna",
        version="3.6",
        files=("idna-3.6-py3-none-any.whl",),
        source=(("type", "url"), ("url", "https://files.example.org/idna-3.6-py3-none-any.whl")),
    ),
    Locked(name="imgtools", version="0.3.0", source=(("type", "directory"), ("url", "lib/imgtools"))),
    Locked(
        name="mistune",
        version="3.0.2",
        files=("mistune-3.0.2-py3-none-any.whl", "mistune-3.0.2.tar.gz"),
        source=(
            ("type", "legacy"),
            ("url", "https://packages.example.org/simple"),
            ("reference", "mirror"),
        ),
        groups=("main", "docs"),
        markers='{main = "python_version < \\"3.11\\"", docs = "sys_platform == \\"linux\\""}',
    ),
    Locked(
        name="PySocks",
        version="1.7.1",
        files=("PySocks-1.7.1-py27-none-any.whl", "PySocks-1.7.1-py3-none-any.whl", "PySocks-1.7.1.tar.gz"),
        optional=True,
    ),
    Locked(
        name="requests",
        version="2.31.0",
        files=("requests-2.31.0-py3-none-any.whl", "requests-2.31.0.tar.gz"),
        dependencies=(
            'certifi = ">=2017.4.17"',
            'idna = ">=2.5,<4"',
            'PySocks = {version = ">=1.5.6,<1.5.7 || >1.5.7", optional = true, markers = "extra == \\"socks\\""}',
            'urllib3 = ">=1.21.1,<3"',
        ),
        extras=(
            'socks = ["PySocks (>=1.5.6,!=1.5.7)"]',
            'use-chardet-on-py3 = ["chardet (>=3.0.2,<6)"]',
        ),
    ),
    Locked(
        name="sqlparse",
        version="0.5.5",
        files=("sqlparse-0.5.5-py3-none-any.whl",),
        source=(("type", "file"), ("url", "vendor/sqlparse-0.5.5-py3-none-any.whl")),
    ),
    Locked(
        name="trackers",
        version="1.0",
        dependencies=('requests = {version = "*", extras = ["socks"]}',),
        source=(
            ("type", "git"),
            ("url", "https://git.example.org/team/trackers.git"),
            ("reference", "main"),
            ("resolved_reference", "8d4bb2a5a1ab2b2d9b9a1b4d5c2f4c6a7e8f9012"),
            ("subdirectory", "python"),
        ),
    ),
    Locked(name="urllib3", version="2.2.0", files=("urllib3-2.2.0-py3-none-any.whl", "urllib3-2.2.0.tar.gz")),
    Locked(name="zope.interface", version="7.2", files=("zope.interface-7.2-cp311-cp311-win_amd64.whl",)),
)


def make_lock(layout: str, packages: Iterable[Locked] = PACKAGES) -> str:
    """The text of a poetry.lock of the lock version ``layout``: 1.0, 1.1, 2.0 or 2.1."""
    packages = tuple(packages)
    blocks = [] if layout.startswith("1") else ["# This file is automatically @generated by Poetry.\n"]
    blocks += [_block(package, layout) for package in packages]
    metadata = [f'lock-version = "{layout}"', 'python-versions = "^3.8"', 'content-hash = "f00d"']
    if layout == "1.0":
        metadata = metadata[1:]  # Poetry 1.0 had no lock-version yet
    blocks.append("\n".join(("[metadata]", *metadata, "")))
    if layout.startswith("1"):
        files: dict[str, tuple[str, ...]] = {}
        for package in packages:
            files[package.name] = (*files.get(package.name, ()), *package.files)
        lines = [f"{_key(name)} = {_files(names, layout)}" for name, names in files.items()]
        blocks.append("\n".join(("[metadata.files]", *lines, "")))
    return "\n".join(blocks)


def _block(package: Locked, layout: str) -> str:
    facts = {
        "name": f'"{package.name}"',
        "version": f'"{package.version}"',
        "description": '"A package # of [the] set"',
    }
    if layout.startswith("1"):
        facts["category"] = '"main"' if "main" in package.groups else '"dev"'
    if layout == "1.0" and package.markers.startswith('"'):
        facts["marker"] = package.markers
    facts["optional"] = str(package.optional).lower()
    facts["python-versions"] = '">=3.8"'
    if layout == "2.1":
        facts["groups"] = "[" + ", ".join(f'"{group}"' for group in package.groups) + "]"
        if package.markers:
            facts["markers"] = package.markers
    if layout.startswith("2"):
        facts["files"] = _files(package.files, layout)
    facts |= package.more
    lines = ["[[package]]", *(f"{key} = {value}" for key, value in facts.items())]
    if package.dependencies:
        lines += ["", "[package.dependencies]", *package.dependencies]
    if package.extras:
        lines += ["", "[package.extras]", *package.extras]
    if package.source:
        source = dict(package.source)
        if layout == "1.0":
            source.setdefault("reference", "")
        lines += ["", "[package.source]", *(f'{key} = "{value}"' for key, value in source.items())]
    return "\n".join((*lines, ""))


def _files(names: tuple[str, ...], layout: str) -> str:
    if not names:
        return "[]"
    items = (f'    {{file = "{name}", hash = "sha256:{CODES[name]}"}},\n' for name in names)
    return "[\n" + "".join(items) + "]" + ("\n" if layout == "2.1" else "")


def _key(name: str) -> str:
    return f'"{name}"' if "." in name else name
