"""Keeping the stretches of the formal relation in step with the roll: a member comes, is moved within the organisation, or leaves it.

A transfer between committees moves the relation itself (`rules.relations.settle`); here is what an entry or a correction of the roll does.
An open registration goes along: its home is where the relation is. What a registration brings with it – where the member floats, the
certificate, the liaison – is kept in step here as well, by `place_member` and `close_out`, whoever moves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..dualmanagement import RegistrationLine
from ..mobility import FloatingRegistration, OrgRelation, RegistrationState, SeparateConsent, Side
from ..model import ON_THE_ROLL, Member, day_of
from ..ports import UnitOfWork
from ..rules.floating import consented
from .filing import Act, record_member


async def begin_relations(uow: UnitOfWork, members: Sequence[Member], now: float) -> None:
    """Of members new on the roll."""
    await uow.relations.begin([OrgRelation(one.member_id, one.home_branch_id, now) for one in members if one.status in ON_THE_ROLL])


async def follow_roll(uow: UnitOfWork, act: Act, before: Member, after: Member) -> None:
    """After a change of home or status. Nothing is done where neither has changed."""
    now = act.now
    was, stays = before.status in ON_THE_ROLL, after.status in ON_THE_ROLL
    moved = before.home_branch_id != after.home_branch_id
    if (was, moved) == (stays, False) or not (was or stays):
        return
    relations = await uow.relations.of_member(after.member_id)
    kept = [replace(one, until=now) if one.until is None else one for one in relations]
    if stays:
        kept.append(OrgRelation(after.member_id, after.home_branch_id, now))
    await uow.relations.put(after.member_id, [one for one in kept if one.until is None or one.until > one.since])
    registration = (await uow.registrations.open_of([after.member_id])).get(after.member_id)
    if registration is not None:
        await _follow(uow, act, registration, after)


async def _follow(uow: UnitOfWork, act: Act, before: FloatingRegistration, member: Member) -> None:
    now, author = act.now, act.actor.account_id
    after = replace(before, home_branch_id=member.home_branch_id, revision=before.revision + 1)
    if member.status not in ON_THE_ROLL:
        after = replace(after, home_branch_id=before.home_branch_id, state=RegistrationState.MEMBERSHIP_ENDED, closed_at=now)
    elif member.home_branch_id == before.host_branch_id:
        after = replace(after, home_branch_id=before.home_branch_id, state=RegistrationState.TRANSFERRED, closed_at=now)
    await uow.registrations.save(after, before.revision)
    await place_member(uow, act, after, await uow.sharing_consents.of_members([member.member_id]))
    if not after.is_open:
        await close_out(uow, after, now)
    line = RegistrationLine(
        before.registration_id, now, "FollowRoll", Side.HOME_COMMITTEE, author, before.state, after.state, subject=member.home_branch_id
    )
    await uow.registrations.log([line])


async def place_member(uow: UnitOfWork, act: Act, registration: FloatingRegistration, consents: Sequence[SeparateConsent]) -> None:
    """The member floats where the registration says, and nowhere without consent: lists, sheets and access all go by the member's host.

    What changes by it stands in the history of the file, with who and when.
    """
    member = await uow.members.get(registration.member_id)
    there = registration.state is RegistrationState.REPORTED_IN and consented(
        consents, registration.member_id, registration.host_org_id, act.now
    )
    host = registration.host_branch_id if there else None
    if member is not None and member.host_branch_id != host:
        after = replace(member, host_branch_id=host, revision=member.revision + 1)
        await uow.members.save([after])
        await record_member(uow, act, member, after)


async def close_out(uow: UnitOfWork, registration: FloatingRegistration, now: float) -> None:
    """What ends with a registration: the certificate is taken back, the liaison's office and an open search are over."""
    today = day_of(now)
    for certificate in await uow.certificates.of_members([registration.member_id]):
        if certificate.registration_id == registration.registration_id and certificate.revoked_on is None:
            await uow.certificates.save(replace(certificate, revoked_on=today, revoke_reason=registration.state.value))
    for liaison in await uow.contacts.liaisons([registration.registration_id]):
        if liaison.until is None:
            await uow.contacts.save_liaison(replace(liaison, until=today))
    for case in await uow.contacts.cases(registration.member_id):
        if case.closed_on is None and registration.state is not RegistrationState.TRANSFERRED:
            await uow.contacts.save_case(replace(case, closed_on=today))
