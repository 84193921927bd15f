"""Old registers of floating members and of contact as files, as branches have kept them in spreadsheets.

The host organisation is a name in words: from a register it follows neither that the host knows, nor that the member has consented to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .mobility import ContactMeans, FlowRange, FlowReason
from .registerfile import Cells, Column, Columns, Register, read_register, spellings, write_register
from .rosterwords import TRUTHS

REASONS = {
    FlowReason.WORK: ("务工", "work", "工作", "就业"),
    FlowReason.BUSINESS: ("经商", "business", "创业"),
    FlowReason.STUDY: ("求学", "study", "学习", "升学"),
    FlowReason.RESIDENCE: ("居住", "residence", "迁居"),
    FlowReason.FAMILY: ("投亲", "family", "随子女居住", "照顾家人"),
    FlowReason.OTHER: ("其他", "other"),
}
RANGES = {
    FlowRange.WITHIN_COUNTY: ("县内", "withinCounty"),
    FlowRange.OUT_OF_COUNTY: ("县外", "outOfCounty", "县外市内"),
    FlowRange.OUT_OF_CITY: ("市外", "outOfCity", "市外省内"),
    FlowRange.OUT_OF_PROVINCE: ("省外", "outOfProvince"),
    FlowRange.ABROAD: ("境外", "abroad", "国外", "出国"),
}
MEANS = {
    ContactMeans.TELEPHONE: ("电话", "telephone", "手机"),
    ContactMeans.VIDEO: ("视频", "video"),
    ContactMeans.MESSAGE: ("信息", "message", "微信", "短信"),
    ContactMeans.VISIT: ("走访", "visit", "上门"),
    ContactMeans.LETTER: ("信函", "letter", "书信"),
    ContactMeans.THROUGH_FAMILY: ("通过亲属", "throughFamily", "家属"),
}
REGISTRATIONS = Columns(
    number=Column("党员编号", "Member number", "编号 工号 number", required=True, limit=40),
    name=Column("姓名", "Name", "党员姓名", limit=120),
    left_on=Column("流出日期", "Left on", "外出日期 流出时间", required=True),
    reason=Column("流动原因", "Reason", "外出原因"),
    flow_range=Column("流动范围", "Range", "外出范围", required=True),
    place=Column("流入地", "Destination", "去向 外出地点 流入地点", required=True, limit=120),
    country=Column("国家代码", "Country code", "国家", limit=2),
    unit=Column("流入单位", "Destination unit", "单位 工作单位"),
    industry=Column("行业", "Industry", "从事行业", limit=80),
    contact=Column("联系方式", "Contact", "联系电话 电话 手机", required=True),
    host=Column("流入地党组织", "Host organisation", "流入党组织"),
    returned_on=Column("返回日期", "Returned on", "返回时间"),
)
CONTACTS = Columns(
    number=Column("党员编号", "Member number", "编号 工号 number", required=True, limit=40),
    name=Column("姓名", "Name", "党员姓名", limit=120),
    on=Column("联系日期", "Contacted on", "日期 联系时间", required=True),
    means=Column("联系方式", "Means", "方式", required=True),
    reached=Column("是否联系上", "Reached", "联系上"),
    learned=Column("了解情况", "Learned", "联系内容 内容 情况", limit=2000),
)


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    line: int
    number: str
    left_on: date
    reason: FlowReason
    flow_range: FlowRange
    place: str
    country: str
    contact: str
    name: str = ""
    unit: str = ""
    industry: str = ""
    host: str = ""
    returned_on: date | None = None


@dataclass(frozen=True, slots=True)
class ContactRow:
    line: int
    number: str
    on: date
    means: ContactMeans
    reached: bool
    name: str = ""
    learned: str = ""


def read_registrations(content: bytes, filename: str) -> Register[RegistrationRow]:
    return read_register(content, filename, REGISTRATIONS, _registration)


def read_contacts(content: bytes, filename: str) -> Register[ContactRow]:
    return read_register(content, filename, CONTACTS, _contact)


def registrations_template(locale: str, file_format: str) -> bytes:
    row = ["20230001", "张三", "2025-03-01", "务工", "省外", "深圳市", "", "", "", "13800000000", "", ""]
    english = ["20230001", "Zhang San", "2025-03-01", "work", "outOfProvince", "Shenzhen", "", "", "", "13800000000", "", ""]
    title = "流动登记" if locale == "zh" else "Registrations"
    return write_register(REGISTRATIONS, [row if locale == "zh" else english], title, locale, file_format)


def contacts_template(locale: str, file_format: str) -> bytes:
    row = ["20230001", "张三", "2025-04-01", "电话", "是", "工作稳定，已参加当地组织生活"]
    english = ["20230001", "Zhang San", "2025-04-01", "telephone", "yes", "settled in; takes part locally"]
    return write_register(CONTACTS, [row if locale == "zh" else english], "联系记录" if locale == "zh" else "Contacts", locale, file_format)


def _registration(read: Cells) -> RegistrationRow:
    left_on, returned_on = read.day("left_on"), read.day("returned_on")
    row = RegistrationRow(
        line=read.line,
        number=read.text("number") or "",
        left_on=left_on or date.max,
        reason=read.choice("reason", spellings(REASONS)) or FlowReason.OTHER,
        flow_range=read.choice("flow_range", spellings(RANGES)) or FlowRange.OUT_OF_PROVINCE,
        place=read.text("place") or "",
        country=(read.text("country") or "CN").upper(),
        contact=read.text("contact") or "",
        name=read.text("name") or "",
        unit=read.text("unit") or "",
        industry=read.text("industry") or "",
        host=read.text("host") or "",
        returned_on=returned_on,
    )
    if left_on is not None and returned_on is not None and returned_on < left_on:
        read.complain("returned_on", "tooEarly", day=left_on.isoformat())
    return row


def _contact(read: Cells) -> ContactRow:
    reached = read.choice("reached", TRUTHS)
    return ContactRow(
        line=read.line,
        number=read.text("number") or "",
        on=read.day("on") or date.max,
        means=read.choice("means", spellings(MEANS)) or ContactMeans.TELEPHONE,
        reached=True if reached is None else reached,
        name=read.text("name") or "",
        learned=read.text("learned") or "",
    )
