"""Which codecs and header extensions a router speaks, and what follows from that for every producer and consumer.

mediasoup v3's "ortc" algebra as pure functions from JSON to JSON. Three sets of RTP parameters are derived one from another:

    producer's own  ──producer_mapping──►  consumable (router's payload types and extension ids)  ──►  one consumer's

Payload types and extension ids towards consumers are always the router's, which the published mediasoup-client requires (its `canReceive`
compares the payload type with the router's). So the forwarder rewrites each packet by one small table, the mapping.

It decides what is supported. It must never know transports, packets or addresses, and it draws no random numbers: SSRCs are arguments.
Every function takes client JSON as it came, checks it (`media.parameters`) and raises only `CapabilityError`.
"""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, Final

from media.parameters import CapabilityError, Json, rtp_capabilities, rtp_parameters

__all__ = [
    "ABS_SEND_TIME",
    "AUDIO_LEVEL",
    "MID",
    "PLAYOUT_DELAY",
    "RED",
    "REPAIRED_RID",
    "RID",
    "ROUTER_CODECS",
    "ROUTER_HEADER_EXTENSIONS",
    "TRANSPORT_CC",
    "VIDEO_ORIENTATION",
    "CapabilityError",
    "can_consume",
    "consumable_rtp_parameters",
    "consumer_rtp_parameters",
    "is_red",
    "main_codec",
    "producer_mapping",
    "producer_type",
    "router_rtp_capabilities",
]

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
VIDEO_ORIENTATION: Final = "urn:3gpp:video-orientation"
PLAYOUT_DELAY: Final = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"


#: The router's payload type of voices that carry their own past (RFC 2198).
RED: Final = 105

_PROFILE_LEVEL_ID: Final = re.compile(r"[0-9a-f]{6}\Z")


def _feedback(*pairs: str) -> list[Json]:
    return [{"type": (parts := pair.split())[0], "parameter": parts[1] if len(parts) > 1 else ""} for pair in pairs]


