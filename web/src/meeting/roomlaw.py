"""Stories of a room as JSON, for room.law.test.ts: what each viewer was shown, was told, and would be shown afresh.

A line for each step and viewer: {"before": snapshot, "events": [...], "after": snapshot}. The same seed tells the same stories. It must
never decide anything: rooms/ does.
"""

from __future__ import annotations

import json
import random
import sys
from typing import Any

from rooms import commands as c
from rooms.events import plain
from rooms.refusals import Refused
from rooms.room import Room
from rooms.snapshot import place_of, shape, snapshot, told
from rooms.state import RoomState

MEMBERS = [f"m{n}" for n in range(6)]
STEPS = 260


def a_command(choose: random.Random, step: int) -> c.Command:
    peer, member = f"p{choose.randrange(9)}", choose.choice(MEMBERS)
    host = choose.choice(["p0", peer])
    producer = f"x{choose.randrange(6)}"
    owner = choose.randrange(9)
    role: Any = "moderator" if owner == 0 else choose.choice(["participant", "observer"])
    post: Any = "observer" if role == "observer" else "member"
    commands: list[c.Command] = [
        c.Join(f"p{owner}", MEMBERS[owner % 6], f"名{owner % 6}", role, post, "desktop", f"d{owner}"),
        c.Join(f"p{owner}", MEMBERS[owner % 6], f"名{owner % 6}", role, post, "phone", f"d{owner}"),
        c.Leave(peer),
        c.ConnectionLost(peer),
        c.ConnectionBack(peer),
        c.OpenMeeting("p0"),
        c.SetLobby(host, choose.random() < 0.5),
        c.SetLocked(host, choose.random() < 0.3),
        c.Admit(host, member),
        c.AdmitAll(host),
        c.RefuseEntry(host, member),
        c.Remove(host, member, "原因"),
        c.GrantModerator(host, member),
        c.RevokeModerator(host, member),
        c.AddProducer(peer, producer, "audio", "microphone"),
        c.AddProducer(peer, producer, "video", choose.choice(["camera", "screen"])),
        c.SetProducerPaused(peer, producer, choose.random() < 0.5),
        c.RemoveProducer(peer, producer),
        c.Mute(host, member),
        c.MuteAll(host),
        c.AskUnmute(host, member),
        c.StopShare(host, member),
        c.RaiseHand(peer),
        c.LowerHand(peer),
        c.LowerAllHands(host),
        c.GiveFloor(host, member),
        c.WithdrawFloor(host),
        c.StartRecording(host, f"r{step}"),
        c.AgreeToRecording(peer, "1"),
        c.DeclineRecording(peer),
        c.ObjectToRecording(peer),
        c.StopRecording(host),
        c.Say(peer, f"第 {step} 句", f"s{step}"),
    ]
    return choose.choice(commands)


def story(seed: int) -> list[dict[str, Any]]:
    choose = random.Random(seed)
    room = Room(RoomState("r", "支部党员大会", recording_rule="untilObjection" if seed % 2 else "allowed"))
    room.handle(c.Join("p0", "m0", "书记", "moderator", "secretary", "desktop", "d0"), 1.0)
    lines: list[dict[str, Any]] = []
    for step in range(STEPS):
        before = room.state
        try:
            events = room.handle(a_command(choose, step), 10.0 + step)
        except Refused:
            continue
        renewed = {peer for event in events for peer in event.renews}
        for viewer in (f"p{n}" for n in range(9)):
            place = place_of(room.state, viewer)
            if place == "outside" or viewer in renewed or place_of(before, viewer) != place:
                continue  # those are sent a fresh snapshot, or nothing more
            seen = [{"revision": event.revision, **plain(event.what)} for event in events if told(event, viewer, place)]
            if seen:
                lines.append({"before": shape(snapshot(before, viewer)), "events": seen, "after": shape(room.snapshot(viewer))})
    return lines


if __name__ == "__main__":
    sys.stdout.write(json.dumps([line for seed in range(4) for line in story(seed)], ensure_ascii=False))
