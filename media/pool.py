"""Several workers behind the one door: rooms are placed by load, every id finds its worker, a worker's death concerns its own rooms only,
and the receivers of a room that has outgrown its worker are taken in by another one, through a pipe.

It decides where things live and what a death is told as. Facts of a dead worker end at once (`workerDied` with its rooms); that rooms
may be built again (`workerReady` with the same rooms, `transportState` closed for receivers of rooms that live elsewhere) is told when the
worker has been replaced, or after MOVE_SECONDS when another one can take them. It must never know what a packet or a person is.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from media import journal
from media.channel import WorkerPlane
from media.pipes import OWN, Link
from media.placing import SPREAD_RECEIVERS, Load, place_receiver, place_room
from media.plane import Direction, Kind, PlaneError, Report
from media.tally import merged
from media.wanted import Wanted
from media.whereabouts import Place, Whereabouts

Json = dict[str, Any]

#: What a further worker of a room may report; who is heard and what flows is told by the room's home alone.
_OF_RECEIVERS: Final = ("transportState", "addressMoved", "consumerClosed", "consumerLayer", "quality")

#: How often workers are asked what they use. A worker that does not answer is treated as dead by its channel.
WATCH_SECONDS: Final = 2.0
#: A worker is replaced in well under a second. One that cannot be leaves its rooms to the others after so long.
MOVE_SECONDS: Final = 2.0


@dataclass(eq=False)
class Seat:
    """A worker's place in the pool; the processes in it come and go."""

    number: int
    plane: WorkerPlane
    up: bool = False
    died: bool = False  # once, since the pool began
    share: float = 0.0
    read: tuple[float, float] | None = None  # (instant, CPU seconds) of the last reading
    untold: list[Place] = field(default_factory=list)  # lost with the last process, not told to be possible again


