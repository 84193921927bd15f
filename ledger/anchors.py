"""Anchors of the log of access in a file: one JSON object a line, added and never rewritten.

Copy it to where the database's keeper does not reach: with it even a log that was cut and hashed anew is found out.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path

from .accesschain import Anchor


class AnchorsUnreadable(Exception):
    """What is wrong with the file, in both languages."""


def add_anchor(path: Path, anchor: Anchor) -> None:
    """Nothing is added while the log stands where the last anchor found it."""
    if path.exists() and (known := read_anchors(path)) and (known[-1].line, known[-1].hash) == (anchor.line, anchor.hash):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(anchor)) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_anchors(path: Path) -> list[Anchor]:
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [Anchor(float(one["at"]), int(one["line"]), str(one["hash"])) for one in lines]
    except (OSError, ValueError, KeyError, TypeError) as trouble:
        raise AnchorsUnreadable(f"无法读取锚点文件 {path} · the file of anchors {path} cannot be read") from trouble
