"""The sentences of recordings. Rows as in `server.answers`."""

from __future__ import annotations

ANSWERS: dict[str, tuple[int, str, str]] = {
    "recordingRuns": (409, "录制仍在进行，请先停止录制。", "The recording is still running. Stop it first."),
    "recordingNotThere": (409, "录制尚未合成完成，或已删除。", "The recording is not put together yet, or has been deleted."),
}