class PoolPlane:
    """MediaPlane; `start` and `stop` around it. Made by `spawn` or `connect`."""

    def __init__(self, on_report: Report, planes: Sequence[WorkerPlane], clock: Callable[[], float] = time.monotonic) -> None:
        self.on_report: Report = on_report
        self.seats = [Seat(number, plane) for number, plane in enumerate(planes)]
        for seat in self.seats:
            seat.plane.on_report = self._listener(seat)
        self.spread = SPREAD_RECEIVERS
        self._clock = clock
        self._where = Whereabouts()
        self._links: dict[tuple[str, int], Link] = {}  # (router, further worker)
        self._wanted = Wanted()
        self._lost: set[str] = set()  # routers and receivers that died with their worker and may not be made again yet
        self._tasks: dict[asyncio.Task[None], str] = {}  # what goes on behind the answers, with the router it concerns
        self._watching: asyncio.Task[None] | None = None

    @classmethod
    def spawn(
        cls,
        on_report: Report,
        workers: int,
        *,
        listen_ip: str = "0.0.0.0",
        port: int = 40000,
        announce: Sequence[str] = (),
        log_level: str = "WARNING",
        log_format: str = "console",
        more: Sequence[str] = (),
    ) -> PoolPlane:
        """Workers of our own, on as many ports counted up from `port`; with 0 the kernel chooses each."""
        spawn = partial(
            WorkerPlane.spawn, on_report, listen_ip=listen_ip, announce=announce, log_level=log_level, log_format=log_format, more=more
        )
        return cls(on_report, [spawn(port=port and port + number) for number in range(workers)])

    @classmethod
    def connect(cls, on_report: Report, socket_paths: Sequence[str]) -> PoolPlane:
        """Workers that somebody else runs, one for each channel."""
        return cls(on_report, [WorkerPlane.connect(on_report, path) for path in socket_paths])

    @property
    def up(self) -> int:
        """How many workers may be used."""
        return sum(seat.up for seat in self.seats)

    async def start(self) -> None:
        """Returns when all may be used; raises PlaneError("worker_gone") when one cannot, because a port or a path is wrong then."""
        started = await asyncio.gather(*(seat.plane.start() for seat in self.seats), return_exceptions=True)
        failed = [outcome for outcome in started if isinstance(outcome, BaseException)]
        if failed:
            await self.stop()
            raise failed[0]
        self._watching = asyncio.create_task(self._watch(), name="media-pool")

    async def stop(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        for seat in self.seats:
            seat.untold.clear()  # nobody is left to be told
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(seat.plane.stop() for seat in self.seats))

    # --- load ------------------------------------------------------------------------------------------------------------------------

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            await asyncio.gather(*(self._read(seat) for seat in self.seats if seat.up))

    async def _read(self, seat: Seat) -> None:
        with suppress(PlaneError):
            used = float((await seat.plane.stats())["cpuSeconds"])
            now, before = self._clock(), seat.read
            seat.read = (now, used)
            if before is not None and used >= before[1] and now > before[0]:
                seat.share = (used - before[1]) / (now - before[0])

    def _loads(self) -> dict[int, Load]:
        receivers, rooms = [0] * len(self.seats), [0] * len(self.seats)
        for place in self._where.all("transport"):
            receivers[place.worker] += place.receives
        for place in self._where.all("router"):
            rooms[place.worker] += 1
        return {seat.number: Load(seat.share, receivers[seat.number], rooms[seat.number]) for seat in self.seats if seat.up}

    # --- the door --------------------------------------------------------------------------------------------------------------------

    async def open_router(self, router_id: str) -> Json:
        await self._settled(router_id)
        number = place_room(self._loads())
        if number is None:
            raise PlaneError("worker_gone", "no media worker")
        place = self._where.take(router_id, "router", number)
        answer = await self._taking(place, self._at(place).open_router(router_id))
        self._lost.discard(router_id)
        return answer

    async def create_transport(self, router_id: str, transport_id: str, direction: Direction, options: Json | None = None) -> Json:
        router = self._find(router_id, "router")
        receives = direction == "recv" and (options or {}).get("type", "webrtc") == "webrtc"
        number = self._place_receiver(router) if receives else router.worker
        place = self._where.take(transport_id, "transport", number, router, receives=receives)
        self._lost.discard(transport_id)

        async def create() -> Json:
            if number != router.worker:
                await self._settled(router_id)
                await self._link(router, number).enter()
            return await self._at(place).create_transport(router_id, transport_id, direction, options)

        return await self._taking(place, create())

    async def connect_transport(self, transport_id: str, dtls_parameters: Json) -> Json:
        return await self._at(self._find(transport_id, "transport")).connect_transport(transport_id, dtls_parameters)

    async def restart_ice(self, transport_id: str) -> Json:
        return await self._at(self._find(transport_id, "transport")).restart_ice(transport_id)

    async def produce(self, transport_id: str, producer_id: str, kind: Kind, rtp_parameters: Json, paused: bool = False) -> Json:
        transport = self._find(transport_id, "transport")
        place = self._where.take(producer_id, "producer", transport.worker, transport)
        answer = await self._taking(place, self._at(place).produce(transport_id, producer_id, kind, rtp_parameters, paused))
        self._wanted.produced(producer_id, place.worker, len(rtp_parameters["encodings"]) - 1)
        return answer

    async def consume(self, transport_id: str, consumer_id: str, producer_id: str, rtp_capabilities: Json, paused: bool = True) -> Json:
        transport = self._find(transport_id, "transport")
        source = self._find(producer_id, "producer")
        if source.router is not transport.router:
            raise PlaneError("unknown_id", "producer")
        place = self._where.take(consumer_id, "consumer", transport.worker, transport, source=producer_id)

        async def consume() -> Json:
            if source.worker != place.worker:
                self._tell_wanted(source.router.id, producer_id, self._wanted.begin(producer_id, place.worker))
                await self._link(source.router, place.worker).bring(producer_id)
            return await self._at(place).consume(transport_id, consumer_id, producer_id, rtp_capabilities, paused)

        return await self._taking(place, consume())

    async def update(self, id: str, changes: Json) -> Json:
        place = self._find(id)
        answer = await self._at(place).update(id, changes)
        if place.what == "producer":
            for link in self._links_of(place.router):
                with suppress(PlaneError):  # it goes with its worker
                    await link.update(id, changes)
        return answer

    async def close(self, id: str) -> Json:
        self._lost.discard(id)
        place = self._where.get(id)
        if place is None:
            return {}
        answer = await self._at(place).close(id)
        self._drop(place)  # not before: what it says while it closes is still told
        return answer

    async def stats(self, id: str | None = None) -> Json:
        """Of everything: the workers' sum, what the caller has placed, and each worker for itself under "workers"."""
        if id is not None:
            return await self._at(self._find(id)).stats(id)
        seats = [seat for seat in self.seats if seat.up]
        answers = await asyncio.gather(*(seat.plane.stats() for seat in seats), return_exceptions=True)
        each = [
            {"number": seat.number} | answer for seat, answer in zip(seats, answers, strict=True) if not isinstance(answer, BaseException)
        ]
        if not each:
            raise PlaneError("worker_gone", "no media worker")
        total = merged(each)
        del total["number"]
        return total | self._sizes() | {"workers": each}

    # --- inside ----------------------------------------------------------------------------------------------------------------------

    def _at(self, place: Place) -> WorkerPlane:
        return self.seats[place.worker].plane

    def _find(self, id: str, what: Any = None) -> Place:
        if id in self._lost:
            raise PlaneError("worker_gone", "its worker died")
        return self._where.find(id, what)

    async def _taking(self, place: Place, call: Awaitable[Json]) -> Json:
        """The table first, then the worker; what it refuses is forgotten."""
        try:
            return await call
        except BaseException:
            self._drop(place)
            raise

    def _drop(self, place: Place) -> None:
        """Out of the table, with all that hung on it; links without a purpose go."""
        for gone in self._where.drop(place):
            if gone.what == "router":
                for link in self._links_of(gone):
                    self._unlink(link)
                    self._soon(gone.id, link.leave())
            elif gone.what == "producer":
                self._wanted.forget(gone.id)
            if gone.what in ("producer", "consumer"):
                self._let_go(gone.router, gone.source or gone.id)
            elif gone.what == "transport":
                for link in self._links_of(gone.router):
                    if not self._receives(gone.router, link.number):
                        self._soon(gone.router.id, link.leave(partial(self._receives, gone.router, link.number)))

    def _let_go(self, router: Place, producer_id: str) -> None:
        """Copies of the producer that nobody consumes any more."""
        for link in self._links_of(router):
            if link.has(producer_id) and not self._feeds(producer_id, link.number):
                self._soon(router.id, link.forget(producer_id, partial(self._feeds, producer_id, link.number)))
                self._tell_wanted(router.id, producer_id, self._wanted.leave(producer_id, link.number))

    def _sizes(self) -> Json:
        return {f"{what}s": sum(1 for _ in self._where.all(what)) for what in ("router", "transport", "producer", "consumer")}

    def _soon(self, router_id: str, job: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(job)
        self._tasks[task] = router_id
        task.add_done_callback(self._tasks.pop)

    async def _settled(self, router_id: str) -> None:
        """What was left behind on a worker by the router of this name, or is just being cleared away there, is gone."""
        if going := [task for task, concerned in self._tasks.items() if concerned == router_id]:
            await asyncio.wait(going)

    # --- rooms on several workers ----------------------------------------------------------------------------------------------------

    def _place_receiver(self, router: Place) -> int:
        receivers = Counter(place.worker for place in router.below.values() if place.receives)
        members = [router.worker, *(link.number for link in self._links_of(router))]
        number = place_receiver(self._loads(), members, receivers, self.spread)
        return router.worker if number is None else number

    def _link(self, router: Place, number: int) -> Link:
        key = (router.id, number)
        if key not in self._links:
            self._links[key] = Link(router.id, number, self.seats[router.worker].plane, self.seats[number].plane)
        return self._links[key]

    def _links_of(self, router: Place) -> list[Link]:
        return [link for (router_id, _), link in self._links.items() if router_id == router.id]

    def _unlink(self, link: Link) -> None:
        self._links.pop((link.router_id, link.number), None)

    def _receives(self, router: Place, number: int) -> bool:
        return any(place.receives and place.worker == number for place in router.below.values())

    def _feeds(self, producer_id: str, number: int) -> bool:
        return any(place.worker == number for place in self._where.consumers_of(producer_id))

    # --- reports ---------------------------------------------------------------------------------------------------------------------

    def _listener(self, seat: Seat) -> Report:
        return lambda report: self._take(seat, report)

    def _take(self, seat: Seat, report: Json) -> None:
        event = report["event"]
        if event == "workerDied":
            self._died(seat, report["at"])
        elif event == "workerReady":
            seat.up, seat.share, seat.read = True, 0.0, None
            journal.tell(logging.INFO, "worker_restarted" if seat.died else "worker_started", worker=seat.number, up=self.up)
            self._back(seat)
        elif (router := self._where.get(report["routerId"])) is not None:
            self._pass_on(seat, router, report)

    def _pass_on(self, seat: Seat, router: Place, report: Json) -> None:
        """Of a room's home everything; of a further worker what concerns its receivers; of a pipe nothing but that it is torn."""
        event, id = report["event"], str(report.get("transportId") or report.get("id") or "")
        if id.startswith(OWN):
            if event == "transportState" and report["state"] == "disconnected" and seat.number == router.worker:
                for link in self._links_of(router):
                    if link.is_end(id):
                        self._soon(router.id, link.mend())
        elif event == "layersWanted":
            self._tell_wanted(router.id, report["producerId"], self._wanted.say(report["producerId"], seat.number, report["highest"]))
        elif seat.number == router.worker or event in _OF_RECEIVERS:
            self.on_report(report)
            place = self._where.get(id) if event in ("producerClosed", "consumerClosed") else None
            if place is not None and place.worker == seat.number:
                self._drop(place)

    def _tell_wanted(self, router_id: str, producer_id: str, highest: int | None) -> None:
        if highest is not None:
            self.on_report({"event": "layersWanted", "routerId": router_id, "producerId": producer_id, "highest": highest})

    def _died(self, seat: Seat, at: float) -> None:
        seat.up, seat.died = False, True
        gone = [place for place in self._where.all("router") if place.worker == seat.number]
        for link in list(self._links.values()):
            home = self._where.find(link.router_id).worker
            if seat.number in (home, link.number):
                self._unlink(link)
                self._soon(link.router_id, link.near_died() if seat.number == home else link.far_died())
        for place in gone:
            self._where.drop(place)
        receivers = [place for place in self._where.all("transport") if place.worker == seat.number]
        for place in receivers:
            self._where.drop(place)
        self._lost.update(place.id for place in gone + receivers)
        seat.untold += gone + receivers
        journal.tell(logging.ERROR, "worker_died", worker=seat.number, rooms=len(gone), receivers=len(receivers), up=self.up)
        self.on_report({"event": "workerDied", "at": at, "routerIds": [place.id for place in gone], "up": self.up})
        asyncio.get_running_loop().call_later(MOVE_SECONDS, self._move, seat)

    def _move(self, seat: Seat) -> None:
        """The worker has not come back: the others take what it had."""
        if seat.untold and self.up:
            journal.tell(logging.WARNING, "rooms_moved", worker=seat.number, rooms=sum(place.what == "router" for place in seat.untold))
            self._back(seat)
        elif seat.untold:
            asyncio.get_running_loop().call_later(MOVE_SECONDS, self._move, seat)

    def _back(self, seat: Seat) -> None:
        """There is a worker for what was lost."""
        untold = [place for place in seat.untold if place.id in self._lost]
        seat.untold.clear()
        now = self._clock()
        routers = [place.id for place in untold if place.what == "router"]
        self.on_report({"event": "workerReady", "at": now, "routerIds": routers, "up": self.up})
        for place in untold:
            router = place.above
            if router is not None:
                self._lost.discard(place.id)
            if router is not None and self._where.get(router.id) is router:
                lost = {"routerId": router.id, "transportId": place.id, "state": "closed", "at": now, "reason": "worker_died"}
                self.on_report({"event": "transportState"} | lost)
