"""Notifications over REST: told by an action, counted at the bell, read."""

from __future__ import annotations

from tests.support.rest import Service


async def test_a_decision_on_leave_rings_the_member_s_bell(rest: Service) -> None:
    member = rest.by("plain")
    before = (await member.ask("GET", "/api/notifications/unread"))["unread"]
    await rest.by("secretary").ask("POST", f"/api/meetings/{rest.ids['meetingId']}/leave/demo-member-7", {"approved": True})
    found = await member.ask("GET", "/api/notifications?unread=true")
    assert found["unread"] == found["total"] == before + 1
    line = found["items"][0]
    assert (line["kind"], line["path"], line["readAt"]) == ("leaveDecided", f"/meetings/{rest.ids['meetingId']}", None)
    assert line["message"]["zh"].startswith("您对 演示第一支部 20")
    assert line["title"] == {"zh": "请假结果", "en": "Leave is decided"}
    read = await member.ask("POST", "/api/notifications/read", {"notificationIds": [line["notificationId"]]})
    assert read == {"unread": before}
    assert await member.ask("POST", "/api/notifications/read", {}) == {"unread": 0}
    page = await member.ask("GET", "/api/notifications?pageSize=1")
    assert (page["total"], page["unread"], page["items"][0]["readAt"] is not None) == (before + 1, 0, True)


async def test_nobody_reads_for_somebody_else(rest: Service) -> None:
    line = (await rest.by("plain").ask("GET", "/api/notifications"))["items"][0]
    await rest.by("secretary").ask("POST", "/api/notifications/read", {"notificationIds": [line["notificationId"]]})
    assert (await rest.by("plain").ask("GET", "/api/notifications"))["items"][0]["readAt"] is None
    assert await rest.by("auditor").ask("GET", "/api/notifications/unread") == {"unread": 0}
