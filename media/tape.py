"""One producer on its way into one file: packets in order, pictures put together, blocks on the recording's clock, clusters of a second.

It decides which layer is kept (the largest that comes; a smaller one while it does not), where the picture must wait for a key frame, and
when there is enough for a cluster. A pause or a loss is a gap: the clock goes on. It must never know files or the plane's tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from media import matroska
from media.assembly import PICTURES, Assembly
from media.jitter import Jitter
from media.matroska import Block, Head, Track
from media.packet import Packet
from media.producer import Producer, Stream
from media.timeline import SenderClock, Timeline

CLUSTER_SECONDS: Final = 1.0
#: A layer that has sent nothing for so long is left for another.
SILENT_SECONDS: Final = 1.0
_PADDING: Final = 0x20
_MARKER: Final = 0x80

Json = dict[str, Any]
#: Bytes for the file: (position or −1 for the end, bytes, whether it is the last).
Piece = tuple[int, bytes, bool]


class Tape:
    """`codec`: as in RTP parameters. `wish_keyframe` is called with the stream whose key frame is needed."""

    def __init__(
        self, name: str, producer: Producer, codec: Json, began: float, clock: SenderClock, wish_keyframe: Callable[[Stream], None]
    ) -> None:
        self.name = name
        self.producer = producer
        self.start: float | None = None  # seconds into the recording
        self.end = 0.0
        self.packets = 0
        self.frames = 0
        self.lost = 0
        self.length = 0
        self._video = producer.kind == "video"
        self._channels = 2 if int(codec.get("channels") or 2) > 1 else 1
        self._assembly: Assembly = PICTURES.get(str(codec["mimeType"]).lower(), PICTURES["video/vp8"])()  # of a picture
        self._began = began
        self._clock = clock
        self._wish_keyframe = wish_keyframe
        self._stream: Stream | None = None
        self._jitter: Jitter[Packet] = Jitter()
        self._timeline = Timeline(clock, producer.clock_rate)
        self._heard_at = 0.0
        self._waits = self._video  # for a key frame
        self._last = -1  # ms of the newest block
        self._head: Head | None = None
        self._blocks: list[Block] = []
        self._bytes = 0
        self._opened_at = 0.0
        self._marks: list[tuple[int, int]] = []
        self.pieces: list[Piece] = []

    @property
    def layer(self) -> int:
        """The one that is kept now; −1 before anything came."""
        return -1 if self._stream is None else self._stream.layer

    # --- packets ---------------------------------------------------------------------------------------------------------------------

    def take(self, stream: Stream, packets: Sequence[Packet], now: float) -> None:
        if stream is not self._stream:
            packets = self._considered(stream, packets, now)
            if not packets:
                return
        self.packets += len(packets)
        self._heard_at = now
        for packet in packets:
            for ready, gap in self._jitter.put(packet.ordinal, packet, now):
                self._next(ready, gap, now)

    def _considered(self, stream: Stream, packets: Sequence[Packet], now: float) -> Sequence[Packet]:
        """Another layer than the one that is kept: its key frame takes over when it is larger, or when ours has fallen silent."""
        current = self._stream
        if self._video and current is not None:
            if stream.layer < current.layer and now - self._heard_at < SILENT_SECONDS:
                return ()
            begins = next((place for place, packet in enumerate(packets) if self.producer.is_keyframe(packet.payload)), None)
            if begins is None:
                if self._waits or now - self._heard_at >= SILENT_SECONDS:
                    self._wish_keyframe(stream)
                return ()
            packets = packets[begins:]
            self._drain(now)
        self._stream = stream
        self._jitter = Jitter()
        self._timeline = Timeline(self._clock, stream.clock_rate)
        self._assembly.forget()
        self._waits = self._video
        return packets

    def tick(self, now: float) -> None:
        """What has waited long enough, and a cluster a second."""
        for ready, gap in self._jitter.expire(now):
            self._next(ready, gap, now)
        if self._blocks and now - self._opened_at >= CLUSTER_SECONDS:
            self._flush()

    def _drain(self, now: float) -> None:
        self.lost += self._jitter.lost
        for ready, gap in self._jitter.flush():
            self._next(ready, gap, now)

    def _next(self, packet: Packet, gap: bool, now: float) -> None:
        """One packet in its order."""
        if gap:
            self._assembly.forget()
            self._want()
        if packet.first_byte & _PADDING:
            return
        if self._video:
            self._picture(packet, now)
        elif packet.payload:
            self._block(packet.timestamp, True, packet.payload, now)

    def _want(self) -> None:
        if self._video and self._stream is not None:
            self._waits = True
            self._wish_keyframe(self._stream)

    def _picture(self, packet: Packet, now: float) -> None:
        found = self._assembly.put(packet.payload, packet.timestamp, bool(packet.marker_and_type & _MARKER))
        if found is None:
            return
        if self._waits and not found.key:
            if self._stream is not None:
                self._wish_keyframe(self._stream)
            return
        self._waits = False
        self._block(packet.timestamp, found.key, found.data, now)

    # --- blocks ----------------------------------------------------------------------------------------------------------------------

    def _block(self, timestamp: int, key: bool, data: bytes, now: float) -> None:
        stream = self._stream
        if stream is None:
            return
        seconds = self._timeline.at(timestamp, now, stream.last_report, stream.report_at) - self._began
        at = max(self._last + 1, round(seconds * 1000), 0)
        if self._head is None:
            self._begin(data)
            if self._head is None:
                return
            self.start = at / 1000
        if self._blocks and (at - self._blocks[0].at >= CLUSTER_SECONDS * 1000 or (key and self._video)):
            self._flush()
        if not self._blocks:
            self._opened_at = now
        self._last = at
        self.end = at / 1000
        self.frames += 1
        self._blocks.append(Block(at, key, data))

    def _begin(self, frame: bytes) -> None:
        track = self._assembly.track(frame) if self._video else Track("A_OPUS", channels=self._channels)
        if track is not None:
            self._head = matroska.head(track)
            self._give(self._head.data)

    def _flush(self) -> None:
        blocks, self._blocks = self._blocks, []
        if blocks and self._head is not None:
            if blocks[0].key:
                self._marks.append((blocks[0].at, self.length - self._head.base))
            self._give(matroska.cluster(blocks[0].at, blocks))

    def _give(self, data: bytes) -> None:
        self.pieces.append((-1, data, False))
        self.length += len(data)

    def finish(self, now: float) -> None:
        """No more comes: what is left, and what makes the file whole."""
        self._drain(now)
        self._flush()
        if self._head is not None:
            writes = matroska.finishing(self._head, self.length, self._last + (0 if self._video else 20), self._marks)
            self.pieces += [(at, data, place == len(writes) - 1) for place, (at, data) in enumerate(writes)]
            self._head = None
