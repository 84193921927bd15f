"""The sentences of refusals about preferences, webhooks and deliveries; joined into the one table in `answers.py`."""

from __future__ import annotations

ANSWERS: dict[str, tuple[int, str, str]] = {
    "minuteOutOfRange": (422, "时间有误，应在 00:00 至 23:59 之间。", "A time of day lies between 00:00 and 23:59."),
    "urlRefused": (422, "回调地址有误（{problem}）。应为 https 地址，不含用户名和密码。", "The address is not right ({problem}). It is an https address without user name and password."),
    "eventUnknown": (422, "没有“{event}”这种事件。", "There is no event “{event}”."),
    "tooManyEndpoints": (409, "每个组织最多 {limit} 个回调地址。", "An organisation has {limit} endpoints at most."),
}  # fmt: skip
