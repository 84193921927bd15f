"""What importing a roster would do: rows against what is stored, as a plan and complaints. No store and no clock in here."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ..access import Action, Actor, Target, may, organisation_target
from ..idnumber import IdNumber, masked_id_number, read_id_number
from ..memberfile import MemberFile
from ..model import ATTENDING, BRANCH_KINDS, LOOKED_AFTER, Account, Member, OrgKind, OrgUnit, Post, PostKind
from ..registerfile import SENTENCES
from ..roster import RosterComplaint, RosterRow
from ..rosterwords import MASKED_ID
from ..rules.admission import with_fitting_status
from ..rules.declined import Declined
from .accounts import is_username
from .filing import DEMO_PATH
from .posts import SINGLE, appointing

IMPORT_SENTENCES: dict[str, tuple[str, str]] = {
    "branchUnknown": ("没有代码为“{value}”的组织", "there is no organisation with the code “{value}”"),
    "notABranch": ("“{value}”不是党支部", "“{value}” is not a branch"),
    "branchClosed": ("“{value}”已撤销", "“{value}” is closed"),
    "notAGroup": ("“{value}”不是该支部的党小组", "“{value}” is not a Party group of this branch"),
    "idNumberMasked": (
        "身份证号已掩码，与档案中的不符；不更改的请留空，更改的请填完整号码",
        "this is a masked number and not the one on the file; leave the cell empty, or give the number in full",
    ),
    "idNumberTwice": ("此身份证号在第 {value} 行已出现", "this ID number is already in line {value}"),
    "idNumberTaken": ("此身份证号已登记在另一名党员名下，请核对", "this ID number is on another member's file; check it"),
    "idNumberDisagrees": ("身份证号与出生日期或性别不一致", "the ID number says another date of birth or sex"),
    "hostByRegistration": (
        "流入支部“{value}”不能由名册写入：请办理流动登记并由本人同意；此列留空即可",
        "the host branch “{value}” cannot come from a roster: register the departure and let the member consent; leave this cell empty",
    ),
    "stageNotPossible": (
        "类别与状态不符：已入党的不能改为申请人；申请人、积极分子、发展对象不适用留党察看和停止党籍",
        "stage and status do not go together: a member cannot become an applicant again, and probation or suspension are of members only",
    ),
    "notYourBranch": ("您无权管理“{value}”的党员", "you may not manage the members of “{value}”"),
    "memberElsewhere": ("编号“{value}”属于您无权管理的党员", "the number “{value}” belongs to a member you may not manage"),
    "moveNotAllowed": (
        "此人现在其他支部，改变所在支部须由两个支部共同的上级办理",
        "this member is in another branch; moving is for an administrator of both",
    ),
    "postNotAllowed": ("您无权任命此职务", "you may not appoint to this post"),
    "postTaken": ("此职务现由“{value}”担任，请先办理卸任", "this post is held by “{value}”; end that first"),
    "postNeedsGroup": ("党小组组长须填党小组代码", "a group leader needs a group code"),
    "postNeedsActive": ("状态不正常的党员不能任职", "only an active member can hold a post"),
    "usernameTaken": ("用户名“{value}”已被使用", "the user name “{value}” is taken"),
    "usernameFixed": (
        "此人已有用户名“{value}”，不能通过导入更改",
        "this member already has the user name “{value}”; an import cannot change it",
    ),
    "usernameImpossible": ("“{value}”不能用作用户名，请另填用户名", "“{value}” cannot be a user name; fill in another"),
    "accountNotAllowed": ("您无权为此支部的党员开设账号", "you may not create accounts for members of this branch"),
}
_ROW_FIELDS = {
    "name": "name",
    "stage": "stage",
    "status": "status",
    "sex": "sex",
    "joinedOn": "joined_on",
    "phone": "phone",
    "email": "email",
    "exempt": "exempt",
    "bornOn": "born_on",
}


class ImportComplaint(RosterComplaint):
    """A complaint about how a row fits what is stored."""

    def sentence(self, locale: str) -> str:
        zh, en = (IMPORT_SENTENCES | SENTENCES)[self.code]
        return (zh if locale == "zh" else en).format(**self.params)


@dataclass(frozen=True, slots=True)
class RosterBook:
    """What is stored and matters to the rows. Keys: code, number, member id, user name, organisation id, member id; `headings`: column
    key → heading in the file."""

    actor: Actor
    units: dict[str, OrgUnit]
    members: dict[str, Member]
    accounts: dict[str, Account]
    usernames: dict[str, Account]
    posts: dict[str, list[Post]]
    names: dict[str, str]  # member id → name, of the holders of those posts
    headings: dict[str, str]
    today: date
    files: Mapping[str, MemberFile] = field(default_factory=dict)  # of the members, by id
    owners: Mapping[str, str] = field(default_factory=dict)  # ID number of a row → id of the member whose file has it
    known: Mapping[str, IdNumber] = field(default_factory=dict)  # member id → the number on the file


@dataclass(frozen=True, slots=True)
class FilePart:
    """What a row says of the file. `number`: an ID number that is new to it, in full, to be sealed."""

    file: MemberFile
    number: str | None


@dataclass(slots=True)
class Plan:
    created: list[Member] = field(default_factory=list)
    updated: list[tuple[Member, Member]] = field(default_factory=list)
    unchanged: int = 0
    posts: list[Post] = field(default_factory=list)
    log_ins: list[tuple[Member, str]] = field(default_factory=list)
    complaints: list[ImportComplaint] = field(default_factory=list)
    files: dict[str, FilePart] = field(default_factory=dict)  # member id → what changes on the file
    numbers: dict[str, int] = field(default_factory=dict)  # ID numbers of the file so far → line


def plan_of(book: RosterBook, rows: tuple[RosterRow, ...], *, create_accounts: bool) -> Plan:
    plan = Plan()
    taken = set(book.usernames)
    held = {org_id: list(posts) for org_id, posts in book.posts.items()}
    for row in rows:
        _Row(book, row, plan, taken, held).plan(create_accounts)
    return plan


class _Row:
    """One row meeting the book. Adds to the plan only if nothing is wrong with the row as a whole."""

    def __init__(self, book: RosterBook, row: RosterRow, plan: Plan, taken: set[str], held: dict[str, list[Post]]) -> None:
        self._book, self._row, self._plan, self._taken, self._held = book, row, plan, taken, held
        self._complaints: list[ImportComplaint] = []

    def plan(self, create_accounts: bool) -> None:
        before = self._book.members.get(self._row.number)
        home = self._branch("branchCode", self._row.branch_code)
        after = self._member(before, home) if home else None
        if home is None or after is None:
            self._plan.complaints += self._complaints
            return
        self._check_rights(before, home)
        post = self._post(after, home)
        username = self._username(after, home, create_accounts)
        part = None
        if not self._complaints:  # of somebody who is not the actor's to manage not even a complaint tells what is on the file
            after, part = self._identity(after, home)
        if self._complaints:
            self._plan.complaints += self._complaints
            return
        self._add(before, after, post, username, part)

    def _add(self, before: Member | None, after: Member, post: Post | None, username: str | None, part: FilePart | None) -> None:
        if part is not None:
            self._plan.files[after.member_id] = part
        if before is None:
            self._plan.created.append(after)
        elif before == after and part is None:
            self._plan.unchanged += 1
        else:
            self._plan.updated.append((before, replace(after, revision=before.revision + 1)))
        if post is not None:
            self._plan.posts.append(post)
            self._held.setdefault(post.org_id, []).append(post)
        if username is not None:
            self._plan.log_ins.append((after, username))
            self._taken.add(username)

    def _member(self, before: Member | None, home: OrgUnit) -> Member | None:
        """The member as the row wants it; columns the file does not have keep what is stored. Where somebody floats is not for a file to
        say: what stands may be repeated, as an export has it, and an empty cell leaves it alone."""
        row, given = self._row, self._book.headings
        host = self._branch("hostBranchCode", row.host_branch_code) if row.host_branch_code else None
        group = self._group(home) if row.group_code else None
        if self._complaints:
            return None
        base = before or Member(secrets.token_hex(8), row.number, row.name, row.stage, row.status, home.org_id)
        moved = base.home_branch_id != home.org_id
        changes: dict[str, Any] = {name: getattr(row, name) for key, name in _ROW_FIELDS.items() if key in given}
        changes["home_branch_id"] = home.org_id
        if host is not None and host.org_id != base.host_branch_id:
            self._complain("hostBranchCode", "hostByRegistration", row.host_branch_code or "")
            return None
        if base.host_branch_id == home.org_id:
            changes["host_branch_id"] = None
        if "groupCode" in given or moved:
            changes["group_id"] = group.org_id if group else None
        found = with_fitting_status(before, replace(base, **changes))
        if isinstance(found, Declined):
            self._complain("stage", "stageNotPossible", row.stage.value)
            return None
        return found

    def _identity(self, member: Member, home: OrgUnit) -> tuple[Member, FilePart | None]:
        """ID number and graduation. An empty cell takes no number off a file; birth and sex follow from it and must agree with it."""
        row, stored = self._row, self._book.files.get(member.member_id) or MemberFile(member.member_id)
        file = replace(stored, graduated_on=row.graduated_on) if "graduatedOn" in self._book.headings else stored
        for key, day in (("bornOn", row.born_on), ("graduatedOn", row.graduated_on)):
            if day is not None and day > self._book.today:
                self._complain(key, "inTheFuture", "")
        known = self._book.known.get(member.member_id)
        found = self._number(member, home, known)
        number = found or known
        if number is not None:
            member = self._agreeing(member, number)
        new = found.text if found is not None and (known is None or known.text != found.text) else None
        return member, FilePart(file, new) if new is not None or file != stored else None

    def _agreeing(self, member: Member, number: IdNumber) -> Member:
        """Birth and sex as the number says; a cell that says otherwise is complained of."""
        if member.born_on not in (None, number.born_on):
            self._complain("bornOn" if "bornOn" in self._book.headings else "idNumber", "idNumberDisagrees", "")
        elif member.sex not in (None, number.sex):
            self._complain("sex" if "sex" in self._book.headings else "idNumber", "idNumberDisagrees", "")
        return replace(member, born_on=number.born_on, sex=number.sex)

    def _number(self, member: Member, home: OrgUnit, known: IdNumber | None) -> IdNumber | None:
        """The number the row gives in full; masked, it must be the one on the file."""
        text = self._row.id_number
        if text is None:
            return None
        if MASKED_ID.fullmatch(text):
            if known is None or masked_id_number(known.text) != text:
                self._complain("idNumber", "idNumberMasked", "")
            return None
        found = read_id_number(text, self._book.today)
        if found is None or (found.demo and not home.path.startswith(DEMO_PATH)):
            self._complain("idNumber", "notAnIdNumber", "")
            return None
        first = self._plan.numbers.setdefault(found.text, self._row.line)
        if first != self._row.line:
            self._complain("idNumber", "idNumberTwice", str(first))
        elif self._book.owners.get(found.text) not in (None, member.member_id):
            self._complain("idNumber", "idNumberTaken", "")
        return found

    def _branch(self, key: str, code: str) -> OrgUnit | None:
        unit = self._book.units.get(code)
        if unit is None:
            return self._complain(key, "branchUnknown", code)
        if unit.kind not in BRANCH_KINDS:
            return self._complain(key, "notABranch", code)
        if unit.closed_at is not None:
            return self._complain(key, "branchClosed", code)
        return unit

    def _group(self, home: OrgUnit) -> OrgUnit | None:
        code = self._row.group_code or ""
        unit = self._book.units.get(code)
        if unit is None or unit.kind is not OrgKind.PARTY_GROUP or unit.parent_id != home.org_id or unit.closed_at is not None:
            return self._complain("groupCode", "notAGroup", code)
        return unit

    def _check_rights(self, before: Member | None, home: OrgUnit) -> None:
        actor, here = self._book.actor, organisation_target(home)
        if before is None or before.home_branch_id == home.org_id:
            if not may(actor, Action.ADD_MEMBER, here):
                self._complain("branchCode", "notYourBranch", home.code)
            return
        left = next((unit for unit in self._book.units.values() if unit.org_id == before.home_branch_id), None)
        there = organisation_target(left) if left else Target(path="")
        if not may(actor, Action.EDIT_MEMBER, there):
            self._complain("number", "memberElsewhere", before.number)
        elif not (may(actor, Action.MOVE_MEMBER, there) and may(actor, Action.MOVE_MEMBER, here)):
            self._complain("branchCode", "moveNotAllowed", home.code)

    def _post(self, member: Member, home: OrgUnit) -> Post | None:
        """A post the row names and the member does not hold yet, from today. An empty cell ends nothing."""
        kind = self._row.post
        if kind is None:
            return None
        org_id = member.group_id if kind is PostKind.GROUP_LEADER else home.org_id
        if org_id is None:
            self._complain("post", "postNeedsGroup", kind.value)
            return None
        today = self._book.today
        current = [post for post in self._held.get(org_id, ()) if post.kind is kind and (post.until is None or post.until >= today)]
        if any(post.member_id == member.member_id for post in current):
            return None
        if member.status not in ATTENDING:
            self._complain("post", "postNeedsActive", kind.value)
        elif not may(self._book.actor, appointing(kind), organisation_target(home)):
            self._complain("post", "postNotAllowed", kind.value)
        elif current and kind in SINGLE:
            self._complain("post", "postTaken", self._book.names.get(current[0].member_id, ""))
        return Post(secrets.token_hex(8), member.member_id, org_id, kind, today)

    def _username(self, member: Member, home: OrgUnit, create_accounts: bool) -> str | None:
        """The user name of an account to be made, if one is."""
        wanted = (self._row.username or "").casefold()
        account = self._book.accounts.get(member.member_id)
        if account is not None:
            if wanted and wanted != account.username:
                self._complain("username", "usernameFixed", account.username)
            return None
        if not create_accounts or member.status not in LOOKED_AFTER:
            return None
        name = wanted or member.number.casefold()
        if not is_username(name):
            self._complain("username", "usernameImpossible", name)
        elif name in self._taken:
            self._complain("username", "usernameTaken", name)
        elif not may(self._book.actor, Action.MANAGE_ACCOUNT, organisation_target(home)):
            self._complain("branchCode", "accountNotAllowed", home.code)
        return name

    def _complain(self, key: str, code: str, value: str) -> OrgUnit | None:
        """Always None: what is complained of was not found."""
        column = self._book.headings.get(key, "")
        self._complaints.append(ImportComplaint(self._row.line, column, code, {"value": value[:60]}))
        return None
