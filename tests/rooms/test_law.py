"""The law of snapshots, for every command and every kind of viewer: old snapshot + the events told = fresh snapshot."""

from __future__ import annotations

from typing import get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from rooms import commands as c
from rooms.events import plain
from rooms.ids import MODERATING
from rooms.refusals import Refused
from rooms.room import DECIDE, Room
from rooms.snapshot import Snapshot, apply, place_of, shape, told
from rooms.state import RoomState

PEERS = ["p1", "p2", "p3", "p4", "p5", "p6", "p7"]
MEMBERS = {"p1": "zhang", "p2": "li", "p3": "li", "p4": "wang", "p5": "zhao", "p6": "sun", "p7": "sun"}
ROLES = {"zhang": "moderator", "li": "participant", "wang": "participant", "zhao": "observer", "sun": "participant"}
peers = st.sampled_from(PEERS)
members = st.sampled_from(sorted(ROLES))
switches = st.booleans()
producers = st.sampled_from(["a", "b", "c"])


def join(peer: str, device: str | None, may_enter: bool) -> c.Join:
    member = MEMBERS[peer]
    post = "observer" if ROLES[member] == "observer" else "member"
    return c.Join(peer, member, member.title(), ROLES[member], post, "phone", device or peer, may_enter)  # type: ignore[arg-type]


COMMANDS = st.one_of(
    st.builds(join, peers, st.sampled_from([None, None, "d1"]), st.sampled_from([True, True, True, False])),
    st.builds(join, peers, st.none(), st.just(True)),
    st.builds(c.Leave, peers),
    st.builds(c.ConnectionLost, peers),
    st.builds(c.ConnectionBack, peers),
    st.builds(c.OpenMeeting, st.just("p1")),
    st.builds(c.OpenMeeting, st.one_of(peers, st.none())),
    st.builds(c.EndMeeting, peers),
    st.builds(c.SetLobby, st.just("p1"), switches),
    st.builds(c.SetLocked, peers, switches),
    st.builds(c.Admit, st.just("p1"), members),
    st.builds(c.AdmitAll, peers),
    st.builds(c.RefuseEntry, peers, members),
    st.builds(c.Remove, peers, members, st.just("noise")),
    st.builds(c.GrantModerator, peers, members),
    st.builds(c.RevokeModerator, peers, members),
    st.builds(c.AddProducer, peers, producers, st.just("audio"), st.sampled_from(["microphone", "screen"]), switches),
    st.builds(c.SetProducerPaused, peers, producers, switches),
    st.builds(c.RemoveProducer, st.one_of(peers, st.none()), producers),
    st.builds(c.Mute, peers, members),
    st.builds(c.MuteAll, peers),
    st.builds(c.AskUnmute, peers, members),
    st.builds(c.StopShare, peers, members),
    st.builds(c.RaiseHand, peers),
    st.builds(c.LowerHand, peers, st.one_of(st.none(), members)),
    st.builds(c.LowerAllHands, peers),
    st.builds(c.GiveFloor, peers, members),
    st.builds(c.WithdrawFloor, peers),
    st.builds(c.StartRecording, st.just("p1"), st.just("r1")),
    st.builds(c.StopRecording, st.one_of(peers, st.none())),
    st.builds(c.AgreeToRecording, peers, st.just("1")),
    st.builds(c.DeclineRecording, peers),
    st.builds(c.ObjectToRecording, peers),
    st.builds(c.Say, peers, st.sampled_from(["你好", "  ", "agreed"]), st.sampled_from(["1", "2"])),
)


def test_every_command_has_a_decider() -> None:
    assert set(DECIDE) == set(get_args(c.Command))


class Watched:
    """A room with every peer watching: each keeps the snapshot it was first given and brings it forward by what it is told."""

    def __init__(self) -> None:
        self.room = Room(RoomState("r", "支部党员大会", recording_rule="untilObjection"))
        self.now = 1000.0
        self.seen: dict[str, Snapshot] = {}

    def do(self, command: c.Command) -> None:
        self.now += 1
        before = self.room.state
        try:
            events = self.room.handle(command, self.now)
        except Refused:
            assert self.room.state == before
            return
        assert [event.revision for event in events] == list(range(before.revision + 1, before.revision + 1 + len(events)))
        renewed = {peer for event in events for peer in event.renews}
        for peer in PEERS:
            place = place_of(self.room.state, peer)
            if place == "outside":
                self.seen.pop(peer, None)
            elif peer in renewed or peer not in self.seen:
                assert peer in renewed, f"{peer} came in without a snapshot by {command}"
                self.seen[peer] = self.room.snapshot(peer)
            else:
                for event in events:
                    if told(event, peer, place):
                        self.seen[peer] = apply(self.seen[peer], event)
        self.check()

    def check(self) -> None:
        for peer, old in self.seen.items():
            fresh = self.room.snapshot(peer)
            assert blind(shape(old)) == blind(shape(fresh)), peer


def blind(body: dict[str, object]) -> dict[str, object]:
    """Without the revision: a viewer who was not told of an event keeps the number of the last one told."""
    return {key: value for key, value in body.items() if key != "revision"}


@settings(max_examples=300, deadline=None)
@given(st.lists(COMMANDS, max_size=60))
def test_old_snapshot_plus_events_is_the_fresh_snapshot(commands: list[c.Command]) -> None:
    watched = Watched()
    for command in [join("p1", None, True), *commands]:
        watched.do(command)


@settings(max_examples=200, deadline=None)
@given(st.lists(COMMANDS, max_size=80))
def test_what_always_holds(commands: list[c.Command]) -> None:
    room = Room(RoomState("r", "t"))
    for number, command in enumerate([join("p1", None, True), *commands]):
        try:
            room.handle(command, 1000.0 + number)
        except Refused:
            continue
        state = room.state
        inside = [peer.peer_id for p in state.participants for peer in p.peers]
        assert len(inside) == len(set(inside))
        assert all(p.peers for p in state.participants)
        assert not set(inside) & {w.peer_id for w in state.waiting}
        here = {p.member_id for p in state.participants}
        assert {hand.member_id for hand in state.hands} <= here
        assert state.floor is None or state.floor.member_id in here
        shared = [p for m in state.participants for peer in m.peers for p in peer.producers if p.source == "screen"]
        assert len(shared) <= 1
        assert not state.removed & here
        if state.stage == "ended":
            assert (here, state.waiting) == (set(), ())
        if state.stage == "scheduled":
            assert all(p.role in MODERATING for p in state.participants)


@given(st.lists(COMMANDS, max_size=30))
def test_events_and_snapshots_are_plain_json(commands: list[c.Command]) -> None:
    import json

    room = Room(RoomState("r", "t"))
    for number, command in enumerate([join("p1", None, True), *commands]):
        try:
            for event in room.handle(command, 1000.0 + number):
                body = plain(event.what)
                assert json.loads(json.dumps(body)) == body
                assert isinstance(body["type"], str)
        except Refused:
            continue
    body = shape(room.snapshot("p1"))
    assert json.loads(json.dumps(body)) == body
