"""The sentences of recordings. Rows as in `server.answers`."""

from __future__ import annotations

ANSWERS: dict[str, tuple[int, str, str]] = {
    "recordingRuns": (409, "录制仍在进行，请先停止录制。", "The recording is still running. Stop it first."),
    "nodeAway": (
        503,
        "保存这份录制的服务器暂时无法访问，请稍后再试。",
        "The server that keeps this cannot be reached now. Try again later.",
    ),
    "recordingNotThere": (409, "录制尚未合成完成，或已删除。", "The recording is not put together yet, or has been deleted."),
}
