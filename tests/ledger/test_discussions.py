"""Discussion in a branch: who takes part, who is told, who has read, and what moderators and authors may take away."""

from __future__ import annotations

import pytest

from ledger.actions import attachments
from ledger.actions.discussions import (
    DELETE_SECONDS,
    ContributionEmpty,
    OpenThread,
    ThreadClosed,
    ThreadNotHere,
    TooLateToDelete,
    close_thread,
    contribute,
    delete,
    hide,
    list_threads,
    open_thread,
    people_to_mention,
    read_thread,
    readers,
    reopen_thread,
)
from ledger.discussions import Thread, ThreadKind
from ledger.ports import Store
from ledger.refusals import Forbidden, NotFound, ReasonMissing
from tests.ledger.conftest import Who
from tests.ledger.records import NOON

TALK, NEWS = ThreadKind.DISCUSSION, ThreadKind.ANNOUNCEMENT
EVERYBODY = ("a1", "a3", "a4", "a5", "a7", "a8", "b1", "b2", "b3", "admin", "branchadmin", "auditor", "system")


async def opened(
    store: Store, who: Who, name: str = "a4", org: str = "A", kind: ThreadKind = TALK, mentions: tuple[str, ...] = ()
) -> Thread:
    return await open_thread(store, await who(name), OpenThread(org, kind, "题目", "第一段话", mentions), NOON)


async def told(store: Store, member_id: str) -> list[str]:
    async with store.reading() as uow:
        return [one.notification.kind for one in reversed((await uow.notifications.of_member(member_id))[0])]


async def see(store: Store, who: Who, thread: Thread) -> set[str]:
    found = set()
    for name in EVERYBODY:
        try:
            await read_thread(store, await who(name), thread.thread_id, NOON + 1)
            found.add(name)
        except NotFound:
            assert thread.thread_id not in [
                line.thread.thread_id for line in (await list_threads(store, await who(name), None, None, 1, 50)).lines
            ]
    return found


async def test_a_branch_talks_among_itself_with_those_who_float_there(store: Store, who: Who) -> None:
    """b2 of branch B floats at A; a7 is suspended."""
    assert await see(store, who, await opened(store, who)) == {"a1", "a3", "a4", "a5", "a8", "b2", "admin", "branchadmin"}
    assert await see(store, who, await opened(store, who, "a3", "G")) == {"a1", "a3", "a4", "a5", "a8", "b2", "admin", "branchadmin"}
    assert await see(store, who, await opened(store, who, "admin", "C", NEWS)) == {*EVERYBODY} - {"a7", "branchadmin", "auditor", "system"}


async def test_who_may_open_what_where(store: Store, who: Who) -> None:
    for name, org, kind in (("a4", "A", NEWS), ("b3", "C", NEWS), ("admin", "A", TALK)):
        with pytest.raises(Forbidden):
            await opened(store, who, name, org, kind)
    for name in ("b3", "a7", "system"):
        with pytest.raises((NotFound, Forbidden)):
            await opened(store, who, name, "A")
    with pytest.raises(ThreadNotHere):
        await opened(store, who, "a4", "C")
    with pytest.raises(ContributionEmpty):
        await open_thread(store, await who("a4"), OpenThread("A", TALK, "题目", " \n"), NOON)


async def test_an_announcement_is_told_to_all_and_shows_who_has_not_read_it(store: Store, who: Who) -> None:
    thread = await opened(store, who, "a1", "A", NEWS)
    assert (await told(store, "m-a4"), await told(store, "m-b2"), await told(store, "m-a1")) == (["announced"], ["announced"], [])
    await read_thread(store, await who("b2"), thread.thread_id, NOON + 5)
    await read_thread(store, await who("a4"), thread.thread_id, NOON + 9)
    await read_thread(store, await who("a4"), thread.thread_id, NOON + 99)
    found = await readers(store, await who("a2"), thread.thread_id)
    assert [(one.number, at) for one, at in found.read] == [("b2", NOON + 5), ("a4", NOON + 9)]
    assert [one.number for one in found.unread] == ["a2", "a3", "a5", "a6", "a8"]
    with pytest.raises(Forbidden):
        await readers(store, await who("a4"), thread.thread_id)
    talk = await opened(store, who)
    with pytest.raises(NotFound):
        await readers(store, await who("a1"), talk.thread_id)


async def test_mentions_call_only_whom_it_is_for_and_an_answer_the_opener(store: Store, who: Who) -> None:
    thread = await opened(store, who, mentions=("m-a5", "m-b2", "m-b3", "m-a7", "m-a4", "nobody"))
    assert [await told(store, f"m-{name}") for name in ("a5", "b2", "b3", "a7", "a4")] == [["mentioned"], ["mentioned"], [], [], []]
    await contribute(store, await who("a5"), thread.thread_id, "同意", (), NOON + 1)
    await contribute(store, await who("b2"), thread.thread_id, "我也同意", ("m-a4",), NOON + 2)
    assert await told(store, "m-a4") == ["threadAnswered", "mentioned"]
    people = [one.number for one in await people_to_mention(store, await who("a4"), "A")]
    assert people == ["a1", "a2", "a3", "a5", "a6", "a8", "b2"]


