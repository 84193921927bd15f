"""Ways out of the installation: what is waiting to be sent, to whom, and how each member wants to be reached.

A delivery is a row in the database from the moment it is owed until long after it was settled, so that a mail server away for a day loses
nothing. An e-mail names its notifications and no address and no text: both are looked up when it is sent, so that a changed address counts
and what was read in the meantime is not sent. A webhook keeps its body, because its signature covers those very bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # given up, or refused for good; may be tried again by hand
    DROPPED = "dropped"  # there was nothing left to send: read meanwhile, no address, endpoint gone


OPEN = frozenset({DeliveryState.WAITING})
RETRYABLE = frozenset({DeliveryState.FAILED, DeliveryState.DROPPED})


@dataclass(frozen=True, slots=True)
class Delivery:
    """`recipient`: a member's id, or an endpoint's. `subject`: "each", "digest", or a webhook's event. `reason`: of the last try."""

    delivery_id: str
    channel: Channel
    recipient: str
    subject: str
    notification_ids: tuple[str, ...]
    body: str
    created_at: float
    due_at: float
    state: DeliveryState = DeliveryState.WAITING
    tries: int = 0
    tried_at: float | None = None
    settled_at: float | None = None
    reason: str = ""


class MailMode(StrEnum):
    EACH = "each"
    DIGEST = "digest"  # once a day
    OFF = "off"


@dataclass(frozen=True, slots=True)
class DeliveryPreferences:
    """Of one member. Minutes of the day in China; equal ends: no quiet hours. The application itself is always told.

    `no_mail`, `no_webhook`: codes of kinds that do not go out that way.
    """

    member_id: str
    mail: MailMode = MailMode.EACH
    digest_minute: int = 8 * 60
    quiet_from: int = 22 * 60
    quiet_until: int = 7 * 60
    no_mail: frozenset[str] = frozenset()
    no_webhook: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """`sealed_secret`: shown once when it is made, never again. `failing_since`: of the first failure after the last success."""

    endpoint_id: str
    org_id: str
    url: str
    events: tuple[str, ...]
    sealed_secret: str
    created_at: float
    created_by: str  # account id
    failing_since: float | None = None
    disabled_at: float | None = None
    disabled_reason: str = ""  # "failing" | "byHand"
    revision: int = 1


#: Event → what it is about, in both languages. The number is the version of its shape; a changed shape is a new event beside the old.
EVENTS: dict[str, tuple[str, str]] = {
    "notification.created.v1": ("通知一位党员（供企业微信、钉钉或短信网关转发）", "a member is notified (for a gateway: WeCom, SMS …)"),
    "meeting.scheduled.v1": ("会议已安排", "a meeting is scheduled"),
    "meeting.moved.v1": ("会议已改期", "a meeting is moved"),
    "meeting.cancelled.v1": ("会议已取消", "a meeting is cancelled"),
    "report.handedIn.v1": ("思想汇报已提交（不含内容）", "a thought report is handed in (without its text)"),
    "announcement.published.v1": ("公告已发布", "an announcement is published"),
}  # fmt: skip
PING = "ping.v1"  # the test button; every endpoint takes it
