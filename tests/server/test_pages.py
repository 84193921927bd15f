"""The web client's files, the headers on everything, and what operators ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from server.health import readiness
from server.metrics import Metrics
from tests.support.rest import Prepared, Service, service


@pytest.fixture
def dist(rest: Service) -> Path:
    folder = rest.house.settings.web_dist
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>the page</title>")
    (folder / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "index-4f3a.js").write_text("export {}")
    (folder.parent / "secret.txt").write_text("never")
    return folder


@pytest.mark.parametrize("path", ["/", "/login", "/meetings/abc/sheet", "/i/token-1", "/index.html"])
async def test_every_address_of_the_client_is_its_one_page(rest: Service, dist: Path, path: str) -> None:
    answer = await rest.by().send("GET", path)
    if path == "/index.html":
        assert answer.status == 404  # one page, one address
        return
    assert (answer.status, answer.content_type, answer.headers["Cache-Control"]) == (200, "text/html", "no-cache")
    assert "the page" in await answer.text()


@pytest.mark.parametrize(
    ("path", "kind", "caching"),
    [
        ("/assets/index-4f3a.js", "javascript", "public, max-age=31536000, immutable"),
        ("/mark.svg", "svg+xml", "public, max-age=3600"),
    ],
)
async def test_files_with_a_digest_in_their_name_are_kept_for_ever(rest: Service, dist: Path, path: str, kind: str, caching: str) -> None:
    answer = await rest.by().send("GET", path)
    assert (answer.status, answer.content_type.split("/")[1], answer.headers["Cache-Control"]) == (200, kind, caching)


@pytest.mark.parametrize(
    "path",
    ["/assets/gone-1.js", "/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/%00", "/api/nothing", "/socket.io"],
)
async def test_what_is_not_there_is_no_page(rest: Service, dist: Path, path: str) -> None:
    answer = await rest.by().send("GET", path)
    assert "never" not in await answer.text()
    assert answer.status in (404, 400) or "the page" in await answer.text()
    assert answer.status == 404 or path == "/%00"


async def test_without_a_build_the_page_says_what_to_do(rest: Service) -> None:
    answer = await rest.by().send("GET", "/meetings")
    assert answer.status == 503
    assert "make start" in await answer.text()
    assert "网页客户端尚未构建" in await answer.text()


@pytest.mark.parametrize("path", ["/", "/mark.svg", "/api/settings", "/api/home", "/api/nothing", "/healthz"])
async def test_every_answer_carries_the_headers(rest: Service, dist: Path, path: str) -> None:
    headers = (await rest.by().send("GET", path)).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    host = rest.base.removeprefix("http://")
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["connect-src"] == f"'self' ws://{host} wss://{host}"
    assert policy["media-src"] == "'self' blob: data:"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Permissions-Policy"].startswith("camera=(self), microphone=(self), display-capture=(self)")


async def test_with_several_nodes_pages_may_connect_to_the_others(prepared: Prepared, tmp_path: Path) -> None:
    async with service(prepared, tmp_path, public_url="https://a.example.org", node_urls="https://b.example.org") as running:
        headers = (await running.by().send("GET", "/api/settings")).headers
        assert "https://b.example.org wss://a.example.org" not in headers["Content-Security-Policy"]
        assert " https://b.example.org " in headers["Content-Security-Policy"]
        assert " wss://b.example.org" in headers["Content-Security-Policy"]
        from_b = {"Origin": "https://b.example.org"}
        body = {"username": "member2", "password": "branchline-demo"}
        assert (await running.by().send("POST", "/api/session", body, headers=from_b)).status == 200


async def test_health_and_readiness(rest: Service) -> None:
    assert await rest.by().ask("GET", "/healthz") == {"ok": True}
    assert await rest.by().ask("GET", "/readyz") == {"ok": True, "store": True}


def test_a_server_whose_media_worker_is_gone_is_not_ready() -> None:
    assert readiness(store=True, parts={"media": True}) == (200, {"ok": True, "store": True, "media": True})
    assert readiness(store=True, parts={"media": False}) == (503, {"ok": False, "store": True, "media": False})
    assert readiness(store=False, parts={}) == (503, {"ok": False, "store": False})


async def test_metrics_count_by_route_and_never_by_name(rest: Service) -> None:
    await rest.by("plain").send("GET", f"/api/meetings/{rest.ids['meetingId']}")
    text = await (await rest.by().send("GET", "/metrics")).text()
    assert 'branchline_http_requests_total{method="GET",route="/api/meetings/{meetingId}",status="200"} 1.0' in text
    assert rest.ids["meetingId"] not in text


async def test_metrics_tell_of_each_media_worker_and_of_what_it_threw_away() -> None:
    answers: list[dict[str, Any] | None] = [
        {
            "packetsIn": 9,
            "workers": [
                {
                    "number": 0,
                    "packetsIn": 7,
                    "routers": 1,
                    "drops": {"unknown_first_byte": 3},
                    "repairs": {"rtxSent": 4},
                    "late": {"0.02": 1},
                    "layers": {"-1": 1, "2": 5},
                    "estimates": {"300000": 2},
                },
                {"number": 1, "packetsIn": 2},
            ],
        },
        None,
    ]

    async def stats() -> dict[str, Any] | None:
        return answers.pop(0)

    figures = Metrics()
    figures.watch(dict, dict, dict, stats)
    told = (await figures.text()).decode().splitlines()
    assert [line for line in told if line.startswith("branchline_media")] == [
        'branchline_media_packets_in_total{worker="0"} 7.0',
        'branchline_media_packets_in_total{worker="1"} 2.0',
        'branchline_media_routers{worker="0"} 1.0',
        'branchline_media_dropped_total{reason="unknown_first_byte",worker="0"} 3.0',
        'branchline_media_repairs_total{what="rtxSent",worker="0"} 4.0',
        'branchline_media_ticks_late_total{seconds="0.02",worker="0"} 1.0',
        'branchline_media_pictures{layer="-1",worker="0"} 1.0',
        'branchline_media_pictures{layer="2",worker="0"} 5.0',
        'branchline_media_estimates{upto="300000",worker="0"} 2.0',
    ]
    assert b"\nbranchline_media" not in await figures.text()  # the workers are away: nothing stale is told


async def test_metrics_tell_how_late_the_process_wakes_and_how_well_peers_are_connected() -> None:
    async def stats() -> None:
        return None

    figures = Metrics()
    figures.watch(
        dict, dict, dict, stats, lambda: {"peers_by_quality": (("direction", "score"), {("uplink", "5"): 3, ("downlink", "1"): 1})}
    )
    figures.late(0.03)
    told = (await figures.text()).decode().splitlines()
    assert {
        'branchline_peers_by_quality{direction="uplink",score="5"} 3.0',
        'branchline_peers_by_quality{direction="downlink",score="1"} 1.0',
        'branchline_loop_late_seconds_bucket{le="0.02"} 0.0',
        'branchline_loop_late_seconds_bucket{le="0.05"} 1.0',
    } <= set(told)
