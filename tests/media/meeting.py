"""A small meeting in memory: Alice sends, Bob receives, every report is kept."""

from __future__ import annotations

from typing import Any

from media.capabilities import ABS_SEND_TIME, TRANSPORT_CC, router_rtp_capabilities
from media.forwarder import Forwarder
from media.router import Routers
from media.srtp import AES_128_GCM, Profile
from media.stun import Address
from tests.media.peer import Peer, World, opus, vp8

Json = dict[str, Any]

ALICE, BOB = ("10.0.0.1", 1111), ("10.0.0.2", 2222)
MICROPHONE, CAMERA, CAMERA_RTX = 1001, 2001, 2002


def without_red(capabilities: Json) -> Json:
    """Of Firefox, Safari and most clients that are no browsers."""
    return capabilities | {"codecs": [codec for codec in capabilities["codecs"] if codec["mimeType"] != "audio/red"]}


#: A client that tells nothing of what arrives, and takes voices as they are.
BLIND: Json = without_red(router_rtp_capabilities())
BLIND["headerExtensions"] = [entry for entry in BLIND["headerExtensions"] if entry["uri"] not in (TRANSPORT_CC, ABS_SEND_TIME)]


class Meeting:
    """Connected transports; producers "mic" and "cam"; consumers as asked for."""

    def __init__(self, *, bob_profile: Profile = AES_128_GCM) -> None:
        self.reports: list[Json] = []
        self.forwarder = Forwarder(self.reports.append)
        self.world = World(self.forwarder)
        self.routers = Routers(self.forwarder, ["127.0.0.1"], lambda: self.world.now)
        self.routers.open_router("room")
        self.alice = self.join("alice", "send", ALICE)
        self.bob = self.join("bob", "recv", BOB, bob_profile)
        self.routers.produce("alice", "mic", "audio", opus(MICROPHONE))
        self.routers.produce("alice", "cam", "video", vp8(CAMERA, CAMERA_RTX))

    def join(self, name: str, direction: str, address: Address, profile: Profile = AES_128_GCM) -> Peer:
        peer = Peer(self.world, self.routers.create_transport("room", name, direction), address, profile)
        self.routers.connect_transport(name, peer.dtls_parameters)
        peer.connect()
        return peer

    def consume(self, producer: str, consumer: str = "c1", *, paused: bool = False, capabilities: Json | None = None) -> Json:
        answer = self.routers.consume("bob", consumer, producer, capabilities or BLIND, paused)
        self.world.deliver()
        parameters: Json = answer["rtpParameters"]
        return parameters

    def set_paused(self, id: str, paused: bool) -> None:
        self.routers.update(id, {"paused": paused})
        self.world.deliver()

    def events(self, name: str) -> list[Json]:
        return [report for report in self.reports if report["event"] == name]

    @property
    def drops(self) -> dict[str, int]:
        return {reason: count for reason, count in self.forwarder.drops.items() if count}
