"""An impact assessment and a breach for the demo, as the security office would keep them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from .access import OPERATOR
from .actions import assessments, breaches
from .model import day_of
from .ports import Store
from .protection import BreachLineKind, Conclusion, Occasion
from .retention import Kind

DAY = 86_400.0
_SECURITY = replace(OPERATOR, account=replace(OPERATOR.account, account_id="demo-security"))


async def load_protection(store: Store, now: float) -> None:
    today = day_of(now)
    attendance = assessments.EnterAssessment(
        "会议考勤与发言计时（演示）",
        Occasion.SENSITIVE,
        (Kind.ATTENDANCE, Kind.CONSENTS),
        "记录组织生活参加情况所必需；不录音录像，不识别声音和面容，只保留起止时刻。",
        "党员身份属于敏感个人信息；误记可能影响对本人的评价。",
        "本人可随时查看全部记录并提出异议；更正保留原值；记录成链，改动可被发现。",
        Conclusion.WITH_MEASURES,
        today - timedelta(days=200),
        today + timedelta(days=165),
    )
    await assessments.enter_assessment(store, _SECURITY, attendance, now - DAY)
    sent = breaches.EnterBreach(
        "通讯录误发（演示）",
        now - 40 * DAY,
        (Kind.CONTACT,),
        6,
        "一份党小组通讯录误发到组织外的邮箱，含姓名和手机号码。",
        "可能接到陌生来电或短信。",
        "已联系收件人删除并书面确认；导出通讯录改为只显示掩码。",
        "留意陌生来电，不透露验证码；如有异常请告知支部书记。",
        "演示街道党委办公室，010-00000000",
    )
    kept = await breaches.enter_breach(store, _SECURITY, sent, now - 39 * DAY)
    await breaches.add_line(store, _SECURITY, kept.breach_id, BreachLineKind.NOTE, "收件人已书面确认删除。", now - 38 * DAY)
