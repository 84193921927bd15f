"""What consumers get of what producers send: numbers, extensions, repairs, reports."""

import struct

import pytest

from media import rtcp
from media.capabilities import VIDEO_ORIENTATION, router_rtp_capabilities
from media.fanout import HISTORY
from media.rtp import extensions, padded
from media.srtp import AES_128_CM, AES_256_GCM, Profile
from tests.media.meeting import ALICE, BOB, CAMERA, CAMERA_RTX, MICROPHONE, Meeting
from tests.media.peer import Peer, opus, vp8

KEY_FRAME = bytes.fromhex("10000000") + b"key frame"
DELTA_FRAME = bytes.fromhex("10010000") + b"delta"
LOUD = bytes((0x10, 0x80 | 10))  # audio level, id 1 at the client, voice, −10 dBov


def sequence(header: bytes) -> int:
    return header[2] << 8 | header[3]


def steps(headers: list[bytes]) -> list[int]:
    """Sequence numbers relative to the first."""
    return [(sequence(header) - sequence(headers[0]) + 0x8000 & 0xFFFF) - 0x8000 for header in headers]


@pytest.mark.parametrize("profile", [None, AES_256_GCM, AES_128_CM])
def test_a_packet_arrives_with_the_consumers_names_and_the_producers_content(profile: Profile | None) -> None:
    meeting = Meeting(bob_profile=profile) if profile else Meeting()
    parameters = meeting.consume("mic")
    meeting.alice.send(MICROPHONE, 7, b"opus", timestamp=960, extension=LOUD)
    ((header, payload),) = meeting.bob.media()
    assert payload == b"opus"
    assert (header[1], int.from_bytes(header[4:8], "big")) == (100, 960)
    assert int.from_bytes(header[8:12], "big") == parameters["encodings"][0]["ssrc"]
    assert extensions(header) == [(1, parameters["mid"].encode()), (6, bytes((0x8A,)))]


def test_a_packet_of_a_picture_byte_for_byte() -> None:
    """RTP (RFC 3550 §5.1), extension block (RFC 8285) with MID, transport-wide number and orientation, VP8 as it came."""
    meeting = Meeting()
    parameters = vp8(3001, 3002, mid="8")
    parameters["headerExtensions"].append({"uri": VIDEO_ORIENTATION, "id": 13})
    meeting.routers.produce("alice", "phone", "video", parameters)
    ssrc = meeting.consume("phone", capabilities=router_rtp_capabilities())["encodings"][0]["ssrc"]
    payload = bytes.fromhex("90c08007210000009d012a80026801")
    for index, stamp in ((9, 0xFFFFFFFF), (10, 2999)):
        meeting.alice.send(3001, index, payload, payload_type=0x80 | 96, timestamp=stamp, extension=bytes.fromhex("d001"))
    (first, body), (second, _) = meeting.bob.media()
    number = sequence(first)
    assert body == payload
    assert first == bytes.fromhex(f"90e5{number:04x}ffffffff{ssrc:08x}bede0003123030315100000070010000")
    assert second == bytes.fromhex(f"90e5{number + 1:04x}00000bb7{ssrc:08x}bede0003123030315100010070010000")


def test_a_client_without_extensions_gets_none() -> None:
    meeting = Meeting()
    meeting.consume("mic", capabilities=router_rtp_capabilities() | {"headerExtensions": []})
    meeting.alice.send(MICROPHONE, 7, b"opus", extension=LOUD)
    ((header, _),) = meeting.bob.media()
    assert extensions(header) == []


def test_numbers_continue_over_a_rollover_of_the_producer() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    for index in range(0xFFF0, 0x10010):
        meeting.alice.send(MICROPHONE, index, b"x")
    headers = [header for header, _ in meeting.bob.media()]
    assert steps(headers) == list(range(32))


def test_a_burst_is_made_equal_by_padding_and_sent_as_one_run() -> None:
    meeting = Meeting()
    meeting.consume("cam")
    meeting.alice.send(CAMERA, 0, KEY_FRAME, payload_type=96)
    meeting.bob.take()
    for index, size in enumerate((100, 101, 100, 60), 1):
        packet = meeting.alice.protected(CAMERA, index, bytes(size), payload_type=96)
        meeting.forwarder.feed(packet, ALICE, meeting.world.now)
    meeting.forwarder.flush()
    ((_, segment, address),) = [output for output in meeting.forwarder.outputs if output[2] == BOB]
    meeting.world.deliver()
    arrived = meeting.bob.media()
    assert (segment, address) == (20 + 101 + 16, BOB)
    assert [header[0] & 0x20 for header, _ in arrived] == [0x20, 0, 0x20, 0]
    assert [len(payload) for _, payload in arrived] == [101, 101, 101, 60]
    assert arrived[0][1] == padded(bytes(100), 1)


