/**
 * The room as this viewer sees it: the shapes of a snapshot, and the one way it changes – snapshot + event = snapshot.
 *
 * The twin of rooms/evolve.py; `room.law.test.ts` holds both against each other. Pure: no clock, no network, no Vue.
 */

import type { Happening, Participant, Peer, RoomSnapshot } from '../api/types.gen';

export type { ChatMessage, Floor, Hand, Happening, Participant, Peer, Producer, Source, Waiting } from '../api/types.gen';
export type Snapshot = RoomSnapshot;
export type Role = Participant['role'];
export type Place = Snapshot['place'];

type Evolutions = { [Type in Happening['type']]: (what: Extract<Happening, { type: Type }>, room: Snapshot) => Snapshot };

const CHAT_KEPT = 200;

const EVOLVE: Evolutions = {
  roomOpened: (what, room) => ({ ...room, stage: 'open', openedAt: what.at }),
  roomEnded: (what, room) => ({ ...room, stage: 'ended', endedAt: what.at }),
  lobbySet: (what, room) => ({ ...room, lobby: what.on }),
  lockSet: (what, room) => ({ ...room, locked: what.on }),
  peerWaiting: (what, room) => ({ ...room, waiting: [...room.waiting, what.waiting] }),
  waitingLeft: (what, room) => ({ ...room, waiting: room.waiting.filter((entry) => entry.peerId !== what.peerId) }),
  peerJoined: ({ memberId, name, role, post, peer }, room) =>
    room.participants.some((known) => known.memberId === memberId)
      ? ofMember(room, memberId, (known) => ({ ...known, peers: [...known.peers, peer] }))
      : { ...room, participants: [...room.participants, { memberId, name, role, post, peers: [peer] }] },
  peerLeft: (what, room) => ({
    ...room,
    participants: room.participants
      .map((known) => ({ ...known, peers: known.peers.filter((peer) => peer.peerId !== what.peerId) }))
      .filter((known) => known.peers.length > 0),
  }),
  memberRemoved: (_, room) => room,
  connectionChanged: (what, room) => ofPeer(room, what.peerId, (peer) => ({ ...peer, connection: what.connection })),
  roleChanged: (what, room) => ofMember(room, what.memberId, (known) => ({ ...known, role: what.role })),
  producerAdded: (what, room) => ofPeer(room, what.peerId, (peer) => ({ ...peer, producers: [...peer.producers, what.producer] })),
  producerPausedSet: (what, room) =>
    ofPeer(room, what.peerId, (peer) => ({
      ...peer,
      producers: peer.producers.map((known) => (known.producerId === what.producerId ? { ...known, paused: what.paused } : known)),
    })),
  producerRemoved: (what, room) =>
    ofPeer(room, what.peerId, (peer) => ({ ...peer, producers: peer.producers.filter((known) => known.producerId !== what.producerId) })),
  unmuteAsked: (_, room) => room,
  handRaised: (what, room) => ({ ...room, hands: [...room.hands, { memberId: what.memberId, at: what.at }] }),
  handLowered: (what, room) => ({ ...room, hands: room.hands.filter((hand) => hand.memberId !== what.memberId) }),
  floorGiven: (what, room) => ({ ...room, floor: { memberId: what.memberId, since: what.at } }),
  floorWithdrawn: (_, room) => ({ ...room, floor: null }),
  recordingStarted: (what, room) => ({ ...room, recording: { recordingId: what.recordingId, since: what.at, by: what.by, objections: [] } }),
  recordingStopped: (_, room) => ({ ...room, recording: null }),
  recordingAgreed: (what, room) => ({ ...room, recorded: [...room.recorded, what.memberId] }),
  recordingDeclined: (what, room) => ({ ...room, recorded: room.recorded.filter((memberId) => memberId !== what.memberId) }),
  recordingObjected: (what, room) =>
    room.recording
      ? { ...room, recording: { ...room.recording, objections: [...room.recording.objections, what.memberId] } }
      : room,
  said: (what, room) => ({ ...room, chat: [...room.chat, what.message].slice(-CHAT_KEPT) }),
};

export function evolve(what: Happening, room: Snapshot): Snapshot {
  const step = EVOLVE[what.type] as ((what: Happening, room: Snapshot) => Snapshot) | undefined;
  return step ? step(what, room) : room; // a newer server may tell of more than this page knows
}

function ofMember(room: Snapshot, memberId: string, change: (known: Participant) => Participant): Snapshot {
  return { ...room, participants: room.participants.map((known) => (known.memberId === memberId ? change(known) : known)) };
}

function ofPeer(room: Snapshot, peerId: string, change: (peer: Peer) => Peer): Snapshot {
  const participants = room.participants.map((known) =>
    known.peers.some((peer) => peer.peerId === peerId)
      ? { ...known, peers: known.peers.map((peer) => (peer.peerId === peerId ? change(peer) : peer)) }
      : known,
  );
  return { ...room, participants };
}
