"""The door to the store of recordings. Promises as in `ports`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from .recordings import MeetingRecording, RecordingFile, RecordingState


class Recordings(Protocol):
    async def get(self, recording_id: str) -> MeetingRecording | None: ...

    async def add(self, recording: MeetingRecording) -> bool:
        """False, and nothing has changed, when it is known: it is told of by facts, which may come twice."""
        ...

    async def save(self, recording: MeetingRecording) -> None: ...

    async def of_meeting(self, meeting_id: str) -> list[MeetingRecording]:
        """In the order in which they were begun."""
        ...

    async def in_states(self, states: Collection[RecordingState]) -> list[MeetingRecording]:
        """The oldest first."""
        ...

    async def kept_too_long(self, now: float) -> list[MeetingRecording]:
        """Not deleted, and past their day."""
        ...

    async def set_files(self, recording_id: str, files: Sequence[RecordingFile]) -> None:
        """In place of those known before."""
        ...

    async def files(self, recording_id: str) -> list[RecordingFile]:
        """By start, then by name."""
        ...