def test_a_paused_consumer_gets_nothing_and_continues_its_own_numbers() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.alice.send(MICROPHONE, 1, b"a")
    meeting.set_paused("c1", True)
    meeting.alice.send(MICROPHONE, 2, b"b")
    meeting.alice.send(MICROPHONE, 3, b"c")
    meeting.set_paused("c1", False)
    meeting.alice.send(MICROPHONE, 4, b"d")
    arrived = meeting.bob.media()
    assert [payload for _, payload in arrived] == [b"a", b"d"]
    assert steps([header for header, _ in arrived]) == [0, 1]


def test_no_nonce_meets_two_packets_when_a_late_one_comes_after_a_pause() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.alice.send(MICROPHONE, 1, b"a")
    meeting.set_paused("c1", True)
    meeting.alice.send(MICROPHONE, 5, b"b")
    meeting.set_paused("c1", False)
    meeting.alice.send(MICROPHONE, 4, b"late")
    meeting.alice.send(MICROPHONE, 6, b"c")
    assert [payload for _, payload in meeting.bob.media()] == [b"a", b"c"]


def test_a_paused_producer_is_silent_for_all_and_comes_back_without_a_gap() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.alice.send(MICROPHONE, 1, b"a")
    meeting.set_paused("mic", True)
    meeting.alice.send(MICROPHONE, 2, b"muted")
    meeting.set_paused("mic", False)
    meeting.alice.send(MICROPHONE, 900, b"b")
    arrived = meeting.bob.media()
    assert [payload for _, payload in arrived] == [b"a", b"b"]
    assert steps([header for header, _ in arrived]) == [0, 1]


def test_reordered_packets_keep_their_places() -> None:
    meeting = Meeting()
    meeting.consume("cam")
    for index in (1, 3, 2):
        meeting.alice.send(CAMERA, index, KEY_FRAME + b"%d" % index, payload_type=96)
    arrived = meeting.bob.media()
    assert [payload[-1:] for _, payload in arrived] == [b"1", b"3", b"2"]
    assert steps([header for header, _ in arrived]) == [0, 2, 1]


def test_padding_is_taken_off_but_a_probe_keeps_its_number() -> None:
    meeting = Meeting()
    meeting.consume("cam")
    for index, payload in ((1, KEY_FRAME), (2, b"")):
        header = struct.pack("!BBHII", 0xA0, 96, index, 0, CAMERA)
        meeting.world.feed(meeting.alice.outbound.protect(CAMERA << 48 | index, header, padded(payload, 9)), ALICE)
    arrived = meeting.bob.media()
    assert [(header[0] & 0x20, payload) for header, payload in arrived] == [(0, KEY_FRAME), (0x20, padded(b"", 9))]


def test_a_nack_is_answered_by_rtx_with_the_original_number() -> None:
    meeting = Meeting()
    parameters = meeting.consume("cam")
    for index in range(5):
        meeting.alice.send(CAMERA, index, KEY_FRAME + b"%d" % index, payload_type=96, timestamp=index)
    arrived = meeting.bob.media()
    lost = sequence(arrived[2][0])
    meeting.bob.send_rtcp(rtcp.build_nack(1, parameters["encodings"][0]["ssrc"], [lost]))
    ((header, payload),) = meeting.bob.media()
    assert int.from_bytes(header[8:12], "big") == parameters["encodings"][0]["rtx"]["ssrc"]
    assert (header[1], int.from_bytes(header[4:8], "big")) == (102, 2)
    assert payload == lost.to_bytes(2, "big") + KEY_FRAME + b"2"


