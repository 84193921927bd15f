"""Checks and normalises the media JSON of clients (mediasoup v3 shapes), so that nothing behind it meets a surprise.

It decides what is well formed: types, lengths, ranges, uniqueness. It answers with a fresh dict that holds known keys only, `null` meaning
"not given" (pymediasoup sends every optional field). It must never know whether a codec is *supported*: that is `media.capabilities`.

Text that ends in another client's SDP (codec parameters, URIs, cname, rid) is held to printable ASCII: a line break in a codec parameter
would let one member write lines into the session description of all the others.

Shapes: mediasoup v3 RTP parameters and capabilities; RFC 3550 (payload type, SSRC), RFC 8285 (extension ids), RFC 8851/8852 (rid),
RFC 8122 (DTLS fingerprint).
"""

from __future__ import annotations

import math
import re
from typing import Any, NoReturn

Json = dict[str, Any]

# A browser lists about 25 video payload types today; the limits leave room for growth and end a flood early.
MAX_CODECS = 128
MAX_EXTENSIONS = 64
MAX_FEEDBACK = 32
MAX_CODEC_PARAMETERS = 32
MAX_ENCODINGS = 8
MAX_FINGERPRINTS = 16
MAX_SSRC = 0xFFFF_FFFF
MAX_SAFE_INTEGER = 2**53 - 1  # what JSON numbers of a browser can hold exactly

_PRINTABLE = re.compile(r"[\x20-\x7e]*\Z")
_TOKEN = re.compile(r"[\x21-\x7e]+\Z")
_MIME_TYPE = re.compile(r"(audio|video)/[A-Za-z0-9._+-]+\Z", re.IGNORECASE)
_RID = re.compile(r"[A-Za-z0-9_-]{1,16}\Z")  # RFC 8851 §10; 16 bytes is what a one-byte header extension can carry
_DIRECTIONS = ("sendrecv", "sendonly", "recvonly", "inactive")
# Digest lengths in bytes. SHA-1 and MD5 are left out: RFC 8122 §5 forbids MD5 and browsers have offered SHA-256 since 2013.
_DIGEST_BYTES = {"sha-224": 28, "sha-256": 32, "sha-384": 48, "sha-512": 64}
_HEX_PAIRS = re.compile(r"[0-9A-F]{2}(:[0-9A-F]{2})*\Z")


