"""The rows of dashboards in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import figures
from server.http.attendance import CSV, XLSX
from server.http.call import Route as R
from server.schemas import figures as f

ROUTES: tuple[R, ...] = (
    R("GET", "/figures/{orgId}", figures.dashboard, "The dashboard of an organisation and all below it", who=A.SEE_FIGURES,
      query=f.FigureSearch, answer=f.DashboardView),
    R("GET", "/figures/{orgId}/lines", figures.lines, "The list behind a number", who=A.SEE_FIGURES, query=f.LineSearch,
      answer=f.FigureLinePage),
    R("GET", "/figures/{orgId}/export", figures.export, "The same list as a file; logged", who=A.SEE_FIGURES, query=f.LineExport,
      files=(CSV, XLSX)),
)  # fmt: skip
