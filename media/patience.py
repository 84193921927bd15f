"""How long a receiver should hold pictures back so that a repeated packet comes in time: the playout-delay header extension.

A browser that only receives knows no round trip (it sends nothing that is reported on), so its jitter buffer gives repeats no time: at 5 %
loss and 200 ms there and back a picture stood still for a fifth of the time. We know how long a repeat takes on both ways and say it; the
browser delays the voice with the picture. It decides the delay; on a good path there is none. It must never know packets or streams.
http://www.webrtc.org/experiments/rtp-hdrext/playout-delay: 12 bits least and 12 bits most, in 10 ms.
"""

from __future__ import annotations

from math import ceil
from typing import Final

#: Less loss than this is not worth a delay of everything.
LOSSY: Final = 0.01
#: From the loss to the request (reordering is waited for), and from the repeat to the decoder.
_REACTION_SECONDS: Final = 0.06
#: One repeat in twenty is lost as well at a loss of 5 %: the second is asked for so much later.
_ASKED_AGAIN_SECONDS: Final = 0.1
#: Steps, so that receivers alike share a row's extensions, one every tenth of a second: a browser that is told all at once holds the next
#: picture for as long (libwebrtc never changes its own delay by more than 0.1 s in a second, but keeps the least it is told at once).
STEP_SECONDS: Final = 0.05
#: The most: beyond it a conversation suffers more than the picture.
MOST_SECONDS: Final = 0.5
#: A path that was good for so long is trusted again; each change is seen as a short stretch of the picture.
_TRUST_SECONDS: Final = 15.0
_UNITS: Final = 100
_LONGEST: Final = 1000  # units: ten seconds, what browsers take without being told; 0 would ask for no smoothing at all


class Patience:
    __slots__ = ("_low_since", "_wanted", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0  # what is told now
        self._wanted = 0.0
        self._low_since = 0.0

    def update(self, fraction_lost: float, round_trip: float, upstream: float, now: float) -> bool:
        """Once a second, and when something was repaired. `upstream`: seconds that repairs from the sender lately took, 0 without any.
        → whether the delay is on its way.
        """
        wanted = round_trip + min(round_trip, _ASKED_AGAIN_SECONDS) + _REACTION_SECONDS if fraction_lost > LOSSY else 0.0
        wanted = max(wanted, upstream + _REACTION_SECONDS if upstream else 0.0)
        wanted = min(round(ceil(wanted / STEP_SECONDS - 0.001) * STEP_SECONDS, 2), MOST_SECONDS)
        if wanted >= self._wanted:
            self._low_since = now
        if wanted > self._wanted or (wanted < self._wanted and now - self._low_since > _TRUST_SECONDS):
            self._wanted, self._low_since = wanted, now
        return self.seconds != self._wanted

    def step(self) -> bool:
        """Ten times a second, until it is there. → whether the delay changed. Down at once: browsers walk down by themselves."""
        before = self.seconds
        self.seconds = min(round(before + STEP_SECONDS, 2), self._wanted)
        return self.seconds != before


def element(identifier: int, seconds: float) -> bytes:
    """One-byte form, four bytes with its head: nothing to pad."""
    value = round(seconds * _UNITS) << 12 | _LONGEST
    return bytes((identifier << 4 | 2,)) + value.to_bytes(3, "big")