class CapabilityError(Exception):
    """Media parameters that cannot be used. `code` is stable: invalid_parameters, unsupported."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


def rtp_capabilities(raw: object) -> Json:
    """RtpCapabilities of a client → normalised copy {codecs, headerExtensions}."""
    caps = _object(raw, "rtpCapabilities")
    codecs = [_codec_capability(item, f"codecs[{i}]") for i, item in enumerate(_array(caps, "codecs", MAX_CODECS))]
    _unique([codec["preferredPayloadType"] for codec in codecs], "preferredPayloadType")
    return {
        "codecs": codecs,
        "headerExtensions": [
            _extension_capability(item, f"headerExtensions[{i}]") for i, item in enumerate(_array(caps, "headerExtensions", MAX_EXTENSIONS))
        ],
    }


def rtp_parameters(raw: object) -> Json:
    """RtpParameters of a producer → normalised copy {mid?, codecs, headerExtensions, encodings, rtcp}; at least one codec and encoding."""
    params = _object(raw, "rtpParameters")
    codecs = [_codec(item, f"codecs[{i}]") for i, item in enumerate(_array(params, "codecs", MAX_CODECS))]
    if not codecs:
        _refuse("codecs is empty")
    _unique([codec["payloadType"] for codec in codecs], "payloadType")
    extensions = [_extension(item, f"headerExtensions[{i}]") for i, item in enumerate(_array(params, "headerExtensions", MAX_EXTENSIONS))]
    _unique([extension["id"] for extension in extensions], "header extension id")
    result: Json = {"codecs": codecs, "headerExtensions": extensions, "rtcp": _rtcp(params.get("rtcp"))}
    if params.get("mid") is not None:
        result["mid"] = _token(params["mid"], "mid", 32)
    result["encodings"] = _encodings(params, "mid" in result)
    return result


def dtls_parameters(raw: object) -> Json:
    """DtlsParameters of a client → {role, fingerprints: [{algorithm, value}]} with lower-case algorithm and upper-case value."""
    params = _object(raw, "dtlsParameters")
    role = params.get("role") or "auto"
    if role not in ("auto", "client", "server"):
        _refuse("role")
    fingerprints = [_fingerprint(item, f"fingerprints[{i}]") for i, item in enumerate(_array(params, "fingerprints", MAX_FINGERPRINTS))]
    if not fingerprints:
        _refuse("fingerprints is empty")
    return {"role": role, "fingerprints": fingerprints}


def _codec_capability(raw: object, where: str) -> Json:
    item = _object(raw, where)
    codec = _codec_common(item, where)
    kind = codec["mimeType"].split("/", 1)[0].lower()
    return {
        "kind": kind,
        "preferredPayloadType": _integer(item.get("preferredPayloadType"), f"{where}.preferredPayloadType", 0, 127),
    } | codec


def _codec(raw: object, where: str) -> Json:
    item = _object(raw, where)
    return {"payloadType": _integer(item.get("payloadType"), f"{where}.payloadType", 0, 127)} | _codec_common(item, where)


def _codec_common(item: Json, where: str) -> Json:
    mime_type = _text(item.get("mimeType"), f"{where}.mimeType", 64)
    if not _MIME_TYPE.match(mime_type):
        _refuse(f"{where}.mimeType")
    codec: Json = {
        "mimeType": mime_type,
        "clockRate": _integer(item.get("clockRate"), f"{where}.clockRate", 1, 1_000_000),
        "parameters": _codec_parameters(item.get("parameters"), f"{where}.parameters"),
        "rtcpFeedback": [
            _feedback(entry, f"{where}.rtcpFeedback[{i}]") for i, entry in enumerate(_array(item, "rtcpFeedback", MAX_FEEDBACK))
        ],
    }
    if mime_type.lower().startswith("audio/"):  # channels means nothing for video and would spoil the comparison of codecs
        channels = item.get("channels")
        codec["channels"] = 1 if channels is None else _integer(channels, f"{where}.channels", 1, 255)
    if mime_type.lower().endswith("/rtx"):
        _integer(codec["parameters"].get("apt"), f"{where}.parameters.apt", 0, 127)
    return codec


def _codec_parameters(raw: object, where: str) -> Json:
    given = {} if raw is None else _object(raw, where)
    if len(given) > MAX_CODEC_PARAMETERS:
        _refuse(f"{where} has too many entries")
    return {_text(key, f"{where} key", 64): _parameter_value(value, where) for key, value in given.items()}


def _parameter_value(value: object, where: str) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, str):
        return _text(value, where, 512)  # H264's sprop-parameter-sets is the longest met, below 200
    if isinstance(value, float) and math.isfinite(value):
        return value
    return _integer(value, where, -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)


def _feedback(raw: object, where: str) -> Json:
    item = _object(raw, where)
    parameter = item.get("parameter")
    return {
        "type": _token(item.get("type"), f"{where}.type", 32),
        "parameter": "" if parameter is None else _text(parameter, f"{where}.parameter", 32),
    }


def _extension_capability(raw: object, where: str) -> Json:
    item = _object(raw, where)
    extension: Json = {
        "uri": _token(item.get("uri"), f"{where}.uri", 255),
        "preferredId": _integer(item.get("preferredId"), f"{where}.preferredId", 1, 255),
        "preferredEncrypt": _flag(item.get("preferredEncrypt"), f"{where}.preferredEncrypt", False),
        "direction": item.get("direction") or "sendrecv",
    }
    if extension["direction"] not in _DIRECTIONS:
        _refuse(f"{where}.direction")
    if item.get("kind") not in (None, ""):  # without a kind it is meant for both
        if item["kind"] not in ("audio", "video"):
            _refuse(f"{where}.kind")
        extension["kind"] = item["kind"]
    return extension


def _extension(raw: object, where: str) -> Json:
    item = _object(raw, where)
    return {
        "uri": _token(item.get("uri"), f"{where}.uri", 255),
        "id": _integer(item.get("id"), f"{where}.id", 1, 255),
        "encrypt": _flag(item.get("encrypt"), f"{where}.encrypt", False),
        "parameters": _codec_parameters(item.get("parameters"), f"{where}.parameters"),
    }


def _encodings(params: Json, has_mid: bool) -> list[Json]:
    given = _array(params, "encodings", MAX_ENCODINGS) or [{}]
    encodings = [_encoding(item, f"encodings[{i}]") for i, item in enumerate(given)]
    # A packet finds its producer by SSRC, by rid, or, for a lone encoding, by mid; without any of them it never would.
    if any("ssrc" not in e and "rid" not in e for e in encodings) and (len(encodings) > 1 or not has_mid):
        _refuse("an encoding has neither ssrc nor rid")
    media = [encoding["ssrc"] for encoding in encodings if "ssrc" in encoding]
    _unique(media + [encoding["rtx"]["ssrc"] for encoding in encodings if "rtx" in encoding], "ssrc")
    _unique([encoding["rid"] for encoding in encodings if "rid" in encoding], "rid")
    return encodings


def _encoding(raw: object, where: str) -> Json:
    item = _object(raw, where)
    encoding: Json = {"dtx": _flag(item.get("dtx"), f"{where}.dtx", False)}
    if item.get("ssrc") is not None:
        encoding["ssrc"] = _integer(item["ssrc"], f"{where}.ssrc", 1, MAX_SSRC)
    if item.get("rid") not in (None, ""):
        encoding["rid"] = _text(item["rid"], f"{where}.rid", 16)
        if not _RID.match(encoding["rid"]):
            _refuse(f"{where}.rid")
    if item.get("rtx") is not None:
        encoding["rtx"] = {"ssrc": _integer(_object(item["rtx"], f"{where}.rtx").get("ssrc"), f"{where}.rtx.ssrc", 1, MAX_SSRC)}
    if item.get("codecPayloadType") is not None:
        encoding["codecPayloadType"] = _integer(item["codecPayloadType"], f"{where}.codecPayloadType", 0, 127)
    if item.get("scalabilityMode") not in (None, ""):
        encoding["scalabilityMode"] = _token(item["scalabilityMode"], f"{where}.scalabilityMode", 16)
    if item.get("maxBitrate") is not None:
        encoding["maxBitrate"] = _integer(item["maxBitrate"], f"{where}.maxBitrate", 0, MAX_SAFE_INTEGER)
    return encoding


def _rtcp(raw: object) -> Json:
    item = {} if raw is None else _object(raw, "rtcp")
    rtcp: Json = {"reducedSize": _flag(item.get("reducedSize"), "rtcp.reducedSize", True)}
    if item.get("cname") not in (None, ""):
        rtcp["cname"] = _token(item["cname"], "rtcp.cname", 255)  # RFC 3550 §6.5: one length byte
    return rtcp


def _fingerprint(raw: object, where: str) -> Json:
    item = _object(raw, where)
    algorithm = _token(item.get("algorithm"), f"{where}.algorithm", 16).lower()
    value = _text(item.get("value"), f"{where}.value", 256).upper()
    if algorithm not in _DIGEST_BYTES:
        raise CapabilityError("unsupported", f"{where}.algorithm")
    if not _HEX_PAIRS.match(value) or len(value) != 3 * _DIGEST_BYTES[algorithm] - 1:
        _refuse(f"{where}.value")
    return {"algorithm": algorithm, "value": value}


def _object(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        _refuse(f"{where} is not an object")
    return value


def _array(owner: Json, key: str, limit: int) -> list[object]:
    value = owner.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > limit:
        _refuse(f"{key} is not a list of at most {limit}")
    return value


def _integer(value: object, where: str, low: int, high: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        _refuse(f"{where} is not an integer in {low}..{high}")
    return value


def _flag(value: object, where: str, default: bool) -> bool:
    if value is None:
        return default
    if not isinstance(value, bool):
        _refuse(f"{where} is not a boolean")
    return value


def _text(value: object, where: str, limit: int) -> str:
    if not isinstance(value, str) or len(value) > limit or not _PRINTABLE.match(value):
        _refuse(f"{where} is not printable text of at most {limit}")
    return value


def _token(value: object, where: str, limit: int) -> str:
    text = _text(value, where, limit)
    if not _TOKEN.match(text):
        _refuse(f"{where} is empty or has spaces")
    return text


def _unique(values: list[Any], what: str) -> None:
    if len(set(values)) != len(values):
        _refuse(f"{what} is given twice")


def _refuse(detail: str) -> NoReturn:
    raise CapabilityError("invalid_parameters", detail)
