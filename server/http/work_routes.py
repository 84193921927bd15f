"""The rows of assigned work in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import work
from server.http.attendance import CSV, XLSX
from server.http.call import Route as R
from server.schemas import work as s

ROUTES: tuple[R, ...] = (
    R("GET", "/assigned-work", work.search, "All assigned work of the branches one has charge of, and by them to members who float there",
      query=s.WorkSearch, answer=s.WorkPageView),
    R("GET", "/assigned-work/export", work.export, "The same list as a file, with what was answered; logged", who=A.SEE_WORK,
      query=s.WorkExport, files=(CSV, XLSX)),
    R("POST", "/assigned-work", work.assign_to_several, "Assign the same work to several members", who=A.ASSIGN_WORK, body=s.AssignWorks,
      answer=s.WorkAssigned, refuses=("workDuePast", "workNotAssignable")),
    R("GET", "/members/{memberId}/work", work.of_member, "Work assigned to a member", who=A.SEE_WORK, answer=s.WorkView),
    R("POST", "/members/{memberId}/work", work.assign, "Assign work to a member", who=A.ASSIGN_WORK, body=s.NewWork, answer=s.WorkView,
      refuses=("workDuePast", "workNotAssignable")),
    R("POST", "/assigned-work/{workId}/answer", work.answer, "Say that it is done, or decline it with a reason", who=A.ANSWER_WORK,
      body=s.AnswerWork, answer=s.WorkView, refuses=("reasonMissing", "workAnswered", "dayOutOfOrder")),
    R("POST", "/assigned-work/{workId}/return", work.give_back, "Give an answer back: the work is open again", who=A.ASSIGN_WORK,
      body=s.WorkReason, answer=s.WorkView, refuses=("reasonMissing", "workOpen")),
    R("POST", "/assigned-work/{workId}/withdrawal", work.withdraw, "Take open work back", who=A.ASSIGN_WORK, body=s.WorkReason,
      answer=s.WorkView, refuses=("reasonMissing", "workAnswered")),
)  # fmt: skip
