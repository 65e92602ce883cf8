"""The address by which this machine reaches the default package index.

pip knows it where a company has a mirror; Poetry does not look there. It is transport only: the lock reads the same.
"""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path

from migrator.model.url import Url

_PUBLIC = frozenset({"https://pypi.org/simple", "https://pypi.python.org/simple"})


def find_transport(asked: Url | None) -> Url | None:
    """The address to use instead of PyPI's own, None where PyPI itself is meant.

    In order: ``asked`` (``--index-url``), ``PIP_INDEX_URL``, pip's configuration files in pip's own order of weight.
    """
    text = asked.reveal() if asked else os.environ.get("PIP_INDEX_URL") or _configured("index-url")
    if not text or text.rstrip("/") in _PUBLIC or "://" not in text:
        return None
    return Url.parse(text.rstrip("/"))


def find_certificates() -> str | None:
    """The bundle of certificates that pip was told to trust (``PIP_CERT``, ``cert``), None where it was not told any.

    Behind a company's mirror it is the only one with the company's certificate, and Poetry does not look there.
    """
    return os.environ.get("PIP_CERT") or _configured("cert")


def _configured(key: str) -> str | None:
    found = None
    for path in _files():
        config = configparser.RawConfigParser()
        try:
            config.read_string(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeError, configparser.Error):
            continue  # pip itself would complain; it is not ours to stop for
        for section in ("global", "install", "download"):
            found = config.get(section, key, fallback=found)
    return found


def _files() -> list[Path]:
    """Pip's configuration files, the weightiest last (https://pip.pypa.io/en/stable/topics/configuration/)."""
    named = os.environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    if sys.platform == "win32":
        shared = [Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "pip" / "pip.ini"]
        user = [Path.home() / "pip" / "pip.ini", Path(os.environ.get("APPDATA", "")) / "pip" / "pip.ini"]
        site = Path(sys.prefix) / "pip.ini"
    else:
        folders = [Path(d) for d in os.environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep) if d]
        shared = [*(folder / "pip" / "pip.conf" for folder in folders), Path("/etc/pip.conf")]
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        user = [Path.home() / ".pip" / "pip.conf", home / "pip" / "pip.conf"]
        site = Path(sys.prefix) / "pip.conf"
    return [*shared, *user, site, *([Path(named)] if named else [])]
