/** Which happenings are told to the eye (a short notice) and to the ear (a live region), as keys of sentences. Pure. */

import { nameOf } from './people';
import type { Happening, Snapshot } from './room';

export interface Announcement {
  key: string;
  params: Record<string, string>;
  /** Also shown as a notice; otherwise only read out. */
  shown: boolean;
}

/** Above this many people comings and goings are no longer read out one by one. */
const CROWD = 20;

export function announcementOf(what: Happening, before: Snapshot, after: Snapshot, self: string | null): Announcement | null {
  const said = (key: string, params: Record<string, string> = {}, shown = false): Announcement => ({ key, params, shown });
  switch (what.type) {
    case 'roomOpened':
      return said('opened', {}, true);
    case 'peerJoined':
      return isNew(what.memberId, before) && what.memberId !== self && after.participants.length <= CROWD ? said('joined', { name: what.name }) : null;
    case 'peerLeft':
      return isGone(what.memberId, after) && after.participants.length < CROWD ? said('left', { name: nameOf(before, what.memberId) }) : null;
    case 'memberRemoved':
      return said('removed', { name: nameOf(before, what.memberId) }, true);
    case 'handRaised':
      return said(what.memberId === self ? 'ownHandRaised' : 'handRaised', { name: nameOf(after, what.memberId), n: String(after.hands.length) });
    case 'handLowered':
      return what.memberId === self && what.by !== self ? said('ownHandLowered') : null;
    case 'floorGiven':
      return said(what.memberId === self ? 'ownFloor' : 'floor', { name: nameOf(after, what.memberId) }, true);
    case 'floorWithdrawn':
      return what.memberId === self && what.by !== self ? said('ownFloorEnded', {}, true) : null;
    case 'peerWaiting':
      return said('waiting', { name: what.waiting.name }, true);
    case 'said':
      return what.message.memberId === self ? null : said('said', { name: what.message.name, text: what.message.text });
    case 'lockSet':
      return said(what.on ? 'locked' : 'unlocked', {}, true);
    case 'roleChanged':
      return roleSaid(what, after, self);
    case 'recordingStarted':
      return said('recordingStarted'); // the banner is to be seen, and nothing may cover it
    case 'recordingStopped':
      return said('recordingStopped', {}, true);
    case 'recordingObjected':
      return said('recordingObjected', { name: nameOf(after, what.memberId) }, true);
    case 'producerAdded':
      return what.producer.source === 'screen' && what.memberId !== self ? said('shares', { name: nameOf(after, what.memberId) }) : null;
    default:
      return null;
  }
}

function roleSaid(what: Extract<Happening, { type: 'roleChanged' }>, after: Snapshot, self: string | null): Announcement {
  const own = what.memberId === self ? 'own' : '';
  const key = what.role === 'coModerator' ? 'coModerator' : 'noCoModerator';
  return { key: own ? `own${key[0]?.toUpperCase()}${key.slice(1)}` : key, params: { name: nameOf(after, what.memberId) }, shown: true };
}

function isNew(memberId: string, before: Snapshot): boolean {
  return !before.participants.some((person) => person.memberId === memberId);
}

function isGone(memberId: string, after: Snapshot): boolean {
  return isNew(memberId, after);
}
