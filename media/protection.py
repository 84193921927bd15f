"""How many earlier packets a voice carries towards one receiver: none where nothing is lost, two where a neighbour is often lost too.

In-band FEC mends single losses by itself; beyond, at 5 % each way, one packet in a hundred has a lost neighbour. Each block costs a
receiver about 35 kb/s for each of three voices, and voices stand outside the estimate: on a path that is full they would push out one
another. So it begins with none, and gives only where pictures have room. It decides the number from what the path reports, and is quicker
to give than to take. It must never know packets or streams.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 2
#: Share of packets lost, as reported and smoothed: FEC alone will do, one block will do.
CLEAN: Final = 0.002
LOSSY: Final = 0.02
#: Estimates of pictures, bit/s: what is lost below the first is lost because the path is full; from the second on three voices three times
#: are a part of it.
NARROW: Final = 350_000
WIDE: Final = 700_000
#: A path is trusted again after so long without the losses that asked for more.
TRUST_SECONDS: Final = 30.0


class Protection:
    __slots__ = ("_needed_at", "depth")

    def __init__(self) -> None:
        self.depth = 0
        self._needed_at = 0.0

    def update(self, fraction_lost: float, bitrate: int | None, now: float) -> int:
        """Once a second. `bitrate`: the estimate where there is one. → earlier packets in each."""
        wanted = 0 if fraction_lost <= CLEAN else 1 if fraction_lost <= LOSSY else MOST
        room = 1 if bitrate is None else 0 if bitrate < NARROW else 1 if bitrate < WIDE else MOST
        if wanted >= self.depth:
            self._needed_at = now
        if wanted > self.depth or now - self._needed_at > TRUST_SECONDS:
            self.depth, self._needed_at = wanted, now
        self.depth = min(self.depth, room)
        return self.depth
