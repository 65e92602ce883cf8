"""The build backend that every sdist of the test index carries, so that it builds offline.

It needs nothing but the standard library: `requires = []` in pyproject.toml. Where the sdist has
a setup.py, that file runs with a stand-in for setuptools and its answers become the metadata;
otherwise PKG-INFO is the metadata.
"""

# ruff: noqa: ARG001 (a front end may pass every argument of a hook by its name)

from __future__ import annotations

import base64
import hashlib
import os
import runpy
import sys
import types
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent
OWN_FILES = {"PKG-INFO", "BUILD_MARKER", "pyproject.toml", "setup.py", "entry_points.txt"}


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """Nothing is needed."""
    return []


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Any = None) -> str:
    """Write the .dist-info folder."""
    metadata, entry_points = _describe()
    folder = Path(metadata_directory) / _dist_info(metadata)
    folder.mkdir()
    for name, content in _dist_info_files(metadata, entry_points).items():
        (folder / name).write_bytes(content)
    return folder.name


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Write a py3-none-any wheel."""
    metadata, entry_points = _describe()
    folder = _dist_info(metadata)
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted(ROOT.rglob("*"))
        if path.is_file() and path.name not in OWN_FILES and path != Path(__file__) and "__pycache__" not in path.parts
    }
    for name, content in _dist_info_files(metadata, entry_points).items():
        files[f"{folder}/{name}"] = content
    record = [f"{path},{_record_hash(content)},{len(content)}" for path, content in files.items()]
    record.append(f"{folder}/RECORD,,")
    files[f"{folder}/RECORD"] = "\n".join([*record, ""]).encode()
    filename = f"{folder.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / filename, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    return filename


def _describe() -> tuple[str, str]:
    """The text of METADATA and of entry_points.txt."""
    if (ROOT / "setup.py").exists():
        return _run_setup()
    _drop_marker()
    entry_points = ROOT / "entry_points.txt"
    return (ROOT / "PKG-INFO").read_text(), entry_points.read_text() if entry_points.exists() else ""


def _run_setup() -> tuple[str, str]:
    answers: dict[str, Any] = {}
    setuptools = types.ModuleType("setuptools")
    setuptools.__dict__["setup"] = answers.update
    sys.modules["setuptools"] = setuptools
    runpy.run_path(str(ROOT / "setup.py"), run_name="__main__")
    lines = ["Metadata-Version: 2.1", f"Name: {answers['name']}", f"Version: {answers['version']}"]
    if answers.get("python_requires"):
        lines.append(f"Requires-Python: {answers['python_requires']}")
    lines += [f"Requires-Dist: {requirement}" for requirement in answers["install_requires"]]
    for extra, requirements in answers["extras_require"].items():
        lines.append(f"Provides-Extra: {extra}")
        for requirement in requirements:
            bare, _, marker = (part.strip() for part in requirement.partition(";"))
            condition = f'({marker}) and extra == "{extra}"' if marker else f'extra == "{extra}"'
            lines.append(f"Requires-Dist: {bare} ; {condition}")
    scripts = answers["entry_points"].get("console_scripts", [])
    entry_points = "\n".join(["[console_scripts]", *scripts, ""]) if scripts else ""
    return "\n".join([*lines, ""]), entry_points


def _drop_marker() -> None:
    """Leave a trace, so that a test can tell that code of this sdist ran."""
    marker = (ROOT / "BUILD_MARKER").read_text() or os.environ.get("PACKAGE_INDEX_BUILD_MARKER")
    if marker:
        headers = Parser().parsestr((ROOT / "PKG-INFO").read_text())
        with Path(marker).open("a") as file:
            file.write(f"{headers['Name']}=={headers['Version']}\n")


def _dist_info(metadata: str) -> str:
    headers = Parser().parsestr(metadata)
    return f"{headers['Name'].replace('-', '_')}-{headers['Version']}.dist-info"


def _dist_info_files(metadata: str, entry_points: str) -> dict[str, bytes]:
    wheel = "Wheel-Version: 1.0\nGenerator: sdist_backend\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files = {"METADATA": metadata, "WHEEL": wheel}
    if entry_points:
        files["entry_points.txt"] = entry_points
    return {name: text.encode() for name, text in files.items()}


def _record_hash(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"
