"""TURN log-ins that end by themselves, and a real coturn that believes them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aioice import turn

from server.live.turn import LOG_IN_SECONDS, turn_log_in
from server.settings import Settings
from server.visitors import ice_servers
from tests.support.relay import relay

SECRET = "a secret both servers know"


def test_a_log_in_is_when_it_ends_whose_it_is_and_their_hmac() -> None:
    username, credential = turn_log_in("north", "room1", 1_700_000_000.9 - LOG_IN_SECONDS)
    assert username == "1700000000:room1"
    # printf '1700000000:room1' | openssl dgst -sha1 -hmac north -binary | base64
    assert credential == "7nKd1NHxwPRuWRlp0XROmbLZZ+k="


def test_browsers_get_a_new_log_in_each_time_where_a_secret_is_set() -> None:
    settings = Settings(ice_servers=("turn:turn.example.org:3478", "stun:turn.example.org:3478"), turn_secret=SECRET, turn_user="unused")
    first, second = ice_servers(settings), ice_servers(settings)
    assert first[1] == {"urls": ["stun:turn.example.org:3478"]}
    assert first[0]["username"] != second[0]["username"]
    until, _, name = first[0]["username"].partition(":")
    assert abs(int(until) - time.time() - LOG_IN_SECONDS) < 5
    assert (first[0]["username"], first[0]["credential"]) == turn_log_in(SECRET, name, int(until) - LOG_IN_SECONDS)


def test_without_a_secret_the_lasting_log_in_is_told() -> None:
    settings = Settings(ice_servers=("turn:turn.example.org",), turn_user="u", turn_password="p")
    assert ice_servers(settings) == [{"urls": ["turn:turn.example.org"], "username": "u", "credential": "p"}]


@pytest.fixture
async def coturn(tmp_path: Path) -> AsyncIterator[int]:
    async with relay(tmp_path, SECRET) as port:
        yield port


class Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.packets: asyncio.Queue[tuple[bytes, tuple[str, int]]] = asyncio.Queue()

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.packets.put_nowait((data, address))


async def test_coturn_relays_for_a_good_log_in_and_refuses_others(coturn: int) -> None:
    loop = asyncio.get_running_loop()
    far, box = await loop.create_datagram_endpoint(Inbox, local_addr=("127.0.0.1", 0))
    for username, credential in (
        turn_log_in("another secret", "x", time.time()),
        turn_log_in(SECRET, "x", time.time() - 2 * LOG_IN_SECONDS),
    ):
        with pytest.raises(Exception, match="401"):
            await turn.create_turn_endpoint(Inbox, server_addr=("127.0.0.1", coturn), username=username, password=credential)
    username, credential = turn_log_in(SECRET, "x", time.time())
    near, back = await turn.create_turn_endpoint(Inbox, server_addr=("127.0.0.1", coturn), username=username, password=credential)
    try:
        near.sendto(b"through the relay", far.get_extra_info("sockname"))
        data, relay = await asyncio.wait_for(box.packets.get(), 3)
        assert (data, relay) == (b"through the relay", near.get_extra_info("sockname"))
        far.sendto(b"and back", relay)
        assert (await asyncio.wait_for(back.packets.get(), 3))[0] == b"and back"
    finally:
        near.close()
        far.close()
        await asyncio.sleep(0.2)  # the allocation is given back
