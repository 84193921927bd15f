"""Where this command finds its keys: the same settings as the server's, read from the environment."""

from __future__ import annotations

import os
from pathlib import Path

from ..keyring import KeySource


def key_source() -> KeySource:
    folder = Path(os.environ.get("BRANCHLINE_VAR") or "var")
    file = os.environ.get("BRANCHLINE_KEY_FILE")
    return KeySource(
        os.environ.get("BRANCHLINE_KEYS", ""), Path(file) if file else folder / "keys", os.environ.get("BRANCHLINE_CIPHER") or "aes"
    )
