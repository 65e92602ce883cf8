"""Wheels and sdists made in memory.

The bytes are the same on every machine and with every zlib: dates are fixed and nothing is
compressed, so hashes may stand in expected files.
"""

from __future__ import annotations

import base64
import hashlib
import io
import random
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import product
from pathlib import Path

from .release import Release, is_platform_tag

BUILD_MARKER_VARIABLE = "PACKAGE_INDEX_BUILD_MARKER"
"""Environment variable: the file to which an sdist adds `name==version` whenever its code runs."""

_ZIP_DATE = (2020, 1, 1, 0, 0, 0)
_TAR_DATE = 1577836800
_STORED_BLOCK = 0xFFFF
_EXTRA_CONDITION = re.compile(r"""\s*;?\s*(?:and\s+)?\bextra\s*==\s*["']([^"']+)["']\s*$""")

_SETUP = '''\
"""The requirements of this release are known only when this file runs."""
import os

from setuptools import setup

ROOT = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(ROOT, "BUILD_MARKER")) as marker:
    MARKER = marker.read() or os.environ.get({variable!r})
if MARKER:
    with open(MARKER, "a") as marker:
        marker.write({name!r} + "==" + {version!r} + "\\n")


def requirements():
    return list({requires!r})


setup(
    name={name!r},
    version={version!r},
    python_requires={python!r},
    packages={packages!r},
    py_modules={modules!r},
    install_requires=requirements(),
    extras_require={extras!r},
    entry_points={entry_points!r},
)
'''

_PYPROJECT = """\
[build-system]
requires = []
build-backend = "sdist_backend"
backend-path = ["."]
"""


def wheel_filename(release: Release, tag: str) -> str:
    """The file name of the wheel with this tag."""
    return f"{_stem(release)}-{tag}.whl"


def sdist_filename(release: Release) -> str:
    """The file name of the sdist."""
    return f"{_stem(release)}.tar.gz"


def core_metadata(release: Release) -> bytes:
    """METADATA of every wheel of the release."""
    return _metadata(release, version="2.1", requirements=True)


def wheel(release: Release, tag: str) -> bytes:
    """A valid wheel: it installs, imports, and its scripts run."""
    info = f"{_stem(release)}.dist-info"
    files = _installed_files(release)
    if is_platform_tag(tag):
        for library in release.libs:
            files[f"{release.import_name}.libs/{library}"] = b"\x7fELF" + library.encode()
    files[f"{info}/METADATA"] = core_metadata(release)
    files[f"{info}/WHEEL"] = _wheel_file(tag)
    files[f"{info}/top_level.txt"] = _lines(_top_level(release))
    if release.scripts:
        files[f"{info}/entry_points.txt"] = _entry_points(release)
    record = [f"{path},{_record_hash(content)},{len(content)}" for path, content in files.items()]
    files[f"{info}/RECORD"] = _lines([*record, f"{info}/RECORD,,"])
    return _zip(files)


def sdist(release: Release) -> bytes:
    """A .tar.gz whose metadata is as open as `release.sdist_metadata` says."""
    files = _installed_files(release)
    files["BUILD_MARKER"] = (release.build_marker or "").encode()
    if release.sdist_metadata == "static":
        files["PKG-INFO"] = _metadata(release, version="2.2", requirements=True)
        if release.scripts:
            files["entry_points.txt"] = _entry_points(release)
    else:
        files["PKG-INFO"] = _metadata(release, version="1.1", requirements=False)
        files["setup.py"] = _setup(release)
    if release.sdist_metadata != "legacy":
        files["pyproject.toml"] = _PYPROJECT.encode()
        files["sdist_backend.py"] = _backend()
    return _gzip(_tar(_stem(release), files))


def _stem(release: Release) -> str:
    return f"{release.import_name}-{release.spelled or release.canonical_version.replace('-', '_')}"


def _metadata(release: Release, *, version: str, requirements: bool) -> bytes:
    lines = [
        f"Metadata-Version: {version}",
        f"Name: {release.name}",
        f"Version: {release.canonical_version}",
        f"Summary: {release.summary}",
    ]
    if release.license:
        lines.append(f"License: {release.license}")
    if requirements:
        if release.requires_python:
            lines.append(f"Requires-Python: {release.requires_python}")
        lines += [f"Requires-Dist: {requirement}" for requirement in release.requires]
        lines += [f"Provides-Extra: {extra}" for extra in release.extras]
    return _lines(lines)


def _installed_files(release: Release) -> dict[str, bytes]:
    files = {path: text.encode() for path, text in release.modules.items()}
    if not files:
        files[f"{release.import_name}/__init__.py"] = _default_module(release).encode()
    if release.padding:
        seed = f"{release.canonical_name} {release.canonical_version}"
        noise = random.Random(seed).randbytes(release.padding)
        files[f"{_top_level(release)[0]}_padding.bin"] = noise
    return files


def _default_module(release: Release) -> str:
    text = f"{release.canonical_name} {release.canonical_version}"
    version = release.canonical_version
    return f"__version__ = {version!r}\n\n\ndef main():\n    print({text!r})\n"


def _top_level(release: Release) -> list[str]:
    paths = release.modules or [f"{release.import_name}/__init__.py"]
    return list(dict.fromkeys(path.split("/")[0].removesuffix(".py") for path in paths))


def _wheel_file(tag: str) -> bytes:
    purelib = str(not is_platform_tag(tag)).lower()
    lines = ["Wheel-Version: 1.0", "Generator: package_index", f"Root-Is-Purelib: {purelib}"]
    pythons, abis, platforms = (part.split(".") for part in tag.split("-")[-3:])
    lines += [f"Tag: {'-'.join(parts)}" for parts in product(pythons, abis, platforms)]
    return _lines(lines)


def _entry_points(release: Release) -> bytes:
    return _lines(["[console_scripts]", *_console_scripts(release)])


def _console_scripts(release: Release) -> list[str]:
    return [f"{command} = {target}" for command, target in release.scripts.items()]


def _setup(release: Release) -> bytes:
    always: list[str] = []
    extras: dict[str, list[str]] = {}
    for requirement in release.requires:
        if found := _EXTRA_CONDITION.search(requirement):
            extras.setdefault(found[1], []).append(requirement[: found.start()])
        else:
            always.append(requirement)
    paths = release.modules or [f"{release.import_name}/__init__.py"]
    scripts = _console_scripts(release)
    text = _SETUP.format(
        variable=BUILD_MARKER_VARIABLE,
        requires=tuple(always),
        name=release.name,
        version=release.canonical_version,
        python=release.requires_python,
        packages=sorted({path.rpartition("/")[0].replace("/", ".") for path in paths if "/" in path}),
        modules=[path.removesuffix(".py") for path in paths if "/" not in path],
        extras=extras,
        entry_points={"console_scripts": scripts} if scripts else {},
    )
    return text.encode()


@cache
def _backend() -> bytes:
    return Path(__file__).with_name("sdist_backend.py").read_text(encoding="utf-8").encode()


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _record_hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for path, content in files.items():
            entry = zipfile.ZipInfo(path, _ZIP_DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _tar(folder: str, files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"{folder}/{path}")
            entry.size = len(content)
            entry.mtime = _TAR_DATE
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _gzip(content: bytes) -> bytes:
    """Gzip with stored blocks only: what zlib makes of the same bytes differs by its version."""
    blocks = [content[start : start + _STORED_BLOCK] for start in range(0, len(content), _STORED_BLOCK)]
    parts = [b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"]
    for block in blocks:
        last = block is blocks[-1]
        parts.append(struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF) + block)
    parts.append(struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF))
    return b"".join(parts)
