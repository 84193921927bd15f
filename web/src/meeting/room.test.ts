import { describe, expect, it } from 'vitest';
import { announcementOf } from './announcements';
import { takeEvent, takeSnapshot, type ToldEvent } from './intake';
import { audioWanted, handOf, initials, me, mutedOf, shareOf, tiles, videoWanted } from './people';
import { evolve, type Happening, type Peer, type Producer, type Snapshot } from './room';

const producer = (producerId: string, source: Producer['source'], paused = false): Producer => ({
  producerId,
  kind: source === 'camera' || source === 'screen' ? 'video' : 'audio',
  source,
  paused,
});
const peer = (peerId: string, ...producers: Producer[]): Peer => ({ peerId, deviceId: `d-${peerId}`, device: 'desktop', joinedAt: 1, connection: 'connected', producers });
const person = (memberId: string, role: 'moderator' | 'participant', ...peers: Peer[]) => ({ memberId, name: memberId.toUpperCase(), role, post: 'member' as const, peers });

function room(more: Partial<Snapshot> = {}): Snapshot {
  return {
    peerId: 'p-me',
    place: 'inside',
    roomId: 'r',
    title: '支部党员大会',
    stage: 'open',
    openedAt: 1,
    endedAt: null,
    locked: false,
    lobby: false,
    revision: 10,
    participants: [
      person('li', 'moderator', peer('p-li', producer('li-mic', 'microphone'), producer('li-cam', 'camera'))),
      person('me', 'participant', peer('p-me', producer('me-mic', 'microphone', true), producer('me-cam', 'camera')), peer('p-tablet', producer('tab-mic', 'microphone', true))),
      person('wu', 'participant', peer('p-wu')),
    ],
    waiting: [],
    hands: [],
    floor: null,
    chat: [],
    recordingRule: 'allowed',
    recording: null,
    recorded: [],
    ...more,
  };
}

const told = (revision: number, what: Happening): ToldEvent => ({ revision, ...what });

describe('snapshot + event = snapshot', () => {
  it('an event that is old news changes nothing', () => {
    const now = room();
    expect(takeEvent(now, told(10, { type: 'lockSet', on: true }))).toEqual({ room: now, what: null, missing: false });
  });

  it('revisions may jump: not everybody is told of everything', () => {
    const taken = takeEvent(room(), told(14, { type: 'lockSet', on: true }));
    expect([taken.room?.revision, taken.room?.locked, taken.missing]).toEqual([14, true, false]);
  });

  it.each<Happening>([
    { type: 'producerAdded', peerId: 'p-nobody', memberId: 'x', producer: producer('x', 'camera'), at: 2 },
    { type: 'peerLeft', peerId: 'p-nobody', memberId: 'x', reason: 'left', at: 2 },
    { type: 'handRaised', memberId: 'nobody', at: 2 },
  ])('news of a stranger ($type) means that something is missing', (what) => {
    expect(takeEvent(room(), told(11, what)).missing).toBe(true);
  });

  it('without a snapshot an event asks for one', () => {
    expect(takeEvent(null, told(1, { type: 'lockSet', on: true }))).toEqual({ room: null, what: null, missing: true });
  });

  it('a snapshot overtaken by events is not taken, one of another stay is', () => {
    const now = room({ revision: 20 });
    expect(takeSnapshot(now, room({ revision: 15 }))).toBe(now);
    expect(takeSnapshot(now, room({ revision: 3, peerId: 'p-new' })).revision).toBe(3);
    expect(takeSnapshot(now, room({ revision: 15, place: 'moderator' })).place).toBe('moderator');
  });

  it('what a newer server tells of is passed over', () => {
    const now = room();
    expect(evolve({ type: 'somethingNew' } as unknown as Happening, now)).toBe(now);
  });

  it('a second device of one person is the same participant, gone with the last', () => {
    const first = evolve({ type: 'peerLeft', peerId: 'p-tablet', memberId: 'me', reason: 'left', at: 3 }, room());
    expect(me(first)?.peers.map(({ peerId }) => peerId)).toEqual(['p-me']);
    const second = evolve({ type: 'peerLeft', peerId: 'p-wu', memberId: 'wu', reason: 'left', at: 3 }, first);
    expect(second.participants.map(({ memberId }) => memberId)).toEqual(['li', 'me']);
  });

  it('keeps the last two hundred messages', () => {
    let now = room();
    for (let n = 0; n < 205; n += 1) now = evolve({ type: 'said', message: { messageId: String(n), memberId: 'li', name: 'LI', text: '好', at: n } }, now);
    expect([now.chat.length, now.chat[0]?.messageId]).toEqual([200, '5']);
  });
});

