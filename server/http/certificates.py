"""Activity certificates: issued, shown, printed, checked, revoked; verified by anybody logged in, and presented at a host's door."""

from __future__ import annotations

import asyncio
import base64

from ledger.actions import certificates
from ledger.actions.papers import draft_paper
from ledger.exports.certificatepdf import certificate_pdf
from ledger.exports.draftpdf import draft_pdf
from ledger.exports.qr import modules
from ledger.rules.duties import AdviceKind
from server.http.call import Call, File
from server.http.mobility import view
from server.http.views import mobility as views
from server.http.views.moments import day_or_none
from server.schemas import mobility as m
from server.schemas.queries import Language

PDF = "application/pdf"


async def keys(call: Call) -> m.CertificateKeys:
    signer = call.house.signer
    published = {name: base64.b64encode(raw).decode() for name, raw in signer.published().items()}
    return m.CertificateKeys(current=signer.key_id, keys=published, annual_check_months=call.house.mobility.annual_check_months)


async def verify(call: Call, body: m.VerifyCertificate) -> m.VerificationView:
    found = await certificates.verify_code(call.store, body.code, call.house.signer, call.now, call.house.mobility)
    return views.verification(found)


async def present(call: Call, body: m.PresentCertificate) -> m.PresentedView:
    command = certificates.Present(body.branch_id, body.code, body.number, body.name, body.host_contact)
    found = await certificates.present_certificate(call.store, call.actor, command, call.house.signer, call.now, call.house.mobility)
    return m.PresentedView(taken_in=found.asked is None, registration_id=found.registration.registration_id, verdict=found.verdict.value)


async def issue(call: Call) -> m.RegistrationView:
    await certificates.issue_certificate(call.store, call.actor, call.ids["registrationId"], call.now)
    return await view(call)


async def check(call: Call) -> m.RegistrationView:
    await certificates.check_certificate(call.store, call.actor, call.ids["registrationId"], call.now)
    return await view(call)


async def revoke(call: Call, body: m.RevokeCertificate) -> m.RegistrationView:
    await certificates.revoke_certificate(call.store, call.actor, call.ids["registrationId"], body.reason, call.now)
    return await view(call)


async def show(call: Call) -> m.CertificateView:
    shown = await _shown(call)
    one = shown.certificate
    return m.CertificateView(
        number=one.number,
        member_name=shown.member_name,
        home=views.org(shown.home),
        issued_on=one.issued_on.isoformat(),
        checked_on=day_or_none(one.checked_on),
        revoked_on=day_or_none(one.revoked_on),
        key_id=shown.claims.key_id,
        code=shown.code or "",
        qr=modules(shown.code) if shown.code else [],
    )


async def show_as_pdf(call: Call, query: Language) -> File:
    shown = await _shown(call)
    content = await asyncio.to_thread(certificate_pdf, shown, query.lang)
    word = "流动党员活动证" if query.lang == "zh" else "certificate"
    return File(f"{word}-{shown.certificate.number}.pdf", PDF, content)


async def paper(call: Call, query: m.PaperQuery) -> File:
    drafted = await draft_paper(call.store, call.actor, call.ids["registrationId"], AdviceKind(query.about), call.now, call.house.mobility)
    content = await asyncio.to_thread(draft_pdf, drafted, query.lang)
    word = "会议材料草稿" if query.lang == "zh" else "draft"
    return File(f"{word}-{drafted.member.number}-{query.about}.pdf", PDF, content)


async def _shown(call: Call) -> certificates.ShownCertificate:
    return await certificates.show_certificate(call.store, call.actor, call.ids["registrationId"], call.house.signer, call.now)