#: One entry per payload type. 100 upwards as mediasoup does; 127 stays free, mediasoup-client uses it for its probator.
ROUTER_CODECS: Final[tuple[Json, ...]] = (
    {
        "kind": "audio",
        "mimeType": "audio/opus",
        "preferredPayloadType": 100,
        "clockRate": 48000,
        "channels": 2,
        # In-band FEC rides out single losses without a round trip; DTX keeps the silent majority of a meeting nearly free.
        "parameters": {"useinbandfec": 1, "usedtx": 1},
        "rtcpFeedback": _feedback("nack", "transport-cc"),
    },
    {
        # Whoever sends it is taken at its primary block, and whoever takes it gets it, whatever the sender sent (`media.redundancy`).
        # What is inside is always the Opus above. Browsers take it only if that is said ("100/100", no name = value); mediasoup-client
        # writes these parameters as name = value, and browsers read one without a name as that.
        "kind": "audio",
        "mimeType": "audio/red",
        "preferredPayloadType": RED,
        "clockRate": 48000,
        "channels": 2,
        "parameters": {"": "100/100"},
        "rtcpFeedback": [],
    },
    {
        "kind": "video",
        "mimeType": "video/VP8",
        "preferredPayloadType": 101,
        "clockRate": 90000,
        "parameters": {},
        "rtcpFeedback": _feedback("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"),
    },
    {
        "kind": "video",
        "mimeType": "video/rtx",
        "preferredPayloadType": 102,
        "clockRate": 90000,
        "parameters": {"apt": 101},
        "rtcpFeedback": [],
    },
    {
        # For devices that have it in hardware and VP8 not. Constrained baseline is what every WebRTC endpoint must speak (RFC 7742 §6.2).
        "kind": "video",
        "mimeType": "video/H264",
        "preferredPayloadType": 103,
        "clockRate": 90000,
        "parameters": {"packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1},
        "rtcpFeedback": _feedback("nack", "nack pli", "ccm fir", "goog-remb", "transport-cc"),
    },
    {
        "kind": "video",
        "mimeType": "video/rtx",
        "preferredPayloadType": 104,
        "clockRate": 90000,
        "parameters": {"apt": 103},
        "rtcpFeedback": [],
    },
)


def _extension(kind: str, uri: str, preferred_id: int, direction: str = "sendrecv") -> Json:
    return {"kind": kind, "uri": uri, "preferredId": preferred_id, "preferredEncrypt": False, "direction": direction}


#: Directions are the router's: "recvonly" ends here and is not promised to consumers. Ids ≤ 14 fit the one-byte header of RFC 8285.
ROUTER_HEADER_EXTENSIONS: Final[tuple[Json, ...]] = (
    _extension("audio", MID, 1),
    _extension("video", MID, 1),
    _extension("video", RID, 2, "recvonly"),  # consumers get one stream: layers are chosen here
    _extension("video", REPAIRED_RID, 3, "recvonly"),
    _extension("audio", ABS_SEND_TIME, 4),
    _extension("video", ABS_SEND_TIME, 4),
    _extension("audio", TRANSPORT_CC, 5, "recvonly"),  # audio is not what congestion control steers towards consumers
    _extension("video", TRANSPORT_CC, 5),
    _extension("audio", AUDIO_LEVEL, 6),
    _extension("video", VIDEO_ORIENTATION, 7),
    _extension("video", PLAYOUT_DELAY, 8),
)


def router_rtp_capabilities() -> Json:
    """What the router can receive and send; a fresh copy, in mediasoup's RouterRtpCapabilities shape."""
    return {"codecs": deepcopy(list(ROUTER_CODECS)), "headerExtensions": deepcopy(list(ROUTER_HEADER_EXTENSIONS))}


def producer_type(rtp_params: object) -> str:
    """ "simulcast" when the producer announces several encodings, else "simple"."""
    return "simulcast" if len(rtp_parameters(rtp_params)["encodings"]) > 1 else "simple"


def producer_mapping(rtp_params: object, router_caps: Json, *, first_mapped_ssrc: int = 100_000_000) -> Json:
    """→ {"codecs": [{payloadType, mappedPayloadType}], "encodings": [{ssrc?, rid?, mappedSsrc}]}; "unsupported" when a codec does not fit.

    Mapped SSRCs name the layers inside the router, never on the wire, so counting upwards is enough.
    """
    params = rtp_parameters(rtp_params)
    codecs = []
    for codec in params["codecs"]:
        capability = _rtx_capability(codec, params, router_caps) if _is_rtx(codec) else _matching(codec, router_caps["codecs"])
        if capability is None:
            raise CapabilityError("unsupported", f"codec {codec['mimeType']} payload type {codec['payloadType']}")
        codecs.append({"payloadType": codec["payloadType"], "mappedPayloadType": capability["preferredPayloadType"]})
    encodings = [
        {key: encoding[key] for key in ("ssrc", "rid") if key in encoding} | {"mappedSsrc": first_mapped_ssrc + index}
        for index, encoding in enumerate(params["encodings"])
    ]
    return {"codecs": codecs, "encodings": encodings}


def consumable_rtp_parameters(kind: str, rtp_params: object, router_caps: Json, mapping: Json) -> Json:
    """The producer as every consumer of this router could see it: router payload types and ids, one encoding per layer."""
    params = rtp_parameters(rtp_params)
    if any(not codec["mimeType"].lower().startswith(f"{kind}/") for codec in params["codecs"]):
        raise CapabilityError("invalid_parameters", f"a codec is not of kind {kind}")
    if main_codec(params) is None or _is_rtx(params["codecs"][0]):
        raise CapabilityError("invalid_parameters", "the first codec repairs another")
    mapped = {entry["payloadType"]: entry["mappedPayloadType"] for entry in mapping["codecs"]}
    by_type = {capability["preferredPayloadType"]: capability for capability in router_caps["codecs"]}
    codecs = []
    for codec in (codec for codec in params["codecs"] if not _is_companion(codec)):
        capability = by_type[mapped[codec["payloadType"]]]
        codecs.append(_as_parameters(capability) | {"parameters": dict(codec["parameters"])})
        codecs += [_as_parameters(companion) for companion in _companions(capability, router_caps["codecs"])]
    return {
        "codecs": codecs,
        "headerExtensions": [
            {"uri": extension["uri"], "id": extension["preferredId"], "encrypt": False, "parameters": {}}
            for extension in router_caps["headerExtensions"]
            if extension["kind"] == kind and extension["direction"] in ("sendrecv", "sendonly")
        ],
        "encodings": [_consumable_encoding(*pair) for pair in zip(params["encodings"], mapping["encodings"], strict=True)],
        "rtcp": {"cname": params["rtcp"].get("cname", ""), "reducedSize": True},
    }


def can_consume(consumable: Json, remote_caps: object) -> bool:
    """Whether an endpoint with these capabilities can receive at least the producer's main codec."""
    capabilities = rtp_capabilities(remote_caps)["codecs"]
    matching = [codec for codec in consumable["codecs"] if _matching(codec, capabilities) is not None]
    return bool(matching) and not _is_companion(matching[0])


def consumer_rtp_parameters(consumable: Json, remote_caps: object, *, ssrc: int, rtx_ssrc: int | None, cname: str, mid: str | None) -> Json:
    """Parameters of one consumer: what both sides speak, one encoding, the given SSRCs. "unsupported" when no codec fits.

    Retransmission is for video only, as in mediasoup: a lost 20 ms of Opus is repaired by FEC or redundancy sooner than by a round trip.
    """
    remote = rtp_capabilities(remote_caps)
    video = consumable["codecs"][0]["mimeType"].lower().startswith("video/")
    codecs = _common_codecs(consumable["codecs"], remote["codecs"], video and rtx_ssrc is not None)
    if not codecs or _is_companion(codecs[0]):
        raise CapabilityError("unsupported", "no codec in common")
    extensions = [
        dict(extension)
        for extension in consumable["headerExtensions"]
        if any(theirs["preferredId"] == extension["id"] and theirs["uri"] == extension["uri"] for theirs in remote["headerExtensions"])
    ]
    unwanted = _unwanted_feedback({extension["uri"] for extension in extensions})
    for codec in codecs:
        codec["rtcpFeedback"] = [feedback for feedback in codec["rtcpFeedback"] if feedback["type"] not in unwanted]
    encoding: Json = {"ssrc": ssrc}
    if any(_is_rtx(codec) for codec in codecs):
        encoding["rtx"] = {"ssrc": rtx_ssrc}
    parameters: Json = {
        "codecs": codecs,
        "headerExtensions": extensions,
        "encodings": [encoding],
        "rtcp": {"cname": cname, "reducedSize": True},
    }
    return parameters if mid is None else parameters | {"mid": mid}


def _common_codecs(ours: list[Json], theirs: list[Json], retransmit: bool) -> list[Json]:
    codecs: list[Json] = []
    for codec in ours:
        capability = _matching(codec, theirs)
        if capability is None or (_is_rtx(codec) and not retransmit):
            continue
        if _is_rtx(codec) and codec["parameters"]["apt"] not in [kept["payloadType"] for kept in codecs]:
            continue
        known = {(feedback["type"], feedback["parameter"]) for feedback in codec["rtcpFeedback"]}
        agreed = [f for f in capability["rtcpFeedback"] if (f["type"], f["parameter"]) in known]
        if not retransmit:
            agreed = [f for f in agreed if (f["type"], f["parameter"]) != ("nack", "")]
        codecs.append(deepcopy(codec) | {"rtcpFeedback": [dict(feedback) for feedback in agreed]})
    return codecs


def _unwanted_feedback(uris: set[str]) -> set[str]:
    """One bandwidth estimate per stream: the better one whose header extension is agreed, else none."""
    if TRANSPORT_CC in uris:
        return {"goog-remb"}
    if ABS_SEND_TIME in uris:
        return {"transport-cc"}
    return {"goog-remb", "transport-cc"}


def _consumable_encoding(encoding: Json, mapped: Json) -> Json:
    kept = {key: encoding[key] for key in ("dtx", "scalabilityMode", "maxBitrate") if key in encoding}
    return {"ssrc": mapped["mappedSsrc"]} | kept


def _as_parameters(capability: Json) -> Json:
    codec = deepcopy({key: value for key, value in capability.items() if key not in ("kind", "preferredPayloadType")})
    return {"payloadType": capability["preferredPayloadType"]} | codec


def _rtx_capability(rtx: Json, params: Json, router_caps: Json) -> Json | None:
    media = next((codec for codec in params["codecs"] if codec["payloadType"] == rtx["parameters"]["apt"] and not _is_rtx(codec)), None)
    if media is None:
        raise CapabilityError("invalid_parameters", f"no codec for retransmission payload type {rtx['payloadType']}")
    capability = _matching(media, router_caps["codecs"])
    return None if capability is None else _rtx_of(capability["preferredPayloadType"], router_caps["codecs"])


def _rtx_of(payload_type: int, capabilities: list[Json]) -> Json | None:
    return next((entry for entry in capabilities if _is_rtx(entry) and entry["parameters"].get("apt") == payload_type), None)


def _companions(capability: Json, capabilities: list[Json]) -> list[Json]:
    """What may come beside a codec: its retransmission; of Opus, redundancy."""
    rtx = _rtx_of(capability["preferredPayloadType"], capabilities)
    red = [entry for entry in capabilities if is_red(entry)] if capability["mimeType"].lower() == "audio/opus" else []
    return red + ([rtx] if rtx is not None else [])


def _matching(codec: Json, capabilities: list[Json]) -> Json | None:
    return next((entry for entry in capabilities if _same_codec(codec, entry)), None)


def _same_codec(one: Json, other: Json) -> bool:
    """Equal by name, clock and channels; H.264 also by packetization mode and profile, whatever the level."""
    return (
        one["mimeType"].lower() == other["mimeType"].lower()
        and one["clockRate"] == other["clockRate"]
        and one.get("channels") == other.get("channels")
        and (one["mimeType"].lower() != "video/h264" or _h264_variant(one) == _h264_variant(other))
    )


def _h264_variant(codec: Json) -> tuple[str, str]:
    """(packetization mode, profile) with the defaults of RFC 6184 §8.1; constrained baseline has several spellings (table 5)."""
    mode = str(codec["parameters"].get("packetization-mode", 0))
    level_id = str(codec["parameters"].get("profile-level-id", "42e01f")).lower()
    if not _PROFILE_LEVEL_ID.match(level_id):
        return mode, level_id
    idc, constraints = level_id[:2], int(level_id[2:4], 16)
    needed = {"42": 0x40, "4d": 0x80, "58": 0xC0}.get(idc)
    constrained = needed is not None and constraints & needed == needed
    return mode, "constrained baseline" if constrained else f"{idc}{constraints & 0xF0:02x}"


def _is_rtx(codec: dict[str, Any]) -> bool:
    return bool(codec["mimeType"].lower().endswith("/rtx"))


def is_red(codec: dict[str, Any]) -> bool:
    return bool(codec["mimeType"].lower() == "audio/red")


def _is_companion(codec: dict[str, Any]) -> bool:
    return _is_rtx(codec) or is_red(codec)


def main_codec(params: Json) -> Json | None:
    """The codec of a producer: the first that only repairs no other, as in mediasoup. Browsers that send redundancy name it first."""
    return next((codec for codec in params["codecs"] if not _is_companion(codec)), None)
