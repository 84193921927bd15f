"""Logging in, staying in, and what keeps others out."""

from __future__ import annotations

import pytest

from ledger.demo import DEMO_PASSWORD
from server.http.door import COOKIE
from tests.support.rest import Prepared, Service, service

LOG_IN = {"username": "member2", "password": DEMO_PASSWORD}


async def test_logging_in_sets_a_cookie_that_scripts_cannot_read(rest: Service) -> None:
    answer = await rest.by().send("POST", "/api/session", LOG_IN)
    cookie = answer.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["secure"]) == (True, "Lax", "/", "")
    assert (await answer.json())["name"] == "演示·刘志强"


async def test_behind_https_the_cookie_is_secure_and_browsers_stay_with_https(prepared: Prepared, tmp_path) -> None:  # type: ignore[no-untyped-def]
    async with service(prepared, tmp_path, public_url="https://branch.example.org") as running:
        answer = await running.by().send("POST", "/api/session", LOG_IN)
        assert answer.cookies[COOKIE]["secure"] is True
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_a_story_of_one_session(rest: Service) -> None:
    member, me = await rest.log_in("member2")
    assert me["can"] == []
    assert (await member.ask("GET", "/api/session"))["username"] == "member2"
    assert await member.ask("PUT", "/api/session/locale", {"locale": "en"}) == {"ok": True}
    assert (await member.ask("GET", "/api/session"))["locale"] == "en"
    assert await member.ask("DELETE", "/api/session") == {"ok": True}
    assert await member.refused("GET", "/api/session") == (401, "notLoggedIn")


async def test_the_first_log_in_opens_nothing_but_the_change_of_password(rest: Service) -> None:
    made = await rest.by("orgAdmin").ask("POST", f"/api/accounts/{rest.ids['accountId']}/reset")
    newcomer, me = await rest.log_in(made["username"], made["password"])
    assert me["mustChangePassword"] is True
    assert await newcomer.refused("GET", "/api/home") == (403, "passwordChangeNeeded")
    change = {"currentPassword": made["password"], "newPassword": "quite-another-one"}
    assert (await newcomer.ask("PUT", "/api/account/password", change))["mustChangePassword"] is False
    assert (await newcomer.ask("GET", "/api/home"))["open"] == []


async def test_changing_the_password_ends_the_other_sessions(rest: Service) -> None:
    phone, _ = await rest.log_in("member3")
    desk, _ = await rest.log_in("member3")
    assert len((await desk.ask("GET", "/api/account/sessions"))["sessions"]) == 2
    await desk.ask("PUT", "/api/account/password", {"currentPassword": DEMO_PASSWORD, "newPassword": "quite-another-one"})
    assert await phone.refused("GET", "/api/session") == (401, "notLoggedIn")


async def test_ending_the_other_sessions_keeps_this_one(rest: Service) -> None:
    phone, _ = await rest.log_in("member3")
    desk, _ = await rest.log_in("member3")
    await desk.ask("DELETE", "/api/account/sessions")
    assert await phone.refused("GET", "/api/session") == (401, "notLoggedIn")
    assert [one["current"] for one in (await desk.ask("GET", "/api/account/sessions"))["sessions"]] == [True]


async def test_an_expired_session_is_told_apart_and_its_cookie_taken_away(rest: Service) -> None:
    rest.house.now = lambda: rest.now + 9 * 3600
    answer = await rest.by("plain").send("GET", "/api/session")
    assert (answer.status, (await answer.json())["refusal"]["code"]) == (401, "sessionExpired")
    assert answer.cookies[COOKIE].value == ""


async def test_wrong_passwords_lock_the_name_whether_or_not_it_exists(rest: Service) -> None:
    for username in ("member2", "nobody"):
        guess = {"username": username, "password": "guess"}
        codes = [await rest.by().refused("POST", "/api/session", guess) for _ in range(6)]
        assert codes == [(401, "wrongCredentials")] * 5 + [(401, "accountLocked")]


async def test_a_locked_name_is_told_the_time_of_day(rest: Service) -> None:
    rest.house.now = lambda: 1_795_435_200.0  # 20:00 in China
    for _ in range(6):
        answer = await rest.by().send("POST", "/api/session", {"username": "member2", "password": "guess"})
    refusal = (await answer.json())["refusal"]
    assert refusal["params"] == {"until": 1_795_436_100.0}
    assert "2026-11-23 20:15" in refusal["message"]["zh"]
    assert "2026-11-23 20:15" in refusal["message"]["en"]


async def test_many_attempts_from_one_address_at_one_name_are_slowed_down_first(rest: Service) -> None:
    caller = rest.by()
    answers = [await caller.send("POST", "/api/session", LOG_IN) for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert (await answers[-1].json())["refusal"]["code"] == "tooManyAttempts"


async def test_behind_a_trusted_proxy_the_client_s_own_address_counts(prepared: Prepared, tmp_path) -> None:  # type: ignore[no-untyped-def]
    async with service(prepared, tmp_path, proxies=1) as running:
        for last in range(11):
            headers = {"X-Forwarded-For": f"198.51.100.7, 203.0.113.{last}"}
            assert (await running.by().send("POST", "/api/session", LOG_IN, headers=headers)).status == 200


async def test_a_change_without_the_csrf_token_is_refused(rest: Service) -> None:
    for token in ("", "0" * 64, "中"):
        answer = rest.by("plain").refused("PUT", "/api/session/locale", {"locale": "en"}, headers={"X-CSRF-Token": token})
        assert await answer == (403, "csrfMismatch")


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ({"Origin": "https://evil.example"}, (403, "originRefused")),
        ({"Origin": "null"}, (403, "originRefused")),
        ({"Sec-Fetch-Site": "cross-site"}, (403, "originRefused")),
    ],
)
async def test_other_sites_cannot_act(rest: Service, headers: dict[str, str], outcome: tuple[int, str]) -> None:
    assert await rest.by().refused("POST", "/api/session", LOG_IN, headers=headers) == outcome
    assert await rest.by("plain").refused("PUT", "/api/session/locale", {"locale": "en"}, headers=headers) == outcome


async def test_the_own_site_can(rest: Service) -> None:
    assert await rest.by("plain").ask("PUT", "/api/session/locale", {"locale": "en"}, headers={"Origin": rest.base}) == {"ok": True}
