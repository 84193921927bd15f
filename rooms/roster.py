"""Who is in and who waits at the door: join, leave, admit, refuse, remove, open, end.

The rules of the door, in their order: an ended meeting takes nobody; who is neither expected nor invited is refused; who was removed
waits until admitted by name; a moderator always enters; before the meeting opens everybody else waits; a locked room takes those who
were inside before and lets the others wait; with the lobby on, who was not inside before waits. Whenever the door changes, those at it
are looked at again by the same rules. The same device joining again replaces its older peer. A person has at most `MAX_DEVICES` devices.
"""

from __future__ import annotations

from dataclasses import replace

from rooms import commands as c
from rooms import events as e
from rooms import recording
from rooms.draft import Draft
from rooms.ids import MAX_DEVICES, MODERATING, LeaveReason, MemberId, PeerId, Role, WaitingOutcome, WaitingReason
from rooms.refusals import Refused
from rooms.state import Peer, Waiting


def join(draft: Draft, command: c.Join) -> None:
    state = draft.state
    if state.stage == "ended":
        raise Refused("meetingEnded")
    if not command.may_enter:
        raise Refused("notInvited")
    if state.owner(command.peer_id) or any(w.peer_id == command.peer_id for w in state.waiting):
        raise Refused("peerExists")
    _replace_device(draft, command.member_id, command.device_id)
    _count_devices(draft, command.member_id)
    reason = _must_wait(draft, command)
    if reason is None:
        _enter(draft, _waiting(draft, command, "lobby"))
    else:
        draft.happen(e.PeerWaiting(_waiting(draft, command, reason)), e.MODERATORS, renews=(command.peer_id,))


def _waiting(draft: Draft, command: c.Join, reason: WaitingReason) -> Waiting:
    return Waiting(
        command.peer_id,
        command.member_id,
        command.name,
        command.role,
        command.post,
        command.device_id,
        command.device,
        draft.now,
        reason,
    )


def _replace_device(draft: Draft, member_id: MemberId, device_id: str) -> None:
    for entry in draft.state.at_the_door(member_id):
        if entry.device_id == device_id:
            _from_door(draft, entry, "left")
    participant = draft.state.participant(member_id)
    if participant is None:
        return
    for peer in participant.peers:
        if peer.device_id == device_id:
            # The person goes on with the same device: hand and floor are kept.
            draft.happen(e.PeerLeft(peer.peer_id, member_id, "replaced", draft.now))


def _count_devices(draft: Draft, member_id: MemberId) -> None:
    participant = draft.state.participant(member_id)
    devices = len(participant.peers if participant else ()) + len(draft.state.at_the_door(member_id))
    if devices >= MAX_DEVICES:
        raise Refused("tooManyDevices", limit=MAX_DEVICES)


def _must_wait(draft: Draft, command: c.Join) -> WaitingReason | None:
    if command.member_id in draft.state.removed:
        return "removed"
    if _role(draft, command.member_id, command.role) in MODERATING:
        return None
    return "notOpen" if draft.state.stage == "scheduled" else _barred(draft, command.member_id)


def _barred(draft: Draft, member_id: MemberId) -> WaitingReason | None:
    """What keeps a member out of an open meeting."""
    if member_id in draft.state.were_in:
        return None
    if draft.state.locked:
        return "locked"
    return "lobby" if draft.state.lobby else None


def _role(draft: Draft, member_id: MemberId, role: Role) -> Role:
    return dict(draft.state.roles).get(member_id, role)


def _enter(draft: Draft, entry: Waiting) -> None:
    role = _role(draft, entry.member_id, entry.role)
    peer = Peer(entry.peer_id, entry.device_id, entry.device, draft.now)
    draft.note(were_in=draft.state.were_in | {entry.member_id}, removed=draft.state.removed - {entry.member_id})
    draft.happen(e.PeerJoined(entry.member_id, entry.name, role, entry.post, peer), e.ALL, renews=(entry.peer_id,))


def leave(draft: Draft, command: c.Leave) -> None:
    for entry in draft.state.waiting:
        if entry.peer_id == command.by:
            _from_door(draft, entry, "left")
            return
    participant, peer = draft.inside(command.by)
    at = draft.now if command.at is None else min(draft.now, max(command.at, peer.joined_at))
    _part(draft, participant.member_id, peer.peer_id, command.reason, at)


def _part(draft: Draft, member_id: MemberId, peer_id: PeerId, reason: LeaveReason, at: float | None = None) -> None:
    """A peer goes; with the last one the person's hand and floor go too."""
    at = draft.now if at is None else at
    participant = draft.state.participant(member_id)
    if participant is not None and len(participant.peers) == 1:
        if any(hand.member_id == member_id for hand in draft.state.hands):
            draft.happen(e.HandLowered(member_id, member_id, at))
        held = draft.state.floor
        if held is not None and held.member_id == member_id:
            draft.happen(e.FloorWithdrawn(member_id, member_id, max(at, held.since)))
    draft.happen(e.PeerLeft(peer_id, member_id, reason, at))
    if draft.state.recording is not None and not draft.state.participants:
        recording.end(draft, None, "serverStopped" if reason == "serverStopped" else "everybodyLeft", draft.state.recording)


