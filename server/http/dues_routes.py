"""The rows of dues in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import dues, registers
from server.http.attendance import CSV, XLSX
from server.http.call import Route as R
from server.schemas import dues as s
from server.schemas import queries as q
from server.schemas.organisations import ImportReport

_LINE = ("duesMonthsWrong", "duesDayWrong", "duesMonthPaid")

ROUTES: tuple[R, ...] = (
    R("GET", "/dues", dues.search, "How members stand by their dues; those behind, those not in the book", query=s.DuesSearch,
      answer=s.DuesPageView),
    R("GET", "/dues/export", dues.export, "The same list as a file; logged", who=A.SEE_DUES, query=s.DuesExport, files=(CSV, XLSX)),
    R("POST", "/dues", dues.enter, "Enter that dues were paid, of one member or several", who=A.RECORD_DUES, body=s.EnterDues,
      answer=s.DuesEntered, refuses=("duesNotOwed", *_LINE)),
    R("POST", "/dues/reckoning", dues.reckon, "What the rates make of a monthly base; nothing is kept", body=s.ReckonDues,
      answer=s.ReckonedDues),
    R("GET", "/members/{memberId}/dues", dues.book, "The book of dues of one member", who=A.SEE_DUES, answer=s.DuesBookView),
    R("POST", "/members/{memberId}/dues/terms", dues.agree, "What is agreed with a member: group, monthly amount, by the quarter",
      who=A.RECORD_DUES, body=s.SetDuesTerms, answer=s.DuesBookView, refuses=("duesMonthsWrong", "duesNotOwed", "duesLineReplaced")),
    R("POST", "/dues/{duesEntryId}/correction", dues.correct, "Put another line in place of one", who=A.RECORD_DUES,
      body=s.CorrectDues, answer=s.DuesBookView, refuses=("reasonMissing", "duesLineReplaced", *_LINE)),
    R("POST", "/dues/{duesEntryId}/withdrawal", dues.withdraw, "Take a line back", who=A.RECORD_DUES, body=s.WithdrawDues,
      answer=s.DuesBookView, refuses=("reasonMissing", "duesLineReplaced")),
    R("POST", "/registers/dues", registers.dues, "Import an old register of dues (CSV or XLSX); a dry run unless told otherwise",
      who=A.RECORD_DUES, query=q.RegisterImport, upload=True, answer=ImportReport),
    R("GET", "/registers/dues/template", registers.dues_template_file, "An empty register of dues with its headings",
      query=q.RosterTemplate, files=(CSV, XLSX)),
)  # fmt: skip
