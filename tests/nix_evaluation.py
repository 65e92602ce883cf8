"""Real Nix as a judge, in a store of its own under a temporary folder: no daemon, no network, nothing is built."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

STAND_INS = Path(__file__).parent / "nix"


def evaluate(folder: Path, expression: str) -> Any:
    """What ``expression`` means, as JSON; paths in it are relative to ``folder``.

    :raises ValueError: Nix refuses it; the text is what Nix says
    """
    file = folder / "expression.nix"
    file.write_bytes(expression.encode())
    return json.loads(_run(folder, "--eval", "--strict", "--json", "--read-write-mode", str(file)))


def parse(folder: Path, text: str) -> str:
    """``text`` as Nix understands it, in Nix's own spelling with all parentheses.

    :raises ValueError: Nix refuses it; the text is what Nix says
    """
    file = folder / "expression.nix"
    file.write_bytes(text.encode())
    return _run(folder, "--parse", str(file))


def _run(folder: Path, *arguments: str) -> str:
    own = folder / ".nix"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(own),
        "NIX_STORE_DIR": str(own / "store"),
        "NIX_STATE_DIR": str(own / "state"),
        "NIX_LOG_DIR": str(own / "log"),
        "NIX_CONF_DIR": str(own / "conf"),
        "NIX_PATH": f"nixpkgs={STAND_INS / 'nixpkgs'}",
    }
    done = subprocess.run(
        ["nix-instantiate", *arguments], capture_output=True, check=False, env=environment, timeout=120
    )
    if done.returncode:
        raise ValueError(done.stderr.decode(errors="replace"))
    return done.stdout.decode()
