"""Consent to being measured: given to a version of the notice, at a time, and possibly withdrawn; never erased."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..access import Actor
from ..model import Access, Consent
from ..ports import Store
from ..refusals import NotFound, NoticeVersionUnknown
from ..rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class GiveConsent:
    notice_version: str
    meeting_id: str | None = None


async def give_consent(store: Store, actor: Actor, command: GiveConsent, now: float, rulebook: Rulebook | None = None) -> Consent:
    """To the notice in force. Giving it again while it stands changes nothing."""
    if command.notice_version != (rulebook or Rulebook()).notice_version:
        raise NoticeVersionUnknown(version=command.notice_version)
    member_id = _member(actor)
    async with store.writing() as uow:
        standing = _standing(await uow.attendance.consents_of(member_id), command.notice_version)
        if standing:
            return standing
        consent = Consent(member_id, command.notice_version, now, command.meeting_id)
        await uow.attendance.save_consent(consent)
        await uow.access_log.append([_line("giveConsent", actor, now, command.notice_version)])
    return consent


async def withdraw_consent(store: Store, actor: Actor, now: float) -> list[Consent]:
    """Withdraws every consent that stands. What was measured before remains, as the notice says."""
    member_id = _member(actor)
    async with store.writing() as uow:
        standing = [one for one in await uow.attendance.consents_of(member_id) if one.withdrawn_at is None]
        withdrawn = [replace(one, withdrawn_at=now) for one in standing]
        for consent in withdrawn:
            await uow.attendance.save_consent(consent)
            await uow.access_log.append([_line("withdrawConsent", actor, now, consent.notice_version)])
    return withdrawn


async def standing_consent(store: Store, actor: Actor, rulebook: Rulebook | None = None) -> Consent | None:
    """The actor's consent to the notice in force."""
    async with store.reading() as uow:
        consents = await uow.attendance.consents_of(actor.member_id) if actor.member_id else []
    return _standing(consents, (rulebook or Rulebook()).notice_version)


def _standing(consents: list[Consent], version: str) -> Consent | None:
    return next((one for one in reversed(consents) if one.notice_version == version and one.withdrawn_at is None), None)


def _member(actor: Actor) -> str:
    if actor.member_id is None:
        raise NotFound(noun="member", id="")
    return actor.member_id


def _line(action: str, actor: Actor, now: float, version: str) -> Access:
    home = actor.paths.get(actor.member.home_branch_id, "") if actor.member else ""
    return Access(now, actor.account_id, action, f"member:{actor.member_id}", home, {"noticeVersion": version})
