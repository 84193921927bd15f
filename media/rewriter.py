"""One consumer's continuous line over layer switches, pauses and dropped packets: sequence number, timestamp, VP8 picture id and TL0PICIDX.

The line is a list of segments. Within a segment each packet of one source goes out under its own numbers plus constant shifts, so a row
of the fan-out table may hold the shifts and add them; a new segment begins only when something changes: a switch, a dropped packet, a
dropped picture. Old segments stay for a while, so that late and repeated packets keep the numbers that were meant for them.

Laws (tests/media/test_rewriter.py): the numbers of a line are consecutive; one is missing only when the source's own packet is missing,
and that packet, should it come, gets exactly it. No number ever stands for two packets (it is part of an SRTP nonce). Timestamps never
go back from picture to picture.

Sources are told apart by SSRC. Ordinals are extended sequence numbers (SRTP indices) of the source. It must never know payloads, keys or
why a layer was chosen. RFC 3550 §5.1 and §6.4.1 (clocks), RFC 7741 §4.2.
"""

from __future__ import annotations

from typing import Final

#: Segments kept for late packets: two seconds of a stream whose every second frame of 30 is dropped make 30.
MAX_SEGMENTS: Final = 64
#: Sources left whose late packets are still sent: three layers, and as many again after a restart.
MAX_SOURCES: Final = 8
#: Sender reports that disagree with the arrival by more are not believed: a clock was set, or the report is of another line.
MAX_DISAGREEMENT_SECONDS: Final = 0.5
_U32: Final = 0xFFFF_FFFF
_PICTURES: Final = 0x7FFF

#: (64-bit NTP time, RTP timestamp of that instant), as a sender report has them.
Clock = tuple[int, int]


class Segment:
    """Ordinals `first`…`last` of one source, and what is added to their numbers."""

    __slots__ = ("first", "last", "picture_shift", "shift", "source", "timestamp_shift", "tl0_shift")

    def __init__(self, source: int, first: int, shift: int, timestamp_shift: int, picture_shift: int, tl0_shift: int) -> None:
        self.source = source
        self.first = first
        self.last = first - 1
        self.shift = shift  # out number − ordinal
        self.timestamp_shift = timestamp_shift
        self.picture_shift = picture_shift
        self.tl0_shift = tl0_shift


