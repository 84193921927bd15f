"""The stage and the floor: muting, sharing, hands in one order, co-moderators, chat."""

from __future__ import annotations

from rooms import commands as c
from rooms.events import ProducerPausedSet
from tests.rooms.story import Story, opened


def talking(*people: str) -> Story:
    story = opened(*people)
    for person in ("chair", *people):
        story.do(c.AddProducer(person, f"mic-{person}", "audio", "microphone"))
    return story


def muted(story: Story) -> list[str]:
    return [
        producer.producer_id
        for participant in story.room.state.participants
        for peer in participant.peers
        for producer in peer.producers
        if producer.paused
    ]


def test_muting_one_mutes_all_that_members_microphones_and_says_who_did_it() -> None:
    story = talking("li", "li/2", "wang").do(c.Mute("chair", "li"))
    assert muted(story) == ["mic-li", "mic-li/2"]
    assert [event.what.by for event in story.events if isinstance(event.what, ProducerPausedSet)] == ["chair", "chair"]


def test_mute_all_spares_the_one_who_asks() -> None:
    assert muted(talking("li", "wang").do(c.MuteAll("chair"))) == ["mic-li", "mic-wang"]


def test_unmuting_is_asked_for_and_never_forced() -> None:
    story = talking("li").do(c.Mute("chair", "li")).do(c.AskUnmute("chair", "li"))
    assert (story.happenings, story.events[0].audience, muted(story)) == (["UnmuteAsked"], ("li",), ["mic-li"])
    story.refused(c.SetProducerPaused("chair", "mic-li", False), "notYourProducer")
    assert muted(story.do(c.SetProducerPaused("li", "mic-li", False))) == []


def test_one_share_at_a_time_and_a_moderators_replaces_it() -> None:
    story = talking("li", "wang").do(c.AddProducer("li", "s1", "video", "screen"))
    story.refused(c.AddProducer("wang", "s2", "video", "screen"), "shareInUse")
    story.do(c.AddProducer("chair", "s3", "video", "screen"))
    assert story.happenings == ["ProducerRemoved", "ProducerAdded"]


def test_a_moderator_stops_a_share() -> None:
    story = talking("li").do(c.AddProducer("li", "s1", "video", "screen")).do(c.StopShare("chair", "li"))
    assert story.happenings == ["ProducerRemoved"]
    story.refused(c.StopShare("chair", "li"), "unknownProducer")


def test_hands_keep_the_order_in_which_they_went_up() -> None:
    story = opened("li", "wang", "sun").do(c.RaiseHand("wang")).do(c.RaiseHand("li")).do(c.RaiseHand("sun"))
    story.refused(c.RaiseHand("li"), "handAlreadyRaised").do(c.LowerHand("wang"))
    assert [hand.member_id for hand in story.room.state.hands] == ["li", "sun"]
    story.refused(c.LowerHand("li", "sun"), "notModerator").do(c.LowerHand("chair", "sun"))
    assert [hand.member_id for hand in story.room.state.hands] == ["li"]


def test_giving_the_floor_lowers_the_hand_and_takes_it_from_the_one_before() -> None:
    story = opened("li", "wang").do(c.RaiseHand("li")).do(c.GiveFloor("chair", "li"))
    assert story.happenings == ["HandLowered", "FloorGiven"]
    assert story.do(c.GiveFloor("chair", "wang")).happenings == ["FloorWithdrawn", "FloorGiven"]
    assert story.do(c.Leave("wang")).happenings == ["FloorWithdrawn", "PeerLeft"]


def test_a_co_moderator_may_moderate_keeps_it_over_a_reconnect_and_loses_it_again() -> None:
    story = opened("li", "wang").do(c.GrantModerator("chair", "li")).do(c.Mute("li", "wang"))
    story.do(c.Leave("li", "connectionLost")).come("li").do(c.MuteAll("li"))
    story.do(c.RevokeModerator("chair", "li")).refused(c.MuteAll("li"), "notModerator")
    story.refused(c.RevokeModerator("chair", "chair"), "moderatorProtected")


def test_an_observer_who_was_co_moderator_is_an_observer_again() -> None:
    story = opened().come("guest", "observer").do(c.GrantModerator("chair", "guest")).do(c.RevokeModerator("chair", "guest"))
    found = story.room.state.participant("guest")
    assert found is not None
    assert found.role == "observer"


def test_a_message_delivered_twice_is_said_once() -> None:
    story = opened("li").do(c.Say("li", " 同意 ", "1"))
    assert story.room.state.chat[0].text == "同意"
    assert story.do(c.Say("li", "同意", "1")).happenings == []
    story.refused(c.Say("li", "   ", "2"), "chatEmpty").refused(c.Say("li", "x" * 2001, "3"), "chatTooLong")


def test_one_producer_of_a_source_per_device() -> None:
    story = talking("li")
    story.refused(c.AddProducer("li", "again", "audio", "microphone"), "sourceInUse")
    story.refused(c.AddProducer("li", "mic-chair", "video", "camera"), "duplicateProducer")
    story.refused(c.RemoveProducer("li", "mic-chair"), "notYourProducer").refused(c.RemoveProducer("li", "none"), "unknownProducer")
    assert story.do(c.RemoveProducer(None, "mic-li")).happenings == ["ProducerRemoved"]
