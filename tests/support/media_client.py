"""The media half of a test client: pymediasoup on aiortc, an implementation independent of the plane on the other side.

It speaks to whatever answers `ask(name, body)` with the signalling's media requests (server/schemas/signalling.py): the server over
Socket.IO, or a plane directly (`PlaneDesk`). Two things are put right that would not work against a DTLS-server-only, loopback SFU:

* pymediasoup wants to be DTLS server when sending; the handler here is always the DTLS client, as mediasoup-client is in browsers;
* aioice ignores loopback interfaces; `on_loopback` makes it use nothing else, so that tests need no network.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aiortc import MediaStreamTrack
from pymediasoup import AiortcHandler, Device
from pymediasoup.models.transport import DtlsParameters, IceCandidate, IceParameters
from pymediasoup.rtp_parameters import RtpCapabilities, RtpParameters
from pymediasoup.transport import Transport

from media.plane import MediaPlane
from tests.support.tracks import Ear

Json = dict[str, Any]
Ask = Callable[[str, Json], Awaitable[Json]]


@contextmanager
def on_loopback() -> Iterator[None]:
    with patch("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"]):
        yield


class _ClientRole(AiortcHandler):  # type: ignore[misc]
    async def _setupTransport(self, localDtlsRole: str, localSdpDict: Json | None = None) -> None:
        await super()._setupTransport("client", localSdpDict)


class MediaClient:
    """`load` once, then `publish` and `receive`; `ears` holds what is received, by producer id."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._device = Device(handlerFactory=lambda: _ClientRole())
        self._transports: dict[str, Transport] = {}
        self._turn = asyncio.Lock()  # one renegotiation at a time
        self.ears: dict[str, Ear] = {}
        self.consumers: dict[str, str] = {}  # producer id → consumer id
        self.wanted: set[str] = set()  # what the owner has decided to receive
        self.failures: list[str] = []

    @property
    def capabilities(self) -> Json:
        caps: Json = self._device.recvRtpCapabilities.model_dump(exclude_none=True)
        return caps

    async def load(self, router_rtp_capabilities: Json) -> None:
        await self._device.load(RtpCapabilities(**router_rtp_capabilities))

    async def publish(self, track: MediaStreamTrack, source: str) -> str:
        """→ the producer's id."""
        async with self._turn:
            transport = await self._transport("send")
            producer = await transport.produce(track=track, appData={"source": source}, stopTracks=False)
        return str(producer.id)

    async def receive(self, producer_id: str) -> Ear:
        async with self._turn:
            transport = await self._transport("recv")
            body = {"transportId": transport.id, "producerId": producer_id, "rtpCapabilities": self.capabilities}
            answer = await self._ask("consume", body)
            consumer = await transport.consume(
                id=answer["consumerId"],
                producerId=producer_id,
                kind=answer["kind"],
                # Without a MID pymediasoup numbers the sections itself; its parser would turn "001" into 1 and lose it.
                rtpParameters=RtpParameters(**(answer["rtpParameters"] | {"mid": None})),
            )
            ear = self.ears[producer_id] = Ear(consumer.track)
            self.consumers[producer_id] = answer["consumerId"]
        await self._ask("resumeConsumer", {"consumerId": answer["consumerId"]})
        return ear

    async def forget(self, producer_id: str) -> None:
        """The producer is gone; its track stays in the session description, silent."""
        self.consumers.pop(producer_id, None)
        ear = self.ears.get(producer_id)
        if ear is not None:
            await ear.stop()

    async def receive_anew(self) -> None:
        """The receiving transport is gone on the server: begin again with nothing received."""
        async with self._turn:
            transport = self._transports.pop("recv", None)
            if transport is not None:
                await transport.close()
        ears, self.ears = self.ears, {}
        for ear in ears.values():
            await ear.stop()
        self.consumers.clear()
        self.wanted.clear()

    async def close(self) -> None:
        for transport in self._transports.values():
            await transport.close()
        self._transports.clear()
        for ear in self.ears.values():
            await ear.stop()

    async def _transport(self, direction: str) -> Transport:
        if direction in self._transports:
            return self._transports[direction]
        answer = await self._ask("createTransport", {"direction": direction})
        make = self._device.createSendTransport if direction == "send" else self._device.createRecvTransport
        transport = make(
            id=answer["id"],
            iceParameters=IceParameters(**answer["iceParameters"]),
            iceCandidates=[IceCandidate(**candidate) for candidate in answer["iceCandidates"] if candidate["protocol"] == "udp"],
            dtlsParameters=DtlsParameters(**answer["dtlsParameters"]),
            sctpParameters=None,
            iceServers=[],  # never aiortc's default, which is a public server
        )
        self._wire(transport)
        transport._probatorConsumerCreated = True  # a trick for Chrome's bandwidth estimator; aiortc has none
        self._transports[direction] = transport
        return transport

    def _wire(self, transport: Transport) -> None:
        @transport.on("connect")  # type: ignore[untyped-decorator]
        async def _connect(parameters: DtlsParameters) -> None:
            await self._ask("connectTransport", {"transportId": transport.id, "dtlsParameters": parameters.model_dump()})

        @transport.on("produce")  # type: ignore[untyped-decorator]
        async def _produce(kind: str, parameters: RtpParameters, app: Json) -> str:
            body = {"transportId": transport.id, "kind": kind, "source": app["source"], "rtpParameters": parameters.model_dump()}
            return str((await self._ask("produce", body))["producerId"])

        @transport.on("error")  # type: ignore[untyped-decorator]
        def _error(error: Exception) -> None:
            self.failures.append(repr(error))


class PlaneDesk:
    """Answers a `MediaClient` straight from a plane, with one router and no meeting around it."""

    def __init__(self, plane: MediaPlane, router_id: str, name: str) -> None:
        self._plane, self._router_id, self._name, self._count = plane, router_id, name, 0

    async def ask(self, name: str, body: Json) -> Json:
        plane = self._plane
        if name == "createTransport":
            return await plane.create_transport(self._router_id, self._id(), body["direction"])
        if name == "connectTransport":
            return await plane.connect_transport(body["transportId"], body["dtlsParameters"])
        if name == "produce":
            answer = await plane.produce(body["transportId"], self._id(), body["kind"], body["rtpParameters"])
            return {"producerId": answer["id"]}
        if name == "consume":
            answer = await plane.consume(body["transportId"], self._id(), body["producerId"], body["rtpCapabilities"])
            return answer | {"consumerId": answer["id"]}
        assert name == "resumeConsumer", name
        return await plane.update(body["consumerId"], {"paused": False})

    def _id(self) -> str:
        self._count += 1
        return f"{self._name}-{self._count}"
