"""Media over TCP: framing, the same checks as over UDP, and everything a stranger or a slow client may do to a connection."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from media import stun, tcp
from media.ice import bases, host_candidates
from media.local import LocalPlane
from media.tcp import FrameTooLong, Framing, TcpPort, framed

Json = dict[str, Any]


def test_frames_are_found_however_the_stream_is_cut() -> None:
    packets = [b"a", b"b" * 1500, b"c" * 300]
    stream = b"".join(map(framed, packets)) + framed(b"")
    framing, found = Framing(), []
    for at in range(0, len(stream), 7):
        found += framing.feed(stream[at : at + 7])
    assert (found, framing.rest) == (packets, b"")


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00", framed(bytes(1501))])
def test_what_is_no_packet_of_ours_is_known_by_its_length(data: bytes) -> None:
    with pytest.raises(FrameTooLong):
        Framing().feed(data)


def test_candidates_come_udp_first_with_a_foundation_for_each_base() -> None:
    candidates = host_candidates(["192.0.2.1", "2001:db8::1", "192.0.2.9/tcp", "192.0.2.8/udp"], 40000)
    assert [(entry["protocol"], entry["address"]) for entry in candidates] == [
        ("udp", "192.0.2.1"),
        ("udp", "2001:db8::1"),
        ("udp", "192.0.2.8"),
        ("tcp", "192.0.2.1"),
        ("tcp", "2001:db8::1"),
        ("tcp", "192.0.2.9"),
    ]
    priorities = [entry["priority"] for entry in candidates]
    assert priorities == sorted(set(priorities), reverse=True)
    assert max(priorities) < 1 << 31
    assert len({entry["foundation"] for entry in candidates}) == 6
    assert all(entry["foundation"].isalnum() and len(entry["foundation"]) <= 32 for entry in candidates)
    assert [entry.get("tcpType") for entry in candidates] == [None] * 3 + ["passive"] * 3
    assert bases(["192.0.2.1/tcp"]) == [("tcp", "192.0.2.1")]


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Door:
    """A TcpPort with time by hand, and what it handed on."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.frames: list[bytes] = []
        self.addresses: list[stun.Address] = []
        self.gone: list[stun.Address] = []
        self.port = TcpPort(self._feed, self.gone.append, self.clock)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.number = int(probe.getsockname()[1])
        self.port.listen("127.0.0.1", self.number)

    def _feed(self, frames: list[bytes], address: stun.Address) -> None:
        self.frames += frames
        self.addresses.append(address)

    async def client(self, packet: bytes = b"hello") -> socket.socket:
        """Connected, and known by its first packet."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect(("127.0.0.1", self.number))
        known = len(self.addresses)
        sock.sendall(framed(packet))
        await settle(lambda: len(self.addresses) > known)
        return sock

    def after(self, seconds: float, *, held: bool) -> None:
        self.clock.now += seconds
        self.port.watch(set(self.addresses) if held else set(), self.clock.now)


async def settle(condition: Any) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it never came to that")


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    yield made
    made.port.close()


async def test_every_connection_has_an_address_of_its_own(door: Door) -> None:
    with await door.client(), await door.client():
        assert door.frames == [b"hello", b"hello"]
        assert [address[-1] for address in door.addresses] == [1, 2]
        assert {len(address) for address in door.addresses} == {5}


async def test_whoever_passes_no_check_is_cut_off(door: Door) -> None:
    with await door.client() as stranger:
        door.after(4.0, held=True)
        door.after(4.0, held=False)
        assert len(door.port) == 1
        door.after(2.0, held=False)
        assert (door.port.drops, len(door.port)) == ({"tcp_unchecked": 1}, 0)
        assert stranger.recv(1) == b""
        assert door.gone == door.addresses


async def test_one_byte_a_second_is_cut_off_and_others_stay(door: Door) -> None:
    with await door.client() as slow, await door.client() as other:
        for byte in framed(bytes(90))[:6]:
            slow.sendall(bytes((byte,)))
            await asyncio.sleep(0.02)
            door.after(1.0, held=True)
        other.sendall(framed(b"still here"))
        await settle(lambda: door.frames[-1] == b"still here")
        assert (door.port.drops, len(door.port)) == ({"tcp_slow_sender": 1}, 1)


async def test_who_does_not_read_costs_a_bounded_heap_and_is_cut_off(door: Door) -> None:
    with await door.client():
        number = door.addresses[0][-1]
        taken = sum(door.port.send([bytes(1200)] * 4, number) for _ in range(2_000))
        connection = door.port._connections[number]
        assert connection.waiting_bytes <= tcp.MAX_WAITING + 4 * 1202
        assert door.port.drops["tcp_send_buffer_full"] == 8_000 - taken > 0
        door.after(6.0, held=True)
        assert door.port.drops["tcp_slow_reader"] == 1
        assert door.port.send([b"late"], number) == 0
        assert door.port.drops["tcp_gone"] == 1


async def test_a_reader_that_catches_up_gets_whole_frames_in_order(door: Door) -> None:
    with await door.client() as reader:
        reader.setblocking(False)
        number = door.addresses[0][-1]
        sent = 0
        while not door.port.drops:
            sent += door.port.send([sent.to_bytes(4, "big") + bytes(1000)], number)
        framing = Framing()
        found: list[bytes] = []
        while len(found) < sent:
            found += framing.feed(await asyncio.wait_for(asyncio.get_running_loop().sock_recv(reader, 65536), 2))
        assert [int.from_bytes(packet[:4], "big") for packet in found] == list(range(sent))


async def test_connections_are_counted_out(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "MAX_CONNECTIONS_OF_ONE", 2)
    with await door.client(), await door.client(), socket.socket() as third:
        third.connect(("127.0.0.1", door.number))
        await settle(lambda: door.port.drops["tcp_connections"])
        assert third.recv(1) == b""


async def test_a_process_without_descriptors_waits_instead_of_spinning(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tcp, "PAUSE_SECONDS", 0.2)
    failures = 0

    def accept(self: socket.socket) -> None:
        nonlocal failures
        failures += 1
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as exhausted, socket.socket() as client:
        exhausted.setattr(socket.socket, "accept", accept)
        client.connect(("127.0.0.1", door.number))
        await asyncio.sleep(0.1)
        assert (failures, door.port.drops["tcp_accept"]) == (1, 1)
        exhausted.undo()
        await settle(lambda: len(door.port) == 1)


async def test_silence_and_nonsense_end_a_connection(door: Door) -> None:
    with await door.client(), await door.client() as talker:
        talker.sendall(b"GET / HTTP/1.1\r\n")
        await settle(lambda: door.port.drops["tcp_frame_length"])
        door.after(31.0, held=True)
        assert door.port.drops == {"tcp_frame_length": 1, "tcp_idle": 1}


async def test_a_check_over_tcp_is_answered_as_over_udp_and_a_lost_connection_is_forgotten() -> None:
    plane = LocalPlane(lambda report: None)
    await plane.start()
    try:
        await plane.open_router("r")
        ice = (await plane.create_transport("r", "t", "send"))["iceParameters"]
        reader, writer = await asyncio.open_connection("127.0.0.1", plane.engine.port.number)
        for password in ("guess", ice["password"]):
            name = f"{ice['usernameFragment']}:client"
            check = stun.binding_request(bytes(12), name, password.encode(), priority=1, tie_breaker=1, nominate=True)
            writer.write(framed(check))
        answers = []
        for _ in range(2):
            length = int.from_bytes(await asyncio.wait_for(reader.readexactly(2), 2), "big")
            answers.append(stun.parse(await reader.readexactly(length)))
        assert [answer.type for answer in answers] == [stun.BINDING_ERROR, stun.BINDING_SUCCESS]
        assert answers[1].signed_with(ice["password"].encode())
        stats = await plane.stats()
        assert (stats["tcpConnections"], stats["drops"]) == (1, {"stun_credentials": 1})
        assert (await plane.stats("t"))["remote"]["port"] == writer.get_extra_info("sockname")[1]
        writer.close()
        await settle(lambda: not len(plane.engine.tcp))
        assert (await plane.stats("t"))["remote"] is None
    finally:
        await plane.stop()


async def test_a_taken_tcp_number_leaves_udp_alone() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        plane = LocalPlane(lambda report: None, port=taken.getsockname()[1], announced=["127.0.0.1"])
        await plane.start()
        try:
            await plane.open_router("r")
            transport = await plane.create_transport("r", "t", "send")
        finally:
            await plane.stop()
    assert [candidate["protocol"] for candidate in transport["iceCandidates"]] == ["udp"]