def test_without_rtx_the_very_same_bytes_are_sent_again() -> None:
    meeting = Meeting()
    capabilities = router_rtp_capabilities()
    capabilities["codecs"] = [codec for codec in capabilities["codecs"] if codec["mimeType"] != "video/rtx"]
    meeting.consume("cam", capabilities=capabilities)
    meeting.alice.send(CAMERA, 5, KEY_FRAME, payload_type=96)
    (first,) = meeting.bob.take()
    consumer = next(iter(meeting.forwarder.transports["bob"].consumers.values()))
    meeting.world.now += 1.0
    meeting.bob.send_rtcp(rtcp.build_nack(1, consumer.ssrc, [sequence(first)]))
    assert meeting.bob.take() == [first]


def test_a_flood_of_nacks_is_answered_up_to_the_budget() -> None:
    meeting = Meeting()
    parameters = meeting.consume("cam")
    for index in range(300):
        meeting.alice.send(CAMERA, index, KEY_FRAME, payload_type=96)
    ssrc = parameters["encodings"][0]["ssrc"]
    numbers = [sequence(header) for header, _ in meeting.bob.media()]
    for _ in range(5):
        meeting.bob.send_rtcp(rtcp.build_nack(1, ssrc, numbers))
    assert len(meeting.bob.take()) == 128


def test_what_left_the_history_is_not_sent_again() -> None:
    meeting = Meeting()
    parameters = meeting.consume("cam")
    for index in range(HISTORY + 1):
        meeting.alice.send(CAMERA, index, KEY_FRAME, payload_type=96)
    first = sequence(meeting.bob.media()[0][0])
    meeting.bob.send_rtcp(rtcp.build_nack(1, parameters["encodings"][0]["ssrc"], [first]))
    assert meeting.bob.take() == []


def test_a_hole_is_asked_for_and_its_rtx_fills_it_once() -> None:
    meeting = Meeting()
    meeting.consume("cam")
    meeting.alice.send(CAMERA, 10, KEY_FRAME, payload_type=96)
    meeting.alice.send(CAMERA, 12, b"c", payload_type=96)
    meeting.world.tick(0.03)
    nacks = [part for packet in meeting.alice.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.Nack)]
    assert [(nack.media_ssrc, nack.seqs) for nack in nacks] == [(CAMERA, (11,))]
    for index in (1, 2):  # the repair, and the same repair again
        meeting.alice.send(CAMERA_RTX, index, struct.pack("!H", 11) + b"b", payload_type=97)
    arrived = meeting.bob.media()
    assert [payload for _, payload in arrived] == [KEY_FRAME, b"c", b"b"]
    assert steps([header for header, _ in arrived]) == [0, 2, 1]


def test_a_repair_that_comes_before_its_original_is_forwarded_in_its_place() -> None:
    meeting = Meeting()
    meeting.consume("cam")
    meeting.alice.send(CAMERA, 10, KEY_FRAME, payload_type=96)
    meeting.alice.send(CAMERA_RTX, 1, struct.pack("!H", 11) + b"b", payload_type=97)
    meeting.alice.send(CAMERA, 11, b"b", payload_type=96)
    meeting.alice.send(CAMERA, 12, b"c", payload_type=96)
    arrived = meeting.bob.media()
    assert [payload for _, payload in arrived] == [KEY_FRAME, b"b", b"c"]
    assert steps([header for header, _ in arrived]) == [0, 1, 2]


def test_key_frames_are_asked_for_once_for_many_and_again_on_request() -> None:
    meeting = Meeting()
    meeting.alice.send(CAMERA, 1, DELTA_FRAME, payload_type=96)
    parameters = meeting.consume("cam")
    meeting.bob.send_rtcp(rtcp.build_pli(1, parameters["encodings"][0]["ssrc"]))
    plis = [part for packet in meeting.alice.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.Pli)]
    assert [pli.media_ssrc for pli in plis] == [CAMERA]
    meeting.alice.send(CAMERA, 2, KEY_FRAME, payload_type=96)
    meeting.world.tick(1.0)
    meeting.bob.send_rtcp(rtcp.build_fir(1, parameters["encodings"][0]["ssrc"], 1))
    asked = [part for packet in meeting.alice.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.Pli)]
    assert len(asked) == 1


