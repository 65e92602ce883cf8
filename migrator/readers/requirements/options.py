"""The options on a line, read with pip-requirements-parser's command line grammar.

Its parser is built once and given fresh values for each line: building it takes a thousand times longer than
reading a line, and its list defaults would otherwise be shared between lines.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from functools import cache
from optparse import OptionParser, Values

from pip_requirements_parser import LEGACY_OPTIONS_DEST, OptionParsingError, build_parser

# dest → pip's long name, in the order in which pip applies them
_NAMES = {
    "no_index": "--no-index",
    "index_url": "--index-url",
    "extra_index_urls": "--extra-index-url",
    "find_links": "--find-links",
    "pre": "--pre",
    "all_releases": "--all-releases",
    "only_final": "--only-final",
    "prefer_binary": "--prefer-binary",
    "no_binary": "--no-binary",
    "only_binary": "--only-binary",
    "require_hashes": "--require-hashes",
    "no_require_hashes": "--no-require-hashes",
    "trusted_hosts": "--trusted-host",
    "use_features": "--use-feature",
    "config_settings": "--config-settings",
    "global_options": "--global-option",
    "install_options": "--install-option",
    "allow_all_external": "--allow-all-external",
    "allow_external": "--allow-external",
    "allow_unverified": "--allow-unverified",
    "always_unzip": "--always-unzip",
    "no_use_wheel": "--no-use-wheel",
    "requirements": "--requirement",
    "constraints": "--constraint",
    "editables": "--editable",
    "hashes": "--hash",
}
FORMAT_CONTROL = frozenset({"--no-binary", "--only-binary", "--all-releases", "--only-final"})
"""Options that pip applies to the whole run even where they stand on a requirement's line."""
PER_REQUIREMENT = frozenset({"--hash", "--config-settings", "--global-option"})
"""Options that pip takes from a requirement's own line."""
GONE = frozenset(_NAMES[dest] for dest in (*LEGACY_OPTIONS_DEST, "install_options"))
"""Options of older releases of pip, which pip 23 and later refuse."""
_SINCE_26 = ("--no-require-hashes", "--all-releases", "--only-final")
_ONLY_23 = ("--global-option",)
DIFFER = frozenset({*_SINCE_26, *_ONLY_23})
"""Options that only one of pip 23 and pip 26 knows."""


class BadOptionsError(Exception):
    """The options cannot be read; the text says why, in the words of the command line grammar."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The options of one line: pairs of long name and value (empty for a flag), and words that belong to none."""

    given: tuple[tuple[str, str], ...] = ()
    leftover: tuple[str, ...] = ()

    def values(self, name: str) -> tuple[str, ...]:
        """What was given for one option, in order."""
        return tuple(value for option, value in self.given if option == name)

    def others(self, *names: str) -> tuple[tuple[str, str], ...]:
        """What was given beside the named options."""
        return tuple(pair for pair in self.given if pair[0] not in names)


def split_options(line: str) -> tuple[str, str]:
    """The requirement and the options of a line: options begin at the first word with a leading ``-``.

    Words are parted by blanks alone, as pip does it: a tab before ``--hash`` makes it part of the requirement.
    """
    if line.startswith("-"):
        return "", line
    at = line.find(" -")
    return (line, "") if at < 0 else (line[:at], line[at + 1 :])


def read_options(text: str) -> Options:
    """The options in ``text``.

    :raises BadOptionsError: unbalanced quotes, an unknown option, a missing or needless value
    """
    if not text:
        return Options()
    parser, defaults = _parser()
    fresh = Values({dest: list(value) if isinstance(value, list) else value for dest, value in defaults.items()})
    try:
        values, leftover = parser.parse_args(shlex.split(text), fresh)
    except (ValueError, OptionParsingError) as error:
        raise BadOptionsError(
            str(getattr(error, "msg", error)).partition(": error: ")[2].strip() or str(error)
        ) from error
    given: list[tuple[str, str]] = []
    for dest, name in _NAMES.items():
        value = getattr(values, dest, None)
        if value is True:
            given.append((name, ""))
        elif isinstance(value, str):
            given.append((name, value))
        elif isinstance(value, list):
            given.extend((name, one) for one in value)
    return Options(given=tuple(given), leftover=tuple(leftover))


@cache
def _parser() -> tuple[OptionParser, dict[str, object]]:
    parser: OptionParser = build_parser()
    parser.add_option("-C", "--config-setting", "--config-settings", dest="config_settings", action="append")
    parser.add_option("--no-require-hashes", dest="no_require_hashes", action="store_true", default=False)
    parser.add_option("--all-releases", dest="all_releases", action="append")
    parser.add_option("--only-final", dest="only_final", action="append")
    return parser, dict(parser.get_default_values().__dict__)
