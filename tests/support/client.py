"""A member's client without a browser: Socket.IO for the room, pymediasoup on aiortc for the media. Independent of the web client.

It keeps the room as it was told (snapshot and events), receives every microphone and camera of the others by itself, and has one verb for
everything a story needs. What the server refuses raises `Refused` with the stable code.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import socketio

from tests.support.media_client import MediaClient
from tests.support.room_view import RoomView
from tests.support.tracks import Ear, Picture, Voice

Json = dict[str, Any]
_message_ids = itertools.count(1)


class Refused(Exception):
    def __init__(self, refusal: Json) -> None:
        super().__init__(f"{refusal['code']}: {refusal.get('message')}")
        self.code = str(refusal["code"])


class MeetingClient:
    """`cookies` are those of a logged-in person. `joined_at` and `left_at` are this client's own epoch readings: the truth of a test."""

    def __init__(self, base: str, cookies: dict[str, str], *, device_id: str = "python", device: str = "desktop") -> None:
        self.base = base
        self.device_id, self.device = device_id, device
        self.told: list[tuple[str, Json]] = []
        self.room = RoomView.unknown()
        self.left_reason: str | None = None
        self.joined_at = self.left_at = 0.0
        self.media: MediaClient | None = None
        self.voice: Voice | None = None
        self.published: dict[str, str] = {}  # source → producer id
        self._cookies = cookies
        self._meeting: Json = {}
        self._answer: Json = {}
        self._sio = socketio.AsyncClient(reconnection=False)
        self._receiving: set[asyncio.Task[None]] = set()

    # --- the room --------------------------------------------------------------------------------------------------------------------

    async def join(self, meeting_id: str, notice_version: str) -> str:
        """→ "joined" or "waiting"; whoever waits goes on with `enter` when let in."""
        self._meeting = {
            "meetingId": meeting_id,
            "noticeVersion": notice_version,
            "deviceId": self.device_id,
            "device": self.device,
        }
        await self._connect()
        self._answer = await self.ask("join", **self._meeting)
        self._renew(self._answer["snapshot"])
        if self._answer["state"] == "joined":
            self.joined_at = time.time()
        return str(self._answer["state"])

    async def enter(self, voice: Path | None = None, *, camera: bool = True) -> None:
        """Wait until inside, then publish and receive."""
        await self.until(lambda: self.room.is_inside)
        self.joined_at = self.joined_at or time.time()
        self.media = MediaClient(lambda name, body: self.ask(name, **body))
        await self.media.load(self._answer["routerRtpCapabilities"])
        self.voice = Voice(voice)
        self.published["microphone"] = await self.media.publish(self.voice, "microphone")
        if camera:
            self.published["camera"] = await self.media.publish(Picture(), "camera")
        self._receive_new()

    async def leave(self) -> None:
        await self.ask("leave")
        self.left_at = time.time()
        await self.close()

    async def drop(self) -> None:
        """The network is gone from one moment to the next: no farewell on the socket, no DTLS close."""
        await self._sio.eio.disconnect(abort=True)
        await self._stop_media()

    async def come_back(self, voice: Path | None = None) -> bool:
        """→ whether the server went on with the same peer."""
        self._sio = socketio.AsyncClient(reconnection=False)
        self.told.clear()
        await self._connect()
        self._answer = await self.ask("join", **self._meeting, resume=self._answer["resume"])
        self._renew(self._answer["snapshot"])
        await self.enter(voice)
        return bool(self._answer["resumed"])

    async def media_again(self, voice: Path | None = None) -> None:
        """The server's media worker died: wait until there is one again, and build everything anew."""
        await self.until(lambda: any(name == "mediaRestarted" for name, _ in self.told), 20)
        await self._stop_media()
        self._answer |= next(body for name, body in reversed(self.told) if name == "mediaRestarted")
        await self.enter(voice)

    async def receiving_again(self) -> None:
        """The worker through which this client received died: wait to be told, and receive through another one. What it sends goes on."""
        await self.until(lambda: any(name == "mediaRestarted" and body["direction"] == "recv" for name, body in self.told), 20)
        assert self.media is not None
        await self.media.receive_anew()
        self._receive_new()

    async def close(self) -> None:
        await self._stop_media()
        await self._sio.disconnect()

    async def ask(self, name: str, **body: Any) -> Json:
        answer: Json = await self._sio.call(name, body, timeout=10)
        if not answer["ok"]:
            raise Refused(answer["refusal"])
        data: Json = answer["data"]
        return data

    async def mute(self, muted: bool = True) -> None:
        """As the web client: silence at the source and a pause at the server."""
        assert self.voice is not None
        self.voice.enabled = not muted
        await self.ask("pauseProducer" if muted else "resumeProducer", producerId=self.published["microphone"])

    async def say(self, text: str) -> None:
        await self.ask("say", text=text, clientId=f"c{next(_message_ids)}")

    @property
    def voice_began_at(self) -> float:
        """Epoch seconds at which the voice's file began."""
        assert self.voice is not None
        assert self.voice.began is not None
        return time.time() - (time.monotonic() - self.voice.began)

    # --- what is known of it ---------------------------------------------------------------------------------------------------------

    def ears_for(self, name: str) -> dict[str, Ear]:
        """What is received from a member: source → ear (of the newest producer of that source)."""
        ears = self.media.ears if self.media is not None else {}
        return {
            producer["source"]: ears[producer["producerId"]] for producer in self.room.producers(name) if producer["producerId"] in ears
        }

    def mic_is_paused(self, name: str) -> bool:
        return any(producer["paused"] for producer in self.room.producers(name) if producer["source"] == "microphone")

    async def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        for _ in range(int(seconds / 0.05)):
            if true():
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"not within {seconds} s; told last: {self.told[-5:]}")

    # --- inside ----------------------------------------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        self._sio.on("*", self._hear)
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        await self._sio.connect(self.base, headers={"Cookie": cookie, "Origin": self.base}, transports=["websocket"])

    async def _hear(self, name: str, body: Json) -> None:
        self.told.append((name, body))
        if name == "snapshot":
            self._renew(body)
        elif name == "left":
            self.left_reason, self.left_at = str(body["reason"]), time.time()
        elif name == "events":
            for event in body["events"]:
                self.room.take(event)
        self._receive_new()

    def _renew(self, snapshot: Json) -> None:
        """Events may overtake the acknowledgement that carries the snapshot they follow: those are taken now."""
        self.room = RoomView(snapshot)
        for event in [event for name, body in self.told if name == "events" for event in body["events"]]:
            self.room.take(event)

    def _receive_new(self) -> None:
        """Pull every producer of the others that is not received yet; forget those that are gone."""
        if self.media is None or self.room.own_member is None:
            return
        others = {producer["producerId"] for producer in self.room.producers() if producer["memberId"] != self.room.own_member}
        for producer_id in others - self._wanted:
            self._wanted.add(producer_id)
            self._later(self._receive(producer_id))
        for producer_id in self._wanted - others:
            self._wanted.discard(producer_id)
            self._later(self.media.forget(producer_id))

    async def _receive(self, producer_id: str) -> None:
        assert self.media is not None
        try:
            await self.media.receive(producer_id)
        except Refused as refused:
            if refused.code != "mediaRefused":  # it closed between the news and the request
                raise

    @property
    def _wanted(self) -> set[str]:
        assert self.media is not None
        return self.media.wanted

    def _later(self, job: Any) -> None:
        task = asyncio.create_task(job)
        self._receiving.add(task)
        task.add_done_callback(self._receiving.discard)

    async def _stop_media(self) -> None:
        media, self.media = self.media, None
        for task in list(self._receiving):
            task.cancel()
        await asyncio.gather(*self._receiving, return_exceptions=True)
        if media is not None:
            await media.close()
        self.published.clear()
