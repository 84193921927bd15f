"""Words that are changed: by their author, for a day, with a mark everybody sees and the earlier words for those who moderate."""

from __future__ import annotations

import pytest

from ledger.actions.discussions import (
    EDIT_SECONDS,
    MOST_EDITS,
    ContributionEmpty,
    ThreadClosed,
    close_thread,
    contribute,
    delete,
    hide,
    read_thread,
    readers,
)
from ledger.actions.rewording import TooLateToEdit, edit, versions
from ledger.ports import Store
from ledger.refusals import Forbidden, NotFound
from tests.ledger.conftest import Who
from tests.ledger.records import NOON
from tests.ledger.test_discussions import NEWS, opened, told

LATE = NOON + EDIT_SECONDS


async def entry_id(store: Store, thread_id: str, number: int = 1) -> str:
    async with store.reading() as uow:
        return next(one.entry_id for one in await uow.discussions.entries(thread_id) if one.number == number)


async def test_a_change_shows_and_its_author_and_moderators_read_what_was_said_before(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    key = await entry_id(store, thread.thread_id)
    await edit(store, await who("a4"), key, " 第二种说法 ", (), NOON + 60)
    await edit(store, await who("a4"), key, "第三种说法", (), NOON + 120)
    for name, may_edit, earlier in (("a5", False, False), ("a4", True, True), ("a1", False, True)):
        [line] = (await read_thread(store, await who(name), thread.thread_id, NOON + 130)).entries
        assert (line.entry.text, line.entry.edited_at, line.entry.edits) == ("第三种说法", NOON + 120, 2)
        assert (line.may_edit, line.may_see_versions) == (may_edit, earlier)
    for name in ("a4", "a1", "branchadmin"):
        said = [(one.number, one.text, one.at) for one in await versions(store, await who(name), key)]
        assert said == [(1, "第一段话", NOON), (2, "第二种说法", NOON + 60)]
    with pytest.raises(Forbidden):
        await versions(store, await who("a5"), key)
    with pytest.raises(NotFound):
        await versions(store, await who("b3"), key)


async def test_what_changes_nothing_leaves_no_mark(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    key = await entry_id(store, thread.thread_id)
    same = await edit(store, await who("a4"), key, "第一段话 ", (), NOON + 60)
    assert (same.edits, same.edited_at) == (0, None)
    with pytest.raises(ContributionEmpty):
        await edit(store, await who("a4"), key, " ", (), NOON + 60)


@pytest.mark.parametrize("name", ["a5", "a1", "admin"])
async def test_nobody_changes_the_words_of_another_not_even_a_moderator(store: Store, who: Who, name: str) -> None:
    key = await entry_id(store, (await opened(store, who)).thread_id)
    with pytest.raises(Forbidden):
        await edit(store, await who(name), key, "别的话", (), NOON + 60)


async def test_words_stand_after_a_day_when_hidden_taken_back_or_changed_often_enough(store: Store, who: Who) -> None:
    thread, author = await opened(store, who), await who("a4")
    key = await entry_id(store, thread.thread_id)
    await edit(store, author, key, "说法", (), LATE)
    with pytest.raises(TooLateToEdit) as late:
        await edit(store, author, key, "再说", (), LATE + 1)
    assert late.value.params == {"hours": 24, "times": MOST_EDITS}
    for number in range(2, MOST_EDITS + 1):
        await edit(store, author, key, f"说法{number}", (), NOON + number)
    with pytest.raises(TooLateToEdit):
        await edit(store, author, key, "又一种", (), NOON + 60)
    hidden = await contribute(store, author, thread.thread_id, "无关的话", (), NOON)
    await hide(store, await who("a1"), hidden.entry_id, "与主题无关", NOON + 5)
    with pytest.raises(TooLateToEdit):
        await edit(store, author, hidden.entry_id, "改过的话", (), NOON + 10)


async def test_what_is_taken_back_is_gone_with_all_it_ever_said(store: Store, who: Who) -> None:
    thread, author = await opened(store, who), await who("a4")
    answer = await contribute(store, author, thread.thread_id, "一句话", (), NOON)
    await edit(store, author, answer.entry_id, "另一句话", (), NOON + 5)
    await delete(store, author, answer.entry_id, NOON + 10)
    assert await versions(store, await who("a1"), answer.entry_id) == []
    with pytest.raises(TooLateToEdit):
        await edit(store, author, answer.entry_id, "又来", (), NOON + 20)


async def test_in_a_closed_thread_words_stand_as_they_are(store: Store, who: Who) -> None:
    thread = await opened(store, who)
    key = await entry_id(store, thread.thread_id)
    await close_thread(store, await who("a1"), thread.thread_id, "已有结论", NOON + 5)
    with pytest.raises(ThreadClosed):
        await edit(store, await who("a4"), key, "再改", (), NOON + 10)
    [line] = (await read_thread(store, await who("a4"), thread.thread_id, NOON + 20)).entries
    assert not line.may_edit


async def test_only_who_is_newly_called_is_told(store: Store, who: Who) -> None:
    thread = await opened(store, who, mentions=("m-a5",))
    key = await entry_id(store, thread.thread_id)
    await edit(store, await who("a4"), key, "还有您", ("m-a5", "m-a6", "m-b3"), NOON + 60)
    assert [await told(store, one) for one in ("m-a5", "m-a6", "m-b3")] == [["mentioned"], ["mentioned"], []]


async def test_an_announcement_that_is_changed_is_to_be_read_again(store: Store, who: Who) -> None:
    thread = await opened(store, who, "a1", kind=NEWS)
    await read_thread(store, await who("a5"), thread.thread_id, NOON + 5)
    assert [one.member_id for one, _ in (await readers(store, await who("a1"), thread.thread_id)).read] == ["m-a5"]
    await edit(store, await who("a1"), await entry_id(store, thread.thread_id), "改期至周五", (), NOON + 60)
    assert (await readers(store, await who("a1"), thread.thread_id)).read == []
    assert await told(store, "m-a5") == ["announced", "announcementChanged"]
    assert await told(store, "m-a1") == []
    await read_thread(store, await who("a5"), thread.thread_id, NOON + 90)
    assert [(one.member_id, at) for one, at in (await readers(store, await who("a1"), thread.thread_id)).read] == [("m-a5", NOON + 90)]
