/**
 * Takes what the server sends – whole snapshots and single events – and says whether something is missing. Pure.
 *
 * Not every event is told to everybody, so revisions jump and a jump alone says nothing. What shows a loss is an event about somebody
 * this viewer has never heard of: then a fresh snapshot is due.
 */

import { evolve, type Happening, type Snapshot } from './room';

export type ToldEvent = Happening & { revision: number };

export interface Taken {
  room: Snapshot | null;
  /** What has happened, or null when it was old news. */
  what: Happening | null;
  missing: boolean;
}

/** A snapshot that was overtaken by events of the same stay is old news. */
export function takeSnapshot(room: Snapshot | null, fresh: Snapshot): Snapshot {
  const sameStay = room !== null && room.roomId === fresh.roomId && room.peerId === fresh.peerId && room.place === fresh.place;
  return sameStay && fresh.revision < room.revision ? room : fresh;
}

export function takeEvent(room: Snapshot | null, event: ToldEvent): Taken {
  if (room === null) return { room, what: null, missing: true };
  if (event.revision <= room.revision) return { room, what: null, missing: false };
  return { room: { ...evolve(event, room), revision: event.revision }, what: event, missing: speaksOfStrangers(event, room) };
}

function speaksOfStrangers(what: Happening, room: Snapshot): boolean {
  switch (what.type) {
    case 'connectionChanged':
    case 'producerAdded':
    case 'producerPausedSet':
    case 'producerRemoved':
    case 'peerLeft':
      return !room.participants.some((person) => person.peers.some((peer) => peer.peerId === what.peerId));
    case 'roleChanged':
    case 'handRaised':
    case 'floorGiven':
      return !room.participants.some((person) => person.memberId === what.memberId);
    default:
      return false;
  }
}
