"""What stands in an e-mail: a sentence and a link, in the member's language. Nothing else leaves the installation this way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .delivery import Delivery
from .kinds import KINDS
from .notifying import KeptNotification, Kind
from .ports import Store

PRODUCT = {"zh": "支部连线", "en": "Branchline"}
DIGEST = {"zh": "您有 {n} 条未读通知", "en": "You have {n} unread notifications"}
FOOT = {
    "zh": "本邮件由系统自动发送，请勿回复。接收方式可在“通知设置”中更改：{url}",
    "en": "Sent by the system; please do not reply. Choose how you are told: {url}",
}


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str


async def compose(store: Store, delivery: Delivery, base_url: str) -> Mail | None:
    """None: there is nothing left to say – everything was read meanwhile, or the member has no address any more."""
    async with store.reading() as uow:
        member = await uow.members.get(delivery.recipient)
        found = await uow.notifications.many(delivery.notification_ids)
        account = (await uow.accounts.of_members([delivery.recipient])).get(delivery.recipient)
    told = [(one, KINDS[one.notification.kind]) for one in found.values() if one.read_at is None and one.notification.kind in KINDS]
    if member is None or not member.email or not told:
        return None
    told.sort(key=lambda pair: (pair[0].notification.at, pair[0].notification_id))
    locale = account.locale if account and account.locale in PRODUCT else "zh"
    return Mail(member.email, _subject(told, locale), _text(told, locale, base_url))


def _subject(told: Sequence[tuple[KeptNotification, Kind]], locale: str) -> str:
    first = told[0][1]
    title = (first.title_zh if locale == "zh" else first.title_en) if len(told) == 1 else DIGEST[locale].format(n=len(told))
    return f"【{PRODUCT[locale]}】{title}" if locale == "zh" else f"{PRODUCT[locale]}: {title}"


def _text(told: Sequence[tuple[KeptNotification, Kind]], locale: str, base_url: str) -> str:
    lines = [f"{kind.sentence(locale, one.notification.params)}\n{base_url}{kind.page(one.notification.about_id)}\n" for one, kind in told]
    return "\n".join([*lines, "--", FOOT[locale].format(url=f"{base_url}/notifications/settings"), ""])
