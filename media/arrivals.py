"""When packets of one transport arrived, for transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01).

It turns (transport-wide sequence number, arrival) pairs into feedback, without which a browser stays near 300 kb/s. It must never know
streams, keys or what is done with the feedback. Bounded: at most MAX_PENDING arrivals wait, a jump in the numbers begins anew.
"""

from __future__ import annotations

from typing import Final

from media.rtcp import TransportFeedback
from media.srtp import nearest_index

MAX_PENDING: Final = 1024
#: A gap of more is not loss but a new numbering; it also bounds the size of one feedback packet.
MAX_SPAN: Final = 2048
_UNITS: Final = 4000  # of 250 µs in a second
_REFERENCE: Final = 256  # units in 64 ms


class ArrivalLog:
    __slots__ = ("_base", "_count", "_newest", "_pending")

    def __init__(self) -> None:
        self._pending: dict[int, int] = {}  # extended number → arrival in units
        self._base: int | None = None  # next number to report
        self._newest = 0
        self._count = 0

    def seen(self, sequence: int, now: float) -> None:
        if self._base is None:
            self._base = self._newest = sequence + 0x10000  # one cycle up, so that what comes late is not negative
        number = nearest_index(self._newest, sequence)
        if abs(number - self._newest) > MAX_SPAN:
            self._pending.clear()
            self._base = number
            self._newest = number
        if number >= self._base and len(self._pending) < MAX_PENDING:
            self._pending.setdefault(number, int(now * _UNITS))
            self._newest = max(self._newest, number)

    def feedback(self, sender_ssrc: int, media_ssrc: int) -> TransportFeedback | None:
        """Everything since the last call, or None. Packets between that did not come are told as lost."""
        if not self._pending or self._base is None:
            return None
        last = max(self._pending)
        first = max(self._base, last - MAX_SPAN)
        reference = min(self._pending.values()) // _REFERENCE
        deltas: list[float | None] = []
        previous = reference * _REFERENCE
        for number in range(first, last + 1):
            arrival = self._pending.get(number)
            deltas.append(None if arrival is None else (arrival - previous) / _UNITS)
            previous = previous if arrival is None else arrival
        self._pending.clear()
        self._base = last + 1
        self._count = self._count + 1 & 0xFF
        return TransportFeedback(sender_ssrc, media_ssrc, self._count - 1 & 0xFF, first & 0xFFFF, reference & 0xFFFFFF, tuple(deltas))
