"""What was received lately, stream by stream, and what of it one consumer gets again (NACK: RFC 4585 §6.2.1, RTX: RFC 4588).

`History` belongs to a received stream and keeps packets by ordinal, bounded in count and time. `Resender` belongs to a consumer and
decides which of the numbers it asks for are sent again: those of its line (`media.rewriter`), still kept, not sent again within a round
trip, within its budget. It must never know keys or sockets; packets are opaque to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Generic, NamedTuple, TypeVar

from media.rtp import without_padding

T = TypeVar("T")

#: Two seconds of a 2.5 Mb/s video in packets of 1,200 bytes: 0.6 MB.
CAPACITY: Final = 512
#: What is older comes after every jitter buffer of a live conversation has gone on.
MAX_AGE_SECONDS: Final = 1.5
#: Numbers looked at per NACK; a real one names a few, an attacker's 4,096.
MAX_PER_NACK: Final = 128
#: A bucket of packets and its refill per second: 5 % loss of 500 packets/s is 25. A flood ends here.
BURST: Final = 128.0
RATE: Final = 256.0
#: Below this a second request was on its way before the answer could come, however short the path.
MIN_REPEAT_SECONDS: Final = 0.02
#: On a way so long the second request is served before the first answer can be there: browsers that know no round trip ask every 100 ms
#: (libwebrtc's NackRequester), and a repeat that is lost as well would otherwise come a whole round trip later.
LONG_RTT: Final = 0.1
#: The measured round trip lags, and what was asked 100 ms apart may arrive a little closer.
_EARLY_SECONDS: Final = 0.01
#: The same packet at most so often: what was lost five times in a row will not be shown any more.
MAX_REPEATS: Final = 5
#: Repeats take at most a third of what reaches the peer, or they would keep the queue full that lost the packets; but never fewer than
#: ten a second, because a picture that hangs costs a key frame.
SHARE: Final = 0.33
_PACKET_BITS: Final = 1100 * 8
_LEAST_RATE: Final = 10.0
_REMEMBERED: Final = 512


class History(Generic[T]):
    """A ring. `put` costs three list stores; nothing is searched."""

    __slots__ = ("_capacity", "_max_age", "_ordinals", "_packets", "_times")

    def __init__(self, capacity: int = CAPACITY, max_age: float = MAX_AGE_SECONDS) -> None:
        self._capacity = capacity
        self._max_age = max_age
        self.clear()

    def clear(self) -> None:
        """The stream begins anew: its ordinals mean other packets."""
        self._ordinals = [-1] * self._capacity
        self._packets: list[T | None] = [None] * self._capacity
        self._times = [0.0] * self._capacity

    def put(self, ordinal: int, packet: T, now: float) -> None:
        """Keep it; a packet later than the whole ring does not push out a newer one."""
        at = ordinal % self._capacity
        if ordinal >= self._ordinals[at]:
            self._ordinals[at] = ordinal
            self._packets[at] = packet
            self._times[at] = now

    def get(self, ordinal: int, now: float) -> T | None:
        at = ordinal % self._capacity
        return self._packets[at] if self._ordinals[at] == ordinal and now - self._times[at] <= self._max_age else None

    def knows(self, ordinal: int) -> bool:
        """Whether it was put, however long ago, and nothing since has taken its place."""
        return self._ordinals[ordinal % self._capacity] == ordinal

    def expire(self, now: float) -> int:
        """Free what is too old, once a second or so: a stream that stopped holds no memory. → packets kept."""
        kept = 0
        for at, packet in enumerate(self._packets):
            if packet is not None:
                if now - self._times[at] > self._max_age:
                    self._packets[at] = None
                else:
                    kept += 1
        return kept


class Repair(NamedTuple, Generic[T]):
    source: int
    ordinal: int
    sequence: int  # the 16-bit number it was sent with: the OSN of an RTX packet
    packet: T


class Resender:
    """`answer` one consumer's NACK. Counters say why a number was not sent again."""

    __slots__ = ("_burst", "_rate", "_repeats", "_tokens", "_tokens_at", "gone", "limited", "rtx_index", "sent", "too_soon", "unknown")

    def __init__(self, first_rtx_index: int) -> None:
        self.rtx_index = first_rtx_index - 1  # of the consumer's RTX stream, counted on by `next_rtx_index`
        self.sent = 0
        self.unknown = 0  # never sent to this consumer, or too long ago
        self.gone = 0  # no longer kept
        self.too_soon = 0  # an answer is on its way, or enough of them were
        self.limited = 0  # over the budget
        self._repeats: dict[tuple[int, int], tuple[float, int]] = {}  # (source, ordinal) → last time, times
        self._burst, self._rate = BURST, RATE
        self._tokens = BURST
        self._tokens_at = 0.0

    def set_rate(self, bitrate: int) -> None:
        """The peer's estimate, whenever it changes; without it the budget is that of a good path."""
        self._rate = min(RATE, max(_LEAST_RATE, SHARE * bitrate / _PACKET_BITS))
        self._burst = self._rate * BURST / RATE

    def next_rtx_index(self) -> int:
        self.rtx_index += 1
        return self.rtx_index

    def answer(
        self,
        sequences: Iterable[int],
        locate: Callable[[int], tuple[int, int] | None],
        kept: Callable[[int, int], T | None],
        rtt: float,
        now: float,
    ) -> list[Repair[T]]:
        """`locate`: number → (source, ordinal), `Rewriter.repairable`; `kept`: (source, ordinal) → packet, from the streams' histories."""
        repairs: list[Repair[T]] = []
        self._refill(now)
        for asked, sequence in enumerate(sequences):
            if asked >= MAX_PER_NACK:
                self.limited += 1
                break
            place = locate(sequence)
            if place is None:
                self.unknown += 1
            elif (packet := kept(*place)) is None:
                self.gone += 1
            elif self._may(place, rtt, now):
                repairs.append(Repair(place[0], place[1], sequence, packet))
        return repairs

    def _refill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._tokens_at) * self._rate)
        self._tokens_at = now

    def _may(self, place: tuple[int, int], rtt: float, now: float) -> bool:
        at, times = self._repeats.get(place, (now, 0))
        apart = max(rtt, MIN_REPEAT_SECONDS) if rtt < LONG_RTT else max(rtt / 2, LONG_RTT) - _EARLY_SECONDS
        if times >= MAX_REPEATS or (times and now - at < apart):
            self.too_soon += 1
            return False
        if self._tokens < 1.0:
            self.limited += 1
            return False
        self._tokens -= 1.0
        self._repeats.pop(place, None)  # to the young end
        self._repeats[place] = now, times + 1
        if len(self._repeats) > _REMEMBERED:
            del self._repeats[next(iter(self._repeats))]
        self.sent += 1
        return True


def rtx_payload(sequence: int, payload: bytes) -> bytes:
    """RFC 4588 §4: the original sequence number (OSN), then the original payload."""
    return sequence.to_bytes(2, "big") + payload


def rtx_packet(packet: bytes, header_length: int, ssrc: int, payload_type: int, sequence: int) -> bytes:
    """A whole plain RTP packet as its retransmission: marker, timestamp, CSRCs and extensions stay, padding goes (RFC 4588 §4)."""
    payload = without_padding(packet[0], packet[header_length:])
    return b"".join(
        (
            bytes((packet[0] & 0xDF, packet[1] & 0x80 | payload_type)),
            (sequence & 0xFFFF).to_bytes(2, "big"),
            packet[4:8],
            ssrc.to_bytes(4, "big"),
            packet[12:header_length],
            packet[2:4],
            payload or b"",
        )
    )
