"""The rows of preferences, webhooks and deliveries in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import delivery
from server.http.call import Route as R
from server.schemas import delivery as d
from server.schemas.base import Done
from server.schemas.queries import Pages

_URL = ("urlRefused", "eventUnknown")

ROUTES: tuple[R, ...] = (
    R("GET", "/notifications/preferences", delivery.own_preferences, "How one is reached", answer=d.PreferencesView,
      refuses=("notFound",)),
    R("PUT", "/notifications/preferences", delivery.choose, "Choose how to be reached", body=d.ChoosePreferences,
      answer=d.PreferencesView, refuses=("notFound",)),
    R("GET", "/webhooks", delivery.list_webhooks, "Endpoints of the organisations one administers", who=A.MANAGE_WEBHOOK,
      answer=d.WebhookList),
    R("POST", "/webhooks", delivery.make_webhook, "Make an endpoint; its secret is in this answer only", who=A.MANAGE_WEBHOOK,
      body=d.MakeWebhook, answer=d.WebhookView, refuses=("tooManyEndpoints", *_URL)),
    R("PATCH", "/webhooks/{webhookId}", delivery.change_webhook, "Change an endpoint, wake it, give it a new secret",
      who=A.MANAGE_WEBHOOK, body=d.ChangeWebhook, answer=d.WebhookView, refuses=("staleRevision", *_URL)),
    R("DELETE", "/webhooks/{webhookId}", delivery.remove_webhook, "Remove an endpoint", who=A.MANAGE_WEBHOOK, answer=Done),
    R("POST", "/webhooks/{webhookId}/ping", delivery.ping_webhook, "Send an endpoint a test", who=A.MANAGE_WEBHOOK, answer=Done),
    R("GET", "/webhooks/{webhookId}/deliveries", delivery.webhook_log, "What an endpoint was sent", who=A.MANAGE_WEBHOOK, query=Pages,
      answer=d.DeliveryLog),
    R("GET", "/deliveries", delivery.search, "What waits to be sent, was sent, failed", who=A.MANAGE_DELIVERY,
      query=d.DeliverySearch, answer=d.DeliveryPage),
    R("POST", "/deliveries/{deliveryId}/retry", delivery.try_again, "Try a delivery again now", who=A.MANAGE_DELIVERY,
      answer=d.DeliveryLine),
)  # fmt: skip
