"""Preferences, webhooks and the queue over REST."""

from __future__ import annotations

from tests.support.rest import Service


async def test_a_member_chooses_how_to_be_reached(rest: Service) -> None:
    member = rest.by("plain")
    first = await member.ask("GET", "/api/notifications/preferences")
    assert (first["mail"], first["digestAt"], first["quietFrom"], first["quietUntil"]) == ("each", "08:00", "22:00", "07:00")
    assert all(kind["mail"] and kind["webhook"] for kind in first["kinds"])
    wishes = {"mail": "digest", "digestAt": "18:30", "quietFrom": "21:00", "quietUntil": "06:15", "noMail": ["leaveDecided"]}
    chosen = await member.ask("PUT", "/api/notifications/preferences", wishes)
    assert chosen == await member.ask("GET", "/api/notifications/preferences")
    assert (chosen["digestAt"], [kind["kind"] for kind in chosen["kinds"] if not kind["mail"]]) == ("18:30", ["leaveDecided"])
    assert await member.refused("PUT", "/api/notifications/preferences", {**wishes, "digestAt": "24:00"}) == (422, "badRequest")


async def test_an_administrator_makes_an_endpoint_whose_secret_is_shown_once(rest: Service) -> None:
    admin = rest.by("orgAdmin")
    body = {"orgId": "demo-general", "url": "https://hooks.example.org/x", "events": ["notification.created.v1"]}
    made = await admin.ask("POST", "/api/webhooks", body)
    assert made["secret"].startswith("whsec_")
    found = {one["endpointId"]: one for one in (await admin.ask("GET", "/api/webhooks"))["webhooks"]}
    assert found[made["endpointId"]] == {**made, "secret": None}
    path = f"/api/webhooks/{made['endpointId']}"
    renewed = await admin.ask("PATCH", path, {"revision": 1, "newSecret": True, "enabled": False})
    assert renewed["secret"] not in (None, made["secret"])
    assert (renewed["enabled"], renewed["disabledReason"]) == (False, "byHand")
    assert await admin.refused("PATCH", path, {"revision": 1, "enabled": True}) == (409, "staleRevision")
    assert (await admin.ask("PATCH", path, {"revision": 2, "enabled": True}))["enabled"] is True
    for url in ("ftp://x.example/", "https://", "https://user:pass@x.example/", "https://x.example:99999/"):
        assert await admin.refused("POST", "/api/webhooks", {**body, "url": url}) == (422, "urlRefused"), url
    assert await admin.refused("POST", "/api/webhooks", {**body, "events": ["nothing.v1"]}) == (422, "eventUnknown")
    await admin.ask("POST", f"{path}/ping")
    log = await admin.ask("GET", f"{path}/deliveries")
    assert [(one["subject"], one["state"], one["to"]) for one in log["items"]] == [("ping.v1", "waiting", "hooks.example.org")]
    await admin.ask("DELETE", path)
    assert await admin.refused("GET", f"{path}/deliveries") == (404, "notFound")


async def test_whoever_runs_the_installation_sees_what_failed_and_tries_again(rest: Service) -> None:
    runner = rest.by("systemAdmin")
    page = await runner.ask("GET", "/api/deliveries?state=failed")
    assert (page["counts"]["failed"], page["total"], page["mailPossible"]) == (1, 1, False)
    line = page["items"][0]
    assert (line["to"], line["reason"], line["tries"]) == ("hooks.example.org", "http 500", 3)
    again = await runner.ask("POST", f"/api/deliveries/{line['deliveryId']}/retry")
    assert (again["state"], again["tries"]) == ("waiting", 0)
    assert (await runner.ask("GET", "/api/deliveries"))["counts"]["failed"] == 0
