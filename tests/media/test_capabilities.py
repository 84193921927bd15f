"""The codec algebra: from a producer's parameters to each consumer's, and what the published clients make of the result."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymediasoup import ortc
from pymediasoup.rtp_parameters import RtpCapabilities, RtpParameters

from media import capabilities
from media.capabilities import CapabilityError

Json = dict[str, Any]


def extension(kind: str, uri: str, preferred_id: int) -> Json:
    return {"kind": kind, "uri": uri, "preferredId": preferred_id, "preferredEncrypt": False, "direction": "sendrecv"}


def feedback(*pairs: str) -> list[Json]:
    return [{"type": pair.split()[0], "parameter": " ".join(pair.split()[1:])} for pair in pairs]


#: What Chromium says of itself, shortened to what matters here.
CHROMIUM: Json = {
    "codecs": [
        {
            "mimeType": "audio/opus", "kind": "audio", "preferredPayloadType": 111, "clockRate": 48000, "channels": 2,
            "parameters": {"minptime": 10, "useinbandfec": 1}, "rtcpFeedback": feedback("transport-cc", "nack"),
        },
        {"mimeType": "audio/PCMU", "kind": "audio", "preferredPayloadType": 0, "clockRate": 8000, "channels": 1},
        {
            "mimeType": "video/VP8", "kind": "video", "preferredPayloadType": 96, "clockRate": 90000, "parameters": {},
            "rtcpFeedback": feedback("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"),
        },
        {
            "mimeType": "video/rtx", "kind": "video", "preferredPayloadType": 97, "clockRate": 90000,
            "parameters": {"apt": 96}, "rtcpFeedback": [],
        },
        {
            "mimeType": "video/H264", "kind": "video", "preferredPayloadType": 102, "clockRate": 90000,
            "parameters": {"packetization-mode": 1, "profile-level-id": "42001f"}, "rtcpFeedback": [],
        },
    ],
    "headerExtensions": [
        extension("audio", capabilities.AUDIO_LEVEL, 1),
        extension("audio", capabilities.ABS_SEND_TIME, 2),
        extension("audio", capabilities.TRANSPORT_CC, 3),
        extension("audio", capabilities.MID, 4),
        extension("video", capabilities.ABS_SEND_TIME, 2),
        extension("video", capabilities.VIDEO_ORIENTATION, 13),
        extension("video", capabilities.TRANSPORT_CC, 3),
        extension("video", capabilities.PLAYOUT_DELAY, 5),
        extension("video", capabilities.MID, 4),
        extension("video", capabilities.RID, 10),
        extension("video", capabilities.REPAIRED_RID, 11),
    ],
}  # fmt: skip

#: aiortc: no transport-cc anywhere.
AIORTC: Json = {
    "codecs": [
        {"mimeType": "audio/opus", "kind": "audio", "preferredPayloadType": 96, "clockRate": 48000, "channels": 2},
        {
            "mimeType": "video/VP8", "kind": "video", "preferredPayloadType": 97, "clockRate": 90000,
            "rtcpFeedback": feedback("nack", "nack pli", "goog-remb"),
        },
        {"mimeType": "video/rtx", "kind": "video", "preferredPayloadType": 98, "clockRate": 90000, "parameters": {"apt": 97}},
    ],
    "headerExtensions": [
        extension("audio", capabilities.MID, 1),
        extension("audio", capabilities.AUDIO_LEVEL, 2),
        extension("video", capabilities.MID, 1),
        extension("video", capabilities.ABS_SEND_TIME, 3),
    ],
}  # fmt: skip


def negotiate(client: Json) -> Any:
    """What a mediasoup client works out when it loads the router's capabilities."""
    local, remote = RtpCapabilities(**copy.deepcopy(client)), RtpCapabilities(**capabilities.router_rtp_capabilities())
    ortc.validateAndNormalizeRtpCapabilities(local)
    ortc.validateAndNormalizeRtpCapabilities(remote)
    return ortc.getExtendedRtpCapabilities(local, remote)


