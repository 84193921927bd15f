"""Where somebody may begin in a stream of pictures: the newest key frame, while it arrives.

Who sees nothing begins with its first packet. Who still has another layer goes on with that until nothing of the key frame is missing: of
ten to fifteen packets over a path that loses a twentieth, every second key frame waits for a repair, and a picture would stand still for
as long. It must never know consumers, sockets or codecs. RFC 3550 §5.1 (the marker ends a picture).
"""

from __future__ import annotations

from typing import Final

from media.history import History
from media.packet import Packet

#: A key frame whose first packet comes so late (a repair) is of no more use to begin with: the rest would be a flood.
NEAR: Final = 64
#: A hole that was not mended by then is given up (`media.gaps`), and another key frame is asked for.
PATIENCE_SECONDS: Final = 1.0
#: A large key frame over a slow way takes longer; when nothing is missing so far, the rest may come as it comes.
SLOW_SECONDS: Final = 0.3


class Entrance:
    __slots__ = ("_moved_at", "_next", "_whole", "first", "since", "timestamp")

    def __init__(self) -> None:
        self.first: Packet | None = None  # of the key frame; None: nowhere to begin
        self.since = 0.0  # when it came
        self.timestamp = -1
        self._next = 0  # ordinal of the first packet that is not there yet
        self._whole = False
        self._moved_at = 0.0

    def opens(self, packet: Packet, newest: int, now: float) -> None:
        """The first packet of a key frame, on time or repaired. `newest`: ordinal of the newest packet of the stream."""
        if packet.ordinal < newest - NEAR or (
            self.first is not None and packet.ordinal > self.first.ordinal and packet.timestamp == self.timestamp
        ):
            return
        self.first, self.timestamp, self.since = packet, packet.timestamp, now
        self._next, self._whole, self._moved_at = packet.ordinal, False, now

    def closes(self) -> None:
        self.first = None

    def is_open(self, now: float) -> bool:
        """Whether a key frame is on its way that can still be begun with."""
        if self.first is not None and now - self._moved_at > PATIENCE_SECONDS:
            self.first = None
        return self.first is not None

    def is_whole(self, kept: History[Packet], newest: int, now: float) -> bool:
        """Whether nothing of it is missing. `newest` as above."""
        while not self._whole and (packet := kept.get(self._next, now)) is not None:
            self._whole = packet.timestamp != self.timestamp or packet.marker_and_type >= 0x80
            self._next += 1
            self._moved_at = now
        return self._whole or (self._next > newest and now - self.since > SLOW_SECONDS)