class Rewriter:
    """`switch` to a source at a key frame, then `follow` its packets or `drop` them.

    Calling `follow` for the newest packet only is enough while nothing is dropped: that is what a row of a table needs.
    """

    __slots__ = (
        "_at",
        "_borrowed",
        "_dropped_picture",
        "_ends",
        "_picture",
        "_segments",
        "_timestamp",
        "_tl0",
        "began",
        "clock_rate",
        "current",
        "newest",
    )

    def __init__(self, first_number: int, clock_rate: int = 90_000) -> None:
        self.began = first_number  # number of the first packet since the last switch
        self.newest = first_number - 1  # 48-bit out number of the newest packet, or that before the first
        self.clock_rate = clock_rate
        self.current: Segment | None = None
        self._segments: list[Segment] = []  # oldest first, `current` last
        self._ends: dict[int, int] = {}  # source left → its last ordinal: packets of layers not chosen are told by one look
        self._timestamp = -1  # newest out values; -1 before the first
        self._picture = -1
        self._tl0 = -1
        self._at = 0.0
        self._borrowed = 0  # ticks by which the current segment runs ahead of its clock
        self._dropped_picture = -1

    @property
    def borrowed(self) -> bool:
        """Whether the line runs ahead of its clock: then every packet must be followed, until it does not."""
        return bool(self._borrowed)

    # --- per packet ------------------------------------------------------------------------------------------------------------------

    def follow(self, source: int, ordinal: int, timestamp: int, picture: int, tl0: int, now: float) -> Segment | None:
        """The segment whose shifts this packet takes; None: not of this line. Absent picture and TL0 are -1."""
        segment = self.current
        if segment is None or source != segment.source:
            return self._covering(source, ordinal) if ordinal <= self._ends.get(source, -1) else None
        if ordinal <= segment.last:
            return self._covering(source, ordinal)
        if self._borrowed:
            segment = self._repay(segment, ordinal, timestamp)
        segment.last = ordinal
        self.newest = ordinal + segment.shift
        self._timestamp = timestamp + segment.timestamp_shift & _U32
        self._at = now
        if picture >= 0:
            self._picture = picture + segment.picture_shift & _PICTURES
            self._tl0 = tl0 + segment.tl0_shift & 0xFF if tl0 >= 0 else self._tl0
        return segment

    def drop(self, source: int, ordinal: int, picture: int = -1) -> Segment | None:
        """A packet that is not wanted (padding only, a temporal layer). None: gone without a trace. A segment: its number was already
        left open for it, so it must be sent after all, as itself or as padding. `picture` when the whole picture goes.
        """
        segment = self.current
        if segment is None or source != segment.source or ordinal <= segment.last:
            return self._covering(source, ordinal)
        if segment.first == ordinal:  # nothing sent yet: the segment begins later
            segment.first = ordinal + 1
            segment.last = ordinal
            segment.shift -= 1
        else:
            segment.last = ordinal - 1  # what was lost before it may still come
            self.newest = segment.last + segment.shift
            segment = self._begin(source, ordinal + 1, segment.shift - 1, segment)
        if picture >= 0 and picture != self._dropped_picture:
            self._dropped_picture = picture
            segment.picture_shift -= 1
        return None

    def _covering(self, source: int, ordinal: int) -> Segment | None:
        for segment in reversed(self._segments):
            if segment.source == source and segment.first <= ordinal <= segment.last:
                return segment
        return None

    def _begin(self, source: int, first: int, shift: int, like: Segment) -> Segment:
        segment = Segment(source, first, shift, like.timestamp_shift, like.picture_shift, like.tl0_shift)
        self._segments.append(segment)
        if len(self._segments) > MAX_SEGMENTS:
            del self._segments[0]
        self.current = segment
        return segment

    # --- per change ------------------------------------------------------------------------------------------------------------------

    def switch(
        self,
        source: int,
        ordinal: int,
        timestamp: int,
        picture: int,
        tl0: int,
        now: float,
        clocks: tuple[Clock, Clock] | None = None,
    ) -> Segment:
        """Go on with `source` from this packet, the first of a key frame, which came at `now` and may leave later. `clocks`: newest sender
        report of the source left and of this one; without both, the time that passed decides. The packet itself is then given to `follow`.
        """
        left = self.current or (self._segments[-1] if self._segments else None)
        self.pause()
        self.forget(source, ordinal)
        self.began = self.newest + 1
        shift = self.began - ordinal
        segment = Segment(source, ordinal, shift, 0, 0, 0)
        if self._timestamp >= 0 and left is not None:
            segment.timestamp_shift = self._aligned(left, timestamp, now, clocks)
        if self._picture >= 0 and picture >= 0:
            segment.picture_shift = self._picture + 1 - picture & _PICTURES
            segment.tl0_shift = self._tl0 + 1 - tl0 & 0xFF if self._tl0 >= 0 and tl0 >= 0 else 0
        self._dropped_picture = -1
        self._segments.append(segment)
        if len(self._segments) > MAX_SEGMENTS:
            del self._segments[0]
        self.current = segment
        return segment

    def pause(self) -> None:
        """Nothing new goes out until the next `switch`; late packets still find their numbers."""
        if self.current is not None:
            self._ends.pop(self.current.source, None)
            self._ends[self.current.source] = self.current.last
            if len(self._ends) > MAX_SOURCES:
                del self._ends[next(iter(self._ends))]
            self.current = None

    def forget(self, source: int, ordinal: int) -> None:
        """Ordinals of `source` from `ordinal` on mean something new (a source that began anew): old segments no longer claim them."""
        for segment in self._segments:
            if segment.source == source and segment.last >= ordinal:
                segment.source = -1

    def _aligned(self, left: Segment, timestamp: int, now: float, clocks: tuple[Clock, Clock] | None) -> int:
        """The timestamp shift of a new source: by the senders' clocks if they are believable, else by arrival; never back."""
        passed = self._timestamp + (round((now - self._at) * self.clock_rate) or 1)
        wanted = passed
        self._borrowed, borrowed = 0, self._borrowed
        if clocks is not None:
            (left_ntp, left_rtp), (ntp, rtp) = clocks
            between = (ntp - left_ntp) * self.clock_rate >> 32  # ticks from the one report to the other
            here = timestamp - rtp + left_rtp + between  # this picture on the clock of the source left
            aligned = here + left.timestamp_shift - borrowed
            if abs(_signed(aligned - passed)) <= MAX_DISAGREEMENT_SECONDS * self.clock_rate:
                wanted = aligned
        behind = _signed(self._timestamp + 1 - wanted)
        if behind > 0:  # the same instant was already shown from the other layer: a tick later, until the clock has caught up
            wanted += behind
            self._borrowed = behind
        return wanted - timestamp & _U32

    def _repay(self, segment: Segment, ordinal: int, timestamp: int) -> Segment:
        """Pictures follow each other by a tick until one lies behind the last by its own clock; from there that counts again. Not right
        after a loss: the missing packet could be of this picture, and one picture has one timestamp.
        """
        ahead = _signed(timestamp + segment.timestamp_shift - self._timestamp)  # 0: of the same picture
        if ordinal != segment.last + 1 or ahead <= 1:
            return segment
        paid = min(self._borrowed, ahead - 1)
        if segment.first != ordinal:
            segment = self._begin(segment.source, ordinal, segment.shift, segment)
        segment.timestamp_shift = segment.timestamp_shift - paid & _U32
        self._borrowed -= paid
        return segment

    # --- back ------------------------------------------------------------------------------------------------------------------------

    def locate(self, sequence: int) -> tuple[int, int] | None:
        """(source, ordinal) of the packet that was sent, or left open, under this 16-bit number; None when it is too long ago."""
        number = self.newest + ((sequence - self.newest + 0x8000) & 0xFFFF) - 0x8000
        for segment in reversed(self._segments):
            if segment.source >= 0 and segment.first <= number - segment.shift <= segment.last:
                return segment.source, number - segment.shift
        return None

    def repairable(self, sequence: int) -> tuple[int, int] | None:
        """As `locate`, but None before the last switch: its key frame makes everything older useless, and repairing what a full queue
        swallowed would fill it again.
        """
        behind = (self.newest - sequence) & 0xFFFF
        return self.locate(sequence) if behind < 0x8000 and self.newest - behind >= self.began else None

    def segment_at(self, source: int, ordinal: int) -> Segment | None:
        """The shifts a packet was sent with, for sending it again."""
        return self._covering(source, ordinal)


def _signed(ticks: int) -> int:
    """A difference of timestamps as −2^31…2^31."""
    return (ticks + 0x8000_0000) % 0x1_0000_0000 - 0x8000_0000
