"""What lies around the members of a large installation: accounts and posts, files with their history, transfers, reports, threads,
notifications, requests, deliveries and the log of access. In proportion to the members, as `bigledger`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from ledger.mobility import ENDED_WITHOUT_MOVE, MOVED, TransferState
from ledger.model import day_of
from ledger.store import (
    tables,
    tables_delivery,
    tables_discussions,
    tables_dues,
    tables_files,
    tables_notifications,
    tables_reports,
    tables_transfers,
    tables_work,
)

BRANCH_SIZE: Final = 20
DAY: Final = 86_400.0
NOTIFICATIONS: Final = 5  # of a member
LOOKS: Final = 5  # lines of the log for a member
DELIVERIES: Final = 2  # of a member
TRANSFER_EVERY: Final = 5  # members: a transfer there has been or is
COMMITTEE_SIZE: Final = 100  # branches
TOLD: Final = "meetingScheduled"
Row = dict[str, Any]
Rows = Iterator[Row]

_S = TransferState
#: One in thirty is under way; of the rest most have arrived.
UNDER_WAY: Final = (_S.APPLIED, _S.HOME_CHECKED, _S.LETTER_ISSUED, _S.IN_TRANSIT, _S.RECEIVED, _S.ASSIGNED, _S.EXPIRED)
OVER: Final = (_S.CLOSED, _S.CLOSED, _S.ARCHIVED, _S.CLOSED, _S.WITHDRAWN, _S.CLOSED, _S.REFUSED)
LETTERED: Final = MOVED | {_S.LETTER_ISSUED, _S.IN_TRANSIT, _S.RECEIVED, _S.ASSIGNED, _S.EXPIRED}


def branches_of(members: int) -> int:
    return max(1, members // BRANCH_SIZE)


def branch_of(n: int, members: int) -> int:
    """The last branch takes whoever is left over."""
    return min(n // BRANCH_SIZE, branches_of(members) - 1)


def path_of(branch: int) -> str:
    return f"/top/k{branch // COMMITTEE_SIZE}/b{branch}/"


class Papers:
    """`password`: the hash of everybody's. `last_line`: of the log of access, once `rows` have been taken."""

    def __init__(self, members: int, now: float, password: str) -> None:
        self._members = members
        self._branches = branches_of(members)
        self._now = now
        self._password = password
        self.last_line = 0

    def rows(self) -> Iterator[tuple[Any, Rows]]:
        yield tables.accounts, self._accounts()
        yield tables.posts, self._posts()
        yield tables_files.member_files, self._files()
        yield tables_files.file_entries, self._entries()
        yield tables_files.file_changes, self._changes()
        yield tables_files.change_requests, self._change_requests()
        yield tables_files.data_requests, self._data_requests()
        yield tables.leave_requests, self._leaves()
        yield tables_transfers.transfers, self._transfers()
        yield tables_transfers.transfer_letters, self._letters()
        yield tables_transfers.transfer_receipts, self._receipts()
        yield tables_transfers.transfer_lines, self._lines()
        yield tables_reports.thought_reports, self._reports()
        yield tables_reports.report_duties, self._duties()
        yield tables_dues.dues_entries, self._paid()
        yield tables_dues.dues_terms, self._terms()
        yield tables_dues.dues_standings, self._standings()
        yield tables_work.assigned_works, self._works()
        yield tables_discussions.threads, self._threads()
        yield tables_discussions.contributions, self._contributions()
        yield tables_discussions.read_marks, self._marks()
        yield tables_notifications.notifications, self._notifications()
        yield tables_delivery.webhooks, self._webhooks()
        yield tables_delivery.deliveries, self._deliveries()
        yield tables.access_log, self._log()

    def _ago(self, days: float) -> float:
        return self._now - days * DAY

    def _day_ago(self, days: int) -> date:
        return day_of(self._now) - timedelta(days=days)

    # --- people ------------------------------------------------------------------------------------------------------------------------

    def _accounts(self) -> Rows:
        for n in range(self._members):
            yield {
                "account_id": f"u{n}", "username": f"u{n}", "password_hash": self._password, "member_id": f"p{n}", "locale": "zh",
                "must_change_password": False, "disabled": False,
            }  # fmt: skip

    def _posts(self) -> Rows:
        for branch in range(self._branches):
            first = branch * BRANCH_SIZE
            for place, kind in ((0, "secretary"), (2, "committeeMember")):
                if first + place < self._members:
                    yield {
                        "post_id": f"post{branch}-{place}", "member_id": f"p{first + place}", "org_id": f"b{branch}", "kind": kind,
                        "since": date(2024, 1, 1), "until": None,
                    }  # fmt: skip

    def _files(self) -> Rows:
        for n in range(self._members):
            yield {"member_id": f"p{n}", "work_unit": f"单位{n % 997}", "school": "某大学", "full_since": date(2000 + n % 25, 7, 1)}

    def _entries(self) -> Rows:
        for n in range(self._members):
            for kind, title in (("education", "本科"), ("work", "职员")):
                yield {
                    "entry_id": f"e{n}-{kind}", "member_id": f"p{n}", "kind": kind, "since": date(2000, 9, 1), "until": date(2004, 7, 1),
                    "unit": "某单位", "title": title,
                }  # fmt: skip

    def _changes(self) -> Rows:
        for n in range(self._members):
            for field in ("workUnit", "phone", "education"):
                yield {
                    "batch": f"a{n}", "member_id": f"p{n}", "at": self._ago(400), "account_id": "bench", "how": "edit", "field": field,
                    "before": None, "after": "甲", "reason": None,
                }  # fmt: skip

    def _change_requests(self) -> Rows:
        for n in range(0, self._members, 50):
            decision = "pending" if n % 500 == 0 else "approved"
            yield {
                "request_id": f"q{n}", "member_id": f"p{n}", "account_id": f"u{n}", "at": self._ago(n % 300),
                "changes": json.dumps({"workUnit": "新单位"}), "entry": None, "note": "", "decision": decision, "withdrawn": False,
                "decided_by": None, "decided_at": None, "answer": None,
            }  # fmt: skip

    def _data_requests(self) -> Rows:
        for n in range(0, self._members, 200):
            answered = None if n % 1000 == 0 else self._ago(20)
            yield {
                "request_id": f"d{n}", "member_id": f"p{n}", "kind": "explanation", "text": "说明", "raised_at": self._ago(30),
                "answered_at": answered, "answered_by": None, "agreed": None, "answer": None,
            }  # fmt: skip

    def _leaves(self) -> Rows:
        for branch in range(self._branches):
            yield {
                "meeting_id": f"m{branch}-0", "member_id": f"p{branch * BRANCH_SIZE}", "reason": "出差", "requested_at": self._ago(12),
                "decision": "pending" if branch % 10 == 0 else "approved", "decided_by": None, "decided_at": None, "answer": None,
            }  # fmt: skip

    # --- transfers ---------------------------------------------------------------------------------------------------------------------

    def _moving(self) -> Iterator[tuple[int, TransferState, int, int]]:
        """(member, state, branch left, branch of the destination); whoever arrived came from the branch before the own one."""
        for number, n in enumerate(range(2, self._members, TRANSFER_EVERY)):
            state = UNDER_WAY[number // 30 % len(UNDER_WAY)] if number % 30 == 0 else OVER[number % len(OVER)]
            home = branch_of(n, self._members)
            other = (home + 1 + number % 211) % self._branches
            yield (n, state, other, home) if state in MOVED else (n, state, home, other)

    def _transfers(self) -> Rows:
        for n, state, left, entered in self._moving():
            days = n % 40 if state not in MOVED | ENDED_WITHOUT_MOVE else 40 + n % 900
            assigned = state in MOVED or state is _S.ASSIGNED
            yield {
                "transfer_id": f"t{n}", "member_id": f"p{n}", "from_branch_id": f"b{left}",
                "from_committee_id": f"k{left // COMMITTEE_SIZE}", "to_committee_id": f"k{entered // COMMITTEE_SIZE}",
                "to_branch_id": f"b{entered}" if assigned else None, "reason": "工作调动", "state": state.value,
                "applied_at": self._ago(days + 20), "state_since": self._ago(days), "dues_paid_until": "2026-05",
                "national_reference": "", "answer": "", "outside": "", "outside_branch": "", "newcomer": None, "revision": 4,
            }  # fmt: skip

    def _letters(self) -> Rows:
        for n, state, left, _ in self._moving():
            if state in LETTERED:
                issued = self._day_ago(30 + n % 900 if state in MOVED else n % 30)
                yield {
                    "transfer_id": f"t{n}", "place": 0, "committee_id": f"k{left // COMMITTEE_SIZE}", "number": f"{issued.year}-{n:06d}",
                    "issued_on": issued, "valid_days": 30, "last_valid_day": issued + timedelta(days=30), "dues_paid_until": "2026-05",
                    "verification_code": f"code{n}", "void": state is _S.EXPIRED,
                }  # fmt: skip

    def _receipts(self) -> Rows:
        for n, state, _, entered in self._moving():
            if state in MOVED:
                yield {
                    "transfer_id": f"t{n}", "letter_number": f"n{n}", "branch_id": f"b{entered}", "outside_branch": "",
                    "at": self._ago(41), "signed_by": "某某",
                }  # fmt: skip

    def _lines(self) -> Rows:
        for n, state, _, _ in self._moving():
            for step in ("Apply", "PassHomeCheck", "Approve", "IssueLetter"):
                yield {
                    "transfer_id": f"t{n}", "before": None, "after": state.value, "step": step, "side": "home", "at": self._ago(50),
                    "reason": "", "author": "bench",
                }  # fmt: skip

    # --- reports and threads -----------------------------------------------------------------------------------------------------------

    def _reports(self) -> Rows:
        words = "本季度思想汇报。" * 60
        for n in range(0, self._members, 2):
            state = "handedIn" if n % 20 == 0 else "answered"
            yield {
                "report_id": f"h{n}", "member_id": f"p{n}", "period_end": self._day_ago(n % 200), "state": state, "title": "思想汇报",
                "text": words, "created_at": self._ago(n % 200 + 10), "changed_at": self._ago(n % 200), "handed_in_at": self._ago(n % 200),
                "read_at": None, "revision": 2,
            }  # fmt: skip

    def _duties(self) -> Rows:
        for n in range(1, self._members, 3):
            yield {"member_id": f"p{n}", "since": self._day_ago(300)}

    def _until(self, n: int) -> date:
        """Paid up to the month of that day; nothing is known of one in forty."""
        return self._day_ago(30 * (n % 9))

    def _payers(self) -> Iterator[int]:
        return (n for n in range(self._members) if n % 40)

    def _paid(self) -> Rows:
        for n in self._payers():
            for quarter in range(4):
                month = (self._until(n) - timedelta(days=90 * quarter)).isoformat()[:7]
                yield {
                    "entry_id": f"x{n}-{quarter}", "member_id": f"p{n}", "from_month": month, "to_month": month,
                    "paid_on": self._day_ago(90 * quarter), "amount_fen": 3000, "entered_at": self._ago(90 * quarter),
                    "entered_by": "bench", "corrects": None, "withdrawn": False, "reason": "",
                }  # fmt: skip

    def _terms(self) -> Rows:
        for n in self._payers():
            yield {
                "terms_id": f"y{n}", "member_id": f"p{n}", "since": "2024-01", "group": "employed", "monthly_fen": 1000,
                "quarterly": n % 3 == 0, "set_at": self._ago(600), "set_by": "bench", "corrects": None,
            }  # fmt: skip

    def _standings(self) -> Rows:
        for n in self._payers():
            yield {
                "member_id": f"p{n}", "paid_until": self._until(n).isoformat()[:7], "last_paid_on": self._day_ago(30),
                "quarterly": n % 3 == 0, "monthly_fen": 1000,
            }  # fmt: skip

    def _works(self) -> Rows:
        """Two of each third member, one of them done."""
        for n in range(0, self._members, 3):
            for place, done in enumerate((True, False)):
                yield {
                    "work_id": f"work{n}-{place}", "member_id": f"p{n}", "org_id": f"b{branch_of(n, self._members)}", "title": "走访",
                    "due_on": self._day_ago(20 - 40 * place), "assigned_at": self._ago(40), "assigned_by": "u0", "detail": "",
                    "outcome": "done" if done else None, "done_on": self._day_ago(25) if done else None,
                    "answered_at": self._ago(25) if done else None, "answered_by": f"u{n}" if done else None, "reason": "",
                }  # fmt: skip

    def _talks(self) -> Iterator[tuple[str, str, str, int]]:
        """(thread, organisation, kind, opener)"""
        for branch in range(self._branches):
            for number in range(3):
                kind = "announcement" if number == 0 else "discussion"
                yield f"w{branch}-{number}", f"b{branch}", kind, branch * BRANCH_SIZE
        for number in range(10):
            yield f"wtop-{number}", "top", "announcement", 0

    def _threads(self) -> Rows:
        for place, (key, org, kind, opener) in enumerate(self._talks()):
            yield {
                "thread_id": key, "org_id": org, "kind": kind, "title": "学习安排", "author": f"u{opener}",
                "author_member_id": f"p{opener}",
                "created_at": self._ago(20 + place % 200), "last_at": self._ago(place % 200), "entries": 4, "closed_at": None,
                "close_reason": "",
            }  # fmt: skip

    def _contributions(self) -> Rows:
        for place, (key, _, _, opener) in enumerate(self._talks()):
            for number in range(1, 5):
                yield {
                    "entry_id": f"{key}-{number}", "thread_id": key, "number": number, "author": f"u{opener}",
                    "author_member_id": f"p{opener}",
                    "text": "请大家按时参加。" * 10, "at": self._ago(place % 200), "deleted_at": None, "hidden_at": None, "hidden_by": None,
                    "hide_reason": "",
                    "edits": 0,
                }  # fmt: skip

    def _marks(self) -> Rows:
        for key, _, _, opener in self._talks():
            for n in range(opener, min(opener + 12, self._members)):
                yield {"thread_id": key, "member_id": f"p{n}", "number": 3, "at": self._ago(1)}

    # --- what was told and looked at ---------------------------------------------------------------------------------------------------

    def _notifications(self) -> Rows:
        for n in range(self._members):
            for place in range(NOTIFICATIONS):
                at = self._ago(place * 20 + n % 20)
                yield {
                    "notification_id": f"{n}-{place}", "recipient_member_id": f"p{n}", "kind": TOLD,
                    "params": json.dumps({"org": "支部", "start": "2026-11-01 19:00"}),
                    "about": f"meeting:m{branch_of(n, self._members)}-0", "at": at, "key": f"bench:{place}",
                    "read_at": at if place else None, "routed_at": at,
                }  # fmt: skip

    def _webhooks(self) -> Rows:
        for committee in range(-(-self._branches // COMMITTEE_SIZE)):
            yield {
                "endpoint_id": f"hook{committee}", "org_id": f"k{committee}", "url": "https://hook.example/in", "events": "[]",
                "sealed_secret": "", "created_at": self._ago(100), "created_by": "bench", "failing_since": None, "disabled_at": None,
                "disabled_reason": "", "revision": 1,
            }  # fmt: skip

    def _deliveries(self) -> Rows:
        for n in range(self._members):
            for place in range(DELIVERIES):
                at = self._ago(place * 20 + n % 20)
                failed = n % 400 == 0
                yield {
                    "delivery_id": f"{n}-{place}", "channel": "email", "recipient": f"p{n}", "subject": "each",
                    "notification_ids": f'["{n}-{place}"]', "body": "", "created_at": at, "due_at": at,
                    "state": "failed" if failed else "sent", "tries": 1, "tried_at": at, "settled_at": at, "reason": "",
                }  # fmt: skip

    def _log(self) -> Rows:
        for look in range(LOOKS):
            for n in range(self._members):
                self.last_line += 1
                yield {
                    "line": self.last_line, "at": self._ago(LOOKS - look), "account_id": f"u{branch_of(n, self._members) * BRANCH_SIZE}",
                    "action": "seeMember", "subject": f"member:p{n}", "path": path_of(branch_of(n, self._members)), "detail": "{}",
                    "hash": "0" * 64,
                }  # fmt: skip