def sent_by(client: Json, kind: str, encodings: list[Json], cname: str = "peer") -> Json:
    """The parameters such a client would `produce` with, nulls and all."""
    params: Json = ortc.getSendingRtpParameters(kind, negotiate(client)).model_dump()
    return params | {"mid": "0", "encodings": encodings, "rtcp": {"cname": cname, "reducedSize": True, "mux": None}}


def received_by(client: Json) -> Json:
    """The capabilities such a client would `consume` with."""
    caps: Json = ortc.getRecvRtpCapabilities(negotiate(client)).model_dump()
    return caps


def consumed(kind: str, producer: Json, caps: Json, **given: Any) -> Json:
    router = capabilities.router_rtp_capabilities()
    consumable = capabilities.consumable_rtp_parameters(kind, producer, router, capabilities.producer_mapping(producer, router))
    ids: Json = {"ssrc": 1000, "rtx_ssrc": 1001, "cname": "peer", "mid": "7"} | given
    return capabilities.consumer_rtp_parameters(consumable, caps, **ids)


SIMULCAST = [{"rid": rid, "scalabilityMode": "L1T3", "maxBitrate": rate} for rid, rate in (("l", 100_000), ("m", 300_000), ("h", 900_000))]


def test_router_capabilities_are_a_fresh_copy_that_every_client_accepts() -> None:
    one = capabilities.router_rtp_capabilities()
    one["codecs"][0]["parameters"].clear()
    assert capabilities.router_rtp_capabilities()["codecs"][0]["parameters"] == {"useinbandfec": 1, "usedtx": 1}
    ortc.validateAndNormalizeRtpCapabilities(RtpCapabilities(**capabilities.router_rtp_capabilities()))


def test_ids_and_payload_types_of_the_router_are_unambiguous() -> None:
    caps = capabilities.router_rtp_capabilities()
    types = [codec["preferredPayloadType"] for codec in caps["codecs"]]
    ids = [(entry["kind"], entry["preferredId"]) for entry in caps["headerExtensions"]]
    uris: dict[int, set[str]] = {}
    for entry in caps["headerExtensions"]:
        uris.setdefault(entry["preferredId"], set()).add(entry["uri"])
    assert len(set(types)) == len(types)
    assert len(set(ids)) == len(ids)
    assert all(len(names) == 1 for names in uris.values())
    assert all(1 <= preferred_id <= 14 for preferred_id in uris)


@pytest.mark.parametrize("client", [CHROMIUM, AIORTC], ids=["chromium", "aiortc"])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_what_a_client_can_send_maps_to_the_router(client: Json, kind: str) -> None:
    params = sent_by(client, kind, [{"ssrc": 5}])
    mapping = capabilities.producer_mapping(params, capabilities.router_rtp_capabilities())
    assert [entry["mappedPayloadType"] for entry in mapping["codecs"]] == ([100] if kind == "audio" else [101, 102])
    assert mapping["encodings"] == [{"ssrc": 5, "mappedSsrc": 100_000_000}]


def test_layers_are_mapped_by_rid() -> None:
    params = sent_by(CHROMIUM, "video", SIMULCAST)
    mapping = capabilities.producer_mapping(params, capabilities.router_rtp_capabilities(), first_mapped_ssrc=50)
    assert mapping["encodings"] == [{"rid": rid, "mappedSsrc": 50 + index} for index, rid in enumerate("lmh")]
    assert capabilities.producer_type(params) == "simulcast"
    assert capabilities.producer_type(sent_by(CHROMIUM, "audio", [{"ssrc": 5}])) == "simple"


