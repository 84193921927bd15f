"""The notice of what is measured, consent to it, and the log of who looked."""

from __future__ import annotations

from ledger.access import Action, reach_of
from ledger.actions import audit, consents
from server.http.call import Call
from server.http.views.moments import iso, iso_or_none
from server.schemas.attendance import AccessLine, AccessPage, GiveConsent, NoticeParameter, NoticeView
from server.schemas.queries import AccessSearch


async def notice(call: Call) -> NoticeView:
    book = call.house.rulebook
    consent = await consents.standing_consent(call.store, call.actor, book)
    locale = call.actor.account.locale
    parameters = [
        NoticeParameter(
            key=one.key,
            value=one.spelled(locale),
            title_zh=one.title_zh,
            title_en=one.title_en,
            basis_zh=one.basis_zh,
            basis_en=one.basis_en,
        )
        for one in book.parameters()
    ]
    return NoticeView(
        version=book.notice_version,
        rulebook_version=book.version,
        paragraphs_zh=list(book.notice("zh")),
        paragraphs_en=list(book.notice("en")),
        parameters=parameters,
        my_consent_at=iso_or_none(consent.given_at if consent else None),
    )


async def consent(call: Call, body: GiveConsent) -> NoticeView:
    command = consents.GiveConsent(body.notice_version, body.meeting_id)
    await consents.give_consent(call.store, call.actor, command, call.now, call.house.rulebook)
    return await notice(call)


async def access(call: Call, query: AccessSearch) -> AccessPage:
    """An auditor sees the audited part; everybody sees who looked at the own data."""
    reach = reach_of(call.actor, Action.READ_AUDIT)
    if query.subject is None and (reach.everywhere or reach.paths):
        found = await audit.access_log(call.store, call.actor, query.page, query.page_size)
    else:
        found = await audit.who_looked(call.store, call.actor, query.page, query.page_size)
    items = [
        AccessLine(
            at=iso(line.at),
            account_name=found.names.get(line.account_id, ""),
            action=line.action,
            subject=line.subject,
            subject_name=found.subjects.get(line.subject, ""),
            detail=line.detail,
        )
        for line in found.lines
    ]
    return AccessPage(items=items, total=found.total, page=query.page, page_size=query.page_size)