describe('what the screens ask', () => {
  it('hands have the order in which they went up, the same for everyone', () => {
    let now = evolve({ type: 'handRaised', memberId: 'wu', at: 5 }, room());
    now = evolve({ type: 'handRaised', memberId: 'me', at: 6 }, now);
    expect([handOf(now, 'wu'), handOf(now, 'me'), handOf(now, 'li')]).toEqual([1, 2, 0]);
    now = evolve({ type: 'handLowered', memberId: 'wu', by: 'li', at: 7 }, now);
    expect(handOf(now, 'me')).toBe(1);
  });

  it('a person is muted when every device is, and listens when there is none', () => {
    const now = room();
    expect(now.participants.map(mutedOf)).toEqual([false, true, null]);
  });

  it('hears everybody but oneself, sees who is on the page', () => {
    const now = room();
    expect(audioWanted(now)).toEqual(['li-mic']);
    expect(videoWanted(now, ['li', 'me'])).toEqual(['li-cam']);
    expect(videoWanted(now, [])).toEqual([]);
  });

  it('the shared screen is always wanted, but not the own one', () => {
    const shared = (peerId: string, memberId: string) => evolve({ type: 'producerAdded', peerId, memberId, producer: producer('scr', 'screen'), at: 2 }, room());
    expect([shareOf(shared('p-li', 'li'))?.self, videoWanted(shared('p-li', 'li'), [])]).toEqual([false, ['scr']]);
    expect([shareOf(shared('p-me', 'me'))?.self, videoWanted(shared('p-me', 'me'), [])]).toEqual([true, []]);
  });

  it('tiles tell camera, floor, hand and lost connection', () => {
    let now = evolve({ type: 'floorGiven', memberId: 'wu', by: 'li', at: 4 }, room());
    now = evolve({ type: 'connectionChanged', peerId: 'p-wu', memberId: 'wu', connection: 'reconnecting', at: 5 }, now);
    now = evolve({ type: 'producerPausedSet', peerId: 'p-li', memberId: 'li', producerId: 'li-cam', source: 'camera', paused: true, by: 'li', at: 5 }, now);
    expect(tiles(now, 'li').map(({ memberId, camera, floor, reconnecting, pinned, self }) => [memberId, camera, floor, reconnecting, pinned, self])).toEqual([
      ['li', null, false, false, true, false],
      ['me', 'me-cam', false, false, false, true],
      ['wu', null, true, true, false, false],
    ]);
  });

  it.each([
    ['李书华', '书华'],
    ['欧阳修', '阳修'],
    ['演示·张晓梅', '晓梅'],
    ['John Smith', 'JS'],
    ['wang', 'W'],
    ['', ''],
  ])('%s is drawn as %s', (name, drawn) => {
    expect(initials(name)).toBe(drawn);
  });
});

describe('what is announced', () => {
  const announced = (what: Happening, before = room()) => announcementOf(what, before, evolve(what, before), 'me');

  it('a raised hand with its place in the order', () => {
    expect(announced({ type: 'handRaised', memberId: 'wu', at: 2 })).toEqual({ key: 'handRaised', params: { name: 'WU', n: '1' }, shown: false });
    expect(announced({ type: 'handRaised', memberId: 'me', at: 2 })?.key).toBe('ownHandRaised');
  });

  it('a newcomer, but not a second device', () => {
    const joins = (memberId: string): Happening => ({ type: 'peerJoined', memberId, name: memberId, role: 'participant', post: 'member', peer: peer('p-x') });
    expect(announced(joins('zhao'))?.key).toBe('joined');
    expect(announced(joins('wu'))).toBeNull();
  });

  it('in a crowd comings and goings are quiet', () => {
    const crowd = room({ participants: Array.from({ length: 30 }, (_, n) => person(`m${n}`, 'participant', peer(`p${n}`))) });
    expect(announced({ type: 'peerLeft', peerId: 'p3', memberId: 'm3', reason: 'left', at: 2 }, crowd)).toBeNull();
  });

  it('never the own chat message', () => {
    const says = (memberId: string): Happening => ({ type: 'said', message: { messageId: '1', memberId, name: memberId, text: '好', at: 1 } });
    expect([announced(says('me')), announced(says('li'))?.params.text]).toEqual([null, '好']);
  });
});
