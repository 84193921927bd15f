"""Recordings in memory. The door and its promises are in `ledger.recordingports`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from ..recordings import MeetingRecording, RecordingFile, RecordingState
from .memory_books import Books


class MemoryRecordings:
    def __init__(self, books: Books) -> None:
        self._kept = books.recordings
        self._files = books.recording_files

    async def get(self, recording_id: str) -> MeetingRecording | None:
        return self._kept.get(recording_id)

    async def add(self, recording: MeetingRecording) -> bool:
        return self._kept.setdefault(recording.recording_id, recording) is recording

    async def save(self, recording: MeetingRecording) -> None:
        if recording.recording_id in self._kept:
            self._kept[recording.recording_id] = recording

    async def of_meeting(self, meeting_id: str) -> list[MeetingRecording]:
        return _ordered(one for one in self._kept.values() if one.meeting_id == meeting_id)

    async def in_states(self, states: Collection[RecordingState]) -> list[MeetingRecording]:
        return _ordered(one for one in self._kept.values() if one.state in states)

    async def kept_too_long(self, now: float) -> list[MeetingRecording]:
        due = (one for one in self._kept.values() if one.keep_until is not None and one.keep_until <= now)
        return _ordered(one for one in due if one.state is not RecordingState.DELETED)

    async def set_files(self, recording_id: str, files: Sequence[RecordingFile]) -> None:
        self._files[recording_id] = sorted(files, key=lambda one: (one.start, one.name))

    async def files(self, recording_id: str) -> list[RecordingFile]:
        return list(self._files.get(recording_id, []))


def _ordered(found: Iterable[MeetingRecording]) -> list[MeetingRecording]:
    return sorted(found, key=lambda one: (one.started_at, one.recording_id))
