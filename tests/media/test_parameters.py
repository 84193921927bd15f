"""Client JSON: what is accepted, what is refused, and that nothing else ever happens."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.parameters import CapabilityError, dtls_parameters, rtp_capabilities, rtp_parameters

Json = dict[str, Any]

OPUS: Json = {
    "mimeType": "audio/opus",
    "payloadType": 111,
    "clockRate": 48000,
    "channels": 2,
    "parameters": {"minptime": 10, "useinbandfec": 1},
    "rtcpFeedback": [{"type": "transport-cc", "parameter": ""}],
}
VALID: Json = {
    "mid": "0",
    "codecs": [OPUS],
    "headerExtensions": [{"uri": "urn:ietf:params:rtp-hdrext:sdes:mid", "id": 4, "encrypt": False, "parameters": {}}],
    "encodings": [{"ssrc": 1234, "dtx": True}],
    "rtcp": {"cname": "abc", "reducedSize": True},
}
FINGERPRINT = ":".join(["AB"] * 32)


def changed(change: Callable[[Json], object]) -> Json:
    params = copy.deepcopy(VALID)
    change(params)
    return params


def test_valid_parameters_come_back_as_they_are() -> None:
    assert rtp_parameters(VALID) == VALID


def test_null_means_not_given_and_unknown_keys_are_dropped() -> None:
    """pymediasoup writes every optional field as null."""
    raw = changed(lambda p: p.update(msid=None, surprise=[1]))
    raw["codecs"][0].update(channels=2, extra=None)
    raw["encodings"] = [{"ssrc": 1234, "rid": None, "rtx": None, "dtx": True, "scalabilityMode": None, "priority": "high"}]
    raw["rtcp"] = {"cname": "abc", "reducedSize": None, "mux": None}
    assert rtp_parameters(raw) == VALID


def test_defaults_are_filled_in() -> None:
    least = {"mid": "0", "codecs": [{"mimeType": "audio/PCMU", "payloadType": 0, "clockRate": 8000}]}
    assert rtp_parameters(least) == {
        "mid": "0",
        "codecs": [{"mimeType": "audio/PCMU", "payloadType": 0, "clockRate": 8000, "channels": 1, "parameters": {}, "rtcpFeedback": []}],
        "headerExtensions": [],
        "encodings": [{"dtx": False}],
        "rtcp": {"reducedSize": True},
    }


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("no object", [VALID]),
        ("nothing", None),
        ("no codecs", changed(lambda p: p.update(codecs=[]))),
        ("codecs as an object", changed(lambda p: p.update(codecs={"0": OPUS}))),
        ("a thousand codecs", changed(lambda p: p.update(codecs=[OPUS | {"payloadType": n % 128} for n in range(1000)]))),
        ("two codecs of one payload type", changed(lambda p: p.update(codecs=[OPUS, OPUS]))),
        ("payload type 128", changed(lambda p: p["codecs"][0].update(payloadType=128))),
        ("payload type as text", changed(lambda p: p["codecs"][0].update(payloadType="111"))),
        ("payload type true", changed(lambda p: p["codecs"][0].update(payloadType=True))),
        ("payload type not whole", changed(lambda p: p["codecs"][0].update(payloadType=111.5))),
        ("mime type of text", changed(lambda p: p["codecs"][0].update(mimeType="text/plain"))),
        ("mime type with a line break", changed(lambda p: p["codecs"][0].update(mimeType="audio/opus\n"))),
        ("clock of zero", changed(lambda p: p["codecs"][0].update(clockRate=0))),
        ("no channels", changed(lambda p: p["codecs"][0].update(channels=0))),
        ("a line break in a codec parameter", changed(lambda p: p["codecs"][0]["parameters"].update(x="1\r\na=candidate:1"))),
        ("a line break in a parameter's name", changed(lambda p: p["codecs"][0]["parameters"].update({"x\r\n": 1}))),
        ("an endless number", changed(lambda p: p["codecs"][0]["parameters"].update(x=float("inf")))),
        ("a number beyond what JSON holds", changed(lambda p: p["codecs"][0]["parameters"].update(x=10**30))),
        ("a list as codec parameter", changed(lambda p: p["codecs"][0]["parameters"].update(x=[]))),
        ("feedback without a type", changed(lambda p: p["codecs"][0].update(rtcpFeedback=[{}]))),
        ("retransmission without apt", changed(lambda p: p["codecs"].append(OPUS | {"mimeType": "audio/rtx", "payloadType": 9}))),
        ("extension id 0", changed(lambda p: p["headerExtensions"][0].update(id=0))),
        ("extension id 256", changed(lambda p: p["headerExtensions"][0].update(id=256))),
        ("one extension id twice", changed(lambda p: p.update(headerExtensions=p["headerExtensions"] * 2))),
        ("extension uri with a space", changed(lambda p: p["headerExtensions"][0].update(uri="a b"))),
        ("ssrc of 33 bits", changed(lambda p: p["encodings"][0].update(ssrc=2**32))),
        ("nine encodings", changed(lambda p: p.update(encodings=[{"ssrc": n} for n in range(1, 10)]))),
        ("one ssrc twice", changed(lambda p: p.update(encodings=[{"ssrc": 1}, {"ssrc": 2, "rtx": {"ssrc": 1}}]))),
        ("one rid twice", changed(lambda p: p.update(encodings=[{"rid": "h"}, {"rid": "h"}]))),
        ("rid with a colon", changed(lambda p: p.update(encodings=[{"rid": "a:b"}]))),
        ("an encoding that no packet finds", changed(lambda p: (p.pop("mid"), p.update(encodings=[{}])))),
        ("two encodings, one that no packet finds", changed(lambda p: p.update(encodings=[{"rid": "h"}, {}]))),
        ("mid with a space", changed(lambda p: p.update(mid="a b"))),
        ("cname of 300 letters", changed(lambda p: p["rtcp"].update(cname="c" * 300))),
    ],
)
def test_malformed_parameters_are_refused(name: str, raw: object) -> None:
    with pytest.raises(CapabilityError) as refusal:
        rtp_parameters(raw)
    assert refusal.value.code == "invalid_parameters"


def test_capabilities_are_normalised() -> None:
    raw = {
        "codecs": [{"mimeType": "video/VP8", "preferredPayloadType": 96, "clockRate": 90000, "channels": None, "kind": "audio"}],
        "headerExtensions": [{"kind": "", "uri": "urn:x", "preferredId": 1}],
    }
    assert rtp_capabilities(raw) == {
        "codecs": [
            {"kind": "video", "preferredPayloadType": 96, "mimeType": "video/VP8", "clockRate": 90000, "parameters": {}, "rtcpFeedback": []}
        ],
        "headerExtensions": [{"uri": "urn:x", "preferredId": 1, "preferredEncrypt": False, "direction": "sendrecv"}],
    }


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {"codecs": [{"mimeType": "video/VP8", "clockRate": 90000}]},
        {"headerExtensions": [{"uri": "urn:x"}]},
        {"headerExtensions": [{"uri": "urn:x", "preferredId": 1, "kind": "smell"}]},
        {"headerExtensions": [{"uri": "urn:x", "preferredId": 1, "direction": "sideways"}]},
        {"headerExtensions": [{"uri": "urn:x", "preferredId": 1, "direction": ["sendrecv"]}]},
        {"headerExtensions": [{"uri": "urn:x", "preferredId": 1, "kind": ["audio"]}]},
    ],
)
def test_malformed_capabilities_are_refused(raw: object) -> None:
    with pytest.raises(CapabilityError):
        rtp_capabilities(raw)


def test_fingerprints_are_normalised() -> None:
    raw = {"role": "client", "fingerprints": [{"algorithm": "SHA-256", "value": FINGERPRINT.lower()}]}
    assert dtls_parameters(raw) == {"role": "client", "fingerprints": [{"algorithm": "sha-256", "value": FINGERPRINT}]}


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({}, "invalid_parameters"),
        ({"fingerprints": []}, "invalid_parameters"),
        ({"role": "spectator", "fingerprints": [{"algorithm": "sha-256", "value": FINGERPRINT}]}, "invalid_parameters"),
        ({"role": ["client"], "fingerprints": [{"algorithm": "sha-256", "value": FINGERPRINT}]}, "invalid_parameters"),
        ({"fingerprints": [{"algorithm": "sha-1", "value": ":".join(["AB"] * 20)}]}, "unsupported"),
        ({"fingerprints": [{"algorithm": "sha-256", "value": FINGERPRINT[:-3]}]}, "invalid_parameters"),
        ({"fingerprints": [{"algorithm": "sha-256", "value": FINGERPRINT.replace("A", "G")}]}, "invalid_parameters"),
        ({"fingerprints": [{"algorithm": "sha-256", "value": FINGERPRINT.replace(":", " ")}]}, "invalid_parameters"),
    ],
)
def test_fingerprints_that_prove_nothing_are_refused(raw: object, code: str) -> None:
    with pytest.raises(CapabilityError) as refusal:
        dtls_parameters(raw)
    assert refusal.value.code == code


# Any JSON at all, with the keys that mean something, so that the search goes deep.
KEYS = st.sampled_from([
    "codecs", "headerExtensions", "encodings", "rtcp", "mid", "mimeType", "payloadType", "preferredPayloadType", "clockRate",
    "channels", "parameters", "rtcpFeedback", "type", "uri", "id", "preferredId", "kind", "direction", "ssrc", "rid", "rtx", "dtx",
    "cname", "apt", "role", "fingerprints", "algorithm", "value",
])  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["audio/opus", "video/rtx", "video/VP8", 111, 48000, 90000, "sha-256", FINGERPRINT, "urn:x", "r1", "sendrecv"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=30,
)  # fmt: skip


@given(VALUES)
def test_any_json_is_normalised_or_refused(raw: object) -> None:
    for check in (rtp_parameters, rtp_capabilities, dtls_parameters):
        try:
            result = check(raw)
        except CapabilityError:
            continue
        assert check(result) == result


def places(value: object) -> list[tuple[Any, Any]]:
    """Every (container, key) of a nested value."""
    inner = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [(value, key) for key, _ in inner] + [place for _, item in inner for place in places(item)]


@given(st.data())
def test_valid_parameters_with_one_thing_wrong_are_normalised_or_refused(data: st.DataObject) -> None:
    params = copy.deepcopy(VALID)
    container, key = data.draw(st.sampled_from(places(params)))
    container[key] = data.draw(VALUES)
    try:
        result = rtp_parameters(params)
    except CapabilityError:
        return
    assert rtp_parameters(result) == result