def test_reports_give_the_producer_its_loss_and_the_consumer_the_producers_clock() -> None:
    meeting = Meeting()
    parameters = meeting.consume("cam")
    for index in (1, 2, 4):
        meeting.alice.send(CAMERA, index, KEY_FRAME, payload_type=96)
    meeting.alice.send_rtcp(rtcp.build_sender_report(CAMERA, 500 << 32, 90_000, 3, 3))
    meeting.world.tick(1.0)
    reports = [part for packet in meeting.alice.rtcp() for part in rtcp.parse_compound(packet)]
    blocks = [block for part in reports if isinstance(part, rtcp.ReceiverReport) for block in part.blocks]
    assert [(block.ssrc, block.cumulative_lost, block.last_sr) for block in blocks] == [(CAMERA, 1, 500 << 16)]
    assert [part.ssrcs for part in reports if isinstance(part, rtcp.Remb)] == [(CAMERA,)]
    (clock,) = [part for packet in meeting.bob.rtcp() for part in rtcp.parse_compound(packet) if isinstance(part, rtcp.SenderReport)]
    assert (clock.ssrc, clock.ntp, clock.rtp_timestamp) == (parameters["encodings"][0]["ssrc"], 501 << 32, 180_000)
    assert (clock.packets, clock.octets) == (3, 3 * len(KEY_FRAME))


def test_arrivals_are_fed_back_so_that_browsers_send_more() -> None:
    meeting = Meeting()
    for number, index in ((70, 1), (71, 2), (73, 3)):
        meeting.world.now += 0.02
        meeting.alice.send(MICROPHONE, index, b"x", extension=bytes((0x31,)) + struct.pack("!H", number))
    meeting.world.tick(0.1)
    (feedback,) = [p for packet in meeting.alice.rtcp() for p in rtcp.parse_compound(packet) if isinstance(p, rtcp.TransportFeedback)]
    assert feedback.base_seq == 70
    assert [delta is not None for delta in feedback.deltas] == [True, True, False, True]
    assert feedback.deltas[1] == pytest.approx(0.02, abs=0.0003)


def test_a_stream_without_ssrc_is_learnt_by_mid_and_rid() -> None:
    meeting = Meeting()
    meeting.routers.produce("alice", "screen", "video", vp8(None, None, mid="2", rid="f"))
    meeting.consume("screen")
    meeting.alice.send(777, 1, b"who", payload_type=96)
    meeting.alice.send(888, 1, KEY_FRAME, payload_type=96, extension=b"\x402\xa0f")
    meeting.alice.send(888, 2, b"more", payload_type=96)
    meeting.alice.send(999, 1, b"spoof", payload_type=96, extension=b"\x402\xa0f")
    assert [payload for _, payload in meeting.bob.media()] == [KEY_FRAME, b"more"]
    assert meeting.drops == {"rtp_unknown_ssrc": 2}


def test_media_flow_begins_with_the_first_packet_and_ends_at_the_last() -> None:
    meeting = Meeting()
    meeting.alice.send(MICROPHONE, 1, b"x")
    last = meeting.world.now
    meeting.world.tick(2.0)
    assert [(report["producerId"], report["flowing"], report["at"]) for report in meeting.events("mediaFlow")] == [
        ("mic", True, last),
        ("mic", False, last),
    ]


def test_speech_is_reported_and_ends_when_the_producer_is_muted() -> None:
    meeting = Meeting()
    began = meeting.world.now
    for index in range(100):
        meeting.world.now += 0.02
        loudness = (0x80 | 12) if index % 10 < 7 else 30  # syllables
        meeting.alice.send(MICROPHONE, index, b"x", extension=bytes((0x10, loudness)))
    meeting.world.tick(0.02)
    meeting.set_paused("mic", True)
    (started,), (ended,) = meeting.events("speechStarted"), meeting.events("speechEnded")
    assert started["at"] == pytest.approx(began, abs=0.1)
    assert ended["end"] - ended["start"] == pytest.approx(2.0, abs=0.15)
    assert meeting.events("levels")[-1]["levels"].keys() == {"mic"}
    assert meeting.events("dominantSpeaker")[0]["producerId"] == "mic"


def test_silence_disconnects_and_a_check_connects_again() -> None:
    meeting = Meeting()
    meeting.world.tick(5.2)
    meeting.bob.check()
    states = [(report["transportId"], report["state"]) for report in meeting.events("transportState")]
    assert states == [
        ("alice", "connected"),
        ("bob", "connected"),
        ("alice", "disconnected"),
        ("bob", "disconnected"),
        ("bob", "connected"),
    ]


