/** Questions the screens ask of a snapshot: who am I, what does a tile show, who shares, what must be received. Pure. */

import type { Participant, Peer, Producer, Role, Snapshot, Source } from './room';
import type { Rank } from './layout';

export interface Tile extends Rank {
  name: string;
  role: Role;
  post: Participant['post'];
  /** Producer to show, null when no camera is on. */
  camera: string | null;
  /** null: no microphone at all (listens only). */
  muted: boolean | null;
  /** 1, 2 … in the order of hands; 0: not raised. */
  hand: number;
  reconnecting: boolean;
  devices: number;
  sharing: boolean;
}

export interface Share {
  memberId: string;
  name: string;
  producerId: string;
  self: boolean;
}

export function isModerating(role: Role | undefined): boolean {
  return role === 'moderator' || role === 'coModerator';
}

export function me(room: Snapshot): Participant | null {
  return room.participants.find((person) => person.peers.some((peer) => peer.peerId === room.peerId)) ?? null;
}

export function ownPeer(room: Snapshot): Peer | null {
  return me(room)?.peers.find((peer) => peer.peerId === room.peerId) ?? null;
}

export function producersOf(person: Participant, source: Source): Producer[] {
  return person.peers.flatMap((peer) => peer.producers.filter((producer) => producer.source === source));
}

export function handOf(room: Snapshot, memberId: string): number {
  return room.hands.findIndex((hand) => hand.memberId === memberId) + 1;
}

export function nameOf(room: Snapshot, memberId: string | null): string {
  return room.participants.find((person) => person.memberId === memberId)?.name ?? '';
}

export function tiles(room: Snapshot, pinned: string | null): Tile[] {
  const self = me(room)?.memberId ?? null;
  return room.participants.map((person) => tileOf(room, person, self, pinned));
}

function tileOf(room: Snapshot, person: Participant, self: string | null, pinned: string | null): Tile {
  const camera = producersOf(person, 'camera').filter((producer) => !producer.paused).pop() ?? null;
  return {
    memberId: person.memberId,
    name: person.name,
    role: person.role,
    post: person.post,
    pinned: person.memberId === pinned,
    floor: room.floor?.memberId === person.memberId,
    moderator: isModerating(person.role),
    self: person.memberId === self,
    video: camera !== null,
    camera: camera?.producerId ?? null,
    muted: mutedOf(person),
    hand: handOf(room, person.memberId),
    reconnecting: person.peers.every((peer) => peer.connection === 'reconnecting'),
    devices: person.peers.length,
    sharing: producersOf(person, 'screen').length > 0,
  };
}

/** A person is heard if any of their devices is. */
export function mutedOf(person: Participant): boolean | null {
  const microphones = producersOf(person, 'microphone');
  return microphones.length === 0 ? null : microphones.every((microphone) => microphone.paused);
}

export function shareOf(room: Snapshot): Share | null {
  for (const person of room.participants) {
    const screen = producersOf(person, 'screen').find((producer) => !producer.paused);
    if (!screen) continue;
    return { memberId: person.memberId, name: person.name, producerId: screen.producerId, self: person.peers.some((peer) => peer.peerId === room.peerId) };
  }
  return null;
}

/** Everything audible but the own person's devices: a second device of one's own in the same room would howl. */
export function audioWanted(room: Snapshot): string[] {
  const self = me(room);
  return room.participants
    .filter((person) => person !== self)
    .flatMap((person) => person.peers.flatMap((peer) => peer.producers.filter((producer) => producer.kind === 'audio').map((producer) => producer.producerId)));
}

/** The videos that are on the screen now: those of the given members, and the shared screen unless it is one's own. */
export function videoWanted(room: Snapshot, shown: readonly string[]): string[] {
  const share = shareOf(room);
  const own = new Set(ownPeer(room)?.producers.map((producer) => producer.producerId) ?? []);
  const cameras = tiles(room, null)
    .filter((tile) => tile.camera !== null && shown.includes(tile.memberId))
    .map((tile) => tile.camera as string);
  return [...cameras, ...(share ? [share.producerId] : [])].filter((producerId) => !own.has(producerId));
}

export function initials(name: string): string {
  const trimmed = name.trim();
  if (/[\u3400-\u9fff]/.test(trimmed)) return trimmed.slice(-2); // a Chinese given name says more than the family name
  const words = trimmed.split(/\s+/);
  return `${words[0]?.[0] ?? ''}${words.length > 1 ? (words[words.length - 1]?.[0] ?? '') : ''}`.toUpperCase();
}

export function producerIds(room: Snapshot): Set<string> {
  return new Set(room.participants.flatMap((person) => person.peers.flatMap((peer) => peer.producers.map((producer) => producer.producerId))));
}
