"""Members away in the demo organisation, each at another point of the way: taken in, awaited and late, hard to reach, searched for.

Made by the same actions as in life, at instants in the past, so that histories, clocks and papers show what they show in life.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from .access import OPERATOR
from .actions import certificates, contact, floating, sharing, threads
from .dualmanagement import EvaluationGrade
from .mobility import ContactMeans, FloatingRegistration, FlowRange, FlowReason, Place
from .mobilityrules import DEFAULT
from .model import day_of
from .ports import Store

DAY = 86_400.0
SHENZHEN, HANGZHOU = Place("深圳市南山区", "440305"), Place("杭州市西湖区", "330106")
CHENGDU, BERLIN = Place("成都市武侯区", "510107"), Place("柏林", country="DE")


async def load_members_away(store: Store, member_id: Callable[[int], str], now: float) -> None:
    await _taken_in(store, member_id(9), member_id(6), now)
    await _guest(store, member_id(13), now)
    await _late(store, member_id(12), now)
    await _hard_to_reach(store, member_id(11), now)
    await _searched_for(store, member_id(19), now)


async def _departed(
    store: Store, member: str, place: Place, days: int, now: float, unit: str, industry: str, reason: FlowReason = FlowReason.WORK
) -> FloatingRegistration:
    at = now - days * DAY
    flow = FlowRange.OUT_OF_PROVINCE if place.country == "CN" else FlowRange.ABROAD
    contact_way = f"1390000{int(member.rsplit('-', 1)[-1]):04d}"
    report = floating.ReportDeparture(member, reason, flow, place, day_of(at), contact_way, unit, industry)
    return await floating.report_departure(store, OPERATOR, report, at)


async def _at_host(store: Store, registration: FloatingRegistration, host: str, days: int, now: float) -> FloatingRegistration:
    named = await _named(store, registration, host, days, now)
    taken = floating.TakeIn(named.registration_id, named.revision, host_contact="支部书记")
    return await floating.take_in(store, OPERATOR, taken, now - (days - 5) * DAY)


async def _named(store: Store, registration: FloatingRegistration, host: str, days: int, now: float) -> FloatingRegistration:
    at, key = now - days * DAY, registration.registration_id
    await sharing.share_record(store, OPERATOR, sharing.ShareRecord(key, host, DEFAULT.consent_version), at)
    return await floating.choose_host(store, OPERATOR, floating.ChooseHost(key, registration.revision, host), at)


async def _reached(store: Store, key: str, days: int, now: float, learned: str, reached: bool = True) -> None:
    on = day_of(now - days * DAY)
    means = ContactMeans.TELEPHONE if reached else ContactMeans.MESSAGE
    await contact.log_contact(store, OPERATOR, contact.LogContact(key, on, means, reached, learned), now - days * DAY)


async def _taken_in(store: Store, member: str, liaison: str, now: float) -> None:
    registration = await _departed(store, member, SHENZHEN, 230, now, "某软件公司（演示）", "信息技术")
    key = registration.registration_id
    await contact.name_liaison(store, OPERATOR, contact.NameLiaison(key, liaison), now - 228 * DAY)
    await _at_host(store, registration, "demo-float", 225, now)
    await certificates.issue_certificate(store, OPERATOR, key, now - 224 * DAY)
    await _reached(store, key, 150, now, "工作稳定，已参加流入地支部主题党日")
    await _reached(store, key, 60, now, "近期在深圳，身体健康")
    await threads.write_message(store, OPERATOR, threads.WriteMessage(key, "请贵支部多关照，年底前反馈评议意见。"), now - 90 * DAY)
    due = day_of(now) + timedelta(days=20)
    await threads.write_message(store, OPERATOR, threads.WriteMessage(key, "请反馈参加组织生活情况", due, task=True), now - 20 * DAY)
    year = day_of(now - 220 * DAY).year
    evaluation = threads.GiveEvaluation(key, year, EvaluationGrade.QUALIFIED, "按时参加组织生活，发言积极")
    await threads.give_evaluation(store, OPERATOR, evaluation, now - 15 * DAY)


async def _guest(store: Store, member: str, now: float) -> None:
    registration = await _departed(store, member, HANGZHOU, 70, now, "某设计院（演示）", "工程设计")
    await _at_host(store, registration, "demo-first", 66, now)
    await certificates.issue_certificate(store, OPERATOR, registration.registration_id, now - 65 * DAY)
    await _reached(store, registration.registration_id, 30, now, "一切都好")


async def _late(store: Store, member: str, now: float) -> None:
    registration = await _departed(store, member, CHENGDU, 50, now, "某医院进修（演示）", "医疗卫生", FlowReason.STUDY)
    await _named(store, registration, "demo-second", 45, now)


async def _hard_to_reach(store: Store, member: str, now: float) -> None:
    registration = await _departed(store, member, BERLIN, 420, now, "访问学者（演示）", "教育科研", FlowReason.STUDY)
    await _reached(store, registration.registration_id, 400, now, "已抵达，安顿完毕")
    await _reached(store, registration.registration_id, 20, now, "两次未回复", reached=False)


async def _searched_for(store: Store, member: str, now: float) -> None:
    registration = await _departed(store, member, CHENGDU, 300, now, "", "个体经营", FlowReason.BUSINESS)
    key = registration.registration_id
    for days in (230, 215):
        await _reached(store, key, days, now, "无人接听", reached=False)
    search = contact.BeginSearch(key, registration.revision, day_of(now - 200 * DAY))
    await contact.begin_search(store, OPERATOR, search, now - 200 * DAY)
