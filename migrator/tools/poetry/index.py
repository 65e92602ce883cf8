"""Poetry's repositories, taught three things; imported by the worker only.

They read a default index that is a plain mirror, look at one release without parsing a whole listing, and know of each
release whether a build told what it needs.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import requests
from packaging.metadata import parse_email
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version as Pep440Version
from poetry.core.constraints.version import Version
from poetry.core.version.exceptions import InvalidVersionError
from poetry.inspection.info import PackageInfo
from poetry.repositories.exceptions import PackageNotFoundError
from poetry.repositories.http_repository import HTTPRepository
from poetry.repositories.legacy_repository import LegacyRepository
from poetry.repositories.link_sources.html import HTMLPage
from poetry.repositories.link_sources.json import SimpleJsonPage
from poetry.repositories.pypi_repository import PyPiRepository
from poetry.utils.cache import FileCache
from poetry.utils.constants import REQUESTS_TIMEOUT

from migrator.model.plan import credential_variables

from .building import Builds, NeedsBuildError, asking_ahead, asking_for, noticing_builds
from .trust import share_connections

if TYPE_CHECKING:
    from poetry.config.config import Config
    from poetry.core.packages.package import Package
    from poetry.core.packages.utils.link import Link
    from poetry.repositories.link_sources.base import LinkSource

PUBLIC_SIMPLE = "https://pypi.org/simple"
PUBLIC_FILES = "files.pythonhosted.org"

_END = re.compile(r"</a\s*>", re.IGNORECASE)
_BASE = re.compile(r"<base\b[^>]*>", re.IGNORECASE)
_MODE_KEY = "migrator:how-the-index-answers"
_TRIES = 3
_LONGEST_PAUSE = 1.0
_UNAUTHORISED = frozenset({401, 403})
_SERVER_ERROR = 500
_TOO_MANY = 429

Relaxations = frozenset[tuple[NormalizedName, NormalizedName]]


class IndexTroubleError(Exception):
    """The index could not be asked. The text is one sentence."""


def shrink_page(text: str, version: Version) -> str:
    """The anchors of a PEP 503 page that can be files of ``version``; a superset, far smaller than the page.

    Poetry parses a whole listing to look at one release: of sixty usual packages that is most of the time spent.
    """
    release = [int(part) for part in Pep440Version(version.text).release]
    while len(release) > 1 and not release[-1]:
        release.pop()
    first, *rest = (str(part) for part in release)
    # what begins with digits is searched for seven times as fast as what begins with a choice of separators
    before = rf"(?:(?<=[-_!v]{first})|(?<=%21{first})|(?<=0{first}))"
    wanted = re.compile(first + before + "".join(rf"[._]0*{part}" for part in rest) + r"(?![0-9])", re.IGNORECASE)
    base = _BASE.search(text)
    kept = [base.group() if base else ""]
    end = 0
    for found in wanted.finditer(text):
        if found.start() < end:
            continue
        start = max(text.rfind("<a", end, found.start()), text.rfind("<A", end, found.start()))
        if start < 0:
            continue
        closing = _END.search(text, found.end())
        end = closing.end() if closing else len(text)
        kept.append(text[start:end])
    return "\n".join(kept)


class _Plain(HTTPRepository):
    """What both kinds of repository share: loud refusals, small pages, metadata files, relaxed requirements."""

    relaxed: Relaxations = frozenset()
    builds: Builds

    def _tame_authenticator(self) -> None:
        """Poetry asks six times and waits as long as the server says, an hour if it must."""
        pause = self._authenticator._get_backoff  # noqa: SLF001 (Poetry offers no other way)

        def pause_briefly(response: requests.Response | None, attempt: int) -> float:
            if response is None and attempt >= _TRIES:
                raise IndexTroubleError(
                    f"{self._label} does not answer: check the address and the network, then try again"
                )
            try:
                return min(pause(response, attempt), _LONGEST_PAUSE)
            except ValueError:  # Retry-After may be a date
                return _LONGEST_PAUSE

        share_connections(self._authenticator, _distrust)
        self._authenticator._get_backoff = pause_briefly  # type: ignore[method-assign]  # noqa: SLF001 (as above)

    def _remember_pages(self) -> None:
        self._whole_pages: dict[NormalizedName, LinkSource] = {}
        self._turns: dict[tuple[NormalizedName, str], threading.Lock] = {}

    def _turn(self, name: NormalizedName, version: str = "") -> threading.Lock:
        """What one thread at a time asks: the second one finds the answer."""
        return self._turns.setdefault((name, version), threading.Lock())

    def find_unread_file(self, name: NormalizedName, version: Version) -> str | None:
        """The first file of ``version`` that Poetry takes for one of another package: ``six-1.0-2.tar.gz``."""
        with contextlib.suppress(PackageNotFoundError):
            for filename in sorted({link.filename for link in self.get_page(name).links}):
                if not filename.endswith(".whl") and _read_sdist_version(filename, name) == version:
                    return filename
        return None

    def _get_page(self, name: NormalizedName) -> LinkSource:
        with self._turn(name):
            if name not in self._whole_pages:
                self._whole_pages[name] = _parse(self._listing(name))
            return self._whole_pages[name]

    @property
    def _label(self) -> str:
        return f"The package index {self.name} ({self._url.rstrip('/')})"

    def get_release_info(self, name: NormalizedName, version: Version) -> PackageInfo:
        token = asking_for.set(f"{name} {version.text}")
        try:
            with self._turn(name, version.text):
                info = super().get_release_info(name, version)
                if not _has_wheel(info.files):
                    info = self._with_leave(name, version, info)
        finally:
            asking_for.reset(token)
        dropped = {required for package, required in self.relaxed if package == name}
        if dropped:
            info.requires_dist = [r for r in info.requires_dist or [] if _name_of(r) not in dropped]
        return info

    def _get_release_info(self, name: NormalizedName, version: Version) -> dict[str, Any]:
        with noticing_builds() as claimed:
            release = self._ask_release(name, version)
        if not _has_wheel(release["files"]):
            self._release_cache.put(_builds_key(name, version), {"built": sorted(claimed)})
        return release

    def _ask_release(self, name: NormalizedName, version: Version) -> dict[str, Any]:
        """One release as the index gives it, in the form of Poetry's cache."""
        return self._read_plain_release(name, version)

    def _with_leave(self, name: NormalizedName, version: Version, info: PackageInfo) -> PackageInfo:
        """``info`` of a release without wheels, if it came without a build or there is leave for one.

        What Poetry itself put into the cache may have come from a build; that is found out by asking again.

        :raises NeedsBuildError: there is no leave
        """
        noted = self._release_cache.get(_builds_key(name, version))
        if noted is None:
            release = self._get_release_info(name, version)
            self._release_cache.put(f"{name}:{version}", release)
            return PackageInfo.load(release)
        for package in noted["built"]:
            self.builds.claim(package)
        return info

    def _get_response(self, endpoint: str, *, headers: dict[str, str] | None = None) -> requests.Response | None:
        response = self.session.get(
            self._url.rstrip("/") + endpoint, raise_for_status=False, timeout=REQUESTS_TIMEOUT, headers=headers
        )
        self._refuse_failure(response)
        return response if response.status_code == requests.codes.ok else None

    def _refuse_failure(self, response: requests.Response) -> None:
        status = response.status_code
        if status in _UNAUTHORISED:
            user, password = credential_variables(self.name)
            raise IndexTroubleError(
                f"{self._label} refused access (HTTP {status}): set {user} and {password}, "
                f"or run: poetry config http-basic.{self.name} USER PASSWORD"
            )
        if status >= _SERVER_ERROR or status == _TOO_MANY:
            raise IndexTroubleError(f"{self._label} answered HTTP {status}: nothing can be locked now, try again later")

    def _get_info_from_metadata(self, link: Link) -> PackageInfo | None:
        if link.has_metadata or not link.is_wheel or link.netloc != PUBLIC_FILES:
            return super()._get_info_from_metadata(link)
        # PyPI keeps the PEP 658 file of every wheel; a plain mirror's page does not say so
        response = self.session.get(link.url_without_fragment + ".metadata", raise_for_status=False)
        if response.status_code != requests.codes.ok:
            return None
        metadata, _ = parse_email(response.content)
        return PackageInfo.from_metadata(metadata) if metadata.get("name") else None

    def _get_info_from_sdist(self, link: Link) -> PackageInfo:
        if asking_ahead.get():
            raise NeedsBuildError(asking_for.get())
        return super()._get_info_from_sdist(link)

    def _read_plain_release(self, name: NormalizedName, version: Version) -> dict[str, Any]:
        """One release from a PEP 503 or PEP 691 page, in the form of Poetry's cache.

        :raises PackageNotFoundError: the index has no such package or no such version
        """
        page = self._page_of_release(name, version)
        links = list(page.links_for_version(name, version))
        if not links:
            raise PackageNotFoundError(f"Package {name} ({version.text}) not found.")
        return self._links_to_data(
            links,
            PackageInfo(
                name=name,
                version=version.text,
                summary="",
                requires_dist=[],
                requires_python=None,
                files=[],
                yanked=page.yanked(name, version),
                cache_version=str(self.CACHE_VERSION),
            ),
        )

    def _page_of_release(self, name: NormalizedName, version: Version) -> LinkSource:
        if name in self._whole_pages:
            return self._whole_pages[name]
        response = self._listing(name)
        if not _is_json(response):
            page = HTMLPage(response.url, shrink_page(response.text, version))
            if any(page.links_for_version(name, version)):
                return page
        return _parse(response)

    def _listing(self, name: NormalizedName) -> requests.Response:
        response = self._get_response(f"/{name}/", headers=self._get_prefer_json_header())
        if response is None:
            raise PackageNotFoundError(f"Package [{name}] not found.")
        return response


