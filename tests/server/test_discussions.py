"""Discussions and the online branch over REST."""

from __future__ import annotations

from tests.support.rest import Service


async def test_the_online_branch_shows_what_is_next_new_and_due(rest: Service) -> None:
    found = await rest.by("plain").ask("GET", "/api/branch")
    first = found["places"][0]
    assert (first["name"], first["mayTalk"], first["mayAnnounce"]) == ("演示第一支部", True, False)
    assert found["announcements"][0]["title"] == "十二月安排"
    assert found["announcements"][0]["unread"] == 2
    assert found["meetings"][0]["title"] == "第四季度支部党员大会（演示）"
    away = await rest.by("otherSecretary").ask("GET", "/api/branch")
    assert away["announcements"] == []
    assert (await rest.by("auditor").ask("GET", "/api/branch"))["places"] == []


async def test_a_thread_is_opened_answered_moderated_and_closed(rest: Service) -> None:
    member, secretary = rest.by("plain"), rest.by("secretary")
    body = {"orgId": "demo-first", "kind": "discussion", "title": "读书", "text": "本月读什么？", "mentions": ["demo-member-1"]}
    opened = await member.ask("POST", "/api/threads", body)
    path = f"/api/threads/{opened['threadId']}"
    answered = await secretary.ask("POST", f"{path}/contributions", {"text": "读党章"})
    assert [(one["authorName"], one["text"], one["mine"]) for one in answered["contributions"]] == [
        ("演示·周海波", "本月读什么？", False),
        ("演示·李书华", "读党章", True),
    ]
    first = answered["contributions"][0]["entryId"]
    hidden = await secretary.ask("POST", f"/api/contributions/{first}/hide", {"reason": "试一试"})
    assert (hidden["contributions"][0]["hidden"], hidden["contributions"][0]["hideReason"]) == (True, "试一试")
    assert (await member.ask("GET", path))["contributions"][0]["text"] == ""
    closed = await secretary.ask("POST", f"{path}/close", {"closed": True, "reason": "已有结论"})
    assert (closed["closed"], closed["mayAnswer"]) == (True, False)
    assert await member.refused("POST", f"{path}/contributions", {"text": "还有"}) == (409, "threadClosed")
    kinds = [one["kind"] for one in (await secretary.ask("GET", "/api/notifications"))["items"]]
    assert "mentioned" in kinds


async def test_the_secretary_sees_who_has_not_read_an_announcement(rest: Service) -> None:
    path = f"/api/threads/{rest.ids['threadId']}"
    await rest.by("leader").ask("GET", path)
    found = await rest.by("secretary").ask("GET", f"{path}/readers")
    assert [one["name"] for one in found["read"]] == ["演示·张晓梅"]
    assert "演示·周海波" in [one["name"] for one in found["unread"]]
    assert "演示·孙流云" in [one["name"] for one in found["unread"]]  # floats here
    assert "演示·冯停籍" not in [one["name"] for one in found["unread"]]
