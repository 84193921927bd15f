"""H.264 through the forwarder: begins where a decoder can, nothing in the payload is touched, layers switch without picture ids."""

from __future__ import annotations

from typing import Any

from media import rtcp
from tests.media.meeting import Meeting
from tests.media.peer import vp8

Json = dict[str, Any]

PARAMETER_SETS = bytes.fromhex("7800046742e01f000468ce3c80")
IDR = bytes.fromhex("7c85") + bytes(40)
IDR_END = bytes.fromhex("7c45") + bytes(30)
OTHER = bytes.fromhex("41") + bytes(20)
LOW, HIGH = 5001, 5002


def h264(*ssrcs: int) -> Json:
    parameters = vp8(ssrcs[0], ssrcs[0] + 100, mid="5")
    parameters["codecs"][0] |= {
        "mimeType": "video/H264",
        "parameters": {"packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1},
    }
    parameters["encodings"] = [{"ssrc": ssrc, "rtx": {"ssrc": ssrc + 100}} for ssrc in ssrcs]
    return parameters


def test_a_picture_begins_with_its_parameter_sets_and_is_passed_as_it_is() -> None:
    meeting = Meeting()
    assert meeting.routers.produce("alice", "h", "video", h264(LOW))["type"] == "simple"
    parameters = meeting.consume("h")
    assert [codec["payloadType"] for codec in parameters["codecs"]] == [103, 104]
    for index, payload in enumerate((OTHER, PARAMETER_SETS, IDR, IDR_END, OTHER), 1):
        meeting.alice.send(LOW, index, payload, payload_type=96, timestamp=3000 * index)
    arrived = meeting.bob.media()
    assert [payload for _, payload in arrived] == [PARAMETER_SETS, IDR, IDR_END, OTHER]
    assert {header[1] & 0x7F for header, _ in arrived} == {103}
    lost = int.from_bytes(arrived[1][0][2:4], "big")
    meeting.bob.send_rtcp(rtcp.build_nack(1, parameters["encodings"][0]["ssrc"], [lost]))
    ((header, payload),) = meeting.bob.media()
    assert (header[1] & 0x7F, payload) == (104, lost.to_bytes(2, "big") + IDR)


def test_layers_of_h264_make_one_line() -> None:
    meeting = Meeting()
    meeting.routers.produce("alice", "h", "video", h264(LOW, HIGH))
    meeting.consume("h")
    index = 0

    def frames(count: int) -> list[bytes]:
        nonlocal index
        for _ in range(count):
            index += 1
            meeting.world.tick(1 / 30)
            asked = [p for packet in meeting.alice.rtcp() for p in rtcp.parse_compound(packet) if isinstance(p, rtcp.Pli)]
            for ssrc, offset in ((LOW, 0), (HIGH, 777)):
                key = index == 1 or any(pli.media_ssrc == ssrc for pli in asked)
                payload = (PARAMETER_SETS if key else OTHER) + bytes((offset & 0xFF,))
                meeting.alice.send(ssrc, 500 * (ssrc - LOW) + index, payload, payload_type=96, timestamp=3000 * index + offset)
        return [header for header, _ in meeting.bob.media()]

    headers = frames(40)
    for tile in (100, 2000):
        meeting.routers.update("c1", {"wish": {"tile": tile}})
        headers += frames(40)
    numbers = [int.from_bytes(header[2:4], "big") for header in headers]
    assert [number - numbers[0] & 0xFFFF for number in numbers] == list(range(len(numbers)))
    assert meeting.routers.stats("c1")["switches"] >= 3