class NamedIndex(_Plain, LegacyRepository):
    """A source that the user's files name."""

    def __init__(self, name: str, url: str, *, builds: Builds, config: Config, pool_size: int) -> None:
        super().__init__(name, url, config=config, pool_size=pool_size)
        self.builds = builds
        self._tame_authenticator()
        self._remember_pages()


class DefaultIndex(_Plain, PyPiRepository):  # type: ignore[misc]  # a page may be of either kind
    """PyPI under its own name, over whatever ``simple`` address reaches it.

    The JSON interface is used where it answers; where it does not, the plain pages are, and ``plain`` is then True.
    The lock looks the same either way: nothing in it says how the index was reached.
    """

    def __init__(self, simple: str, *, builds: Builds, config: Config, pool_size: int) -> None:
        base = simple.rstrip("/").removesuffix("/simple").rstrip("/") + "/"
        super().__init__(base, config=config, pool_size=pool_size)
        self._url = simple.rstrip("/")
        self.builds = builds
        self._authenticator.add_repository(self.name, self._url)
        self._tame_authenticator()
        self._remember_pages()
        if self._url != PUBLIC_SIMPLE:
            # what another address says of a release must not be taken for PyPI's word later
            digest = hashlib.sha256(self._url.encode()).hexdigest()[:16]
            self._release_cache = FileCache(path=config.repository_cache_directory / f"PyPI-{digest}")
        self._pages: dict[NormalizedName, requests.Response] = {}
        self._releases: dict[str, dict[str, Any]] = {}
        self._probed = not self._url.endswith("/simple")
        # a warm run asks nothing and still has to say how the index was reached
        self.plain = self._probed or bool((self._release_cache.get(_MODE_KEY) or {}).get("plain"))

    def _ask_release(self, name: NormalizedName, version: Version) -> dict[str, Any]:
        if not self._probed:
            self._find_mode(name, version)
        if self.plain:
            return self._read_plain_release(name, version)
        return PyPiRepository._get_release_info(self, name, version)  # noqa: SLF001 (whose child this is)

    def _find_mode(self, name: NormalizedName, version: Version) -> None:
        """Find out whether the index has the JSON of releases; a package that it does not have tells nothing.

        Threads that come before the first answer ask side by side: a plain index gives each the page it wants next,
        and nobody waits for another one's connection.
        """
        listing = self._get_response(f"/{name}/", headers=self._get_prefer_json_header())
        if listing is None:
            return
        if _is_json(listing):
            endpoint = f"pypi/{name}/{version.text}/json"
            release = self._get(endpoint)
            if release is not None:
                self._releases[endpoint] = release
                self._remember_mode(plain=False)
                return
            if version not in SimpleJsonPage(listing.url, listing.json()).versions(name):
                return
        self._pages[name] = listing
        self._remember_mode(plain=True)

    def _remember_mode(self, *, plain: bool) -> None:
        if not self._probed:
            self._release_cache.put(_MODE_KEY, {"plain": plain})
            self.plain = plain
            self._probed = True

    def find_links_for_package(self, package: Package) -> list[Link]:
        """The files of a release; Poetry's installer asks for those that a build needs."""
        if not self._probed:
            self._find_mode(package.name, package.version)
        if not self.plain:
            return super().find_links_for_package(package)
        page = self._page_of_release(package.name, package.version)
        return list(page.links_for_version(package.name, package.version))

    def _listing(self, name: NormalizedName) -> requests.Response:
        asked_before = self._pages.pop(name, None)
        return super()._listing(name) if asked_before is None else asked_before

    def _get(self, endpoint: str, headers: dict[str, str] | None = None) -> dict[str, Any] | None:
        asked_before = self._releases.pop(endpoint, None)
        if asked_before is not None:
            return asked_before
        response = self.session.get(
            self._base_url + endpoint, raise_for_status=False, timeout=REQUESTS_TIMEOUT, headers=headers
        )
        self._refuse_failure(response)
        if response.status_code != requests.codes.ok or not _is_json(response):
            return None
        answer: dict[str, Any] = response.json()
        return answer


