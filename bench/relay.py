"""A bad network for real browsers: a UDP relay in a process of its own, between them and the media port.

`python -m bench.relay LISTEN_IP TARGET_IP PORT SEED`. Loss is random with a seed, delay constant, a rate limit has a queue of 0.3 s that
drops at its tail, as home routers have. Lines of JSON on stdin change it at any time: {"loss", "delay", "up", "down"} (share, seconds,
bit/s; for everybody; "lossUp" and "lossDown" for one way only), {"rebind": true} gives every client a new address towards the server, as
a phone has when it changes its network. Every line is answered with {"flows", "forwarded", "lost", "overflowed"}.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from typing import Any, Final, cast

Address = tuple[str, int]
QUEUE_SECONDS: Final = 0.3


class Way:
    """One direction of one client."""

    def __init__(self) -> None:
        self.free_at = 0.0  # when the narrow place has sent what waits


class Outward(asyncio.DatagramProtocol):
    """The relay's socket towards the server, for one client."""

    def __init__(self, relay: Relay, client: Address) -> None:
        self._relay = relay
        self._client = client
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: Any) -> None:
        self._relay.pass_on(data, "down", self._client, lambda: self._relay.to_client(data, self._client))


class Relay(asyncio.DatagramProtocol):
    def __init__(self, target: Address, seed: int) -> None:
        self._target = target
        self._chance = random.Random(seed)
        self._loop = asyncio.get_running_loop()
        self._outward: dict[Address, Outward] = {}
        self._opening: dict[Address, list[bytes]] = {}
        self._ways: dict[tuple[str, Address], Way] = {}
        self._inward: asyncio.DatagramTransport | None = None
        self.delay = 0.0
        self.loss = {"up": 0.0, "down": 0.0}
        self.rates = {"up": 0.0, "down": 0.0}
        self.counted: Counter[str] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inward = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: Any) -> None:
        outward = self._outward.get(address)
        if outward is None:
            waiting = self._opening.setdefault(address, [])
            waiting.append(data)
            if len(waiting) == 1:
                self._loop.create_task(self._open(address))
            return
        self.pass_on(data, "up", address, lambda: self._to_server(data, address))

    async def _open(self, client: Address) -> None:
        _, outward = await self._loop.create_datagram_endpoint(lambda: Outward(self, client), remote_addr=self._target)
        self._outward[client] = outward
        for data in self._opening.pop(client, []):
            self.datagram_received(data, client)

    def pass_on(self, data: bytes, direction: str, client: Address, deliver: Any) -> None:
        if self._chance.random() < self.loss[direction]:
            self.counted["lost"] += 1
            return
        wait = self.delay
        rate = self.rates[direction]
        if rate:
            way = self._ways.setdefault((direction, client), Way())
            now = self._loop.time()
            if way.free_at - now > QUEUE_SECONDS:
                self.counted["overflowed"] += 1
                return
            way.free_at = max(now, way.free_at) + len(data) * 8 / rate
            wait += way.free_at - now
        self.counted["forwarded"] += 1
        if wait:
            self._loop.call_later(wait, deliver)
        else:
            deliver()

    def _to_server(self, data: bytes, client: Address) -> None:
        outward = self._outward.get(client)
        if outward is not None and outward.transport is not None:
            outward.transport.sendto(data)

    def to_client(self, data: bytes, client: Address) -> None:
        if self._inward is not None:
            self._inward.sendto(data, client)

    def command(self, wanted: dict[str, Any]) -> dict[str, int]:
        self.delay = wanted.get("delay", self.delay)
        if "loss" in wanted:
            self.loss = {"up": wanted["loss"], "down": wanted["loss"]}
        self.loss |= {way: wanted[name] for way, name in (("up", "lossUp"), ("down", "lossDown")) if name in wanted}
        self.rates |= {way: wanted[way] for way in ("up", "down") if way in wanted}
        if wanted.get("rebind"):
            for outward in self._outward.values():
                if outward.transport is not None:
                    outward.transport.close()
            self._outward.clear()
        return {"flows": len(self._outward), **{name: self.counted[name] for name in ("forwarded", "lost", "overflowed")}}


async def main(arguments: list[str]) -> None:
    listen_ip, target_ip, port, seed = arguments[0], arguments[1], int(arguments[2]), int(arguments[3])
    loop = asyncio.get_running_loop()
    transport, relay = await loop.create_datagram_endpoint(lambda: Relay((target_ip, port), seed), local_addr=(listen_ip, port))
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    print(json.dumps({"port": port}), flush=True)
    while line := await reader.readline():
        print(json.dumps(relay.command(json.loads(line))), flush=True)
    transport.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
