"""The door of the media plane: what the rest of the house may ask of it, and what it reports.

Ten methods, plain values (str, bytes, bool, JSON-able dicts in mediasoup's shapes), so that the same door stands in front of a worker
process, an in-process worker, and the memory twin of the tests. The plane knows peers and packets; it never learns of people, meetings
or rights. Shapes: `rtpCapabilities`, `rtpParameters`, `iceParameters`, `iceCandidates`, `dtlsParameters` are exactly mediasoup v3's
(the published `mediasoup-client` is the other end).

Time: every `at`, `start`, `end` is a reading of CLOCK_MONOTONIC in seconds (float), which processes of one machine share; whoever
turns it into wall-clock time holds the anchor.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol

Json = dict[str, Any]
Direction = Literal["send", "recv"]  # seen from the client, as in mediasoup-client
Kind = Literal["audio", "video"]

#: Called from the event loop with one report of the plane; must return quickly and never raise.
#: Reports, each with a key "event":
#:   {"event": "transportState", "routerId", "transportId", "state": "connected"|"disconnected"|"closed", "at", "reason"}
#:       connected: DTLS done over a checked address. disconnected: no authenticated check and no packet for a while (it may
#:       come back to connected). closed: DTLS close_notify or the transport was closed by the plane.
#:   {"event": "mediaFlow", "routerId", "producerId", "flowing": bool, "at"}
#:       first packet / none for FLOW_SECONDS while not paused ("at" is the instant of the last packet then).
#:   {"event": "speechStarted", "routerId", "producerId", "segmentId", "at"}
#:   {"event": "speechEnded", "routerId", "producerId", "segmentId", "start", "end"}
#:       one finished speech segment of one audio producer (hangover not included in end); also when it is paused, closed or dies.
#:   {"event": "levels", "routerId", "levels": {producerId: dBov as a negative number}}     at most every 200 ms, only audible ones
#:   {"event": "dominantSpeaker", "routerId", "producerId"}
#:   {"event": "producerClosed" | "consumerClosed", "routerId", "id", "reason"}     closed by the plane, not by a call of `close`
#:   {"event": "workerDied", "at"} / {"event": "workerReady", "at"}     everything the worker held is gone / it may be used again
Report = Callable[[Json], None]


class PlaneError(Exception):
    """A refused call. `code` is stable: unknown_id, duplicate_id, wrong_state, unsupported, invalid_parameters, limit, worker_gone."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class MediaPlane(Protocol):
    """Ids are chosen by the caller, unique in a worker, at most 64 ASCII characters. Every method raises `PlaneError`."""

    async def open_router(self, router_id: str) -> Json:
        """Make a router (a room's packets). → {"rtpCapabilities": RouterRtpCapabilities}."""

    async def create_transport(self, router_id: str, transport_id: str, direction: Direction) -> Json:
        """→ {"id", "iceParameters": {usernameFragment, password, iceLite}, "iceCandidates", "dtlsParameters": {role, fingerprints}}."""

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        """Give the client's DTLS fingerprints; the worker is DTLS server (client role "client"). → {}; "wrong_state" when done twice."""

    async def restart_ice(self, transport_id: str) -> Json:
        """New ICE credentials; the old ones stop working when the first check with the new ones passed. → {"iceParameters"}."""

    async def produce(self, transport_id: str, producer_id: str, kind: Kind, rtp_parameters: Json, paused: bool = False) -> Json:
        """→ {"id", "type": "simple"|"simulcast"}. The transport must be one of direction "send"."""

    async def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        """→ {"id", "producerId", "kind", "rtpParameters", "type", "producerPaused"}. "unsupported" when no codec fits."""

    async def set_paused(self, id: str, paused: bool) -> Json:
        """Pause or resume a producer or a consumer; resuming a video consumer asks the producer for a key frame. → {}."""

    async def request_keyframe(self, consumer_id: str) -> Json:
        """→ {}. Throttled per producer."""

    async def close(self, id: str) -> Json:
        """Close a router, transport, producer or consumer and all it holds; an unknown id is no error. → {}."""

    async def stats(self, id: str | None = None) -> Json:
        """Counters of one thing, or of the whole worker (None): packets, bytes, drops by reason, cpuSeconds."""
