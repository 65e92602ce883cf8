"""Trouble with the world: no Poetry, no disk, no network.

Trouble in the user's files is a :class:`~migrator.model.finding.Finding`, never an exception.
"""

from __future__ import annotations


class WorldError(Exception):
    """Something outside the user's files is wrong. The text is one sentence: what, where, what to do."""


class UsageError(Exception):
    """The command line asks for something that cannot be; exit status 2. The text is one sentence."""
