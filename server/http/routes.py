"""The table of REST: routing, OpenAPI, docs/api.md and the access tests are all made from it."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import (
    attendance,
    delivery_routes,
    discussion_routes,
    dues_routes,
    figure_routes,
    file_routes,
    home,
    meetings,
    members,
    mobility_routes,
    notice,
    notification_routes,
    organisations,
    privacy_routes,
    protection_routes,
    recording_routes,
    report_routes,
    roster,
    session,
    transfer_routes,
    upkeep_routes,
)
from server.http.attendance import CSV, PDF, XLSX
from server.http.call import Route as R
from server.schemas import accounts as a
from server.schemas import attendance as s
from server.schemas import meetings as m
from server.schemas import organisations as o
from server.schemas import queries as q
from server.schemas.base import Done

_PASSWORD = ("passwordTooShort", "passwordTooLong", "passwordIsUsername", "passwordUnchanged", "wrongPassword", "accountLocked")
_TIMES = ("titleMissing", "timesOutOfOrder", "meetingTooLong", "startInThePast")
_PLACES = ("nameMissing", "notABranch", "hostByRegistration", "hostIsHome", "groupElsewhere", "organisationClosed")

ROUTES: tuple[R, ...] = (
    R("GET", "/settings", session.client_settings, "What a browser needs before log-in", who="anyone", answer=a.ClientSettings),
    R("POST", "/session", session.log_in, "Log in", who="anyone", body=a.LogIn, answer=a.Me,
      refuses=("wrongCredentials", "accountLocked", "tooManyAttempts")),
    R("GET", "/session", session.who_am_i, "Who is logged in", answer=a.Me, half_open=True),
    R("DELETE", "/session", session.log_out, "Log out", answer=Done, half_open=True),
    R("PUT", "/session/locale", session.choose_locale, "Choose the language", body=a.ChooseLocale, answer=Done, half_open=True),
    R("PUT", "/account/password", session.change_password, "Change the password; ends the other sessions", body=a.ChangePassword,
      answer=a.Me, half_open=True, refuses=_PASSWORD),
    R("GET", "/account/sessions", session.list_sessions, "The own sessions", answer=a.SessionList),
    R("DELETE", "/account/sessions", session.end_other_sessions, "End all own sessions but this one", answer=Done),
    R("GET", "/home", home.home, "The start page", answer=a.Home),
    # organisations
    R("GET", "/organisations", organisations.tree, "The tree, as far as one may see it", answer=o.OrgTree),
    R("POST", "/organisations", organisations.create, "Create an organisation", who=A.MANAGE_ORGANISATION, body=o.NewOrg,
      answer=o.OrgView, refuses=("nameMissing", "kindNotUnder", "codeTaken", "organisationClosed")),
    R("PATCH", "/organisations/{orgId}", organisations.change, "Change an organisation or its switches", who=A.SET_ORGANISATION,
      body=o.OrgChange, answer=o.OrgView, refuses=("nameMissing", "shareOutOfRange")),
    R("POST", "/organisations/{orgId}/close", organisations.close, "Close an empty organisation", who=A.MANAGE_ORGANISATION,
      answer=Done, refuses=("organisationClosed", "organisationNotEmpty")),
    # members
    R("GET", "/members", members.search, "Members within reach", query=q.MemberSearch, answer=o.MemberPage),
    R("POST", "/members", members.create, "Add a member", who=A.ADD_MEMBER, body=o.NewMember, answer=o.MemberView,
      refuses=("numberTaken", "stageNotPossible", *_PLACES)),
    R("GET", "/members/{memberId}", members.record, "One member", who=A.SEE_MEMBER, answer=o.MemberView),
    R("PATCH", "/members/{memberId}", members.change, "Change a member", who=A.EDIT_MEMBER, body=o.MemberChange, answer=o.MemberView,
      refuses=("staleRevision", "stageNotPossible", *_PLACES)),
    R("POST", "/members/{memberId}/posts", members.appoint, "Appoint to a post", who=A.APPOINT_BELOW, body=o.NewPost,
      answer=o.MemberView, refuses=("postNotHere", "notAMemberHere", "postTaken")),
    R("DELETE", "/posts/{postId}", members.end_post, "End a post today", who=A.APPOINT_BELOW, answer=Done,
      refuses=("postEndsBeforeStart",)),
    R("POST", "/members/{memberId}/account", members.create_account, "Give a member an account", who=A.MANAGE_ACCOUNT,
      body=a.NewAccount, answer=a.OneTimePassword, refuses=("usernameMalformed", "usernameTaken", "memberHasAccount")),
    R("POST", "/accounts/{accountId}/reset", members.reset_password, "Give a one-time password", who=A.MANAGE_ACCOUNT,
      answer=a.OneTimePassword),
    R("POST", "/accounts/{accountId}/disable", members.disable_account, "Disable an account", who=A.MANAGE_ACCOUNT, answer=Done,
      refuses=("lastAdministrator",)),
    # the roster
    R("POST", "/roster", roster.import_roster, "Import a roster (CSV or XLSX); a dry run unless told otherwise", who=A.ADD_MEMBER,
      query=q.RosterImport, upload=True, answer=o.ImportReport, refuses=("keyMissing", "sealBroken")),
    R("GET", "/roster", roster.export_roster, "Export the roster", who=A.EXPORT_ROSTER, query=q.RosterExport, files=(CSV, XLSX)),
    R("POST", "/roster/full", roster.export_in_full, "Export the roster with ID numbers in full, for a reason that is logged",
      who=A.EXPORT_ROSTER, body=o.FullRoster, files=(CSV, XLSX), refuses=("reasonMissing", "keyMissing", "sealBroken")),
    R("GET", "/roster/template", roster.template, "An empty roster with its headings", query=q.RosterTemplate, files=(CSV, XLSX)),
    # meetings
    R("GET", "/meetings", meetings.search, "Meetings one is responsible for or audits; without such duties the own ones",
      query=q.MeetingSearch, answer=m.MeetingPage),
    R("POST", "/meetings", meetings.schedule, "Schedule a meeting", who=A.MANAGE_MEETING, body=m.NewMeeting, answer=m.MeetingView,
      refuses=("formNotHere", "organisationClosed", *_TIMES)),
    R("POST", "/meetings/expected", meetings.expected, "Who would be expected", who=A.MANAGE_MEETING, body=m.ExpectedQuery,
      answer=m.ExpectedPreview),
    R("GET", "/meetings/{meetingId}", meetings.meeting, "One meeting", who=A.SEE_MEETING, answer=m.MeetingView),
    R("PATCH", "/meetings/{meetingId}", meetings.change, "Change or reschedule a meeting", who=A.MANAGE_MEETING, body=m.MeetingChange,
      answer=m.MeetingView, refuses=("meetingNotScheduled", "staleRevision", *_TIMES)),
    R("POST", "/meetings/{meetingId}/cancel", meetings.cancel, "Cancel a meeting", who=A.MANAGE_MEETING, body=m.CancelMeeting,
      answer=m.MeetingView, refuses=("meetingNotScheduled", "reasonMissing", "staleRevision")),
    R("GET", "/meetings/{meetingId}/calendar.ics", meetings.calendar_file, "The meeting as a calendar file", who=A.SEE_MEETING,
      files=("text/calendar",)),
    R("GET", "/invitations/{token}", meetings.invitation, "The meeting an invitation link leads to", answer=m.MeetingCard),
    R("POST", "/meetings/{meetingId}/leave", meetings.ask_leave, "Ask for leave", who=A.SEE_OWN_RECORD, body=m.AskLeave,
      answer=m.MeetingView, refuses=("reasonMissing", "notExpected", "leaveTooLate", "alreadyDecided")),
    R("POST", "/meetings/{meetingId}/leave/{memberId}", meetings.decide_leave, "Decide on leave", who=A.DECIDE_LEAVE,
      body=m.DecideLeave, answer=m.MeetingView, refuses=("ownCase", "alreadyDecided")),
    # attendance
    R("GET", "/meetings/{meetingId}/sheet", attendance.sheet, "The attendance sheet", who=A.SEE_SHEET, answer=s.SheetView,
      refuses=("meetingNotOpen",)),
    R("GET", "/meetings/{meetingId}/sheet.csv", attendance.sheet_as_csv, "The sheet as CSV", who=A.SEE_SHEET, query=q.Language,
      files=(CSV,), refuses=("meetingNotOpen",)),
    R("GET", "/meetings/{meetingId}/sheet.xlsx", attendance.sheet_as_xlsx, "The sheet as XLSX", who=A.SEE_SHEET, query=q.Language,
      files=(XLSX,), refuses=("meetingNotOpen",)),
    R("GET", "/meetings/{meetingId}/sheet.pdf", attendance.sheet_as_pdf, "The sheet as PDF", who=A.SEE_SHEET, query=q.Language,
      files=(PDF,), refuses=("meetingNotOpen",)),
    R("GET", "/meetings/{meetingId}/record", attendance.own_record, "The own record of a meeting", who=A.SEE_OWN_RECORD,
      answer=s.OwnRecord, refuses=("meetingNotOpen", "notExpected")),
    R("POST", "/meetings/{meetingId}/objections", attendance.raise_objection, "Object to the own record", who=A.SEE_OWN_RECORD,
      body=s.RaiseObjection, answer=s.OwnRecord,
      refuses=("reasonMissing", "meetingNotEnded", "objectionWindowClosed", "objectionOpen", "meetingNotOpen", "notExpected")),
    R("POST", "/objections/{objectionId}", attendance.decide_objection, "Decide on an objection",
      who=A.CORRECT_SHEET, body=s.DecideObjection, answer=s.SheetView, refuses=("reasonMissing", "ownCase", "alreadyDecided")),
    R("POST", "/meetings/{meetingId}/corrections", attendance.correct, "Correct a record", who=A.CORRECT_SHEET, body=s.Correct,
      answer=s.SheetView, refuses=("reasonMissing", "correctionMalformed", "ownCase", "meetingNotOpen", "notExpected")),
    R("POST", "/meetings/{meetingId}/confirmations", attendance.confirm_presence, "Vouch for a stretch of presence",
      who=A.CORRECT_SHEET, body=s.ConfirmPresence, answer=s.SheetView,
      refuses=("stretchOutsideSession", "ownCase", "meetingNotOpen", "notExpected")),
    R("GET", "/meetings/{meetingId}/facts", attendance.facts, "The facts behind the sheet", who=A.SEE_SHEET, query=q.FactSearch,
      answer=s.FactPage),
    R("GET", "/records", attendance.records, "Records of ended meetings", query=q.RecordSearch, answer=attendance.RecordPage),
    R("GET", "/points", attendance.points_of_year, "Points of a year", query=q.PointSearch, answer=s.PointsView),
    # notice and audit
    R("GET", "/notice", notice.notice, "What is measured, and by which rule", answer=s.NoticeView),
    R("POST", "/consents", notice.consent, "Consent to the notice", body=s.GiveConsent, answer=s.NoticeView,
      refuses=("noticeVersionUnknown",)),
    R("GET", "/access", notice.access, "Who looked at or changed what", query=q.AccessSearch, answer=s.AccessPage),
    # each further part has its rows in a file of its own
    *file_routes.ROUTES,
    *privacy_routes.ROUTES,
    *notification_routes.ROUTES,
    *mobility_routes.ROUTES,
    *report_routes.ROUTES,
    *figure_routes.ROUTES,
    *recording_routes.ROUTES,
    *delivery_routes.ROUTES,
    *transfer_routes.ROUTES,
    *discussion_routes.ROUTES,
    *dues_routes.ROUTES,
    *protection_routes.ROUTES,
    *upkeep_routes.ROUTES,
)  # fmt: skip
