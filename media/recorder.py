"""A transport of type "recording": what it consumes is written down, one file per producer, as it was encoded.

It decides when a recording cannot go on (the disk is full, broken or too slow) – the meeting does. Packets never wait for the disk: bytes
go to a thread of their own through a bounded queue. A picture is kept in its largest layer; whoever records wants it, so the sender sends
it as for a large tile, which costs the disk about 1 GB an hour for each 720p camera and the worker no transcoding.

Options: {"folder": where files go, absolute; made if missing, "began": the recording's zero as a reading of CLOCK_MONOTONIC (now, where
nothing is said; a recording that goes on after its worker died names the first zero)}. Files are named by the consumer: `<consumer>.webm`,
or `.mkv` where it is H.264, which WebM does not take. When everything is written, `index.json` says what there is; a folder without it
was cut off, and its files play up to there: a killed process costs about a second and a half of each (an open cluster, packets that are
waited for), a power cut `disk.SYNC_SECONDS` more.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from media.disk import Disk, Job, write_index
from media.packet import Packet
from media.plane import PlaneError
from media.producer import Producer, Stream
from media.tape import Tape
from media.timeline import SenderClock

if TYPE_CHECKING:
    from media.forwarder import Forwarder

Json = dict[str, Any]
clock = time.monotonic

#: What can be kept as it is, and what such a file is called.
CODECS: Final = {"audio/opus": "webm", "video/vp8": "webm", "video/h264": "mkv"}
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Spool:
    """The sink of one producer's packets."""

    def __init__(self, recording: Recording, tape: Tape) -> None:
        self.tape = tape
        self._recording = recording

    def take(self, stream: Stream, packets: Sequence[Packet]) -> None:
        self._recording.take(self.tape, stream, packets)


class Recording:
    direction = "recv"

    def __init__(self, forwarder: Forwarder, router_id: str, id: str, folder: Path, began: float) -> None:
        self.id = id
        self.router_id = router_id
        self.began = began
        self.stopped = ""  # why, when it has
        self._forwarder = forwarder
        self._folder = folder
        self._tapes: dict[str, Tape] = {}
        self._done: list[Tape] = []
        self._clocks: dict[str, SenderClock] = {}  # by cname
        self._loop = asyncio.get_running_loop()
        self._ended = began
        self._disk = Disk(folder, self._written)

    def describe(self) -> Json:
        return {"began": self.began}

    def connect(self, parameters: object) -> Json:
        raise PlaneError("wrong_state", "nothing to connect to")

    def sink(self, consumer_id: str, producer: Producer, consumable: Json, options: object) -> Spool:
        check_consumable(consumer_id, consumable)
        if self.stopped:
            raise PlaneError("wrong_state", "stopped")
        sender = self._clocks.setdefault(producer.cname, SenderClock())
        codec = consumable["codecs"][0]
        tape = Tape(f"{consumer_id}.{CODECS[codec['mimeType'].lower()]}", producer, codec, self.began, sender, self._wish_keyframe)
        self._tapes[consumer_id] = tape
        return Spool(self, tape)

    def tape(self, consumer_id: str) -> Tape:
        return self._tapes[consumer_id]

    def adopt(self, producer: Producer) -> None:
        raise PlaneError("wrong_state", "direction of the transport")

    def want_keyframe(self, producer: Producer, layer: int) -> None:
        return

    def _wish_keyframe(self, stream: Stream) -> None:
        self._forwarder.feedback.request_keyframe(stream, clock())

    def take(self, tape: Tape, stream: Stream, packets: Sequence[Packet]) -> None:
        if not self.stopped:
            tape.take(stream, packets, clock())

    def tick(self, now: float) -> None:
        if self.stopped:
            return
        for tape in self._tapes.values():
            tape.tick(now)
            self._spool(tape)
        if self._disk.trouble:
            self._stop(self._disk.trouble)

    def _spool(self, tape: Tape) -> None:
        if tape.pieces:
            pieces, tape.pieces = tape.pieces, []
            self._disk.write([Job(tape.name, data, at, done) for at, data, done in pieces])

    def forget(self, id: str) -> None:
        tape = self._tapes.pop(id, None)
        if tape is not None and not self.stopped:
            self._finish(tape)

    def _finish(self, tape: Tape) -> None:
        tape.finish(clock())
        self._spool(tape)
        self._done.append(tape)

    def stats(self) -> Json:
        tapes = [*self._done, *self._tapes.values()]
        return {
            "stopped": self.stopped,
            "waitingBytes": self._disk.waiting,
            "files": len(tapes),
            "packets": sum(tape.packets for tape in tapes),
            "frames": sum(tape.frames for tape in tapes),
            "bytes": sum(tape.length for tape in tapes),
        }

    def close(self) -> None:
        if not self.stopped:
            self._stop("closed")

    def _stop(self, reason: str) -> None:
        self.stopped = reason
        self._ended = clock()
        for tape in self._tapes.values():
            self._finish(tape)
        self._disk.end()

    def _written(self, lengths: dict[str, int]) -> None:
        """In the thread, after the last byte: the index, then the word of it in the loop of packets."""
        reason = self._disk.trouble or self.stopped
        files = [_described(tape, lengths[tape.name]) for tape in self._done if tape.start is not None and tape.name in lengths]
        try:
            write_index(self._folder, {"began": self.began, "ended": self._ended, "reason": reason, "files": files})
        except OSError:
            reason = self._disk.trouble or "disk_failed"
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to tell
            self._loop.call_soon_threadsafe(self._tell, reason, files)

    def _tell(self, reason: str, files: list[Json]) -> None:
        report = {"routerId": self.router_id, "transportId": self.id, "reason": reason, "at": self._ended, "files": files}
        self._forwarder.report({"event": "recordingStopped"} | report)


def _described(tape: Tape, length: int) -> Json:
    return {
        "file": tape.name,
        "producerId": tape.producer.id,
        "kind": tape.producer.kind,
        "start": tape.start,
        "end": tape.end,
        "bytes": length,
        "lostPackets": tape.lost,
    }


def open_recording(forwarder: Forwarder, router_id: str, id: str, direction: str, options: Json) -> Recording:
    """The maker of transports of type "recording"."""
    folder, began = checked_options(direction, options)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PlaneError("invalid_parameters", f"folder: {error.strerror}") from error
    return Recording(forwarder, router_id, id, folder, began)


def checked_options(direction: str, options: Json) -> tuple[Path, float]:
    """→ (folder, zero of the recording's clock)."""
    folder, began = options.get("folder"), options.get("began", clock())
    if direction != "recv":
        raise PlaneError("wrong_state", "direction of the transport")
    if not isinstance(folder, str) or not folder.startswith("/") or not isinstance(began, int | float) or isinstance(began, bool):
        raise PlaneError("invalid_parameters", "folder or began")
    return Path(folder), float(began)


def check_consumable(consumer_id: str, consumable: Json) -> None:
    """Only what can be kept as it is, under a name that stays in the folder."""
    if consumable["codecs"][0]["mimeType"].lower() not in CODECS:
        raise PlaneError("unsupported", "codec of the producer")
    if not _FILE_NAME.fullmatch(consumer_id):
        raise PlaneError("invalid_parameters", "the consumer names a file")
