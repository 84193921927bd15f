"""A member's file, requests to change it and their like, as shapes."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.actions.changerequests import Waiting
from ledger.actions.files import FileView, History
from ledger.actions.memberlists import BulkResult
from ledger.idnumber import masked_id_number
from ledger.memberfile import ID_NUMBER, ChangeRequest, FileEntry, SavedList
from server.answers import explain
from server.http.attachments import line as attachment
from server.http.views import people
from server.http.views.moments import day_or_none, iso, iso_or_none
from server.schemas import files as s


def file(view: FileView) -> s.FileView:
    return s.FileView(
        member=people.member(view.line),
        fields=s.FileFields.model_validate(dict(view.fields)),
        id_number=view.id_number,
        entries=[entry(one) for one in view.entries],
        posts=[
            s.PostLine.model_validate(
                {
                    "post_id": post.post_id,
                    "kind": post.kind.value,
                    "org_name": view.units[post.org_id].name if post.org_id in view.units else "",
                    "since": post.since.isoformat(),
                    "until": day_or_none(post.until),
                }
            )
            for post in view.posts
        ],
        attachments=[attachment(one) for one in view.attachments],
        request=request(view.request, {}) if view.request else None,
        may_edit=view.may_edit,
        own=view.own,
    )


def entry(one: FileEntry) -> s.EntryView:
    return s.EntryView(
        entry_id=one.entry_id,
        kind=one.kind.value,
        since=one.since.isoformat(),
        until=day_or_none(one.until),
        unit=one.unit,
        title=one.title,
    )


def request(one: ChangeRequest, names: Mapping[str, str], changes: Mapping[str, str | None] | None = None) -> s.RequestView:
    """`changes` opened for who decides; without them an ID number is only said to be there."""
    told = dict(one.changes if changes is None else changes)
    if changes is None and told.get(ID_NUMBER):
        told[ID_NUMBER] = "•••"
    state = "withdrawn" if one.withdrawn else one.decision.value
    return s.RequestView.model_validate(
        {
            "request_id": one.request_id,
            "member_id": one.member_id,
            "at": iso(one.at),
            "changes": told,
            "entry": dict(one.entry) if one.entry else None,
            "note": one.note,
            "state": state,
            "answer": one.answer,
            "decided_at": iso_or_none(one.decided_at),
            "decided_by_name": names.get(one.decided_by or ""),
        }
    )


def waiting(one: Waiting) -> s.WaitingRequest:
    return s.WaitingRequest(
        request=request(one.request, {}, one.changes),
        member_name=one.member.name,
        member_number=one.member.number,
        branch_name=one.home.name,
        current={key: _masked(key, value) for key, value in one.current.items()},
    )


def history(found: History, page: int, page_size: int) -> s.ChangePage:
    items = [
        s.ChangeLine.model_validate(
            {
                "at": iso(one.at),
                "account_name": found.names.get(one.account_id, ""),
                "how": one.how.value,
                "field": one.field,
                "before": one.before,
                "after": one.after,
                "reason": one.reason,
            }
        )
        for one in found.changes
    ]
    return s.ChangePage(items=items, total=found.total, page=page, page_size=page_size)


def bulk(result: BulkResult) -> s.BulkResult:
    refused = []
    for one in result.refused:
        told = explain(one.refusal.code, one.refusal.params)["message"]
        refused.append(
            s.BulkRefusal(member_id=one.member_id, name=one.name, code=one.refusal.code, message_zh=told["zh"], message_en=told["en"])
        )
    return s.BulkResult(changed=result.changed, unchanged=result.unchanged, refused=refused)


def saved(one: SavedList) -> s.SavedListView:
    return s.SavedListView(list_id=one.list_id, name=one.name, query=dict(one.query))


def _masked(key: str, value: str | None) -> str | None:
    return masked_id_number(value) if value and key == ID_NUMBER else value
