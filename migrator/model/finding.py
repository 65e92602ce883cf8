"""What a person should know, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .origin import Origin


class Severity(StrEnum):
    """How much a finding weighs."""

    NOTE = "note"
    """Told, nothing to do."""
    REVIEW = "review"
    """A person should look before merging."""
    STOP = "stop"
    """Nothing is written."""


class Code(StrEnum):
    """The stable names of findings; scripts rely on them. One line each, sorted by what they speak about."""

    # reading
    NOT_UNDERSTOOD = "not-understood"
    UNDECODABLE = "undecodable"
    MISSING_INCLUDE = "missing-include"
    REMOTE_INCLUDE = "remote-include"
    INCLUDE_CYCLE = "include-cycle"
    PIP_DIFFERS = "pip-differs"
    OPTION_NOT_CARRIED = "option-not-carried"
    OPTION_ON_REQUIREMENT = "option-on-requirement"
    COMMENT_NOT_CARRIED = "comment-not-carried"
    NAMELESS_URL = "nameless-url"
    VARIABLE_KEPT = "variable-kept"
    LEGACY_VERSION = "legacy-version"
    ARBITRARY_EQUALITY = "arbitrary-equality"
    NOTHING_READ = "nothing-read"
    INVALID_TOML = "invalid-toml"
    INVALID_JSON = "invalid-json"
    LIKELY_MISTAKE = "likely-mistake"
    SCRIPT_NOT_CARRIED = "script-not-carried"
    CERTIFICATE_UNCHECKED = "certificate-unchecked"
    UNPAIRED = "unpaired"
    STALE_LOCK = "stale-lock"
    WISH_NOT_PINNED = "wish-not-pinned"
    # what the input says
    TWO_PINS = "two-pins"
    PINS_DISAGREE = "pins-disagree"
    EXPRESSION_DIFFERS = "expression-differs"
    CREDENTIALS_REMOVED = "credentials-removed"
    DEPENDENCY_CONFUSION = "dependency-confusion"
    SOURCE_RENAMED = "source-renamed"
    UNSUPPORTED_SOURCE = "unsupported-source"
    FLOATING_REVISION = "floating-revision"
    PROJECT_ITSELF = "project-itself"
    COMMAND_DIFFERS = "command-differs"
    NIX_AGREES = "nix-agrees"
    NIX_DIFFERS = "nix-differs"
    NIX_NOT_CHECKED = "nix-not-checked"
    # planning
    NAME_INFERRED = "name-inferred"
    PACKAGE_INFERRED = "package-inferred"
    VERSION_INFERRED = "version-inferred"
    GROUP_INFERRED = "group-inferred"
    PYTHON_INFERRED = "python-inferred"
    PYTHON_NARROWED = "python-narrowed"
    PYTHON_UNKNOWN = "python-unknown"
    PYTHON_EMPTY = "python-empty"
    PYTHON_GONE = "python-gone"
    PYTHON_UNTRIED = "python-untried"
    OTHER_PYTHONS = "other-pythons"
    ROOTS_INFERRED = "roots-inferred"
    EXTRA_INFERRED = "extra-inferred"
    ORPHAN_KEPT = "orphan-kept"
    BUILD_REQUIREMENT = "build-requirement"
    CONSTRAINT_LOOSENED = "constraint-loosened"
    CONSTRAINT_CARRIED = "constraint-carried"
    CONSTRAINT_UNUSED = "constraint-unused"
    EXISTING_KEPT = "existing-kept"
    INVALID_PYPROJECT = "invalid-pyproject"
    # the index and the lock
    NOT_ON_INDEX = "not-on-index"
    NEEDS_BUILD = "needs-build"
    BUILT = "built"
    YANKED = "yanked"
    PRE_RELEASE = "pre-release"
    PLAIN_INDEX = "plain-index"
    INDEX_NOT_PUBLIC = "index-not-public"
    PIN_MOVED = "pin-moved"
    PIN_GONE = "pin-gone"
    PIN_ADDED = "pin-added"
    BACKPORT_ADDED = "backport-added"
    PIN_OVERRIDDEN = "pin-overridden"
    HASH_MISMATCH = "hash-mismatch"
    HASH_NOT_COMPARABLE = "hash-not-comparable"
    LOCK_FAILED = "lock-failed"
    POETRY_LIMIT = "poetry-limit"
    NOT_LOCKED = "not-locked"
    POETRY_CHECK = "poetry-check"
    # Nix
    NATIVE_COVERED = "native-covered"
    NATIVE_OURS = "native-ours"
    NATIVE_UNKNOWN = "native-unknown"
    OVERRIDE_COVERED = "override-covered"
    OVERRIDE_NOT_CARRIED = "override-not-carried"
    NATIVE_RENAMED = "native-renamed"
    NIX_LEFT_OUT = "nix-left-out"
    NIX_FILE_KEPT = "nix-file-kept"
    NIX_LIMIT = "nix-limit"
    # files
    JOURNAL_RECOVERED = "journal-recovered"
    LEFTOVER = "leftover"
    # comparing and checking
    LINK_NOT_FOLLOWED = "link-not-followed"
    VERSION_DIFFERS = "version-differs"
    SOURCE_DIFFERS = "source-differs"
    NOT_IN_LOCK = "not-in-lock"
    NOT_IN_OLD_FILES = "not-in-old-files"
    LOCK_STALE = "lock-stale"
    OLD_FILE_GONE = "old-file-gone"
    JOURNAL_PENDING = "journal-pending"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One remark. ``message`` says what is; ``advice`` what to do, empty where nothing is to be done."""

    code: Code
    severity: Severity
    message: str
    origin: Origin | None = None
    advice: str = ""
