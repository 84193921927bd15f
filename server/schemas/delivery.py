"""How members are reached, the endpoints of webhooks, and what waits to be sent."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Id, Instant, Page, Revision, Sentence, Shape
from .queries import Pages

MailModeName = Literal["each", "digest", "off"]
ChannelName = Literal["email", "webhook"]
DeliveryStateName = Literal["waiting", "sent", "failed", "dropped"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
KindCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
EventName = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class ChoosePreferences(Shape):
    """Times of day in China; equal ends: no quiet hours. Kinds named in `no_mail` or `no_webhook` do not go out that way."""

    mail: MailModeName
    digest_at: ClockTime
    quiet_from: ClockTime
    quiet_until: ClockTime
    no_mail: Annotated[list[KindCode], Field(default_factory=list, max_length=200)]
    no_webhook: Annotated[list[KindCode], Field(default_factory=list, max_length=200)]


class KindPreference(Shape):
    """`urgent`: goes out at once, whatever the hour."""

    kind: str
    title: Sentence
    urgent: bool
    mail: bool
    webhook: bool


class PreferencesView(Shape):
    """`mail_possible`: the installation has a mail server; `address`: the member's own, None where there is none."""

    mail: MailModeName
    digest_at: ClockTime
    quiet_from: ClockTime
    quiet_until: ClockTime
    kinds: list[KindPreference]
    mail_possible: bool
    address: str | None


class MakeWebhook(Shape):
    org_id: Id
    url: Url
    events: Annotated[list[EventName], Field(min_length=1, max_length=50)]


class ChangeWebhook(Shape):
    """Only what is given changes. `new_secret`: the old one signs nothing any more."""

    revision: Revision
    url: Url | None = None
    events: Annotated[list[EventName], Field(min_length=1, max_length=50)] | None = None
    enabled: bool | None = None
    new_secret: bool = False


class WebhookView(Shape):
    """`secret` only in the answer that made it. `failing_since`: of the first failure after the last success."""

    endpoint_id: Id
    org_id: Id
    org_name: str
    url: str
    events: list[str]
    enabled: bool
    disabled_reason: str
    failing_since: Instant | None
    created_at: Instant
    revision: int
    secret: str | None = None


class WebhookEvent(Shape):
    event: str
    title: Sentence


class WebhookList(Shape):
    webhooks: list[WebhookView]
    events: list[WebhookEvent]


class DeliveryLine(Shape):
    """`subject`: each | digest, or a webhook's event; `reason`: of the last try. `to` is masked, or the host of the endpoint."""

    delivery_id: Id
    channel: ChannelName
    subject: str
    to: str
    state: DeliveryStateName
    tries: int
    created_at: Instant
    due_at: Instant
    tried_at: Instant | None
    settled_at: Instant | None
    reason: str


class DeliverySearch(Pages):
    page_size: Annotated[int, Field(ge=1, le=200)] = 50
    state: DeliveryStateName | None = None
    channel: ChannelName | None = None


class DeliveryLog(Page[DeliveryLine]):
    pass


class DeliveryCounts(Shape):
    waiting: int
    sent: int
    failed: int
    dropped: int


class DeliveryPage(Shape):
    """Newest first; `counts` of all, whatever was asked for. `mail_possible`: the installation has a mail server."""

    items: list[DeliveryLine]
    total: int
    page: int
    page_size: int
    counts: DeliveryCounts
    mail_possible: bool