def _distrust(host: str) -> IndexTroubleError:
    return IndexTroubleError(
        f"The certificate of {host} is signed by nobody who is trusted here: "
        "name the file of those who are in REQUESTS_CA_BUNDLE, then try again"
    )


def _is_json(response: requests.Response) -> bool:
    return "json" in response.headers.get("Content-Type", "")


def _parse(response: requests.Response) -> HTMLPage | SimpleJsonPage:
    return (
        SimpleJsonPage(response.url, response.json()) if _is_json(response) else HTMLPage(response.url, response.text)
    )


def _read_sdist_version(filename: str, name: NormalizedName) -> Version | None:
    """The version in the name of an sdist of ``name``, which may have a hyphen, as pip reads it."""
    stem = re.sub(r"\.(zip|tar(\.\w+)?)$", "", filename)
    for hyphen in re.finditer("-", stem):
        if canonicalize_name(stem[: hyphen.start()]) == name:
            with contextlib.suppress(InvalidVersionError):
                return Version.parse(stem[hyphen.end() :])
    return None


def _has_wheel(files: Sequence[Mapping[str, Any]]) -> bool:
    return any(file["file"].endswith(".whl") for file in files)


def _builds_key(name: NormalizedName, version: Version) -> str:
    return f"migrator:builds-of:{name}:{version}"


def _name_of(requirement: str) -> NormalizedName | None:
    try:
        return canonicalize_name(Requirement(requirement).name)
    except InvalidRequirement:
        return None
