"""The media plane without media: the same door as `media.plane`, the same refusals, no socket and no packet.

For the tests of everything above the door, and for trying the product where UDP cannot be had. It checks ids, states, directions and codecs
exactly as the worker does (one contract suite runs over both) and reports what its owner says has happened: `connected`, `flows`,
`speech_started` … stand for what packets would have shown. It must never grow a rule of its own.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from media import capabilities, parameters
from media.capabilities import CapabilityError
from media.changes import NO_WISH, checked
from media.plane import Direction, Json, Kind, PlaneError, Report
from media.recorder import check_consumable, checked_options


@dataclass
class _Router:
    id: str
    capabilities: Json


@dataclass
class _Transport:
    id: str
    router: _Router
    direction: str
    connected: bool = False
    cname: str = ""
    ssrcs: int = 0
    last_n: int | None = None
    began: float | None = None  # of a recording


@dataclass
class _Producer:
    id: str
    transport: _Transport
    kind: str
    parameters: Json
    consumable: Json
    type: str
    paused: bool
    segments: int = 0
    speaking_since: float | None = None


@dataclass
class _Consumer:
    id: str
    transport: _Transport
    producer: _Producer
    paused: bool
    keyframes: int = 0
    wish: Json = field(default_factory=lambda: dict(NO_WISH))


T = TypeVar("T")
_Thing = _Router | _Transport | _Producer | _Consumer


@dataclass
class MemoryPlane:
    """Satisfies `media.plane.MediaPlane`. `calls` lists every accepted call as (method, id) in order."""

    report: Report = lambda report: None
    clock: Callable[[], float] = time.monotonic
    calls: list[tuple[str, str]] = field(default_factory=list)
    _things: dict[str, _Thing] = field(default_factory=dict)
    _gone: bool = False
    _lost: list[str] = field(default_factory=list)

    # --- the door --------------------------------------------------------------------------------------------------------------------

    async def open_router(self, router_id: str) -> Json:
        self._check_new(router_id)
        router = _Router(router_id, capabilities.router_rtp_capabilities())
        self._add("open_router", router)
        return {"rtpCapabilities": capabilities.router_rtp_capabilities()}

    async def create_transport(self, router_id: str, transport_id: str, direction: Direction, options: Json | None = None) -> Json:
        router = self._get(router_id, _Router)
        self._check_new(transport_id)
        if direction not in ("send", "recv"):
            raise PlaneError("invalid_parameters", "direction")
        if (options or {}).get("type") == "recording":
            _, began = checked_options(direction, options or {})
            self._add("create_transport", _Transport(transport_id, router, direction, began=began))
            return {"id": transport_id, "began": began}
        if (options or {}).get("type", "webrtc") != "webrtc":
            raise PlaneError("unsupported", "type of the transport")
        self._add("create_transport", _Transport(transport_id, router, direction))
        fingerprint = ":".join(f"{byte:02X}" for byte in secrets.token_bytes(32))
        return {
            "id": transport_id,
            "iceParameters": _ice_parameters(),
            "iceCandidates": [_NOWHERE],
            "dtlsParameters": {"role": "server", "fingerprints": [{"algorithm": "sha-256", "value": fingerprint}]},
        }

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        transport = self._get(transport_id, _Transport)
        if transport.connected or transport.began is not None:
            raise PlaneError("wrong_state", "connected already")
        if _checked(parameters.dtls_parameters, dtls_parameters)["role"] == "server":
            raise PlaneError("unsupported", "the worker is the DTLS server")
        transport.connected = True
        self.calls.append(("connect_transport", transport_id))
        return {}

    async def restart_ice(self, transport_id: str) -> Json:
        self._get(transport_id, _Transport)
        self.calls.append(("restart_ice", transport_id))
        return {"iceParameters": _ice_parameters()}

    async def produce(self, transport_id: str, producer_id: str, kind: Kind, rtp_parameters: Json, paused: bool = False) -> Json:
        transport = self._get(transport_id, _Transport)
        self._check_new(producer_id)
        if transport.direction != "send":
            raise PlaneError("wrong_state", "direction of the transport")
        router_caps = transport.router.capabilities
        params = _checked(parameters.rtp_parameters, rtp_parameters)
        mapping = _checked(capabilities.producer_mapping, params, router_caps)
        transport.cname = params["rtcp"].get("cname") or transport.cname or secrets.token_hex(8)
        params["rtcp"]["cname"] = transport.cname
        consumable = _checked(capabilities.consumable_rtp_parameters, kind, params, router_caps, mapping)
        self._check_collision(transport, params)
        producer = _Producer(producer_id, transport, kind, params, consumable, capabilities.producer_type(params), bool(paused))
        self._add("produce", producer)
        return {"id": producer_id, "type": producer.type}

    async def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        transport = self._get(transport_id, _Transport)
        self._check_new(consumer_id)
        producer = self._get(producer_id, _Producer)
        if producer.transport.router is not transport.router:
            raise PlaneError("unknown_id", "producer")
        if transport.direction != "recv":
            raise PlaneError("wrong_state", "direction of the transport")
        params = self._parameters(transport, consumer_id, producer, rtp_capabilities)
        self._add("consume", _Consumer(consumer_id, transport, producer, bool(paused)))
        return {
            "id": consumer_id,
            "producerId": producer_id,
            "kind": producer.kind,
            "rtpParameters": params,
            "type": producer.type,
            "producerPaused": producer.paused,
        }

    def _parameters(self, transport: _Transport, consumer_id: str, producer: _Producer, rtp_capabilities: Json) -> Json:
        if transport.began is not None:
            check_consumable(consumer_id, producer.consumable)
            return producer.consumable
        transport.ssrcs += 2
        return _checked(
            capabilities.consumer_rtp_parameters,
            producer.consumable,
            rtp_capabilities,
            ssrc=0x10000 + transport.ssrcs,
            rtx_ssrc=0x10001 + transport.ssrcs,
            cname=producer.consumable["rtcp"]["cname"],
            mid=str(transport.ssrcs // 2),
        )

    async def update(self, id: str, changes: Json) -> Json:
        self._check_alive()
        thing = self._things.get(id)
        if isinstance(thing, _Producer):
            self._pause(thing, checked("producer", changes))
        elif isinstance(thing, _Consumer):
            self._pause(thing, checked("consumer", changes))
            if "keyframe" in changes:
                thing.keyframes += 1
                self.calls.append(("request_keyframe", id))
            if "wish" in changes:
                thing.wish |= changes["wish"]
                self.calls.append(("wish", id))
        elif isinstance(thing, _Transport):
            if checked("transport", changes) and thing.direction != "recv":
                raise PlaneError("wrong_state", "direction of the transport")
            if "lastN" in changes:
                thing.last_n = changes["lastN"]
                self.calls.append(("last_n", id))
        else:
            raise PlaneError("unknown_id", "producer, consumer or transport")
        return {}

    def _pause(self, thing: _Producer | _Consumer, changes: Json) -> None:
        if "paused" in changes:
            thing.paused = changes["paused"]
            if isinstance(thing, _Producer) and thing.paused:
                self._end_speech(thing)
            self.calls.append(("pause" if thing.paused else "resume", thing.id))

    async def close(self, id: str) -> Json:
        self._check_alive()
        thing = self._things.get(id)
        if thing is not None:
            self.calls.append(("close", id))
            self._close(thing)
        return {}

    async def stats(self, id: str | None = None) -> Json:
        self._check_alive()
        if id is None:
            kinds = {"routers": _Router, "transports": _Transport, "producers": _Producer, "consumers": _Consumer}
            sizes = {name: sum(isinstance(thing, kind) for thing in self._things.values()) for name, kind in kinds.items()}
            return sizes | {"type": "worker", "packetsIn": 0, "packetsThrough": 0, "packetsOut": 0, "drops": {}, "cpuSeconds": 0.0}
        thing = self._things.get(id)
        if thing is None:
            raise PlaneError("unknown_id", id[:64])
        named: Json = {"type": type(thing).__name__[1:].lower(), "id": id}
        if isinstance(thing, _Consumer):
            return named | {"paused": thing.paused, "wish": dict(thing.wish)}
        if isinstance(thing, _Transport):
            return named | {"lastN": thing.last_n}
        return named | ({"paused": thing.paused} if isinstance(thing, _Producer) else {})

    # --- what packets would have shown -----------------------------------------------------------------------------------------------

    def connected(self, transport_id: str, state: str = "connected", reason: str = "") -> None:
        transport = self._get(transport_id, _Transport)
        self._tell(transport.router, event="transportState", transportId=transport_id, state=state, at=self.clock(), reason=reason)

    def moves(self, transport_id: str) -> None:
        transport = self._get(transport_id, _Transport)
        self._tell(transport.router, event="addressMoved", transportId=transport_id, at=self.clock())

    def flows(self, producer_id: str, flowing: bool = True) -> None:
        producer = self._get(producer_id, _Producer)
        self._tell(producer.transport.router, event="mediaFlow", producerId=producer_id, flowing=flowing, at=self.clock())

    def speech_started(self, producer_id: str) -> None:
        """Somebody speaks, unless the producer is paused or speaking already."""
        producer = self._get(producer_id, _Producer)
        if producer.paused or producer.speaking_since is not None:
            return
        producer.segments += 1
        producer.speaking_since = self.clock()
        self._tell(
            producer.transport.router,
            event="speechStarted",
            producerId=producer_id,
            segmentId=producer.segments,
            at=producer.speaking_since,
        )

    def speech_ended(self, producer_id: str) -> None:
        self._end_speech(self._get(producer_id, _Producer))

    def levels(self, router_id: str, levels: dict[str, float]) -> None:
        self._tell(self._get(router_id, _Router), event="levels", levels=levels)

    def dominant(self, producer_id: str) -> None:
        producer = self._get(producer_id, _Producer)
        self._tell(producer.transport.router, event="dominantSpeaker", producerId=producer_id)

    def layers_wanted(self, producer_id: str, highest: int) -> None:
        producer = self._get(producer_id, _Producer)
        self._tell(producer.transport.router, event="layersWanted", producerId=producer_id, highest=highest)

    def consumer_layer(self, consumer_id: str, layer: int, reason: str) -> None:
        consumer = self._get(consumer_id, _Consumer)
        self._tell(consumer.transport.router, event="consumerLayer", consumerId=consumer_id, layer=layer, reason=reason)

    def quality(self, transport_id: str, **figures: Any) -> None:
        """`figures`: any of bitrate, estimate, fractionLost, roundTrip, score; the others are those of a quiet good path."""
        transport = self._get(transport_id, _Transport)
        quiet = {"bitrate": 0, "estimate": None, "fractionLost": 0.0, "roundTrip": None, "score": 5}
        self._tell(
            transport.router, **({"event": "quality", "transportId": transport_id, "direction": transport.direction} | quiet | figures)
        )

    def recording_stopped(self, transport_id: str, reason: str = "closed", files: Sequence[Json] = ()) -> None:
        """Everything is on the disk; in memory there is none."""
        transport = self._get(transport_id, _Transport)
        stopped = {"transportId": transport_id, "reason": reason, "at": self.clock(), "files": list(files)}
        self._tell(transport.router, event="recordingStopped", **stopped)

    def lose(self, transport_id: str) -> None:
        """The further worker on which a room's receiver was is gone; the room itself lives elsewhere."""
        transport = self._get(transport_id, _Transport)
        self._close(transport)
        lost = {"transportId": transport_id, "state": "closed", "at": self.clock(), "reason": "worker_died"}
        self._tell(transport.router, event="transportState", **lost)

    def die(self) -> None:
        """The worker process is gone, with everything in it; every call is refused until `revive`."""
        self._lost = [thing.id for thing in self._things.values() if isinstance(thing, _Router)]
        self._things.clear()
        self._gone = True
        self.report({"event": "workerDied", "at": self.clock(), "routerIds": self._lost, "up": 0})

    def revive(self) -> None:
        self._gone = False
        self.report({"event": "workerReady", "at": self.clock(), "routerIds": self._lost, "up": 1})

    # --- inside ----------------------------------------------------------------------------------------------------------------------

    def _tell(self, router: _Router, **report: Any) -> None:
        self.report({"routerId": router.id} | report)

    def _end_speech(self, producer: _Producer) -> None:
        start, producer.speaking_since = producer.speaking_since, None
        if start is not None:
            self._tell(
                producer.transport.router,
                event="speechEnded",
                producerId=producer.id,
                segmentId=producer.segments,
                start=start,
                end=self.clock(),
            )

    def _check_alive(self) -> None:
        if self._gone:
            raise PlaneError("worker_gone")

    def _check_new(self, id: str) -> None:
        self._check_alive()
        if not isinstance(id, str) or not 0 < len(id) <= 64 or not id.isascii():
            raise PlaneError("invalid_parameters", "id")
        if id in self._things:
            raise PlaneError("duplicate_id", id)

    def _get(self, id: str, kind: type[T]) -> T:
        self._check_alive()
        thing = self._things.get(id)
        if not isinstance(thing, kind):
            raise PlaneError("unknown_id", str(id)[:64])
        return thing

    def _add(self, method: str, thing: _Thing) -> None:
        self._things[thing.id] = thing
        self.calls.append((method, thing.id))

    def _check_collision(self, transport: _Transport, params: Json) -> None:
        others = [thing.parameters for thing in self._things.values() if isinstance(thing, _Producer) and thing.transport is transport]
        if _ssrcs(params) & set().union(*map(_ssrcs, others)):
            raise PlaneError("invalid_parameters", "ssrc in use")
        if "mid" in params and any(other.get("mid") == params["mid"] for other in others):
            raise PlaneError("invalid_parameters", "mid in use")

    def _close(self, thing: _Thing) -> None:
        if isinstance(thing, _Producer):
            self._end_speech(thing)
        for held in [other for other in self._things.values() if _holder(other) is thing]:
            self._close(held)
            if isinstance(held, _Producer):
                self._tell(held.transport.router, event="producerClosed", id=held.id, reason="transport")
        if isinstance(thing, _Producer):
            for fed in [other for other in self._things.values() if isinstance(other, _Consumer) and other.producer is thing]:
                self._close(fed)
                self._tell(fed.transport.router, event="consumerClosed", id=fed.id, reason="producer")
        if isinstance(thing, _Transport) and thing.began is not None:
            self.recording_stopped(thing.id)
        self._things.pop(thing.id, None)


#: TEST-NET-1 (RFC 5737) leads nowhere.
_NOWHERE = {
    "foundation": "udp1", "priority": 1, "ip": "192.0.2.1", "address": "192.0.2.1", "protocol": "udp", "port": 9, "type": "host",
}  # fmt: skip


def _holder(thing: _Thing) -> _Thing | None:
    if isinstance(thing, _Transport):
        return thing.router
    return None if isinstance(thing, _Router) else thing.transport


def _ssrcs(params: Json) -> set[int]:
    found = {encoding["ssrc"] for encoding in params["encodings"] if "ssrc" in encoding}
    return found | {encoding["rtx"]["ssrc"] for encoding in params["encodings"] if "rtx" in encoding}


def _ice_parameters() -> Json:
    return {"usernameFragment": secrets.token_hex(4), "password": secrets.token_hex(12), "iceLite": True}


def _checked(function: Callable[..., Json], *arguments: Any, **named: Any) -> Json:
    try:
        return function(*arguments, **named)
    except CapabilityError as error:
        raise PlaneError(error.code, error.detail) from error
