"""Dashboards as shapes of the wire."""

from __future__ import annotations

from ledger.actions.figures import NamedLine, Overview
from ledger.figures import REQUIRED, BranchFigures
from server.schemas.figures import BranchFiguresView, DashboardView, FigureLineView, FlowCountView, HeldView, OrgName, TransferFiguresView


def dashboard(found: Overview) -> DashboardView:
    board, names = found.dashboard, found.names
    return DashboardView(
        org_id=board.org_id,
        name=names[board.org_id],
        as_of=board.as_of.isoformat(),
        year=board.year,
        parents=[OrgName(org_id=org_id, name=names[org_id]) for org_id in found.parents],
        total=_branch(board.total, found),
        children=[_branch(one, found) for one in board.children],
        branches=board.branches,
        flows=[FlowCountView(flow=one.flow.value, key=one.key.value, value=one.value, count=one.count) for one in board.flows],
        transfers=TransferFiguresView.model_validate({box.value: count for box, count in found.transfers.items()}),
        held=[HeldView(form=one.form.value, required=REQUIRED[one.form], quarter=one.quarter, held=one.held) for one in board.held],
    )


def _branch(one: BranchFigures, found: Overview) -> BranchFiguresView:
    return BranchFiguresView(
        org_id=one.org_id,
        name=found.names[one.org_id],
        leaf=one.org_id in found.leaves,
        members=one.members,
        probationary=one.probationary,
        away=one.away,
        awaiting=one.awaiting,
        late=one.late,
        contact_overdue=one.contact_overdue,
        out_of_contact=one.out_of_contact,
        idle=list(one.idle),
    )


def line(one: NamedLine) -> FigureLineView:
    return FigureLineView(
        org_id=one.org.org_id,
        org_name=one.org.name,
        member_id=one.line.member_id,
        member_name=one.member.name if one.member else "",
        number=one.member.number if one.member else "",
        since=one.line.since.isoformat() if one.line.since else None,
        subject=one.line.subject,
        detail=one.line.detail,
    )
