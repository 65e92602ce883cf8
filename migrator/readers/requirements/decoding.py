"""Bytes of a requirements file to text, by pip's rule: BOM, PEP 263, UTF-8, then the locale."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

# The order matters: the BOM of UTF-16-LE begins that of UTF-32-LE.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
_PEP_263 = re.compile(rb"coding[:=]\s*([-\w.]+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Undecodable:
    """``encoding`` is what pip would try last; ``why`` what stands against it."""

    encoding: str
    why: str


def decode(data: bytes, locale_encoding: str) -> str | Undecodable:
    """The text of ``data`` as pip 26 decodes a requirements file; ``locale_encoding`` comes last."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(data[len(bom) :], encoding)
    for line in data.split(b"\n", 2)[:2]:
        declared = _PEP_263.search(line) if line.startswith(b"#") else None
        if declared is not None:
            return _decoded(data, declared[1].decode("ascii", "replace"))
    text = _decoded(data, "utf-8")
    return _decoded(data, locale_encoding) if isinstance(text, Undecodable) else text


def _decoded(data: bytes, encoding: str) -> str | Undecodable:
    try:
        return data.decode(encoding)
    except LookupError:
        return Undecodable(encoding=encoding, why="Python knows no such encoding")
    except UnicodeDecodeError as error:
        return Undecodable(encoding=encoding, why=f"byte {error.start + 1}: {error.reason}")
    except ValueError as error:  # "idna", a codec that is no encoding, and the like
        return Undecodable(encoding=encoding, why=str(error))
