"""The compiled twin of the innermost loop: the same bytes as Python, by the same sockets, and its refusals."""

from __future__ import annotations

import errno
import random
import secrets
import socket
import struct
from contextlib import suppress
from pathlib import Path as FilePath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.express import Express, Table, pack_lines
from media.library import load
from media.packet import Line, Outputs, Row
from media.port import UdpPort
from media.srtp import AES_128_CM, AES_128_GCM, AES_256_GCM, GcmInbound, GcmOutbound, Profile
from media.transportcc import SendLog
from tests.media.crowded import crowded
from tests.media.meeting import Meeting
from tests.media.shadow import Shadow, compiled, python
from tests.media.test_simulcast import seen
from tests.media.viewer import Viewer
from tests.support.netem import Path

library = load()
pytestmark = pytest.mark.skipif(library is None, reason="nothing is compiled here: no C compiler, or no libcrypto")


def outbound(profile: Profile = AES_128_GCM, seed: int = 1) -> tuple[GcmOutbound, GcmInbound]:
    master = random.Random(seed).randbytes(profile.key_length + profile.salt_length)
    return GcmOutbound(master, profile), GcmInbound(master, profile)


def line(ordinal: int, payload: bytes, *, extension: bytes = b"", timestamp: int = 90, marker_and_type: int = 101) -> Line:
    return ordinal, 0x90, marker_and_type, timestamp, len(extension) << 30, extension, payload


def row_to(address: Any, sealer: GcmOutbound, *, ssrc: int = 7, shift: int = 5, stamp: int = 0) -> Row:
    return (ssrc << 48) + shift, sealer.salt, 0xBEDE << 48 | 1 << 32 | 0x41306100, ssrc, sealer.encrypt, address, stamp


words = st.integers(0, 4).flatmap(lambda count: st.binary(min_size=4 * count, max_size=4 * count))
line_lists = st.lists(
    st.builds(
        lambda ordinal, first, kind, stamp, extension, payload: (
            ordinal, first, kind, stamp, len(extension) << 30, extension, payload,
        ),
        st.integers(1 << 16, (1 << 48) - (1 << 20)), st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**32 - 1), words,
        st.binary(max_size=1400),
    ),
    min_size=1, max_size=8,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    line_lists, st.integers(1, 2**32 - 1), st.integers(-65536, 65536), st.integers(0, 2**32 - 1), st.booleans(), st.integers(0, 65535),
    st.sampled_from([AES_128_GCM, AES_256_GCM]),
)  # fmt: skip
def test_the_bytes_are_those_of_python(
    lines: list[Line], ssrc: int, shift: int, stamp: int, numbered: bool, first: int, profile: Profile
) -> None:
    sealer, _ = outbound(profile)
    row = row_to(("127.0.0.1", 9), sealer, ssrc=ssrc, shift=shift, stamp=stamp)
    shadow, table, log = Shadow(library), Table(), SendLog(0x10000 + first) if numbered else None
    try:
        assert shadow.admit(table, row, sealer, log)
        made = python(lines, row, log, 100, 1.0)
        assert compiled(library, pack_lines(lines), len(lines), table.packed, first if numbered else -1) == made
    finally:
        shadow.port.close()


def shadowed(meeting: Meeting) -> Shadow:
    shadow = meeting.forwarder.outputs.express = Shadow(library)
    return shadow


def test_a_story_of_layers_pictures_and_switches_is_sealed_alike() -> None:
    meeting, camera, screen = seen(720)
    shadow = shadowed(meeting)
    for tile in (180, 720, 360, 720):
        meeting.routers.update("c1", {"wish": {"tile": tile}})
        camera.run(4.0)
    screen.look()
    assert screen.is_one_line()
    assert shadow.compared > 300
    shadow.port.close()


def test_a_story_of_a_path_that_is_cut_is_sealed_alike() -> None:
    viewer = Viewer(Path(seed=1, delay=0.025))
    shadow = shadowed(viewer.meeting)
    viewer.run(6.0)
    cut = viewer.now
    viewer.there.rate = 300_000
    viewer.run(6.0)
    assert viewer.layers(cut + 3.0, viewer.now) == {0}
    assert viewer.lost_voices(cut + 1.5, viewer.now) == 0
    assert shadow.compared > 1000
    shadow.port.close()


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("segment", [True, False])
@pytest.mark.parametrize("count", [1, 5])
def test_everybody_gets_what_python_would_have_sent(ip: str, segment: bool, count: int) -> None:
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    receivers = [socket.socket(family, socket.SOCK_DGRAM) for _ in range(40)]
    port, table = UdpPort(ip, 0, segment=segment), Table()
    express, outputs, expected = Express(library, port), Outputs(), []
    lines = [line(9 + n, bytes(1000 if n < 4 else 30)) for n in range(count)]
    try:
        for number, receiver in enumerate(receivers):
            receiver.bind((ip, 0))
            receiver.settimeout(2.0)
            sealer, _ = outbound(seed=number)
            row = row_to(receiver.getsockname(), sealer, ssrc=100 + number)
            assert express.admit(table, row, sealer, None)
            expected.append(python(lines, row, None, 1040, 1.0))
        outputs.append((b"waiting", 0, receivers[0].getsockname()))
        express.send(lines, table, outputs, 1.0)
        assert receivers[0].recv(2048) == b"waiting"
        assert outputs == []
        assert [[receiver.recv(2048) for _ in range(count)] for receiver in receivers] == expected
        assert port.packets_out == 1 + 40 * count
        assert dict(port.drops) == {}
    finally:
        for one in (*receivers, port.socket):
            one.close()