@pytest.mark.parametrize(
    ("name", "codecs", "code"),
    [
        ("a codec the router does not speak", [{"mimeType": "video/H264", "payloadType": 96, "clockRate": 90000}], "unsupported"),
        ("opus at another clock", [{"mimeType": "audio/opus", "payloadType": 96, "clockRate": 44100, "channels": 2}], "unsupported"),
        ("opus with one channel", [{"mimeType": "audio/opus", "payloadType": 96, "clockRate": 48000}], "unsupported"),
        (
            "retransmission of nothing",
            [
                {"mimeType": "video/VP8", "payloadType": 96, "clockRate": 90000},
                {"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 95}},
            ],
            "invalid_parameters",
        ),
        (
            "retransmission of itself",
            [{"mimeType": "video/rtx", "payloadType": 97, "clockRate": 90000, "parameters": {"apt": 97}}],
            "invalid_parameters",
        ),
        (
            "retransmission of audio, which the router does not offer",
            [
                {"mimeType": "audio/opus", "payloadType": 96, "clockRate": 48000, "channels": 2},
                {"mimeType": "audio/rtx", "payloadType": 97, "clockRate": 48000, "parameters": {"apt": 96}},
            ],
            "unsupported",
        ),
        ("redundancy of one channel", [{"mimeType": "audio/red", "payloadType": 63, "clockRate": 48000}], "unsupported"),
    ],
)
def test_producers_that_do_not_fit_are_refused(name: str, codecs: list[Json], code: str) -> None:
    with pytest.raises(CapabilityError) as refusal:
        capabilities.producer_mapping({"codecs": codecs, "encodings": [{"ssrc": 1}]}, capabilities.router_rtp_capabilities())
    assert refusal.value.code == code


RED: Json = {"mimeType": "audio/red", "payloadType": 63, "clockRate": 48000, "channels": 2, "parameters": {"111/111": None}}
OPUS: Json = {"mimeType": "audio/opus", "payloadType": 111, "clockRate": 48000, "channels": 2, "parameters": {"usedtx": 1}}


@pytest.mark.parametrize("sent", [[RED, OPUS], [OPUS, RED], [OPUS]], ids=["redundancy first", "last", "none"])
def test_a_voice_comes_with_redundancy_whatever_the_sender_does_to_whom_takes_it(sent: list[Json]) -> None:
    params: Json = {"codecs": sent, "encodings": [{"ssrc": 1}]}
    takes: Json = {"codecs": [codec | {"preferredPayloadType": codec["payloadType"]} for codec in (OPUS, RED)], "headerExtensions": []}
    both, plain = consumed("audio", params, takes), consumed("audio", params, takes | {"codecs": takes["codecs"][:1]})
    assert [(codec["mimeType"], codec["payloadType"]) for codec in both["codecs"]] == [("audio/opus", 100), ("audio/red", 105)]
    assert both["codecs"][0]["parameters"] == {"usedtx": 1}
    assert both["codecs"][1]["parameters"] == {"": "100/100"}  # a browser that is not told what is inside refuses it
    assert [codec["mimeType"] for codec in plain["codecs"]] == ["audio/opus"]


def test_redundancy_of_nothing_is_refused_and_cannot_be_consumed_alone() -> None:
    router = capabilities.router_rtp_capabilities()
    params: Json = {"codecs": [RED], "encodings": [{"ssrc": 1}]}
    with pytest.raises(CapabilityError) as refusal:
        capabilities.consumable_rtp_parameters("audio", params, router, capabilities.producer_mapping(params, router))
    assert refusal.value.code == "invalid_parameters"
    takes: Json = {"codecs": [RED | {"preferredPayloadType": 63}], "headerExtensions": []}
    voice: Json = {"codecs": [RED, OPUS], "encodings": [{"ssrc": 1}]}
    consumable = capabilities.consumable_rtp_parameters("audio", voice, router, capabilities.producer_mapping(voice, router))
    assert not capabilities.can_consume(consumable, takes)


def h264(profile: str = "42e01f", mode: Any = 1) -> Json:
    return {
        "mimeType": "video/H264", "payloadType": 96, "clockRate": 90000,
        "parameters": {"packetization-mode": mode, "profile-level-id": profile},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("story", "codec", "fits"),
    [
        ("constrained baseline", h264(), True),
        ("of another level", h264("42e034"), True),
        ("spelt as a constrained main profile", h264("4d801f"), True),
        ("the mode as text, as some clients send it", h264(mode="1"), True),
        ("baseline with everything", h264("42001f"), False),
        ("high", h264("64001f"), False),
        ("a profile that is none", h264("baseline"), False),
        ("one packet for each unit", h264(mode=0), False),
    ],
)
def test_which_h264_fits(story: str, codec: Json, fits: bool) -> None:
    def mapped() -> Json:
        return capabilities.producer_mapping({"codecs": [codec], "encodings": [{"ssrc": 1}]}, capabilities.router_rtp_capabilities())

    if fits:
        assert mapped()["codecs"] == [{"payloadType": 96, "mappedPayloadType": 103}]
        return
    with pytest.raises(CapabilityError) as refusal:
        mapped()
    assert refusal.value.code == "unsupported"


def test_a_client_without_h264_cannot_consume_it() -> None:
    params: Json = {"codecs": [h264()], "encodings": [{"ssrc": 1}]}
    with pytest.raises(CapabilityError) as refusal:
        consumed("video", params, received_by(AIORTC))
    assert refusal.value.code == "unsupported"
    router = capabilities.router_rtp_capabilities()
    assert [codec["payloadType"] for codec in consumed("video", params, router)["codecs"]] == [103, 104]


def test_a_video_codec_is_not_an_audio_producer() -> None:
    router, params = capabilities.router_rtp_capabilities(), sent_by(CHROMIUM, "video", [{"ssrc": 5}])
    with pytest.raises(CapabilityError) as refusal:
        capabilities.consumable_rtp_parameters("audio", params, router, capabilities.producer_mapping(params, router))
    assert refusal.value.code == "invalid_parameters"


def test_audio_from_chromium_to_chromium() -> None:
    assert consumed("audio", sent_by(CHROMIUM, "audio", [{"ssrc": 5}]), received_by(CHROMIUM)) == {
        "mid": "7",
        "codecs": [
            {
                "payloadType": 100,
                "mimeType": "audio/opus",
                "clockRate": 48000,
                "channels": 2,
                "parameters": {"minptime": 10, "useinbandfec": 1},
                "rtcpFeedback": [],  # no retransmission, and no congestion control without its extension
            }
        ],
        "headerExtensions": [
            {"uri": capabilities.MID, "id": 1, "encrypt": False, "parameters": {}},
            {"uri": capabilities.ABS_SEND_TIME, "id": 4, "encrypt": False, "parameters": {}},
            {"uri": capabilities.AUDIO_LEVEL, "id": 6, "encrypt": False, "parameters": {}},
        ],
        "encodings": [{"ssrc": 1000}],
        "rtcp": {"cname": "peer", "reducedSize": True},
    }


def test_video_from_chromium_with_layers_to_chromium() -> None:
    result = consumed("video", sent_by(CHROMIUM, "video", SIMULCAST), received_by(CHROMIUM))
    assert [(codec["mimeType"], codec["payloadType"]) for codec in result["codecs"]] == [("video/VP8", 101), ("video/rtx", 102)]
    assert result["codecs"][0]["rtcpFeedback"] == feedback("transport-cc", "ccm fir", "nack", "nack pli")
    assert result["codecs"][1]["parameters"] == {"apt": 101}
    assert result["encodings"] == [{"ssrc": 1000, "rtx": {"ssrc": 1001}}]
    assert [entry["id"] for entry in result["headerExtensions"]] == [1, 4, 5, 7, 8]  # rid ends at the router


def test_video_to_a_client_without_transport_cc_keeps_remb() -> None:
    result = consumed("video", sent_by(CHROMIUM, "video", [{"ssrc": 5}]), received_by(AIORTC))
    assert result["codecs"][0]["rtcpFeedback"] == feedback("nack", "nack pli", "goog-remb")
    assert [entry["uri"] for entry in result["headerExtensions"]] == [capabilities.MID, capabilities.ABS_SEND_TIME]


def test_without_a_retransmission_ssrc_there_is_neither_rtx_nor_nack() -> None:
    result = consumed("video", sent_by(CHROMIUM, "video", [{"ssrc": 5}]), received_by(CHROMIUM), rtx_ssrc=None, mid=None)
    assert [codec["mimeType"] for codec in result["codecs"]] == ["video/VP8"]
    assert result["codecs"][0]["rtcpFeedback"] == feedback("transport-cc", "ccm fir", "nack pli")
    assert result["encodings"] == [{"ssrc": 1000}]
    assert "mid" not in result


@pytest.mark.parametrize("producer", [CHROMIUM, AIORTC], ids=["from chromium", "from aiortc"])
@pytest.mark.parametrize("consumer", [CHROMIUM, AIORTC], ids=["to chromium", "to aiortc"])
@pytest.mark.parametrize("kind", ["audio", "video"])
def test_every_client_accepts_what_every_client_sends(producer: Json, consumer: Json, kind: str) -> None:
    result = consumed(kind, sent_by(producer, kind, [{"ssrc": 5}]), received_by(consumer))
    parsed = RtpParameters(**copy.deepcopy(result))
    ortc.validateAndNormalizeRtpParameters(parsed)
    assert ortc.canReceive(parsed, negotiate(consumer))


@pytest.mark.parametrize(
    ("name", "caps", "expected"),
    [
        ("a whole browser", received_by(CHROMIUM), True),
        ("nothing", {}, False),
        ("audio only", {"codecs": [c for c in received_by(CHROMIUM)["codecs"] if c["kind"] == "audio"]}, False),
        ("retransmission only", {"codecs": [c for c in received_by(CHROMIUM)["codecs"] if c["mimeType"] == "video/rtx"]}, False),
        ("VP8 without retransmission", {"codecs": [c for c in received_by(CHROMIUM)["codecs"] if c["mimeType"] == "video/VP8"]}, True),
    ],
)
def test_who_can_consume_video(name: str, caps: Json, expected: bool) -> None:
    router, params = capabilities.router_rtp_capabilities(), sent_by(CHROMIUM, "video", [{"ssrc": 5}])
    consumable = capabilities.consumable_rtp_parameters("video", params, router, capabilities.producer_mapping(params, router))
    assert capabilities.can_consume(consumable, caps) is expected
    if not expected:
        with pytest.raises(CapabilityError) as refusal:
            capabilities.consumer_rtp_parameters(consumable, caps, ssrc=1, rtx_ssrc=2, cname="", mid=None)
        assert refusal.value.code == "unsupported"


def test_nothing_given_is_changed() -> None:
    params, caps = sent_by(CHROMIUM, "video", SIMULCAST), received_by(CHROMIUM)
    before = copy.deepcopy((params, caps))
    consumed("video", params, caps)["codecs"][0]["parameters"]["x"] = 1
    assert (params, caps) == before


@given(
    st.lists(st.sampled_from(["audio/opus", "video/VP8", "video/rtx", "video/H264", "audio/rtx"]), max_size=5),
    st.lists(st.sampled_from([96, 97, 98, 100, 101, 102]), min_size=5, max_size=5),
    st.sampled_from(["audio", "video"]),
)
def test_any_mixture_of_codecs_is_mapped_or_refused(names: list[str], types: list[int], kind: str) -> None:
    codecs = [
        {
            "mimeType": name,
            "payloadType": pt,
            "clockRate": 48000 if name == "audio/opus" else 90000,
            "channels": 2,
            "parameters": {"apt": 96},
        }
        for name, pt in zip(names, types, strict=False)
    ]
    try:
        result = consumed(kind, {"codecs": codecs, "encodings": [{"ssrc": 1}]}, received_by(CHROMIUM))
    except CapabilityError:
        return
    assert result["codecs"][0]["payloadType"] == (100 if kind == "audio" else 101)
