"""What is seen and heard: producers, muting, the one screen share, co-moderators, chat."""

from __future__ import annotations

from rooms import commands as c
from rooms import events as e
from rooms.draft import Draft
from rooms.ids import CHAT_LENGTH, MODERATING, MemberId, ProducerId
from rooms.refusals import Refused
from rooms.state import ChatMessage, Participant, Peer, Producer

SHARES = frozenset({"screen", "screenAudio"})


def add_producer(draft: Draft, command: c.AddProducer) -> None:
    """One producer of a source per peer; one shared screen in the room, which a moderator's replaces."""
    participant, peer = draft.inside(command.by)
    if _find(draft, command.producer_id):
        raise Refused("duplicateProducer")
    if any(producer.source == command.source for producer in peer.producers):
        raise Refused("sourceInUse", source=command.source)
    if command.source == "screen":
        _make_room_for_share(draft, participant)
    producer = Producer(command.producer_id, command.kind, command.source, command.paused)
    draft.happen(e.ProducerAdded(peer.peer_id, participant.member_id, producer, draft.now))


def _make_room_for_share(draft: Draft, asking: Participant) -> None:
    for participant, peer, producer in _all(draft):
        if producer.source not in SHARES:
            continue
        if asking.role not in MODERATING and participant.member_id != asking.member_id:
            raise Refused("shareInUse", name=participant.name)
        _remove(draft, participant, peer, producer, asking.member_id)


def set_producer_paused(draft: Draft, command: c.SetProducerPaused) -> None:
    participant, peer = draft.inside(command.by)
    producer = next((p for p in peer.producers if p.producer_id == command.producer_id), None)
    if producer is None:
        raise Refused("unknownProducer")
    if producer.paused != command.paused:
        _pause(draft, participant, peer, producer, command.paused, participant.member_id)


def remove_producer(draft: Draft, command: c.RemoveProducer) -> None:
    """By its owner, or by the server when the media plane has lost it."""
    found = _find(draft, command.producer_id)
    if found is None:
        raise Refused("unknownProducer")
    participant, peer, producer = found
    _remove(draft, participant, peer, producer, participant.member_id if command.by is not None else None)


def mute(draft: Draft, command: c.Mute) -> None:
    by = draft.by(command.by)
    _mute(draft, draft.member(command.member_id), by)


def mute_all(draft: Draft, command: c.MuteAll) -> None:
    by = draft.by(command.by)
    for participant in draft.state.participants:
        if participant.member_id != by:
            _mute(draft, participant, by)


def _mute(draft: Draft, target: Participant, by: MemberId) -> None:
    for peer in target.peers:
        for producer in peer.producers:
            if producer.source == "microphone" and not producer.paused:
                _pause(draft, target, peer, producer, True, by)


def ask_unmute(draft: Draft, command: c.AskUnmute) -> None:
    by = draft.by(command.by)
    target = draft.member(command.member_id)
    draft.happen(e.UnmuteAsked(target.member_id, by), tuple(peer.peer_id for peer in target.peers))


def stop_share(draft: Draft, command: c.StopShare) -> None:
    by = draft.by(command.by)
    target = draft.member(command.member_id)
    shares = [(peer, producer) for peer in target.peers for producer in peer.producers if producer.source in SHARES]
    if not shares:
        raise Refused("unknownProducer")
    for peer, producer in shares:
        _remove(draft, target, peer, producer, by)


def grant_moderator(draft: Draft, command: c.GrantModerator) -> None:
    _set_role(draft, draft.by(command.by), draft.member(command.member_id), granted=True)


def revoke_moderator(draft: Draft, command: c.RevokeModerator) -> None:
    _set_role(draft, draft.by(command.by), draft.member(command.member_id), granted=False)


def _set_role(draft: Draft, by: MemberId, target: Participant, *, granted: bool) -> None:
    """A co-moderator who loses it is a participant again, or the observer that member came as (`Participant.post`)."""
    if target.role == "moderator":
        raise Refused("moderatorProtected")
    back = "observer" if target.post == "observer" else "participant"
    role = "coModerator" if granted else back
    if target.role == role:
        return
    roles = dict(draft.state.roles) | {target.member_id: role}
    draft.note(roles=tuple(sorted(roles.items())))
    draft.happen(e.RoleChanged(target.member_id, role, by), renews=tuple(peer.peer_id for peer in target.peers))  # type: ignore[arg-type]


def say(draft: Draft, command: c.Say) -> None:
    participant, peer = draft.inside(command.by)
    text = command.text.strip()
    if not text:
        raise Refused("chatEmpty")
    if len(text) > CHAT_LENGTH:
        raise Refused("chatTooLong", limit=CHAT_LENGTH)
    message_id = f"{peer.peer_id}-{command.client_id}"
    if any(message.message_id == message_id for message in draft.state.chat):
        return
    draft.happen(e.Said(ChatMessage(message_id, participant.member_id, participant.name, text, draft.now)))


def _all(draft: Draft) -> list[tuple[Participant, Peer, Producer]]:
    return [(member, peer, producer) for member in draft.state.participants for peer in member.peers for producer in peer.producers]


def _find(draft: Draft, producer_id: ProducerId) -> tuple[Participant, Peer, Producer] | None:
    return next((found for found in _all(draft) if found[2].producer_id == producer_id), None)


def _pause(draft: Draft, who: Participant, peer: Peer, producer: Producer, paused: bool, by: MemberId) -> None:
    ids = (peer.peer_id, who.member_id, producer.producer_id, producer.source)
    draft.happen(e.ProducerPausedSet(*ids, paused, by, draft.now))


def _remove(draft: Draft, who: Participant, peer: Peer, producer: Producer, by: MemberId | None) -> None:
    draft.happen(e.ProducerRemoved(peer.peer_id, who.member_id, producer.producer_id, producer.source, by, draft.now))
