"""The full story of a fault of ours, kept where the user finds it."""

from __future__ import annotations

import platform
import tempfile
import traceback
from pathlib import Path

from migrator import __version__
from migrator.model.url import mask_credentials


def keep_traceback(error: BaseException) -> str:
    """Write the traceback of ``error`` to a file of its own, credentials masked, and say where."""
    story = "".join(traceback.format_exception(error))
    head = f"migrator {__version__}, Python {platform.python_version()}, {platform.system()}\n"
    with tempfile.NamedTemporaryFile(
        "w", prefix="migrate-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write(head + mask_credentials(story))
    return str(Path(file.name))
