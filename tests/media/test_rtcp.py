"""RTCP bytes: packets as they stand in the RFCs and drafts, round trips, and nonsense."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import rtcp

U32 = st.integers(0, 0xFFFF_FFFF)
U16 = st.integers(0, 0xFFFF)
BLOCK = st.builds(rtcp.ReportBlock, U32, st.integers(0, 255), st.integers(-0x80_0000, 0x7F_FFFF), U32, U32, U32, U32)

# Written by hand from the field diagrams of RFC 3550 §6.4, RFC 4585 §6.2.1 and §6.3.1, RFC 5104 §4.3.1, RFC 3611 §4.5,
# REMB draft §2.2, transport-cc draft §3.1.
GOLDEN = [
    (
        "sender report with one block",
        "81c8000c 11111111 e0000000 80000000 00015f90 00000064 0000271022222222 40000003 00010005 0000000a 00008000 00010000",
        rtcp.SenderReport(
            0x11111111, 0xE000_0000_8000_0000, 90000, 100, 10000, (rtcp.ReportBlock(0x22222222, 64, 3, 65541, 10, 0x8000, 0x10000),)
        ),
    ),
    (
        "receiver report with more duplicates than losses",
        "81c90007 00000001 00000002 00ffffff 00000009 00000000 00000000 00000000",
        rtcp.ReceiverReport(1, (rtcp.ReportBlock(2, 0, -1, 9, 0, 0, 0),)),
    ),
    ("receiver report without blocks", "80c90001 00000001", rtcp.ReceiverReport(1, ())),
    ("nack of 65535, 0 and 15", "81cd0003 00000001 00000002 ffff8001", rtcp.Nack(1, 2, (65535, 0, 15))),
    ("nack of two far apart", "81cd0004 00000001 00000002 000a0000 00640000", rtcp.Nack(1, 2, (10, 100))),
    ("picture loss", "81ce0002 00000001 00000002", rtcp.Pli(1, 2)),
    ("full intra request", "84ce0004 00000001 00000000 00000002 07000000", rtcp.Fir(1, ((2, 7),))),
    ("bandwidth estimate", "8fce0005 00000001 00000000 52454d42 010407d0 00000003", rtcp.Remb(1, 4000, (3,))),
    ("delays since reference times", "80cf0005 00000001 05000003 00000007 00008000 00010000", rtcp.Delays(1, ((7, 0x8000, 0x10000),))),
    (
        "delays behind a block of another kind",
        "80cf0008 00000001 04000002 e0000000 80000000 05000003 00000007 00008000 00010000",
        rtcp.Delays(1, ((7, 0x8000, 0x10000),)),
    ),
    ("bye", "82cb0002 00000001 00000002", rtcp.Bye((1, 2))),
]


@pytest.mark.parametrize(("name", "hexed", "packet"), GOLDEN)
def test_a_packet_of_the_standards_is_read(name: str, hexed: str, packet: rtcp.Packet) -> None:
    assert rtcp.parse_compound(bytes.fromhex(hexed)) == [packet]


def test_transport_feedback_is_read_as_the_draft_draws_it() -> None:
    # Base 5, three packets: +1 ms (small delta 4), not received, +100 ms (large delta 400); reference time 10 × 64 ms; feedback number 4.
    body = (
        struct.pack("!IIHHI", 1, 2, 5, 3, 10 << 8 | 4) + struct.pack("!H", 0xC000 | 1 << 12 | 0 << 10 | 2 << 8) + struct.pack("!Bh", 4, 400)
    )
    data = struct.pack("!BBH", 0x8F, 205, 6) + body + bytes(24 - len(body))
    assert rtcp.parse_compound(data) == [rtcp.TransportFeedback(1, 2, 4, 5, 10, (0.001, None, 0.1))]


def test_transport_feedback_of_one_bit_vectors_and_runs_is_read() -> None:
    # 14 one-bit symbols 10101010101010, then a run of 3 small deltas.
    body = struct.pack("!IIHHI", 1, 2, 0, 17, 0) + struct.pack("!HH", 0x8000 | 0b10101010101010, 1 << 13 | 3) + bytes([8] * 10)
    body += bytes(-len(body) % 4)
    [feedback] = rtcp.parse_compound(struct.pack("!BBH", 0x8F, 205, len(body) // 4) + body)
    assert isinstance(feedback, rtcp.TransportFeedback)
    assert feedback.deltas == (0.002, None) * 7 + (0.002,) * 3


@pytest.mark.parametrize(
    ("built", "hexed"),
    [
        (rtcp.build_pli(1, 2), "81ce000200000001 00000002"),
        (rtcp.build_fir(1, 2, 7), "84ce0004 00000001 00000000 00000002 07000000"),
        (rtcp.build_nack(1, 2, [65535, 0, 15]), "81cd0003 00000001 00000002 ffff8001"),
        (rtcp.build_nack(1, 2, [10, 27]), "81cd0004 00000001 00000002 000a0000 001b0000"),
        (rtcp.build_sdes(1, "ab"), "81ca0003 00000001 01026162 00000000"),
        (rtcp.build_sdes(1, "a"), "81ca0002 00000001 01016100"),
        (rtcp.build_bye([1, 2]), "82cb0002 00000001 00000002"),
        (rtcp.build_remb(1, 4000, [3]), "8fce0005 00000001 00000000 52454d42 01000fa0 00000003"),
        (rtcp.build_receiver_report(1, []), "80c90001 00000001"),
        (rtcp.build_reference_time(1, 0xE000_0000_8000_0000), "80cf0004 00000001 04000002 e0000000 80000000"),
        (rtcp.build_delays(rtcp.Delays(1, ((7, 0x8000, 0x10000),))), "80cf0005 00000001 05000003 00000007 00008000 00010000"),
    ],
)
def test_a_packet_is_built_to_the_byte(built: bytes, hexed: str) -> None:
    assert built == bytes.fromhex(hexed)


def test_a_compound_keeps_its_order_and_passes_over_what_it_does_not_know() -> None:
    app = bytes.fromhex("80cc0002 00000001 6e616d65")
    compound = rtcp.build_receiver_report(1, []) + rtcp.build_sdes(1, "x") + app + rtcp.build_pli(1, 2)
    assert rtcp.parse_compound(compound) == [rtcp.ReceiverReport(1, ()), rtcp.Pli(1, 2)]


def test_padding_is_taken_off() -> None:
    assert rtcp.parse_compound(bytes.fromhex("a1ce0003 00000001 00000002 00000004")) == [rtcp.Pli(1, 2)]


@pytest.mark.parametrize(
    ("name", "hexed"),
    [
        ("nothing", ""),
        ("three bytes", "80c900"),
        ("version 1", "40c90001 00000001"),
        ("a length that lies", "80c90009 00000001"),
        ("a block count that lies", "82c90001 00000001"),
        ("padding longer than the packet", "a1ce0002 00000001 000000ff"),
        ("padding of nothing", "a1ce0002 00000001 00000000"),
        ("a nack that lists nothing", "81cd0002 00000001 00000002"),
        ("half a FIR", "84ce0003 00000001 00000000 00000002"),
        ("a bandwidth estimate for absent streams", "8fce0004 00000001 00000000 52454d42 05000fa0"),
        ("transport feedback that promises 65535 packets", "8fcd0004 00000001 00000002 0000ffff 00000000"),
        ("transport feedback with the reserved symbol", "8fcd0005 00000001 00000002 00000001 00000000 60010000"),
        ("transport feedback without its deltas", "8fcd0005 00000001 00000002 00000007 00000000 4007 0000"),
        ("a report block longer than its packet", "80cf0002 00000001 05000003"),
        ("a good packet followed by rubbish", "81ce0002 00000001 00000002 ff"),
    ],
)
def test_malformed_bytes_are_refused(name: str, hexed: str) -> None:
    with pytest.raises(rtcp.RtcpError):
        rtcp.parse_compound(bytes.fromhex(hexed))


@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    try:
        rtcp.parse_compound(data)
    except rtcp.RtcpError:
        return


@given(st.integers(0, 31), st.sampled_from([200, 201, 202, 203, 204, 205, 206, 207]), st.binary(max_size=30).map(lambda b: b * 4))
def test_random_bodies_under_a_valid_header_raise_nothing_else(count: int, packet_type: int, body: bytes) -> None:
    try:
        rtcp.parse_compound(struct.pack("!BBH", 0x80 | count, packet_type, len(body) // 4) + body)
    except rtcp.RtcpError:
        return


@given(U32, st.integers(0, 2**64 - 1), U32, U32, U32, st.lists(BLOCK, max_size=31))
def test_sender_reports_come_back(ssrc: int, ntp: int, ts: int, packets: int, octets: int, blocks: list[rtcp.ReportBlock]) -> None:
    built = rtcp.build_sender_report(ssrc, ntp, ts, packets, octets, blocks)
    assert rtcp.parse_compound(built) == [rtcp.SenderReport(ssrc, ntp, ts, packets, octets, tuple(blocks))]


@given(U32, st.lists(BLOCK, max_size=31))
def test_receiver_reports_come_back(ssrc: int, blocks: list[rtcp.ReportBlock]) -> None:
    assert rtcp.parse_compound(rtcp.build_receiver_report(ssrc, blocks)) == [rtcp.ReceiverReport(ssrc, tuple(blocks))]


@given(U16, st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_nacks_come_back_in_order(first: int, steps: list[int]) -> None:
    seqs = [first]
    for step in steps:
        seqs.append((seqs[-1] + step) & 0xFFFF)
    assert rtcp.parse_compound(rtcp.build_nack(1, 2, seqs)) == [rtcp.Nack(1, 2, tuple(seqs))]


@given(st.integers(0, 10**12), st.lists(U32, max_size=255))
def test_bandwidth_estimates_come_back_rounded_down(bitrate: int, ssrcs: list[int]) -> None:
    [remb] = rtcp.parse_compound(rtcp.build_remb(1, bitrate, ssrcs))
    assert isinstance(remb, rtcp.Remb)
    assert remb.ssrcs == tuple(ssrcs)
    assert bitrate * (1 - 1e-5) <= remb.bitrate <= bitrate


@given(U16, st.integers(-0x80_0000, 0x7F_FFFF), st.lists(st.none() | st.integers(-32768, 32767) | st.sampled_from([None, 4]), max_size=300))
def test_transport_feedback_comes_back(base: int, reference: int, units: list[int | None]) -> None:
    deltas = tuple(None if unit is None else unit * 0.00025 for unit in units)
    feedback = rtcp.TransportFeedback(1, 2, 200, base, reference, deltas)
    assert rtcp.parse_compound(rtcp.build_transport_feedback(feedback)) == [feedback]


def test_an_arrival_that_does_not_fit_asks_for_a_new_packet() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        rtcp.build_transport_feedback(rtcp.TransportFeedback(1, 2, 0, 0, 0, (9.0,)))