def test_what_the_kernel_refuses_is_counted_and_the_next_one_is_served() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(2.0)
        port, table = UdpPort("127.0.0.1", 0), Table()
        express = Express(library, port)
        sealer, _ = outbound()
        for address in (("127.0.0.1", 0), receiver.getsockname(), ("127.0.0.1", 0), receiver.getsockname()):
            assert express.admit(table, row_to(address, sealer), sealer, None)
        express.send([line(1, b"voice")], table, [], 1.0)
        express.send([line(2, b"picture"), line(3, b"rest")], table, [], 1.0)
        assert len([receiver.recv(2048) for _ in range(6)]) == 6
        assert (port.packets_out, dict(port.drops)) == (6, {"send_EINVAL": 6, "segmentation_refused": 1})
        port.close()


def test_what_is_too_large_for_the_library_is_counted_for_everybody_and_nothing_leaves() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(2.0)
        port, table = UdpPort("127.0.0.1", 0), Table()
        express = Express(library, port)
        sealer, _ = outbound()
        for _ in range(3):
            assert express.admit(table, row_to(receiver.getsockname(), sealer), sealer, None)
        express.send([line(1, bytes(2048))], table, [], 1.0)
        express.send([line(2, bytes(2048)), line(3, b"rest")], table, [], 1.0)
        assert (port.packets_out, dict(port.drops)) == (0, {"send_EMSGSIZE": 9})
        express.send([line(4, b"small")], table, [], 1.0)
        assert (len(receiver.recv(2048)), port.packets_out) == (41, 3)
        port.close()


def test_a_run_that_is_refused_half_way_is_lost_from_there_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with crowded(room=3) as (address, sender, receiver):
        port, table = UdpPort("127.0.0.1", 0, segment=False), Table()
        express, (sealer, _) = Express(library, port), outbound()
        monkeypatch.setattr(express, "_place", lambda _: struct.pack("=H", socket.AF_UNIX) + address)
        assert express.admit(table, row_to(("here", 1), sealer), sealer, None)
        port.socket, udp = sender, port.socket
        express.send([line(n, b"part") for n in range(1, 6)], table, [], 1.0)
        assert (port.packets_out, port.bytes_out, dict(port.drops)) == (3, 120, {"send_buffer_full": 2})
        assert numbers_in(receiver)[-3:] == [6, 7, 8]  # ordinals 1, 2, 3 of a row shifted by 5
        udp.close()


def numbers_in(receiver: socket.socket) -> list[int]:
    found = []
    with suppress(BlockingIOError):
        while True:
            found.append(int.from_bytes(receiver.recv(2048)[2:4], "big"))
    return found


def test_a_kernel_that_does_not_segment_gets_one_by_one() -> None:
    port, table = UdpPort("127.0.0.1", 0), Table()
    assert port.refused(errno.EIO, 5)
    assert not port.segmenting
    assert not port.refused(errno.EAGAIN, 5)
    assert dict(port.drops) == {"segmentation_refused": 1, "send_buffer_full": 5}
    assert len(table) == 0
    port.close()


def test_whoever_is_none_of_ours_stays_with_python() -> None:
    port, table = UdpPort("127.0.0.1", 0), Table()
    express, (sealer, _) = Express(library, port), outbound()
    for address in (("127.0.0.1", 9, 0, 0, 3), ("::1", 9, 0, 0)):
        assert not express.admit(table, row_to(address, sealer), sealer, None)
    meeting = Meeting(bob_profile=AES_128_CM)
    shadow = shadowed(meeting)
    meeting.consume("mic")
    meeting.alice.send(1001, 1, b"opus")
    assert len(meeting.bob.media()) == 1
    assert (len(table), shadow.compared) == (0, 0)
    shadow.port.close()
    port.close()


def test_what_arrives_opens_with_the_keys_of_the_receiver() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(2.0)
        port, table = UdpPort("127.0.0.1", 0), Table()
        express, (sealer, opener) = Express(library, port), outbound()
        express.admit(table, row_to(receiver.getsockname(), sealer), sealer, SendLog())
        words = secrets.token_bytes(300)
        express.send([line(1, words)], table, [], 1.0)
        index, _, payload = opener.open_rtp(receiver.recv(2048))
        assert (index, payload) == (6, words)
        port.close()


def test_without_a_library_or_with_another_one_there_is_none(tmp_path: FilePath) -> None:
    broken = tmp_path / "libexpress.so"
    assert load(broken) is None
    broken.write_bytes(b"no library")
    assert load(broken) is None