def test_nothing_is_sent_to_a_peer_that_fell_silent_and_its_numbers_go_on_when_it_returns() -> None:
    meeting = Meeting()
    meeting.consume("cam")
    meeting.alice.send(CAMERA, 1, KEY_FRAME, payload_type=96)
    meeting.world.now += 5.2
    meeting.alice.send(CAMERA, 2, b"b", payload_type=96)
    meeting.world.tick()
    meeting.alice.send(CAMERA, 3, b"c", payload_type=96)
    meeting.alice.take()
    meeting.bob.check()
    meeting.alice.send(CAMERA, 4, b"d", payload_type=96)
    meeting.alice.send(CAMERA, 5, KEY_FRAME, payload_type=96)
    arrived = meeting.bob.media()
    assert [payload for _, payload in arrived] == [KEY_FRAME, b"b", KEY_FRAME]
    assert steps([header for header, _ in arrived]) == [0, 1, 2]
    asked = [part for packet in meeting.alice.rtcp() for part in rtcp.parse_compound(packet)]
    assert [type(part) for part in asked] == [rtcp.Pli]


def test_media_follows_a_nominated_change_of_address() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.bob.address = ("10.0.0.9", 9)
    meeting.bob.check()
    meeting.alice.send(MICROPHONE, 1, b"x")
    assert [payload for _, payload in meeting.bob.media()] == [b"x"]
    assert meeting.world.mail[BOB] == []


def test_an_ice_restart_keeps_media_flowing() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.bob.ice = meeting.routers.restart_ice("bob")["iceParameters"]
    meeting.alice.send(MICROPHONE, 1, b"before")
    before = meeting.bob.media()
    meeting.bob.address = ("10.0.0.9", 9)
    assert meeting.bob.check()
    meeting.alice.send(MICROPHONE, 2, b"after")
    assert [payload for _, payload in before + meeting.bob.media()] == [b"before", b"after"]


def test_goodbye_closes_the_transport() -> None:
    meeting = Meeting()
    meeting.alice.say_goodbye()
    assert meeting.events("transportState")[-1]["state"] == "closed"
    meeting.alice.send(MICROPHONE, 1, b"x")
    assert meeting.drops == {"media_unchecked_address": 1}


def test_closing_a_producer_closes_its_consumers_and_says_so() -> None:
    meeting = Meeting()
    meeting.consume("mic")
    meeting.routers.close("mic")
    assert meeting.events("consumerClosed") == [{"event": "consumerClosed", "routerId": "room", "id": "c1", "reason": "producer"}]
    meeting.alice.send(MICROPHONE, 1, b"x")
    assert meeting.bob.media() == []
    assert meeting.routers.stats()["consumers"] == 0


def test_a_consumer_that_returns_never_meets_an_old_ssrc() -> None:
    meeting = Meeting()
    seen = set()
    for turn in range(20):
        seen.add(meeting.consume("mic", f"c{turn}")["encodings"][0]["ssrc"])
        meeting.routers.close(f"c{turn}")
    assert len(seen) == 20


def test_a_reload_on_the_same_socket_takes_the_address_over() -> None:
    meeting = Meeting()
    again = Peer(meeting.world, meeting.routers.create_transport("room", "alice2", "send"), ALICE)
    meeting.routers.connect_transport("alice2", again.dtls_parameters)
    again.connect()
    meeting.routers.produce("alice2", "mic2", "audio", opus(5))
    meeting.consume("mic2")
    again.send(5, 1, b"new")
    assert [payload for _, payload in meeting.bob.media()] == [b"new"]


def test_transport_wide_numbers_go_round_within_a_frame() -> None:
    meeting = Meeting()
    meeting.consume("cam", capabilities=router_rtp_capabilities())
    meeting.alice.send(CAMERA, 1, KEY_FRAME, payload_type=96)
    log = meeting.forwarder.transports["bob"].path.log
    assert log is not None
    log.next_number = 0x1FFFE
    for index in range(2, 6):
        packet = meeting.alice.protected(CAMERA, index, bytes(100), payload_type=96)
        meeting.forwarder.feed(packet, ALICE, meeting.world.now)
    meeting.forwarder.flush()
    meeting.world.deliver()
    numbers = [int.from_bytes(dict(extensions(header))[5], "big") for header, _ in meeting.bob.media()]
    assert numbers == [0, 65534, 65535, 0, 1]
