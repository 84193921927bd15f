"""Which pages of lists a large installation is asked for, and by whom. A test holds them against the table of routes, so that none is
forgotten: every GET that answers with a list is here, or in `NO_LISTS` with the reason.

`{branch}`, `{member}` and the like stand for the reader's own organisation and person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bench.bigledger import ADMINISTRATOR, AUDITOR, GUARD, RUNNER, secretary_of
from bench.bigpapers import BRANCH_SIZE


@dataclass(frozen=True, slots=True)
class Person:
    """Who reads: a user name, which pages, and what the blanks in their addresses stand for."""

    username: str
    whose: str
    pages: tuple[str, ...]
    blanks: Mapping[str, str]

    def addresses(self) -> tuple[tuple[str, str], ...]:
        """(the page as it is called in the figures, its address)"""
        return tuple((f"{self.whose} {page}", page.format_map(self.blanks)) for page in self.pages)


_FIGURES: Final = (
    "/api/figures/{org}/lines?behind=away",
    "/api/figures/{org}/lines?behind=away&key=place&value=44",
    "/api/figures/{org}/lines?behind=late",
    "/api/figures/{org}/lines?behind=contactOverdue",
    "/api/figures/{org}/lines?behind=outOfContact",
    "/api/figures/{org}/lines?behind=idle&days=30",
    "/api/figures/{org}/lines?behind=idle&days=180&page=2",
    "/api/figures/{org}/lines?behind=notHeld&quarter=1",
)
_SHARED: Final = (
    "/api/home",
    "/api/organisations",
    "/api/members",
    "/api/members?page={lastPage}",
    "/api/members?q=党员77",
    "/api/members?q=员",
    "/api/members?stage=probationary",
    "/api/members?floating=true&sex=female",
    "/api/members?ageFrom=60",
    "/api/members?orgId={org}&status=active",
    "/api/meetings",
    "/api/meetings?form=PARTY_LECTURE",
    "/api/meetings?state=ended&page=2",
    "/api/meetings?orgId={org}",
    "/api/floating",
    "/api/floating?filter=awaiting&page=2",
    "/api/floating?filter=late",
    "/api/floating?filter=contactOverdue",
    "/api/floating?filter=lost",
    "/api/floating?filter=here",
    "/api/floating?filter=closed",
    "/api/floating?q=党员77",
    "/api/transfers",
    "/api/transfers?box=all",
    "/api/transfers?box=done&page=3",
    "/api/transfers?box=waiting",
    "/api/transfers?box=expiring",
    "/api/transfers?box=receiptMissing",
    "/api/transfers?box=all&q=党员77",
    "/api/transfers?box=all&q=2026-0",
    "/api/threads",
    "/api/threads?kind=announcement",
    "/api/threads?orgId={org}",
    "/api/file-requests",
    "/api/data-requests",
    "/api/hosts?q=支部77",
    "/api/dues",
    "/api/dues?page={lastPage}",
    "/api/dues?filter=behind&page=2",
    "/api/dues?filter=unknown",
    "/api/dues?q=党员77",
    "/api/members/{member}/dues",
    "/api/members/{member}/work",
    "/api/assigned-work",
    "/api/assigned-work?filter=overdue&page=2",
    "/api/assigned-work?filter=answered",
    "/api/assigned-work?filter=declined",
    "/api/assigned-work?filter=all&page=2",
    "/api/assigned-work?q=党员77",
    "/api/transfers/destinations",
    "/api/meetings/{meeting}/facts",
    "/api/meetings/{meeting}/recordings",
    "/api/members/{member}/history",
    "/api/member-lists",
    "/api/account/sessions",
    "/api/access?subject=me",
    *_FIGURES,
)
#: Whoever administers people from the top.
TOP: Final = (*_SHARED, "/api/session", "/api/webhooks", "/api/webhooks/hook0/deliveries")
#: A secretary, who is a member as well.
BRANCH: Final = (
    *_SHARED,
    "/api/figures/{org}",
    "/api/floating?filter=mine",
    "/api/session",
    "/api/branch",
    "/api/threads/{thread}/readers",
    "/api/organisations/{org}/people",
    "/api/reports",
    "/api/reports/tray",
    "/api/reports/tray?state=answered",
    "/api/reports/due",
    "/api/notifications",
    "/api/notifications?unread=true",
    "/api/records",
    "/api/records?memberId={member}",
    "/api/points",
    "/api/transfers/own",
    "/api/file-requests/mine",
    "/api/my-data",
)
AUDITING: Final = ("/api/access", "/api/access?page=100", "/api/members?page=3", "/api/meetings?page=3", "/api/floating?page=3")
RUNNING: Final = ("/api/deliveries", "/api/deliveries?state=failed", "/api/deliveries?channel=webhook", "/api/organisations")
GUARDING: Final = (
    "/api/offices",
    "/api/offices?offices=false",
    "/api/offices?offices=false&q=u77",
    "/api/organisations",
    "/api/breaches",
    "/api/assessments",
)

#: GETs that answer with a list and are no page of one: what is asked once, is fixed, or is one thing with its parts.
NO_LISTS: Final = {
    "/settings": "of the installation, the same for everybody",
    "/notice": "a text",
    "/retention": "a fixed table",
    "/transfers/notice": "a text",
    "/notices": "the texts there are",
    "/breaches/{breachId}": "one breach",
    "/breaches/{breachId}/notice": "a text",
    "/system": "the last runs and the keys",
    "/contributions/{contributionId}/versions": "one contribution",
    "/security": "the names of the keys",
    "/notifications/preferences": "the kinds there are",
    "/members/{memberId}": "one member",
    "/members/{memberId}/file": "one file, measured by itself",
    "/floating/{registrationId}": "one registration",
    "/floating/{registrationId}/certificate": "one certificate",
    "/meetings/{meetingId}": "one meeting",
    "/meetings/{meetingId}/sheet": "one sheet",
    "/meetings/{meetingId}/record": "one line of a sheet",
    "/recordings/{recordingId}": "one recording",
    "/reports/{reportId}": "one report",
    "/threads/{threadId}": "one thread",
    "/transfers/{transferId}": "one transfer",
}


def people(members: int, count: int) -> list[Person]:
    """So many at once: half administers from the top or holds an office, the rest are secretaries of different branches."""
    branches = max(1, members // BRANCH_SIZE)
    offices = [Person(name, whose, pages, {}) for name, whose, pages in _OFFICES][: max(0, count - 2)]
    tops = [_top(members) for _ in range(max(1, (count - len(offices)) // 2))]
    rest = count - len(offices) - len(tops)
    return [*offices, *tops, *(_secretary(number * branches // max(1, rest)) for number in range(rest))]


_OFFICES: Final = ((AUDITOR, "auditor", AUDITING), (RUNNER, "runner", RUNNING), (GUARD, "guard", GUARDING))


def _top(members: int) -> Person:
    last = str(max(1, members // 50))
    return Person(ADMINISTRATOR, "top", TOP, {"org": "top", "lastPage": last, "meeting": "m0-0", "member": "p1"})


def _secretary(branch: int) -> Person:
    member = f"p{branch * BRANCH_SIZE + 1}"
    blanks = {"org": f"b{branch}", "lastPage": "1", "meeting": f"m{branch}-0", "member": member, "thread": f"w{branch}-0"}
    return Person(secretary_of(branch), "branch", BRANCH, blanks)
