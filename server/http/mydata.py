"""The own data: what is held and why, a copy to take away, consents, and requests about it."""

from __future__ import annotations

from ledger.actions import consents, mydata, sharingwithdrawal
from ledger.mobility import SeparateConsent
from ledger.model import day_of
from ledger.notices import notice_versions
from ledger.privacy import DataRequest, DataRequestKind
from ledger.retention import DEFAULT, DataKind
from server.http.call import Call, File
from server.http.views.moments import iso, iso_or_none
from server.schemas import privacy as p
from server.schemas.queries import Language

ZIP = "application/zip"


async def retention(call: Call) -> p.RetentionView:
    return p.RetentionView(version=DEFAULT.version, kinds=[_kind(one, None) for one in DEFAULT.kinds])


async def own(call: Call) -> p.MyData:
    found = await mydata.my_data(call.store, call.actor)
    notices = [
        p.ConsentView(
            consent_id=None,
            kind="notice",
            version=one.notice_version,
            given_at=iso(one.given_at),
            withdrawn_at=iso_or_none(one.withdrawn_at),
            organisation_name=None,
            purpose=None,
        )
        for one in found.notices
    ]
    sharing = [
        p.ConsentView(
            consent_id=mydata.consent_id(one) if one.withdrawn_at is None else None,
            kind="sharing",
            version=one.text_version,
            given_at=iso(one.given_at),
            withdrawn_at=iso_or_none(one.withdrawn_at),
            organisation_name=_recipient(found, one),
            purpose=one.purpose.value,
        )
        for one in found.sharing
    ]
    return p.MyData(
        version=DEFAULT.version,
        kinds=[_kind(one, found.counts.get(one.kind, 0)) for one in DEFAULT.kinds],
        consents=[*notices, *sharing],
        requests=[_request(one) for one in found.requests],
    )


async def export(call: Call, query: Language) -> File:
    content = await mydata.export_my_data(call.store, call.house.sealer, call.actor, call.now, query.lang)
    name = "我的个人信息" if query.lang == "zh" else "my-data"
    return File(f"{name}-{day_of(call.now)}.zip", ZIP, content)


async def withdraw_notice(call: Call) -> p.MyData:
    await consents.withdraw_consent(call.store, call.actor, call.now)
    return await own(call)


async def withdraw_sharing(call: Call) -> p.MyData:
    await sharingwithdrawal.withdraw_sharing(call.store, call.actor, call.ids["consentId"], call.now)
    return await own(call)


async def notices(call: Call) -> p.NoticeVersions:
    return p.NoticeVersions(
        items=[
            p.NoticeVersionView(
                kind=one.kind.value,
                version=one.version,
                current=one.current,
                paragraphs_zh=list(one.zh),
                paragraphs_en=list(one.en),
                kinds=[_kind(each, None) for each in one.kinds],
            )
            for one in notice_versions(call.house.rulebook)
        ]
    )


async def ask(call: Call, body: p.NewDataRequest) -> p.DataRequestView:
    return _request(await mydata.raise_request(call.store, call.actor, DataRequestKind(body.kind), body.text, call.now))


async def waiting(call: Call, query: p.DataRequestSearch) -> p.WaitingDataRequestPage:
    found, total = await mydata.waiting_requests(call.store, call.actor, query.page, query.page_size)
    items = [
        p.WaitingDataRequestView(
            request=_request(one.request),
            member_id=one.member.member_id,
            member_name=one.member.name,
            branch_name=one.home.name,
            due_at=iso(one.due_at),
        )
        for one in found
    ]
    return p.WaitingDataRequestPage(items=items, total=total, page=query.page, page_size=query.page_size)


async def answer(call: Call, body: p.AnswerDataRequest) -> p.DataRequestView:
    request_id = call.ids["dataRequestId"]
    return _request(await mydata.answer_request(call.store, call.actor, request_id, body.agreed, body.answer, call.now))


def _recipient(found: mydata.MyData, one: SeparateConsent) -> str | None:
    """An organisation outside the installation has only its name."""
    org = found.organisations.get(one.recipient_org_id)
    return org.name if org else one.recipient or None


def _kind(one: DataKind, count: int | None) -> p.DataKindView:
    return p.DataKindView(
        kind=one.kind.value,
        title_zh=one.title_zh,
        title_en=one.title_en,
        purpose_zh=one.purpose_zh,
        purpose_en=one.purpose_en,
        basis_zh=one.basis_zh,
        basis_en=one.basis_en,
        seen_zh=one.seen_zh,
        seen_en=one.seen_en,
        kept_zh=one.kept("zh"),
        kept_en=one.kept("en"),
        purged=one.purged,
        count=count,
    )


def _request(one: DataRequest) -> p.DataRequestView:
    return p.DataRequestView(
        request_id=one.request_id,
        kind=one.kind.value,
        text=one.text,
        raised_at=iso(one.raised_at),
        answered_at=iso_or_none(one.answered_at),
        agreed=one.agreed,
        answer=one.answer,
    )
