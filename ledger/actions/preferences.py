"""How a member wants to be reached: the own choice, and nobody else's to see."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..access import Actor
from ..delivery import DeliveryPreferences, MailMode
from ..kinds import KINDS
from ..ports import Store
from ..refusals import Invalid, NotFound

DAY_MINUTES = 24 * 60


class MinuteOutOfRange(Invalid):
    """A minute of the day is one of 0 to 1439."""

    code = "minuteOutOfRange"


@dataclass(frozen=True, slots=True)
class ChoosePreferences:
    mail: MailMode
    digest_minute: int
    quiet_from: int
    quiet_until: int
    no_mail: Collection[str] = ()
    no_webhook: Collection[str] = ()


async def own_preferences(store: Store, actor: Actor) -> DeliveryPreferences:
    """Refusal: NotFound for an account without a member, who is told nothing."""
    member_id = _member_id(actor)
    async with store.reading() as uow:
        return (await uow.deliveries.preferences([member_id])).get(member_id, DeliveryPreferences(member_id))


async def choose(store: Store, actor: Actor, command: ChoosePreferences) -> DeliveryPreferences:
    """Kinds that are not known are left out."""
    if not all(0 <= minute < DAY_MINUTES for minute in (command.digest_minute, command.quiet_from, command.quiet_until)):
        raise MinuteOutOfRange
    chosen = DeliveryPreferences(
        _member_id(actor),
        command.mail,
        command.digest_minute,
        command.quiet_from,
        command.quiet_until,
        frozenset(command.no_mail) & KINDS.keys(),
        frozenset(command.no_webhook) & KINDS.keys(),
    )
    async with store.writing() as uow:
        await uow.deliveries.save_preferences(chosen)
    return chosen


def _member_id(actor: Actor) -> str:
    if actor.member_id is None:
        raise NotFound(noun="member", id="")
    return actor.member_id
