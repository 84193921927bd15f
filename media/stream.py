"""One received SSRC: a layer of a producer, with its reports, its gaps, its clock and the fan-out of who is on it.

RTX packets of its twin are put back into its numbering by the producer. It must never know sockets or keys. RFC 3550 §6.4, RFC 4588.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from media.fanout import Fanout
from media.gaps import GapTracker
from media.layers import ALIVE_SECONDS, MISSED, STOPPED_SECONDS, Cadence, LayerMeter, Trial
from media.packet import Outputs
from media.rtcp import ReportBlock, SenderReport
from media.stun import Address

if TYPE_CHECKING:
    from media.producer import Producer


class Stream:
    __slots__ = (
        "cadence",
        "came_from",
        "clock_rate",
        "fanout",
        "frames",
        "gaps",
        "heard_at",
        "height",
        "highest",
        "keyframes",
        "keyframes_asked",
        "last_report",
        "layer",
        "meter",
        "missed",
        "nacks",
        "noted",
        "octets",
        "packets",
        "producer",
        "recovered",
        "report_at",
        "rid",
        "rtx_packets",
        "ssrc",
        "timestamp",
        "trial",
    )

    def __init__(self, producer: Producer, ssrc: int, rid: str | None, layer: int, outputs: Outputs) -> None:
        video = producer.kind == "video"
        self.producer = producer
        self.ssrc = ssrc
        self.rid = rid
        self.came_from: Address | None = None  # where its packets come from, by the main socket or not
        self.layer = layer  # its place among the producer's encodings: 0 the smallest
        self.clock_rate = producer.clock_rate
        self.fanout = Fanout(outputs, ssrc, layer, video=video, picture_ids=producer.picture_ids)
        self.gaps = GapTracker(self.clock_rate)
        self.meter = LayerMeter(ALIVE_SECONDS)
        self.cadence = Cadence()
        self.trial = Trial()
        self.frames = 0  # instants that were sent, counted by their timestamps
        self.timestamp = -1  # of the newest
        self.heard_at = 0.0  # its newest packet
        self.missed = 0  # pictures that the smallest layer has sent since
        self.noted = 0  # bit/s of the last change that was worth a word
        self.highest: int | None = None  # SRTP index of the newest packet
        self.height = 0  # of the picture, from its last key frame
        self.packets = 0
        self.octets = 0
        self.rtx_packets = 0
        self.keyframes = 0
        self.keyframes_asked = 0
        self.recovered = 0  # lost packets of a voice that came inside later ones
        self.nacks = 0  # numbers asked for again
        self.last_report: SenderReport | None = None
        self.report_at = 0.0

    @property
    def bitrate(self) -> int:
        """Bit/s of what may be chosen; 0 while it is silent, starved or on trial."""
        return self.meter.bitrate if self.trial.passed and not self.cadence.starved else 0

    def is_stopped(self, now: float) -> bool:
        """Silent while the smallest layer goes on: by the sender's own will."""
        return self.missed >= MISSED and now - self.heard_at >= STOPPED_SECONDS

    def reported(self, report: SenderReport, now: float) -> None:
        """A sender report: this stream's clock from now on."""
        self.last_report, self.report_at = report, now
        self.fanout.clock = (report.ntp, report.rtp_timestamp)

    def report_block(self, now: float) -> ReportBlock:
        reception = self.gaps.reception()
        middle = self.last_report.ntp >> 16 & 0xFFFFFFFF if self.last_report else 0
        delay = int((now - self.report_at) * 65536) if self.last_report else 0
        return ReportBlock(
            self.ssrc,
            reception.fraction_lost,
            reception.cumulative_lost,
            reception.highest_seq,
            reception.jitter,
            middle,
            max(0, delay),
        )

    def clock(self, now: float) -> tuple[int, int] | None:
        """(NTP, RTP timestamp) of `now` on the sender's own clock, carried on from its last report: what lip-sync needs."""
        if self.last_report is None:
            return None
        elapsed = now - self.report_at
        return (
            self.last_report.ntp + int(elapsed * 4294967296) & 0xFFFFFFFFFFFFFFFF,
            self.last_report.rtp_timestamp + int(elapsed * self.clock_rate) & 0xFFFFFFFF,
        )
