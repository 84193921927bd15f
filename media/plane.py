"""The door of the media plane: what the rest of the house may ask of it, and what it reports.

Nine methods, plain values (str, bytes, bool, JSON-able dicts in mediasoup's shapes), so that the same door stands in front of a worker
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
#:       come back to connected). closed: DTLS close_notify or the transport was closed by the plane. reason "worker_died": of a
#:       receiver of a room that lives on another worker; it is gone, a new one may be made at once, and nobody else is concerned.
#:   {"event": "addressMoved", "routerId", "transportId", "at"}
#:       its packets come from another address, or it says nothing any more to what it is sent: its client should check its paths now
#:       (an ICE restart), which it would do by itself up to 2.5 s later. At most once a second.
#:   {"event": "mediaFlow", "routerId", "producerId", "flowing": bool, "at"}
#:       first packet / none for FLOW_SECONDS while not paused ("at" is the instant of the last packet then).
#:   {"event": "speechStarted", "routerId", "producerId", "segmentId", "at"}
#:   {"event": "speechEnded", "routerId", "producerId", "segmentId", "start", "end"}
#:       one finished speech segment of one audio producer (hangover not included in end); also when it is paused, closed or dies.
#:   {"event": "levels", "routerId", "levels": {producerId: dBov as a negative number}}     at most every 200 ms, only audible ones
#:   {"event": "dominantSpeaker", "routerId", "producerId"}
#:   {"event": "layersWanted", "routerId", "producerId", "highest": int}
#:       what this video producer's client should send: the highest layer (0 the smallest) that any tile wants, −1 nobody looks.
#:       Until the first report: everything. Up at once, down after five seconds.
#:   {"event": "consumerLayer", "routerId", "consumerId", "layer": int, "reason": "path"|"tile"|"hidden"|"quiet"}
#:       what a consumer gets has changed: a layer, −1 nothing. path: what gets through; tile: its size or what the producer sends;
#:       hidden: not on the page; quiet: a voice not among the loudest three, a picture not among the last N.
#:   {"event": "quality", "routerId", "transportId", "direction", "bitrate", "estimate", "fractionLost", "roundTrip", "score"}
#:       of a connected transport, about every 2 s while it changes. bitrate, estimate: bit/s (estimate null where nothing estimates);
#:       fractionLost: 0…1; roundTrip: s or null; score: 0 (of no use) … 5.
#:   {"event": "producerClosed" | "consumerClosed", "routerId", "id", "reason"}     closed by the plane, not by a call of `close`
#:   {"event": "recordingStopped", "routerId", "transportId", "reason": "closed"|"disk_full"|"disk_slow"|"disk_failed", "at", "files"}
#:       everything a recording took is on the disk; what each file holds is in `files` and in the folder's index (`media.recorder`).
#:   {"event": "workerDied", "at", "routerIds", "up"}     these routers and all they held are gone; `up` workers are left
#:   {"event": "workerReady", "at", "routerIds", "up"}     there is a worker for these routers again (none: one more to be used at all)
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

    async def create_transport(self, router_id: str, transport_id: str, direction: Direction, options: Json | None = None) -> Json:
        """`options`: {"type": "webrtc"} where nothing is said; further types are in `media.kinds`, what else they take is theirs.

        → of a WebRTC transport {"id", "iceParameters": {usernameFragment, password, iceLite}, "iceCandidates", "dtlsParameters":
        {role, fingerprints}}; "unsupported" for an unknown type.
        """

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        """Give the client's DTLS fingerprints; the worker is DTLS server (client role "client"). → {}; "wrong_state" when done twice."""

    async def restart_ice(self, transport_id: str) -> Json:
        """New ICE credentials; the old ones stop working when the first check with the new ones passed. → {"iceParameters"}."""

    async def produce(self, transport_id: str, producer_id: str, kind: Kind, rtp_parameters: Json, paused: bool = False) -> Json:
        """→ {"id", "type": "simple"|"simulcast"}. The transport must be one of direction "send"."""

    async def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        """→ {"id", "producerId", "kind", "rtpParameters", "type": the producer's, "producerPaused"}. "unsupported" when no codec fits."""

    async def update(self, id: str, changes: Json) -> Json:
        """Change a producer, a consumer or a receiving transport; an unknown key is "invalid_parameters" and changes nothing. → {}.

        producer: {"paused": bool}. consumer: {"paused": bool} (a picture goes on with the next key frame, which is asked for),
        {"keyframe": true} (throttled per layer), {"wish": {"tile": height in device pixels, "visible", "pinned", "screen",
        "moderator", "floor": bool}}, merged into what was wished before. transport: {"lastN": most pictures forwarded to it, or null}.
        """

    async def close(self, id: str) -> Json:
        """Close a router, transport, producer or consumer and all it holds; an unknown id is no error. → {}."""

    async def stats(self, id: str | None = None) -> Json:
        """Counters of one thing, or of the whole worker (None): packets, bytes, drops by reason, cpuSeconds."""
