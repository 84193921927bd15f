"""Organisations, members, posts, and who is logged in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ledger.access import Action, Actor, reach_of
from ledger.actions.members import MemberLine
from ledger.actions.organisations import OrganisationLine, managed_tops
from ledger.model import Account, MemberStatus, OrgUnit, Post, Session
from ledger.ports import Reach
from server.http.views.moments import day_or_none, iso
from server.schemas import accounts as a
from server.schemas import organisations as o

#: What the navigation asks → what must be possible somewhere along the tree.
RIGHTS: Mapping[str, Action] = {
    "manageMeetings": Action.MANAGE_MEETING,
    "manageMembers": Action.EDIT_MEMBER,
    "manageOrganisations": Action.MANAGE_GROUP,
    "manageAccounts": Action.MANAGE_ACCOUNT,
    "importRoster": Action.ADD_MEMBER,
    "audit": Action.READ_AUDIT,
    "decideChanges": Action.DECIDE_CHANGE,
    "grantRoles": Action.GRANT_ROLE,
}


def me(actor: Actor, account: Account, units: list[OrgUnit], csrf_token: str) -> a.Me:
    """`account` as it stands now. Who holds a one-time password can do nothing yet, and has to get in to change it."""
    names = {unit.org_id: unit.name for unit in units}
    member = actor.member
    current = replace(actor, account=account)
    return a.Me.model_validate(
        {
            "account_id": account.account_id,
            "username": account.username,
            "member_id": account.member_id,
            "name": member.name if member else account.username,
            "locale": account.locale,
            "must_change_password": account.must_change_password,
            "grants": [{"role": one.role.value, "org_id": one.org_id, "org_name": names.get(one.org_id or "")} for one in actor.grants],
            "posts": [
                {
                    "post_id": one.post_id,
                    "kind": one.kind.value,
                    "org_id": one.org_id,
                    "org_name": names.get(one.org_id, ""),
                    "since": one.since.isoformat(),
                }
                for one in actor.posts
            ],
            "home_branch_id": member.home_branch_id if member else None,
            "home_branch_name": names.get(member.home_branch_id) if member else None,
            "applying": member is not None and member.status is MemberStatus.APPLYING,
            "host_branch_id": member.host_branch_id if member else None,
            "host_branch_name": names.get(member.host_branch_id or "") if member else None,
            "can": [] if account.must_change_password else _can(current),
            "managed_org_ids": [] if account.must_change_password else [unit.org_id for unit in managed_tops(current, units)],
            "csrf_token": csrf_token,
        }
    )


def _can(actor: Actor) -> list[str]:
    return [right for right, action in RIGHTS.items() if _anywhere(reach_of(actor, action))]


def _anywhere(reach: Reach) -> bool:
    return reach.everywhere or bool(reach.paths) or bool(reach.org_ids)


def session_line(session: Session, current: Session | None) -> a.SessionLine:
    return a.SessionLine(
        session_id=session.session_id,
        created_at=iso(session.created_at),
        last_seen_at=iso(session.last_seen_at),
        current=current is not None and session.token_hash == current.token_hash,
    )


def organisation(line: OrganisationLine) -> o.OrgView:
    unit = line.unit
    return o.OrgView(
        org_id=unit.org_id,
        parent_id=unit.parent_id,
        kind=unit.kind.value,
        name=unit.name,
        code=unit.code,
        depth=unit.path.count("/") - 2,
        points_enabled=unit.points_enabled,
        lobby_default=unit.lobby_default,
        recording_rule=unit.recording_rule.value,
        recording_days=unit.recording_days,
        present_share=unit.present_share,
        founded_on=day_or_none(unit.founded_on),
        ends_on=day_or_none(unit.ends_on),
        closed=unit.closed_at is not None,
        member_count=line.member_count,
        may_manage=line.may_manage,
    )


def post(held: Post, names: Mapping[str, str]) -> o.PostView:
    return o.PostView(
        post_id=held.post_id,
        kind=held.kind.value,
        org_id=held.org_id,
        org_name=names.get(held.org_id, ""),
        since=held.since.isoformat(),
        until=day_or_none(held.until),
    )


def member(line: MemberLine) -> o.MemberView:
    one = line.member
    names = {org_id: unit.name for org_id, unit in line.post_places.items()}
    return o.MemberView.model_validate(
        {
            "member_id": one.member_id,
            "number": one.number,
            "name": one.name,
            "sex": one.sex,
            "stage": one.stage.value,
            "status": one.status.value,
            "home_branch_id": one.home_branch_id,
            "home_branch_name": line.home.name,
            "host_branch_id": one.host_branch_id,
            "host_branch_name": line.host.name if line.host else None,
            "group_id": one.group_id,
            "group_name": line.group.name if line.group else None,
            "joined_on": day_or_none(one.joined_on),
            "phone": one.phone,
            "email": one.email,
            "exempt": one.exempt,
            "posts": [post(held, names) for held in line.posts],
            "username": line.account.username if line.account else None,
            "account_id": line.account.account_id if line.account else None,
            "revision": one.revision,
            "may_edit": line.may_edit,
            "may_see_work": line.may_see_work,
            "born_on": day_or_none(one.born_on),
            "ethnic_group": one.ethnic_group,
            "education": one.education.value if one.education else None,
        }
    )
