"""The way into the Party before admission: applicant, active applicant, candidate for admission – and which status goes with which stage.

Whoever is on that way is no member: not on the roll, never expected, counted or asked for dues, without a vote. That is kept true by one
status of their own, `APPLYING`, which stands in none of the sets that rolls, lists and figures are made of. Admission ends it.

To a meeting they may be invited as non-voting attendees. The record of it is theirs to keep, and is no organisational life of a member:
neither while they are on the way nor afterwards, when the person is a member and the meeting lies before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..mobility import OrgRelation
from ..model import BEFORE_ADMISSION, ON_THE_ROLL, Member, MemberStatus, day_of
from .declined import Declined, declined


def with_fitting_status(before: Member | None, after: Member) -> Member | Declined:
    """The record with the status its stage asks for, where that follows; Declined (stageNotPossible) where nothing does.

    Nobody who has been admitted becomes an applicant again, and probation or suspension are of members.
    """
    on_the_way = after.stage in BEFORE_ADMISSION
    was = before is not None and before.stage in BEFORE_ADMISSION
    if on_the_way and before is not None and not was:
        return declined("stageNotPossible", stage=after.stage.value)
    if on_the_way and after.status in ON_THE_ROLL - {MemberStatus.ACTIVE}:
        return declined("stageNotPossible", stage=after.stage.value)
    if on_the_way and after.status is MemberStatus.ACTIVE:
        return replace(after, status=MemberStatus.APPLYING)
    if not on_the_way and after.status is MemberStatus.APPLYING:
        return replace(after, status=MemberStatus.ACTIVE) if was else declined("stageNotPossible", stage=after.stage.value)
    return after


def a_member_at(member: Member, relations: Sequence[OrgRelation], instant: float) -> bool:
    """Whether the person was a member then: by the day of joining, or else by when the relation begins (`relations`: oldest first)."""
    if member.status is MemberStatus.APPLYING:
        return False
    if member.joined_on is not None:
        return member.joined_on <= day_of(instant)
    return not relations or relations[0].since <= instant
