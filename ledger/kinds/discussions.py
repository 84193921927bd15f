"""What is told about discussions: announcements, mentions, answers. A title may say too much for a mail, so none is told along."""

from __future__ import annotations

from ..notifying import Kind

ANNOUNCED = Kind(
    "announced",
    "新公告",
    "An announcement",
    "{org}发布了公告，请阅读。",
    "{org} has published an announcement. Please read it.",
    "/discussion/{id}",
)
ANNOUNCEMENT_CHANGED = Kind(
    "announcementChanged",
    "公告有更改",
    "An announcement has changed",
    "{org}更改了已发布的公告，请重新阅读。",
    "{org} has changed an announcement. Please read it again.",
    "/discussion/{id}",
)
MENTIONED = Kind(
    "mentioned",
    "有人提到您",
    "You were mentioned",
    "{name}在{org}的讨论中提到了您。",
    "{name} mentioned you in a discussion of {org}.",
    "/discussion/{id}",
)
ANSWERED = Kind(
    "threadAnswered",
    "讨论有新回复",
    "An answer in a discussion",
    "您在{org}发起的讨论有新回复。",
    "The discussion you opened in {org} has a new answer.",
    "/discussion/{id}",
)
KINDS = (ANNOUNCED, ANNOUNCEMENT_CHANGED, MENTIONED, ANSWERED)
