"""A film is at the node that made it; whoever asks another one gets it there all the same, or a sentence when that node is away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.actions.recordings import COMPOSED
from server.http.relaying import RELAYED
from tests.support.rest import Prepared, Service, service

FILM = bytes(range(256)) * 4000  # a megabyte: several pieces


@asynccontextmanager
async def two_nodes(prepared: Prepared, tmp_path: Path, *, introduced: bool = True) -> AsyncIterator[tuple[Service, Service]]:
    """(the one that has the film, the one that is asked)"""
    for name in ("holder", "asked"):
        (tmp_path / name).mkdir()
    async with service(prepared, tmp_path / "holder") as holder:
        nodes = (f"{holder.base}/",) if introduced else ()
        async with service(prepared, tmp_path / "asked", beside=holder, node_urls=nodes) as asked:
            await moved(holder, holder.base)
            place = holder.house.settings.recordings / "take-1"
            place.mkdir(parents=True)
            (place / COMPOSED).write_bytes(FILM)
            yield holder, asked


async def moved(known: Service, node: str) -> None:
    async with known.house.store.writing() as uow:
        recording = await uow.recordings.get("take-1")
        assert recording is not None
        await uow.recordings.save(replace(recording, node=node))


async def test_the_film_comes_from_the_node_that_has_it_whole_and_in_pieces(prepared: Prepared, tmp_path: Path) -> None:
    async with two_nodes(prepared, tmp_path) as (_, asked):
        member = asked.by("plain")
        whole = await member.send("GET", "/api/recordings/take-1/film")
        assert (whole.status, whole.content_type, await whole.read()) == (200, "video/webm", FILM)
        assert whole.headers["Cache-Control"] == "no-store"
        piece = await member.send("GET", "/api/recordings/take-1/film", headers={"Range": "bytes=300000-300009"})
        assert (piece.status, await piece.read()) == (206, FILM[300_000:300_010])
        assert piece.headers["Content-Range"] == f"bytes 300000-300009/{len(FILM)}"
        assert (await member.send("GET", "/api/recordings/take-1/film", headers={"Range": "bytes=9000000-"})).status == 416
        saved = await member.send("GET", "/api/recordings/take-1/film?save=true")
        assert saved.headers["Content-Disposition"].startswith("attachment")


async def test_who_may_not_watch_is_refused_by_the_node_that_is_asked(prepared: Prepared, tmp_path: Path) -> None:
    async with two_nodes(prepared, tmp_path) as (_, asked):
        assert await asked.by("auditor").refused("GET", "/api/recordings/take-1/film") == (403, "forbidden")
        assert await asked.by().refused("GET", "/api/recordings/take-1/film") == (401, "notLoggedIn")


async def test_a_node_that_is_away_is_said_to_be_away(prepared: Prepared, tmp_path: Path) -> None:
    async with two_nodes(prepared, tmp_path) as (holder, asked):
        await moved(holder, "http://127.0.0.1:9")
        member = asked.by("plain")
        assert await member.refused("GET", "/api/recordings/take-1/film") == (503, "nodeAway")


@pytest.mark.parametrize("introduced", [True, False])
async def test_a_session_is_shown_to_nodes_of_the_settings_only_and_never_passed_on_twice(
    prepared: Prepared, tmp_path: Path, introduced: bool
) -> None:
    async with two_nodes(prepared, tmp_path, introduced=introduced) as (_, asked):
        headers = {RELAYED: "1"} if introduced else {}
        assert await asked.by("plain").refused("GET", "/api/recordings/take-1/film", headers=headers) == (503, "nodeAway")
