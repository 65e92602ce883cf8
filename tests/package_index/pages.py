"""The pages of an index as text: PEP 503, PEP 691, and the JSON of packages and releases."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from packaging.version import InvalidVersion, Version

from .catalogue import Catalogue, DistributionFile

HTML = "text/html; charset=utf-8"
PEP_691 = "application/vnd.pypi.simple.v1+json"
_META = '<meta name="pypi:repository-version" content="1.1">'


def wants_pep_691(accept: str) -> bool:
    """Whether an Accept header prefers the JSON form to the HTML forms."""
    quality = {"json": 0.0, "html": 0.0}
    for entry in accept.split(","):
        kind, *parameters = (part.strip() for part in entry.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                weight = float(parameter[2:])
        if kind in {PEP_691, PEP_691.replace(".v1", ".latest")}:
            quality["json"] = max(quality["json"], weight)
        elif kind in {"*/*", "text/html"} or kind.startswith("application/vnd.pypi.simple."):
            quality["html"] = max(quality["html"], weight)
    return quality["json"] > quality["html"]


def html_root(names: Sequence[str]) -> str:
    """PEP 503: all packages."""
    return _html("Simple index", [f'<a href="{name}/">{name}</a>' for name in names])


def html_package(name: str, files: Sequence[DistributionFile], *, metadata_files: bool) -> str:
    """PEP 503: all files of a package."""
    return _html(f"Links for {name}", [_anchor(file, metadata_files) for file in files])


def json_root(names: Sequence[str]) -> str:
    """PEP 691: all packages."""
    return json.dumps({"meta": _api_version(), "projects": [{"name": name} for name in names]})


def json_package(
    name: str,
    versions: Sequence[str],
    files: Sequence[DistributionFile],
    *,
    metadata_files: bool,
) -> str:
    """PEP 691 with PEP 700: all files of a package."""
    entries = [_pep_691_file(file, metadata_files) for file in files]
    page = {"meta": _api_version(), "name": name, "versions": versions, "files": entries}
    return json.dumps(page)


def release_json(catalogue: Catalogue, base: str, name: str, version: str) -> str | None:
    """PyPI's JSON of one release; None when there is no such release."""
    files = catalogue.files(name, version)
    return json.dumps(_release(base, files)) if files else None


def package_json(catalogue: Catalogue, base: str, name: str) -> str | None:
    """PyPI's JSON of a package: its newest release, and the files of all of them."""
    versions = catalogue.versions(name)
    if not versions:
        return None
    page = _release(base, catalogue.files(name, _newest(catalogue, name, versions)))
    page["releases"] = {
        version: [_release_file(base, file) for file in catalogue.files(name, version)] for version in versions
    }
    return json.dumps(page)


def file_path(file: DistributionFile) -> str:
    """Where the index has the file, from its root and without a leading slash."""
    return f"files/{file.release.canonical_name}/{quote(file.filename)}"


def _html(title: str, anchors: Sequence[str]) -> str:
    body = "".join(f"    {anchor}<br/>\n" for anchor in anchors)
    head = f"  <head>\n    {_META}\n    <title>{escape(title)}</title>\n  </head>\n"
    return f"<!DOCTYPE html>\n<html>\n{head}  <body>\n{body}  </body>\n</html>\n"


def _anchor(file: DistributionFile, metadata_files: bool) -> str:
    algorithms = file.release.hash_algorithms
    fragment = f"#{algorithms[0]}={file.digests[algorithms[0]]}" if algorithms else ""
    attributes = {"href": f"../../{file_path(file)}{fragment}"}
    if file.release.requires_python:
        attributes["data-requires-python"] = file.release.requires_python
    if file.yanked is not None:
        attributes["data-yanked"] = file.yanked
    if metadata_files and file.core_metadata is not None:
        digest = f"sha256={_sha256(file.core_metadata)}"
        attributes |= {"data-core-metadata": digest, "data-dist-info-metadata": digest}
    written = " ".join(f'{key}="{escape(value)}"' for key, value in attributes.items())
    return f"<a {written}>{escape(file.filename)}</a>"


def _api_version() -> dict[str, str]:
    return {"api-version": "1.1"}


def _pep_691_file(file: DistributionFile, metadata_files: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "filename": file.filename,
        "url": f"../../{file_path(file)}",
        "hashes": {name: file.digests[name] for name in file.release.hash_algorithms},
        "requires-python": file.release.requires_python,
        "size": len(file.content),
        "upload-time": file.release.upload_time,
        "yanked": False if file.yanked is None else file.yanked or True,
    }
    if metadata_files:
        content = file.core_metadata
        found = False if content is None else {"sha256": _sha256(content)}
        entry |= {"core-metadata": found, "data-dist-info-metadata": found}
    return entry


def _release(base: str, files: Sequence[DistributionFile]) -> dict[str, Any]:
    release = files[0].release
    told = bool(release.wheels) or release.sdist_metadata == "static"
    reasons = [file.yanked for file in files]
    yanked = all(reason is not None for reason in reasons)
    info = {
        "name": release.name,
        "version": release.canonical_version,
        "summary": release.summary,
        "description": "",
        "license": release.license,
        "classifiers": [],
        "project_urls": None,
        "package_url": f"{base}/project/{release.canonical_name}/",
        "release_url": f"{base}/project/{release.canonical_name}/{release.canonical_version}/",
        # PyPI says null both for "none" and for "not known".
        "requires_dist": list(release.requires) or None if told else None,
        "provides_extra": list(release.extras) or None if told else None,
        "requires_python": release.requires_python,
        "yanked": yanked,
        "yanked_reason": (reasons[0] or None) if yanked else None,
    }
    urls = [_release_file(base, file) for file in files]
    return {"info": info, "last_serial": 1, "urls": urls, "vulnerabilities": []}


def _release_file(base: str, file: DistributionFile) -> dict[str, Any]:
    return {
        "filename": file.filename,
        "packagetype": file.packagetype,
        "python_version": "source" if file.tag is None else file.tag.split("-")[0],
        "digests": {name: file.digests[name] for name in ("blake2b_256", "md5", "sha256")},
        "md5_digest": file.digests["md5"],
        "requires_python": file.release.requires_python,
        "size": len(file.content),
        "upload_time": file.release.upload_time[:19],
        "upload_time_iso_8601": file.release.upload_time,
        "url": f"{base}/{file_path(file)}",
        "yanked": file.yanked is not None,
        "yanked_reason": file.yanked or None,
    }


def _newest(catalogue: Catalogue, name: str, versions: Sequence[str]) -> str:
    """The newest final release that is not yanked, else the newest of all."""
    for version in reversed(versions):
        live = any(file.yanked is None for file in catalogue.files(name, version))
        if live and not _is_prerelease(version):
            return version
    return versions[-1]


def _is_prerelease(version: str) -> bool:
    try:
        return Version(version).is_prerelease
    except InvalidVersion:
        return True


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
