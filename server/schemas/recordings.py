"""Recordings of meetings: lists, one to be watched with its chapters, and its deletion."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .base import Id, Reason, Shape

RecordingStateName = Literal["running", "waiting", "composing", "ready", "failed", "deleted"]


class RecordingLine(Shape):
    """`progress` 0…1 while it is put together; `seconds` 0: nobody had agreed to be recorded."""

    recording_id: Id
    meeting_id: Id
    state: RecordingStateName
    started_at: str
    stopped_at: str | None
    stopped_reason: str
    keep_until: str | None
    progress: float
    seconds: float
    bytes: int
    sha256: str
    trouble: str
    deleted_at: str | None
    deletion_reason: str


class RecordingList(Shape):
    recordings: list[RecordingLine]


class RecordingChapter(Shape):
    """`at` and `length`: seconds into the recording."""

    at: float
    length: float
    kind: Literal["opened", "ended", "floor", "speech", "hand", "screen"]
    member_id: Id | None
    name: str


class RecordedTrack(Shape):
    """One producer's own file."""

    member_id: Id
    name: str
    source: str
    start: float
    end: float
    bytes: int
    sha256: str


class RecordingView(RecordingLine):
    title: str
    started_by: str
    tracks: list[RecordedTrack]
    chapters: list[RecordingChapter]
    may_delete: bool


class RecordingDeletion(Shape):
    reason: Reason


class RecordingPiece(Shape):
    """`save`: as a file to keep, which is logged."""

    save: bool = Field(default=False)
