"""The texts a member consents to when another organisation is to see the record – a host, the receiving side of a transfer – by
version. A changed text is a new version; old ones stay.

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


#: The current one first.
NOTICES: dict[str, SharingNotice] = {
    "2026-2": SharingNotice(
        "2026-2",
        (
            "流入地支部将看到：您的姓名、编号、党员类别、联系电话、外出登记（原因、去向到市或区县、单位、时间）以及参加组织生活的记录。",
            "流入地支部可以向您分配工作，并看到您对这些工作的答复；组织关系所在支部也能看到。流入地支部看不到其他支部给您分配的工作。",
            "用途：接收您参加组织生活、与您联系、向组织关系所在支部反馈。不含身份证号、思想汇报和精确位置。",
            "期限：自您同意起，至您返回、组织关系转接或您撤回同意为止。此后流入地支部不再能查看。",
            "是否同意由您自愿决定，不同意不影响您的党员权利。您可随时在本页撤回；撤回前已形成的会议记录依法保留。",
        ),
        (
            "The host branch will see: your name and number, whether you are a full or probationary member, your telephone, the "
            "registration (reason, place down to city or district, unit, time), and your record of organisational life.",
            "The host branch may assign you work and sees what you answer; your home branch sees it too. What others assign to you the "
            "host does not see.",
            "Purpose: to take you in, keep in touch, and report back to the home branch. No ID number, no thought reports, no exact place.",
            "For how long: from your consent until you return, your relation is moved, or you withdraw. After that the host sees nothing.",
            "It is your free choice and no right of yours depends on it. Withdraw here at any time; minutes made before that are kept as "
            "the law asks.",
        ),
    ),
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

TRANSFER_VERSION = "2026-1-transfer"
TRANSFER_NOTICES: dict[str, SharingNotice] = {
    TRANSFER_VERSION: SharingNotice(
        TRANSFER_VERSION,
        (
            "接收方党委（及其编入的支部）将收到：组织关系介绍信所列内容——姓名、性别、出生日期、民族、党员类别、身份证号、"
            "原所在支部、党费交至年月、联系电话；转入后，党员档案一并由接收方管理。",
            "用途：办理组织关系转接，并在转入后由接收方教育、管理和服务。开具介绍信之前，接收方看不到此次转接。",
            "期限：未转成的，转接记录及介绍信在办结后保存十年备查；转入的，按党员档案的期限由接收方保存。",
            "同意由您自愿作出，并可随时在转接页面或“我的信息”中撤回：介绍信被接收之前撤回的，转接随之撤销；"
            "接收之后撤回的，由双方党委与您商定，已提供的信息依法保留。",
        ),
        (
            "The receiving committee, and the branch it assigns you to, receive what stands on the letter of introduction: name, sex, date "
            "of birth, ethnic group, whether full or probationary, ID number, the branch you come from, dues paid up to, telephone. "
            "Once the relation is there, your file is theirs to keep.",
            "Purpose: to move your relation, and to look after you from then on. Before a letter is issued the receiving side does not see "
            "the transfer.",
            "For how long: where nothing comes of it, transfer and letter are kept for ten years after its end; where it does, as long "
            "as a member's file is kept.",
            "It is your free choice. Withdraw on the page of the transfer or under “My data” at any time: before the letter is presented "
            "the transfer ends with it; afterwards both committees settle it with you, and what was provided is kept as the law asks.",
        ),
    ),
}
