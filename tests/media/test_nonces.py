"""The one thing AES-GCM does not forgive: a nonce that meets two packets. Played with reordering, repairs, layers, pauses and NACKs."""

import random
import struct

import pytest

from media import rtcp
from media.capabilities import router_rtp_capabilities
from tests.media.camera import Camera
from tests.media.meeting import ALICE, CAMERA, CAMERA_RTX, MICROPHONE, Meeting
from tests.media.viewer import Viewer
from tests.support.netem import Path


def recorded(meeting: Meeting) -> dict[bytes, set[tuple[bytes, bytes]]]:
    """Every nonce towards Bob with what it sealed."""
    outbound = meeting.forwarder.transports["bob"].outbound
    assert outbound is not None
    assert outbound.encrypt is not None
    seal = outbound.encrypt
    seen: dict[bytes, set[tuple[bytes, bytes]]] = {}

    def encrypt(nonce: bytes, payload: bytes, header: bytes) -> bytes:
        seen.setdefault(nonce, set()).add((header, payload))
        return seal(nonce, payload, header)

    outbound.encrypt = encrypt
    return seen


def picture(chance: random.Random) -> bytes:
    """A packet's payload; one of ten begins a key frame."""
    return (bytes.fromhex("10000000") if chance.random() < 0.1 else b"") + chance.randbytes(9)


def nacks(meeting: Meeting, seen: dict[bytes, set[tuple[bytes, bytes]]], chance: random.Random, ssrcs: list[int]) -> None:
    """Ask for what came lately, and for anything."""
    recent = [next(iter(sealed))[0][2:4] for sealed in list(seen.values())[-5:]]
    numbers = [int.from_bytes(number, "big") for number in recent]
    meeting.bob.send_rtcp(rtcp.build_nack(1, chance.choice(ssrcs), [*numbers, chance.randrange(65536)]))


@pytest.mark.parametrize("rtx", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_nonce_ever_seals_two_packets(seed: int, rtx: bool) -> None:
    chance = random.Random(seed)
    meeting = Meeting()
    seen = recorded(meeting)
    capabilities = router_rtp_capabilities()
    if not rtx:
        capabilities["codecs"] = [codec for codec in capabilities["codecs"] if codec["mimeType"] != "video/rtx"]
    ssrcs = [meeting.consume(name, f"c-{name}", capabilities=capabilities)["encodings"][0]["ssrc"] for name in ("mic", "cam")]
    highest = {MICROPHONE: 65_000, CAMERA: 65_000, CAMERA_RTX: 1}  # the rollover comes soon
    for _ in range(4000):
        meeting.world.now += 0.005
        step = chance.random()
        if step < 0.75:
            ssrc = chance.choice([MICROPHONE, CAMERA, CAMERA, CAMERA])
            index = highest[ssrc] + chance.choice([1, 1, 1, 1, 1, 2, 3, -1, -2, -30])
            highest[ssrc] = max(index, highest[ssrc])
            payload_type = 111 if ssrc == MICROPHONE else 96
            extension = bytes((0x22,)) + chance.randbytes(3)
            packet = meeting.alice.protected(ssrc, index, picture(chance), payload_type=payload_type, extension=extension)
            meeting.forwarder.feed(packet, ALICE, meeting.world.now)
            if chance.random() < 0.6:  # otherwise it waits for the next one: bursts
                meeting.forwarder.flush()
                meeting.world.deliver()
        elif step < 0.85:
            highest[CAMERA_RTX] += 1
            original = highest[CAMERA] + chance.choice([1, 0, -1, -2, -3, -30])
            body = struct.pack("!H", original & 0xFFFF) + picture(chance)
            meeting.alice.send(CAMERA_RTX, highest[CAMERA_RTX], body, payload_type=97)
        elif step < 0.92:
            nacks(meeting, seen, chance, ssrcs)
        elif step < 0.97:
            meeting.set_paused(chance.choice(["c-mic", "c-cam", "mic", "cam"]), chance.random() < 0.2)
        else:
            meeting.world.tick(chance.choice([0.03, 6.0]))
            meeting.alice.check()
            meeting.bob.check()
    assert len(seen) > 1000
    assert [nonce for nonce, sealed in seen.items() if len(sealed) > 1] == []
    assert [reason for reason in meeting.drops if reason.startswith("bug_")] == []


@pytest.mark.parametrize("rtx", [True, False])
@pytest.mark.parametrize("seed", [4, 5, 6])
def test_no_nonce_seals_two_packets_over_layers_either(seed: int, rtx: bool) -> None:
    chance = random.Random(seed)
    meeting = Meeting()
    seen = recorded(meeting)
    capabilities = router_rtp_capabilities()
    if not rtx:
        capabilities["codecs"] = [codec for codec in capabilities["codecs"] if codec["mimeType"] != "video/rtx"]
    camera = Camera(meeting)
    camera.produce()
    for layer in camera.layers:
        layer.index = 65_400
    ssrc = meeting.consume("layers", capabilities=capabilities)["encodings"][0]["ssrc"]
    late: list[bytes] = []
    for _ in range(600):
        camera.run(1 / 30, packets=chance.choice([1, 2, 5]))
        step = chance.random()
        if step < 0.1:
            camera.meeting.world.deliver()
            layer = chance.choice(camera.layers)  # a packet that is late by some pictures
            late.append(camera.packet(layer, picture(chance), round(meeting.world.now * 90_000) + layer.offset & 0xFFFFFFFF, True))
        elif step < 0.2 and late:
            meeting.forwarder.feed(late.pop(chance.randrange(len(late))), ALICE, meeting.world.now)
        elif step < 0.3:
            meeting.routers.update("c1", {"wish": {"tile": chance.choice([90, 360, 720]), "visible": chance.random() < 0.8}})
        elif step < 0.35:
            meeting.set_paused(chance.choice(["c1", "layers"]), chance.random() < 0.2)
        elif step < 0.4:
            camera.alive = set(chance.sample([0, 1, 2], chance.choice([1, 2, 3])))
        elif step < 0.7:
            nacks(meeting, seen, chance, [ssrc])
        elif step < 0.75:
            camera.report(chance.choice([0.0, 3.0]))
    assert len(seen) > 400
    assert [nonce for nonce, sealed in seen.items() if len(sealed) > 1] == []
    assert [reason for reason in meeting.drops if reason.startswith("bug_")] == []


def test_no_nonce_seals_two_packets_on_a_path_that_is_cut_paced_probed_and_repaired() -> None:
    viewer = Viewer(Path(seed=5, delay=0.03, loss=0.05), Path(seed=6, delay=0.03))
    seen = recorded(viewer.meeting)
    for rate in (None, 300_000, 90_000, None):
        viewer.there.rate = rate
        viewer.camera.layers[2].wants_key = True
        viewer.run(5.0)
        viewer.meeting.routers.update("c-layers", {"wish": {"tile": 360 if rate else 720}})
    assert viewer.repeats > 20
    assert len(seen) > 1200
    assert [nonce for nonce, sealed in seen.items() if len(sealed) > 1] == []
