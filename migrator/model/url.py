"""An address that never shows its credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit, urlunsplit

_MASK = "***"
_TELLING = r"(?:token|key|secret|passw|pwd|signature|sig|auth|credential|bearer|jwt|session)"
_SECRET_KEY = re.compile(rf"(?i){_TELLING}")
_SECRET_PAIR = re.compile(rf"(?i)(?P<key>[?&][^=&#\s]{{0,60}}?{_TELLING}[^=&#\s]{{0,60}}=)[^&#\s]+")
# the second form is a password with an unescaped slash in it: no URL, and still a secret
_AUTHORITY = re.compile(
    r"(?i)(?P<scheme>[a-z][a-z0-9+.-]{0,30}://)(?P<user>[^/?#\s]*@|[^/?#\s:@]*:(?!\d*(?:[/?#\s]|$))[^\s@]{0,200}@)"
)
# the same without a scheme, as pip's --proxy takes it. An address of mail is none of that, nor is a digest of an image
# (name:tag@sha256:...), a release (npm:name@1.2) or git's own host:path@revision
_SCHEMELESS = re.compile(
    r"""(?xi)
    (?:(?<![\w.@%+~/-]) | (?<=http:///) | (?<=https:///))
    (?!(?:mailto|e-?mail|contact|author|maintainer|owner|todo|fixme|cc|acct|sips?|xmpp):)
    (?P<name>[\w.%+~${}-]{0,80}:) [^\s/\\]{1,200} @
    (?=(?!sha\d+:) (?!v?\d+(?:\.\d+)*[a-z0-9]*(?:[^\w.]|$)) (?:[a-z0-9_] | \[[0-9a-f:.]+\])
     | \d+(?:\.\d+){3}(?![\w.-]))
    """
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Url:
    """A URL whose credentials stay inside.

    ``str()``, ``repr()`` and formatting show ``***`` for a password, for the user of an http(s) URL (it may be a
    token) and for the value of a query key that names a secret; the user of an ssh URL (``git@``) is no secret.
    Two URLs are equal when their whole text is equal.
    """

    _text: str = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Wrap ``text``; nothing is checked, refused or changed."""
        return cls(_text=text)

    def __str__(self) -> str:
        return _masked(self._text)

    def __repr__(self) -> str:
        return f"Url({_masked(self._text)!r})"

    def reveal(self) -> str:
        """The whole text, credentials included. Only the door to Poetry may call this."""
        return self._text

    @property
    def scheme(self) -> str:
        """The scheme in lower case, empty where there is none."""
        return _split(self._text)[0].lower()

    @property
    def host(self) -> str:
        """The host in lower case, empty where there is none."""
        netloc = _split(self._text)[1]
        host = netloc.rpartition("@")[2]
        return host.rpartition(":")[0].lower() if re.search(r":\d*$", host) else host.lower()

    @property
    def path(self) -> str:
        """The path, as written."""
        return _split(self._text)[2]

    @property
    def user(self) -> str | None:
        """The user, or None. A secret in an http URL: for the door to Poetry only."""
        user, password = self._credentials()
        return user if user or password is not None else None

    @property
    def password(self) -> str | None:
        """The password, or None. For the door to Poetry only."""
        return self._credentials()[1]

    @property
    def has_credentials(self) -> bool:
        """Whether :meth:`without_credentials` would take something out."""
        return self.without_credentials() != self

    def without_credentials(self) -> Url:
        """The same address as it may be written to a file: no password, no http user, no secret query value."""
        scheme, netloc, path, query, fragment = _split(self._text)
        userinfo, at, host = netloc.rpartition("@")
        if at:
            user = userinfo.partition(":")[0]
            keep = user if user and not _is_http(scheme) else ""
            netloc = f"{keep}@{host}" if keep else host
        pairs = [pair for pair in query.split("&") if not _SECRET_KEY.search(pair.partition("=")[0])]
        clean = "&".join(pairs)
        unchanged = clean == query and netloc == _split(self._text)[1]
        text = self._text if unchanged else urlunsplit((scheme, netloc, path, clean, fragment))
        # what is no URL by the book may hold a secret all the same, and is better broken than written
        masked = mask_credentials(text)
        return self if masked == self._text else Url(_text=masked)

    def _credentials(self) -> tuple[str, str | None]:
        userinfo, at, _ = _split(self._text)[1].rpartition("@")
        user, colon, password = userinfo.partition(":")
        return (user, password if colon else None) if at else ("", None)


def mask_credentials(text: str) -> str:
    """``text`` with the credentials of every URL in it masked; for lines quoted in messages.

    So is ``user:password@host`` without a scheme; ``git@host`` and an address of mail are left alone.
    """
    if "@" not in text and "?" not in text and "&" not in text:
        return text  # nearly all that is shown; no expression can match
    text = _AUTHORITY.sub(lambda m: _masked_authority(m["scheme"], m["user"]), text)
    text = _SCHEMELESS.sub(rf"\g<name>{_MASK}@", text)
    return _SECRET_PAIR.sub(rf"\g<key>{_MASK}", text)


def _masked_authority(scheme: str, user: str) -> str:
    name, colon, _ = user.rstrip("@").partition(":")
    if _is_http(scheme.removesuffix("://")):
        return f"{scheme}{_MASK}@"
    return f"{scheme}{name}:{_MASK}@" if colon else f"{scheme}{user}"


def _masked(text: str) -> str:
    text = mask_credentials(text)
    head, question, query = text.partition("?")
    if not question:
        return text
    query, hash_, fragment = query.partition("#")
    pairs = (
        f"{pair.partition('=')[0]}={_MASK}" if _SECRET_KEY.search(pair.partition("=")[0]) and "=" in pair else pair
        for pair in query.split("&")
    )
    return head + question + "&".join(pairs) + hash_ + fragment


def _split(text: str) -> tuple[str, str, str, str, str]:
    try:
        return tuple(urlsplit(text))  # type: ignore[return-value]
    except ValueError:  # "http://[" is no URL; it is still a fact of the user's file
        return ("", "", text, "", "")


def _is_http(scheme: str) -> bool:
    return scheme.lower().endswith(("http", "https"))  # also git+https, and -ihttps of a glued option
