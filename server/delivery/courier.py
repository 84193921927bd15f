"""The one loop that delivers: of all processes of an installation the one that holds the lease in the database.

Every few seconds it decides the ways out of new notifications, takes what is due and sends it. Trouble with one recipient keeps nobody else
waiting: mails go over one connection one by one, webhooks each by itself, and both at the same time.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import structlog

from ledger.actions.delivering import Outcome, Tried, anything_due, lead, put_back, settle, step_down, take
from ledger.actions.routing import route
from ledger.actions.webhooks import sealed_for
from ledger.delivery import PING, Channel, Delivery
from ledger.mails import compose
from ledger.refusals import KeyMissing, SealBroken, StoreUnavailable
from server.delivery.mailer import Line, Mailer, ServerAway
from server.delivery.poster import Poster
from server.house import House

BATCH = 50
AT_ONCE = 8  # webhooks
log = structlog.get_logger(__name__)
#: Something done once a day by whoever holds the lease: (name, work). Work may be done twice without harm.
Chore = tuple[str, Callable[[float], Awaitable[object]]]
CHORE_SECONDS = 3600.0  # looked at every hour, so that a day begins for everybody within its first one


class Courier:
    def __init__(self, house: House, mailer: Mailer | None = None, poster: Poster | None = None, chores: Sequence[Chore] = ()) -> None:
        settings = house.settings
        self._house = house
        self._mailer = mailer or (Mailer(settings) if settings.smtp_host else None)
        self._poster = poster or Poster(settings.webhooks_private)
        self._chores = chores
        self._holder = secrets.token_hex(8)
        self._task: asyncio.Task[None] | None = None
        self._next_chores = 0.0
        self.sent = self.failures = 0

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="courier")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            with suppress(StoreUnavailable):
                await step_down(self._house.store, self._holder)
        await self._poster.close()

    async def _run(self) -> None:
        while True:
            try:
                busy = await self.turn()
            except StoreUnavailable as away:
                log.warning("store_unavailable", error=repr(away.__cause__))
                busy = False
            except Exception:
                log.exception("courier_turn_failed")  # a bug in one turn must not end all mail
                busy = False
            if not busy:
                await asyncio.sleep(self._house.settings.courier_seconds)

    async def turn(self) -> bool:
        """One look. True if there may be more to do at once."""
        house, now = self._house, self._house.now()
        chores_due = now >= self._next_chores
        if not (chores_due or await anything_due(house.store, now)) or not await lead(house.store, self._holder, now):
            return False
        if chores_due:
            await self._do_chores(now)
        routed = await route(house.store, now, mail=self._mailer is not None, base_url=house.settings.address)
        taken = await take(house.store, now, BATCH)
        mails = [one for one in taken if one.channel is Channel.EMAIL]
        await asyncio.gather(self._mail(mails), self._post_all([one for one in taken if one.channel is Channel.WEBHOOK]))
        return bool(routed or taken)

    async def _do_chores(self, now: float) -> None:
        self._next_chores = now + CHORE_SECONDS
        for name, work in self._chores:
            try:
                await work(now)
            except StoreUnavailable:
                raise
            except Exception:
                log.exception("chore_failed", chore=name)

    async def _mail(self, taken: list[Delivery]) -> None:
        if not taken:
            return None
        if self._mailer is None:
            return await self._give_up_line(taken, "no mail server set")
        waiting = list(taken)
        try:
            async with self._mailer.connected() as line:
                while waiting:
                    await self._settle(await self._one_mail(line, waiting[0]))
                    waiting.pop(0)
        except ServerAway as away:
            await self._give_up_line(waiting, str(away))

    async def _one_mail(self, line: Line, one: Delivery) -> Tried:
        mail = await compose(self._house.store, one, self._house.settings.address)
        return Tried(one, Outcome.NOTHING, "nothing left to say") if mail is None else await line.send(one, mail)

    async def _give_up_line(self, waiting: list[Delivery], reason: str) -> None:
        self.failures += 1
        log.warning("mail_server_away", reason=reason, waiting=len(waiting))
        await put_back(self._house.store, waiting, self._house.now(), reason)

    async def _post_all(self, taken: list[Delivery]) -> None:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(delivery: Delivery) -> None:
            async with room:
                await self._settle(await self._post(delivery))

        await asyncio.gather(*(one(delivery) for delivery in taken))

    async def _post(self, delivery: Delivery) -> Tried:
        house = self._house
        async with house.store.reading() as uow:
            endpoint = await uow.webhooks.get(delivery.recipient)
        if endpoint is None or (endpoint.disabled_at is not None and delivery.subject != PING):
            return Tried(delivery, Outcome.NOTHING, "endpoint gone" if endpoint is None else "endpoint disabled")
        try:
            secret = house.sealer.open(endpoint.sealed_secret, sealed_for(endpoint.endpoint_id))
        except (KeyMissing, SealBroken) as unreadable:
            return Tried(delivery, Outcome.AGAIN, unreadable.code)
        return await self._poster.post(delivery, endpoint.url, secret, house.now())

    async def _settle(self, tried: Tried) -> None:
        await settle(self._house.store, tried, self._house.now())
        self.sent += tried.outcome is Outcome.SENT
        self.failures += tried.outcome in (Outcome.AGAIN, Outcome.NEVER)
