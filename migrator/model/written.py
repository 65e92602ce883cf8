"""How the values that we wrote into the user's pyproject.toml are known again."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def fingerprint(value: Any) -> str:  # noqa: ANN401 (whatever TOML can hold)
    """Eight hex digits for a value of a TOML file: equal for equal values, whatever their formatting.

    ``[tool.migrator.written]`` holds one for each value that we wrote. A value that still has its fingerprint is
    ours and may be replaced; one that has another was edited since, and is the user's.
    """
    text = json.dumps(value, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]
