"""Dashboards and the lists behind their numbers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .base import Day, Id, Shape
from .queries import Pages

FlowKeyName = Literal["place", "reason", "industry", "range"]
BehindName = Literal["away", "late", "contactOverdue", "outOfContact", "idle", "notHeld"]
CountedFormName = Literal["BRANCH_GENERAL_MEETING", "BRANCH_COMMITTEE_MEETING", "THEMED_PARTY_DAY"]  # whose number in a quarter is required
Year = Annotated[int, Field(ge=2000, le=2100)]


class FigureSearch(Shape):
    year: Year | None = None


class LineSearch(Pages):
    """Which number: `key` and `value` of a flow with `away`, `days` with `idle`, `form`, `year` and `quarter` with `notHeld`."""

    behind: BehindName = "away"
    key: FlowKeyName | None = None
    value: Annotated[str, StringConstraints(max_length=120)] = ""
    days: Literal["30", "90", "150", "180"] = "30"
    form: CountedFormName = "BRANCH_GENERAL_MEETING"
    year: Year | None = None
    quarter: Annotated[int, Field(ge=1, le=4)] = 1


class LineExport(LineSearch):
    format: Literal["csv", "xlsx"] = "xlsx"
    lang: Literal["zh", "en"] = "zh"


class BranchFiguresView(Shape):
    """`idle`: without organisational life for at least 30, 90, 150, 180 days. `leaf`: nothing lies below it."""

    org_id: Id
    name: str
    leaf: bool
    members: int
    probationary: int
    away: int
    awaiting: int
    late: int
    contact_overdue: int
    out_of_contact: int
    idle: list[int]


class FlowCountView(Shape):
    """`value`: two digits of a division code or "abroad:" and a country, a reason, an industry in words, a range."""

    flow: Literal["out", "in"]
    key: FlowKeyName
    value: str
    count: int


class HeldView(Shape):
    """Branches with as many meetings of the form in the quarter as `required`."""

    form: CountedFormName
    required: int
    quarter: int
    held: int


class OrgName(Shape):
    org_id: Id
    name: str


class TransferFiguresView(Shape):
    """Transfers that leave or reach these organisations: on the way, with a letter that ends soon, arrived but without receipt for long."""

    on_the_way: int
    expiring: int
    receipt_missing: int


class DashboardView(Shape):
    """`parents`: the organisations above that one may look at, from the top. `branches`: how many hold meetings."""

    org_id: Id
    name: str
    as_of: Day
    year: int
    parents: list[OrgName]
    total: BranchFiguresView
    children: list[BranchFiguresView]
    branches: int
    flows: list[FlowCountView]
    held: list[HeldView]
    transfers: TransferFiguresView


class FigureLineView(Shape):
    """`since`: the day the number is about. `subject`: a registration's id, or what the line itself is."""

    org_id: Id
    org_name: str
    member_id: Id | None
    member_name: str
    number: str
    since: Day | None
    subject: Id
    detail: str


class FigureLinePage(Shape):
    items: list[FigureLineView]
    total: int
    page: int
    page_size: int
