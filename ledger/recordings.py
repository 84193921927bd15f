"""Recordings of meetings as records: what there is, in which state, for how long. The files themselves are in a folder of their node.

A record is never removed: when its files go, it says when, by whom and why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RecordingState(StrEnum):
    RUNNING = "running"
    WAITING = "waiting"  # stopped, to be put together
    COMPOSING = "composing"
    READY = "ready"
    FAILED = "failed"  # could not be put together; the single files are there
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class MeetingRecording:
    """`progress`: share of the composing that is done. `seconds`: how long the composed recording is, 0 where nothing was recorded.

    `node`: address of the web node that has the files; "" before they are put together. `keep_until`: when its files are deleted; None
    while it runs. `composed_bytes` 0: there is no composed file.
    """

    recording_id: str
    meeting_id: str
    state: RecordingState
    started_at: float
    started_by: str
    stopped_at: float | None = None
    stopped_reason: str = ""
    keep_until: float | None = None
    progress: float = 0.0
    seconds: float = 0.0
    composed_bytes: int = 0
    composed_sha256: str = ""
    trouble: str = ""
    deleted_at: float | None = None
    deleted_by: str = ""
    deletion_reason: str = ""
    node: str = ""


@dataclass(frozen=True, slots=True)
class RecordingFile:
    """One producer's file: whose, of what, and where on the recording's clock (seconds)."""

    recording_id: str
    name: str
    member_id: str
    source: str
    bytes: int
    sha256: str
    start: float
    end: float
