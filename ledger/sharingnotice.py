"""The text a member consents to when a host is to see the record, by version. A changed text is a new version; old ones stay.

Separate consent after articles 23 and 29 of the Personal Information Protection Law: who receives what, for which purpose, for how long,
and how to take it back.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SharingNotice:
    version: str
    zh: tuple[str, ...]
    en: tuple[str, ...]


NOTICES: dict[str, SharingNotice] = {
    "2026-1": SharingNotice(
        "2026-1",
        (
            "流入地支部将看到：您的姓名、编号、党员类别、联系电话、外出登记（原因、去向到市或区县、单位、时间）以及参加组织生活的记录。",
            "用途：接收您参加组织生活、与您联系、向组织关系所在支部反馈。不含身份证号、思想汇报和精确位置。",
            "期限：自您同意起，至您返回、组织关系转接或您撤回同意为止。此后流入地支部不再能查看。",
            "是否同意由您自愿决定，不同意不影响您的党员权利。您可随时在本页撤回；撤回前已形成的会议记录依法保留。",
        ),
        (
            "The host branch will see: your name and number, whether you are a full or probationary member, your telephone, the "
            "registration (reason, place down to city or district, unit, time), and your record of organisational life.",
            "Purpose: to take you in, keep in touch, and report back to the home branch. No ID number, no thought reports, no exact place.",
            "For how long: from your consent until you return, your relation is moved, or you withdraw. After that the host sees nothing.",
            "It is your free choice and no right of yours depends on it. Withdraw here at any time; minutes made before that are kept as "
            "the law asks.",
        ),
    ),
}