def connection_lost(draft: Draft, command: c.ConnectionLost) -> None:
    participant, peer = draft.inside(command.by)
    if peer.connection == "connected":
        draft.happen(e.ConnectionChanged(peer.peer_id, participant.member_id, "reconnecting", draft.now))


def connection_back(draft: Draft, command: c.ConnectionBack) -> None:
    participant, peer = draft.inside(command.by)
    if peer.connection == "reconnecting":
        draft.happen(e.ConnectionChanged(peer.peer_id, participant.member_id, "connected", draft.now))


def open_meeting(draft: Draft, command: c.OpenMeeting) -> None:
    by = draft.by(command.by) if command.by is not None else None
    if draft.state.stage != "scheduled":
        raise Refused("meetingAlreadyOpen" if draft.state.stage == "open" else "meetingEnded")
    draft.happen(e.RoomOpened(draft.now, by), e.ALL, renews=tuple(w.peer_id for w in draft.state.waiting))
    _reconsider(draft)


def _reconsider(draft: Draft) -> None:
    """The door has changed: who waits comes in, or goes on waiting for what keeps that member out now."""
    for entry in draft.state.waiting if draft.state.stage == "open" else ():
        reason = "removed" if entry.reason == "removed" else _barred(draft, entry.member_id)
        if reason is None:
            _admit(draft, entry)
        elif reason != entry.reason:
            _from_door(draft, entry, "left")
            draft.happen(e.PeerWaiting(replace(entry, reason=reason)), e.MODERATORS, renews=(entry.peer_id,))


def end_meeting(draft: Draft, command: c.EndMeeting) -> None:
    by = draft.by(command.by) if command.by is not None else None
    draft.open()
    for entry in draft.state.waiting:
        _from_door(draft, entry, "ended")
    ended = draft.now if command.at is None else max(draft.state.opened_at or 0.0, min(draft.now, command.at))
    if draft.state.recording is not None:
        recording.end(draft, by, "meetingEnded", draft.state.recording)
    draft.happen(e.RoomEnded(ended, by))
    for participant in draft.state.participants:
        for peer in participant.peers:
            _part(draft, participant.member_id, peer.peer_id, "meetingEnded")


def _from_door(draft: Draft, entry: Waiting, outcome: WaitingOutcome) -> None:
    draft.happen(e.WaitingLeft(entry.peer_id, entry.member_id, outcome), (*_moderators(draft), entry.peer_id))


def _moderators(draft: Draft) -> tuple[PeerId, ...]:
    return tuple(peer.peer_id for p in draft.state.participants if p.role in MODERATING for peer in p.peers)


def admit(draft: Draft, command: c.Admit) -> None:
    draft.open()
    entries = draft.state.at_the_door(command.member_id)
    if not entries:
        raise Refused("nobodyWaiting", member_id=command.member_id)
    for entry in entries:
        _admit(draft, entry)


def admit_all(draft: Draft, command: c.AdmitAll) -> None:
    draft.open()
    entries = [entry for entry in draft.state.waiting if entry.reason != "removed"]
    if not entries:
        raise Refused("nobodyWaiting")
    for entry in entries:
        _admit(draft, entry)


def _admit(draft: Draft, entry: Waiting) -> None:
    _from_door(draft, entry, "admitted")
    _enter(draft, entry)


def refuse_entry(draft: Draft, command: c.RefuseEntry) -> None:
    entries = draft.state.at_the_door(command.member_id)
    if not entries:
        raise Refused("nobodyWaiting", member_id=command.member_id)
    for entry in entries:
        _from_door(draft, entry, "refused")


def remove(draft: Draft, command: c.Remove) -> None:
    by = draft.by(command.by)
    target = draft.member(command.member_id)
    if target.role == "moderator":
        raise Refused("moderatorProtected")
    draft.happen(e.MemberRemoved(target.member_id, by, command.reason, draft.now))
    roles = tuple((member_id, role) for member_id, role in draft.state.roles if member_id != target.member_id)
    draft.note(removed=draft.state.removed | {target.member_id}, roles=roles)
    for peer in target.peers:
        _part(draft, target.member_id, peer.peer_id, "removed")


def set_lobby(draft: Draft, command: c.SetLobby) -> None:
    if draft.state.lobby != command.on:
        draft.happen(e.LobbySet(command.on))
        _reconsider(draft)


def set_locked(draft: Draft, command: c.SetLocked) -> None:
    if draft.state.locked != command.on:
        draft.happen(e.LockSet(command.on))
        _reconsider(draft)
