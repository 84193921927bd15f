"""Members away over REST: what only the member may do, from departure to the host's door, a certificate read with no server."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from ledger.access import OPERATOR
from ledger.actions import accounts
from ledger.actions.sessions import token_hash
from ledger.mobilityrules import DEFAULT
from ledger.model import Session, day_of
from ledger.rules.certificate import Verdict, verify
from server.certificatekey import BadKey, CertificateKey, key_id, load_key
from server.http.door import csrf_token
from server.http.mobility_routes import ROUTES
from tests.server.allowed_mobility import BODIES
from tests.server.test_access import path_of
from tests.support.rest import Caller, Prepared, Service, service

#: What member 9 may do about the own registration, besides reading.
OWN = {"mobility.declare", "mobility.come_back", "mobility.share", "mobility.stop_sharing", "mobility.decline_request"}
OWN_LOOKS = {"mobility.registration", "certificates.show", "certificates.show_as_pdf"}


async def member_9(rest: Service) -> Caller:
    made = await accounts.create_account(rest.house.store, OPERATOR, accounts.CreateAccount("away.member", "demo-member-9"), rest.now)
    async with rest.house.store.writing() as uow:
        account = await uow.accounts.get(made.account.account_id)
        assert account is not None
        await uow.accounts.save(type(account)(account.account_id, account.username, account.password_hash, account.member_id))
        await uow.sessions.add(Session(token_hash("token-9"), account.account_id, rest.now, rest.now + 86_400, rest.now))
    caller = Caller(rest.base, "token-9")
    rest.tokens["away"] = "token-9"
    assert csrf_token("token-9")
    return caller


async def test_what_the_member_may_do_alone(prepared: Prepared, tmp_path: Path) -> None:
    for route in ROUTES:
        if "{registrationId}" not in route.path:
            continue
        async with service(prepared, tmp_path) as rest:
            caller = await member_9(rest)
            answer = await caller.send(route.method, path_of(route, rest.ids), BODIES.get(route.name))
            await caller.http.close()
        assert (answer.status in (403, 404)) != (route.name in OWN | OWN_LOOKS), (route.name, answer.status)


async def test_from_departure_to_the_host_s_door(rest: Service) -> None:
    today = day_of(rest.now)
    plain, home, host = rest.by("plain"), rest.by("secretary"), rest.by("otherSecretary")
    leaving = BODIES["mobility.report_departure"] | {"leftOn": today.isoformat()}
    one = await plain.ask("POST", "/api/members/demo-member-7/departure", leaving)
    assert (one["state"], one["isSelf"], one["can"]) == (
        "departed",
        True,
        ["declareWhereabouts", "recordReturn", "seeCertificate", "seeContactLog", "shareRecord"],
    )
    again = await plain.refused("POST", "/api/members/demo-member-7/departure", leaving)
    assert again == (409, "registrationOpen")
    path = f"/api/floating/{one['registrationId']}"
    one = await home.ask("GET", path)
    named = await home.refused("POST", f"{path}/host", {"revision": one["revision"], "hostOrgId": "demo-second"})
    assert named == (409, "consentMissing")
    one = await home.ask("POST", f"{path}/certificate")
    shown = await plain.ask("GET", f"{path}/certificate")
    assert {len(row) for row in shown["qr"]} == {len(shown["qr"])}
    asked = await host.ask("POST", "/api/certificates/present", {"branchId": "demo-second", "code": shown["code"]})
    assert asked["takenIn"] is False
    away = await plain.ask("GET", "/api/away")
    (request,) = away["registration"]["requests"]
    consent = {"orgId": request["orgId"], "textVersion": away["notice"]["version"]}
    taken = await plain.ask("POST", f"{path}/consent", consent)
    assert (taken["state"], taken["host"]["orgId"], taken["consented"]) == ("reportedIn", "demo-second", True)
    page = await host.ask("GET", "/api/floating?filter=here")
    assert one["registrationId"] in {line["registrationId"] for line in page["items"]}
    said = await host.ask("POST", f"{path}/thread", {"text": "已到我支部", "task": False})
    assert [entry["text"] for entry in said["thread"]] == ["已到我支部"]
    assert (await plain.ask("GET", path))["thread"] == []
    await plain.ask("POST", f"{path}/consent/withdraw", {"orgId": "demo-second"})
    assert await host.refused("GET", path) == (404, "notFound")


async def test_a_forged_code_is_told_apart_and_refused(rest: Service) -> None:
    issued = await rest.by("secretary").ask("GET", f"/api/floating/{rest.ids['registrationId']}/certificate")
    forger = CertificateKey(b"f" * 32)
    head, body, _ = issued["code"].split(".")
    message = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    forged = ".".join((head, body, base64.urlsafe_b64encode(forger.sign(message)).rstrip(b"=").decode()))
    told = await rest.by("hostSecretary").ask("POST", "/api/certificates/verify", {"code": forged})
    assert (told["verdict"], told["acceptable"]) == ("forged", False)
    refused = await rest.by("otherSecretary").refused("POST", "/api/certificates/present", {"branchId": "demo-second", "code": forged})
    assert refused == (422, "certificateForged")
    nonsense = await rest.by("plain").refused("POST", "/api/certificates/verify", {"code": "BLC1.nothing.here"})
    assert nonsense == (422, "certificateUnreadable")


async def test_a_certificate_is_verified_with_nothing_but_the_published_key(rest: Service) -> None:
    shown = await rest.by("secretary").ask("GET", f"/api/floating/{rest.ids['registrationId']}/certificate")
    published = await rest.by().ask("GET", "/api/certificates/key")
    keys = {name: Ed25519PublicKey.from_public_bytes(base64.b64decode(raw)) for name, raw in published["keys"].items()}

    def check(name: str, message: bytes, signature: bytes) -> bool | None:
        if name not in keys:
            return None
        keys[name].verify(signature, message)
        return True

    found = verify(shown["code"], check, DEFAULT, day_of(rest.now))
    assert getattr(found, "verdict", None) is Verdict.VALID
    assert getattr(found, "asked_online", None) is False
    assert published["current"] == shown["keyId"]


async def test_the_papers_are_pdf_files(rest: Service) -> None:
    for path in ("certificate.pdf?lang=zh", "certificate.pdf?lang=en", "paper.pdf?about=fixedPlace&lang=en"):
        answer = await rest.by("secretary").send("GET", f"/api/floating/{rest.ids['registrationId']}/{path}")
        assert answer.status == 200
        assert (await answer.read()).startswith(b"%PDF-")
    nothing_due = await rest.by("secretary").refused("GET", f"/api/floating/{rest.ids['registrationId']}/paper.pdf?about=removal")
    assert nothing_due == (404, "notFound")


async def test_two_secretaries_at_once_the_slower_one_is_told(rest: Service) -> None:
    path = f"/api/floating/{rest.ids['registrationId']}"
    one = await rest.by("secretary").ask("GET", path)
    change = {"revision": one["revision"], "industry": "软件"}
    await rest.by("secretary").ask("PATCH", path, change)
    assert await rest.by("deputy").refused("PATCH", path, change) == (409, "changedMeanwhile")


async def test_dates_out_of_order_and_places_too_fine_are_refused(rest: Service) -> None:
    path = f"/api/floating/{rest.ids['registrationId']}"
    one = await rest.by("secretary").ask("GET", path)
    tomorrow = (date.fromisoformat(one["leftOn"]) - timedelta(1)).isoformat()
    before: dict[str, Any] = {"revision": one["revision"], "on": tomorrow}
    assert await rest.by("secretary").refused("POST", f"{path}/return", before) == (422, "dayOutOfOrder")
    nowhere = {"place": {"name": " "}}
    assert await rest.by("secretary").refused("POST", f"{path}/whereabouts", nowhere) == (422, "badRequest")
    position = {"place": {"name": "深圳市", "latitude": 22.5}}
    assert await rest.by("secretary").refused("POST", f"{path}/whereabouts", position) == (422, "badRequest")


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "certificate.key"
    first, second = load_key("", file), load_key("", file)
    assert first.public == second.public
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["certificate.key"]
    given = load_key(base64.b64encode(b"s" * 32).decode(), file)
    assert given.public != first.public


def test_a_former_key_is_believed_and_signs_nothing() -> None:
    old = CertificateKey(b"o" * 32)
    new = CertificateKey(b"n" * 32, (base64.b64encode(old.public).decode(),))
    assert new.check(old.key_id, b"message", old.sign(b"message")) is True
    assert new.check(old.key_id, b"another", old.sign(b"message")) is False
    assert new.check("unknown", b"message", b"") is None
    assert new.key_id == key_id(new.public)
    assert list(new.published()) == [new.key_id, old.key_id]


@pytest.mark.parametrize("setting", ["not base64!", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_is_told(setting: str, tmp_path: Path) -> None:
    with pytest.raises(BadKey):
        load_key(setting, tmp_path / "k")