async def test_what_is_new_is_counted_until_it_is_opened(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    await contribute(store, await who("a5"), thread.thread_id, "同意", (), NOON + 1)

    async def unread(name: str) -> int | None:
        return (await list_threads(store, await who(name), TALK, "A", 1, 10)).lines[0].unread

    assert [await unread(name) for name in ("a4", "a5", "a1", "admin")] == [1, 0, 2, None]
    await read_thread(store, await who("a1"), thread.thread_id, NOON + 2)
    assert await unread("a1") == 0


async def test_hidden_words_are_kept_with_the_reason_for_those_who_moderate(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    entry = await contribute(store, await who("a5"), thread.thread_id, "不当言论", (), NOON + 1)
    with pytest.raises(Forbidden):
        await hide(store, await who("a4"), entry.entry_id, "无关", NOON + 2)
    with pytest.raises(ReasonMissing):
        await hide(store, await who("a1"), entry.entry_id, "", NOON + 2)
    await hide(store, await who("a1"), entry.entry_id, "与主题无关", NOON + 2)
    seen = {name: (await read_thread(store, await who(name), thread.thread_id, NOON + 3)).entries[1].entry for name in ("a4", "a5", "a1")}
    assert {name: (one.text, one.hide_reason) for name, one in seen.items()} == {
        "a4": ("", ""),
        "a5": ("", ""),
        "a1": ("不当言论", "与主题无关"),
    }
    with pytest.raises(NotFound):
        await hide(store, await who("b1"), entry.entry_id, "无关", NOON + 2)


async def test_an_author_takes_words_back_within_the_hour(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    entry = await contribute(store, await who("a5"), thread.thread_id, "说错了", (), NOON + 1)
    opening = (await read_thread(store, await who("a4"), thread.thread_id, NOON)).entries[0].entry
    with pytest.raises(TooLateToDelete):
        await delete(store, await who("a4"), opening.entry_id, NOON + 2)  # somebody has answered
    with pytest.raises(Forbidden):
        await delete(store, await who("a1"), entry.entry_id, NOON + 2)
    with pytest.raises(TooLateToDelete):
        await delete(store, await who("a5"), entry.entry_id, NOON + 2 + DELETE_SECONDS)
    file = await attachments.add(store, await who("a5"), f"entry:{entry.entry_id}", "x.txt", b"x", NOON + 2)
    await delete(store, await who("a5"), entry.entry_id, NOON + 3)
    shown = (await read_thread(store, await who("a1"), thread.thread_id, NOON + 4)).entries[1]
    assert (shown.entry.text, shown.entry.deleted_at, shown.attachments) == ("", NOON + 3, [])
    with pytest.raises(NotFound):
        await attachments.fetch(store, await who("a5"), file.attachment_id, NOON + 5)


async def test_a_closed_thread_is_read_but_not_answered_until_it_is_opened_again(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    with pytest.raises(Forbidden):
        await close_thread(store, await who("a4"), thread.thread_id, "够了", NOON + 1)
    await close_thread(store, await who("a2"), thread.thread_id, "已有结论", NOON + 1)
    with pytest.raises(ThreadClosed):
        await contribute(store, await who("a5"), thread.thread_id, "再说一句", (), NOON + 2)
    assert (await read_thread(store, await who("a4"), thread.thread_id, NOON + 2)).may_answer is False
    await reopen_thread(store, await who("a2"), thread.thread_id, NOON + 3)
    await contribute(store, await who("a5"), thread.thread_id, "再说一句", (), NOON + 4)


async def test_files_are_shared_with_those_who_see_the_thread(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    entry = (await read_thread(store, await who("a4"), thread.thread_id, NOON)).entries[0].entry
    file = await attachments.add(store, await who("a4"), f"entry:{entry.entry_id}", "计划.txt", "计划".encode(), NOON + 1)
    with pytest.raises(Forbidden):
        await attachments.add(store, await who("a5"), f"entry:{entry.entry_id}", "x.txt", b"x", NOON + 1)
    assert (await attachments.fetch(store, await who("b2"), file.attachment_id, NOON + 2))[1] == "计划".encode()
    for name in ("b3", "auditor", "system", "a7"):
        with pytest.raises(NotFound):
            await attachments.fetch(store, await who(name), file.attachment_id, NOON + 2)
    await hide(store, await who("a1"), entry.entry_id, "暂不公开", NOON + 3)
    with pytest.raises(NotFound):
        await attachments.fetch(store, await who("b2"), file.attachment_id, NOON + 4)
