"""One client's path: ICE, DTLS, SRTP, and the tables that say which SSRC belongs to whom. mediasoup's WebRtcTransport.

It decides the transport's state (new, connected, disconnected, closed). It must never know sockets; datagrams to send are returned or
appended. RFC 8445, RFC 8843 §9.2 (which stream a packet belongs to), RFC 7675 (consent).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

from OpenSSL import SSL

from media import dtls
from media.arrivals import ArrivalLog
from media.consumer import Consumer
from media.downlink import Downlink
from media.ice import IceAgent
from media.path import Path
from media.producer import MID, REPAIRED_RID, RID, Drop, Producer, Stream
from media.rtp import extensions
from media.srtp import MAX_SSRCS, Inbound, Outbound
from media.stun import Address

Json = dict[str, Any]

#: Producers one transport may carry: microphone, camera, screen and its sound, with room for what comes.
MAX_PRODUCERS: Final = 16
#: Three base-36 digits of MID, so that the element is one word; numbers are never used again within a transport.
MAX_CONSUMERS_EVER: Final = 36**3

TransportState = Literal["new", "connected", "disconnected", "closed"]


class Transport:
    def __init__(
        self, id: str, router_id: str, direction: str, ssl_context: SSL.Context, now: float, wake: Callable[[Transport], None]
    ) -> None:
        self.id = id
        self.router_id = router_id
        self.direction = direction
        self.ice = IceAgent()
        self.dtls = dtls.DtlsServer(ssl_context, now)
        self.inbound: Inbound | None = None
        self.outbound: Outbound | None = None
        self.state: TransportState = "new"
        self.last_heard = 0.0
        self.stray: Address | None = None  # it is heard from there, though no check has come
        self.created_at = now
        self.producers: dict[str, Producer] = {}
        self.consumers: dict[int, Consumer] = {}
        self.path = Path(self.consumers, lambda: wake(self))
        self.downlink = Downlink(router_id, self.consumers, self.path)
        self.streams: dict[int, Stream] = {}  # SSRC → its stream
        self.rtx_streams: dict[int, Stream] = {}  # RTX SSRC → the stream it repairs
        self.extension_ids: dict[int, int] = {}  # client's id → router's id, over all producers (one bundle: no two meanings)
        self.arrivals: ArrivalLog | None = None
        self.used_ssrcs: set[int] = set()  # never twice under one key: an SSRC is part of the nonce
        self.mids = 0
        self.cname = ""
        self.rtcp_ssrc = 1  # feedback towards a sender needs some SSRC that sends nothing
        self.round_trip: float | None = None  # of one that sends, where it answers to reference times

    @property
    def address(self) -> Address | None:
        """Where packets go; nowhere while the other end has not renewed its consent (RFC 7675 §5.1)."""
        return None if self.state == "disconnected" else self.ice.address

    def next_mid(self) -> str:
        self.mids += 1
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"
        return digits[self.mids // 1296 % 36] + digits[self.mids // 36 % 36] + digits[self.mids % 36]

    def adopt(self, producer: Producer, parameters: Json) -> None:
        """A new producer: announced SSRCs are bound at once, rids when their first packet comes."""
        self.producers[producer.id] = producer
        self.extension_ids |= producer.extension_ids
        for layer, encoding in enumerate(parameters["encodings"]):
            if "ssrc" in encoding:
                stream = producer.stream(encoding["ssrc"], encoding.get("rid"), layer)
                self.streams[encoding["ssrc"]] = stream
                if "rtx" in encoding:
                    self.rtx_streams[encoding["rtx"]["ssrc"]] = stream
        if any(feedback["type"] == "transport-cc" for codec in parameters["codecs"] for feedback in codec["rtcpFeedback"]):
            self.arrivals = self.arrivals or ArrivalLog()

    def abandon(self, producer: Producer) -> None:
        self.producers.pop(producer.id, None)
        for table in (self.streams, self.rtx_streams):
            for ssrc in [ssrc for ssrc, stream in table.items() if stream.producer is producer]:
                table.pop(ssrc).fanout.close_passage()

    def close_passages(self) -> None:
        """Its keys or its address are others now: each of its packets is looked at again."""
        for stream in self.streams.values():
            stream.fanout.stale = True

    def learn(self, ssrc: int, packet: bytes) -> bool:
        """Bind an unknown SSRC by its MID and RID extensions, which senders stop sending once they are acknowledged. → whether it
        worked.
        """
        found = {self.extension_ids.get(identifier): value.decode("ascii", "replace") for identifier, value in extensions(packet)}
        mid = found.get(MID)
        producer = next((entry for entry in self.producers.values() if mid is not None and entry.mid == mid), None)
        if producer is None and mid is None and len(self.producers) == 1:
            producer = next(iter(self.producers.values()))
        if producer is None or len(self.streams) + len(self.rtx_streams) >= MAX_SSRCS:
            return False
        if REPAIRED_RID in found:
            return self._learn_repair(ssrc, producer, found[REPAIRED_RID])
        rid = found.get(RID)
        known = [encoding.get("rid") for encoding in producer.encodings]
        if rid not in known or any(stream.rid == rid for stream in producer.streams):
            return False  # a second SSRC for a layer that has one: a spoof, or a restart nobody announced
        if packet[1] & 0x7F not in producer.payload_types | producer.redundant:
            return False
        self.streams[ssrc] = producer.stream(ssrc, rid, known.index(rid))
        return True

    def _learn_repair(self, ssrc: int, producer: Producer, rid: str) -> bool:
        stream = next((stream for stream in producer.streams if stream.rid == rid), None)
        if stream is None:
            return False
        self.rtx_streams[ssrc] = stream
        return True

    def require_inbound(self) -> Inbound:
        if self.inbound is None:
            raise Drop("srtp_no_keys")
        return self.inbound
