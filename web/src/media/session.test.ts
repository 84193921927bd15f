import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asTransport, CAPABILITIES, FakeSignalling, FakeTransport, settled } from './doubles';
import { Emitter } from './emitter';
import type { Link, LinkState } from './link';
import { Refused, Unanswered } from './refusal';
import { Session, type SessionState } from './session';

class FakeLink {
  readonly events = new Emitter<{ state: LinkState; broken: undefined }>();
  readonly send = asTransport(new FakeTransport());
  recv = asTransport(new FakeTransport());
  readonly capabilities = CAPABILITIES;
  readonly sendCapabilities = CAPABILITIES;
  closed = false;
  retried = 0;
  renewed = 0;
  moves = 0;
  lost = false;
  retry(all = false) {
    if (all) this.renewed += 1;
    else this.retried += 1;
  }
  moved() {
    this.moves += 1;
  }
  async receiveAnew() {
    if (this.lost) throw new Unanswered('createTransport');
    this.recv = asTransport(new FakeTransport());
  }
  close() {
    this.closed = true;
  }
  async totals() {
    return { roundTrip: 0.01, received: 0, lost: 0 };
  }
}

const REQUEST = { meetingId: 'm', deviceId: 'd', device: 'desktop', noticeVersion: '1' } as const;
const joined = (more: object = {}) => ({
  state: 'joined',
  peerId: 'p1',
  resume: 'token',
  node: null,
  snapshot: { place: 'inside' },
  routerRtpCapabilities: { codecs: [] },
  iceServers: [],
  serverNow: 1000,
  ...more,
});

let sockets: FakeSignalling[];
let links: FakeLink[];
let answers: FakeSignalling['answers'];
let reachable: boolean;
let refused: number;
let refusal: string;
let nodes: (string | null)[];
let session: Session;
let states: SessionState['name'][];

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, links, nodes, states, reachable] = [[], [], [], [], true];
  refused = 0;
  refusal = 'mediaAway';
  answers = { join: joined(), alive: { serverNow: 1000 } };
  session = new Session(REQUEST, {
    connect: async (node) => {
      nodes.push(node);
      if (!reachable) throw new Unanswered('connect');
      const socket = new FakeSignalling(answers);
      sockets.push(socket);
      return socket;
    },
    random: () => 0,
    now: () => 990,
    openLink: async () => {
      if (refused-- > 0) throw new Refused({ code: refusal, message: { zh: '', en: '' } });
      const link = new FakeLink();
      links.push(link);
      return link as unknown as Link;
    },
  });
  session.events.on('state', ({ name }) => states.push(name));
});

afterEach(() => {
  session.depart();
  vi.useRealTimers();
});

async function enter() {
  session.start();
  await settled();
}

describe('a stay in a meeting', () => {
  it('joins, opens media and tells the clock', async () => {
    const offsets: number[] = [];
    session.events.on('clock', (offset) => offsets.push(offset));
    await enter();
    expect([states, links.length, offsets]).toEqual([['connecting', 'joined'], 1, [10]]);
    expect(sockets[0]?.asked[0]).toEqual({ name: 'join', payload: { ...REQUEST, resume: null } });
  });

  it('waits at the door without media and enters by itself when admitted', async () => {
    answers.join = joined({ state: 'waiting', snapshot: { place: 'door' } });
    await enter();
    expect([states, links.length]).toEqual([['connecting', 'waiting'], 0]);
    sockets[0]?.say('snapshot', { place: 'inside' });
    await settled();
    expect([states, links.length]).toEqual([['connecting', 'waiting', 'joined'], 1]);
  });

  it('comes back with its token and keeps the media of the same peer', async () => {
    await enter();
    sockets[0]?.lose();
    await vi.advanceTimersByTimeAsync(200);
    expect(states).toEqual(['connecting', 'joined', 'reconnecting', 'joined']);
    expect(sockets[1]?.asked[0]?.payload.resume).toBe('token');
    expect([links.length, links[0]?.retried, links[0]?.closed]).toEqual([1, 1, false]);
  });

  it('after the grace it is a new peer with new media', async () => {
    await enter();
    answers.join = joined({ peerId: 'p2' });
    sockets[0]?.lose();
    await vi.advanceTimersByTimeAsync(200);
    expect([links.length, links[0]?.closed, links[1]?.closed]).toEqual([2, true, false]);
  });

  it('keeps trying while nothing is reachable, and at once when the network is said to be back', async () => {
    await enter();
    reachable = false;
    sockets[0]?.lose();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(states.filter((name) => name === 'reconnecting').length).toBeGreaterThan(8);
    reachable = true;
    session.hurry();
    await settled();
    expect(states[states.length - 1]).toBe('joined');
  });

  it('takes a connection that does not answer for dead', async () => {
    await enter();
    answers.alive = new Unanswered('alive');
    await vi.advanceTimersByTimeAsync(2_300);
    answers.alive = { serverNow: 1000 };
    expect(sockets).toHaveLength(2);
  });

  it('goes to the node that holds the room', async () => {
    answers.join = ({ resume }: Record<string, unknown>) => (nodes.length === 1 ? joined({ state: 'elsewhere', node: 'https://two', resume }) : joined());
    await enter();
    await vi.advanceTimersByTimeAsync(300);
    expect([nodes, states[states.length - 1]]).toEqual([[null, 'https://two'], 'joined']);
  });

  it('stops at a refusal that only a person can change', async () => {
    answers.join = new Refused({ code: 'notInvited', message: { zh: '未受邀', en: 'not invited' } });
    await enter();
    await vi.advanceTimersByTimeAsync(30_000);
    expect([states, sockets.length]).toEqual([['connecting', 'over'], 1]);
  });

  it.each(['removed', 'meetingEnded', 'replaced', 'refused'] as const)('is over when the server says %s', async (reason) => {
    const ends: SessionState[] = [];
    session.events.on('state', (state) => state.name === 'over' && ends.push(state));
    await enter();
    sockets[0]?.say('left', { reason });
    await vi.advanceTimersByTimeAsync(30_000);
    expect([ends, sockets.length, links[0]?.closed]).toEqual([[{ name: 'over', parting: reason, refusal: null }], 1, true]);
  });

  it('comes back when the server was only restarted', async () => {
    await enter();
    sockets[0]?.say('left', { reason: 'serverStopped' });
    await vi.advanceTimersByTimeAsync(300);
    expect([states[states.length - 1], sockets[1]?.asked[0]?.payload.resume]).toEqual(['joined', null]);
  });

  it('builds the media anew when the worker was restarted or ICE does not recover', async () => {
    await enter();
    sockets[0]?.say('mediaRestarted', { routerRtpCapabilities: { codecs: [] } });
    await settled();
    links[1]?.events.emit('broken', undefined);
    await settled();
    expect([links.length, links.map((link) => link.closed), sockets.length]).toEqual([3, [true, true, false], 1]);
  });

  it('receives anew when only that was lost, and goes on sending', async () => {
    answers.consume = { consumerId: 'c1', producerId: 'p2', kind: 'audio', rtpParameters: {} };
    await enter();
    session.subscriber.want(['p2']);
    await settled();
    const before = links[0]?.recv.id;
    sockets[0]?.say('mediaRestarted', { routerRtpCapabilities: { codecs: [] }, direction: 'recv' });
    await settled();
    const consumed = sockets[0]?.asked.filter(({ name }) => name === 'consume').map(({ payload }) => payload.transportId);
    expect([links.length, links[0]?.closed, consumed]).toEqual([1, false, [before, links[0]?.recv.id]]);
    expect(before).not.toBe(links[0]?.recv.id);
  });

  it('builds everything anew when that does not help', async () => {
    await enter();
    if (links[0]) links[0].lost = true;
    sockets[0]?.say('mediaRestarted', { routerRtpCapabilities: { codecs: [] }, direction: 'recv' });
    await settled();
    expect(links.map((link) => link.closed)).toEqual([true, false]);
  });

  it('says goodbye when the page goes', async () => {
    await enter();
    session.depart();
    expect([sockets[0]?.told, sockets[0]?.closed, states[states.length - 1]]).toEqual([['leave'], true, 'over']);
  });

  it('stays in the meeting while the media service is away, and has media when it is back', async () => {
    answers.join = joined({ routerRtpCapabilities: null });
    await enter();
    expect([states, links.length]).toEqual([['connecting', 'joined'], 0]);
    sockets[0]?.say('mediaRestarted', { routerRtpCapabilities: { codecs: [] } });
    await settled();
    expect([links.length, sockets.length]).toEqual([1, 1]);
  });

  it('tries media again when it was refused', async () => {
    refused = 1;
    await enter();
    expect(links.length).toBe(0);
    await vi.advanceTimersByTimeAsync(3_100);
    expect([links.length, sockets.length, states]).toEqual([1, 1, ['connecting', 'joined']]);
  });
});

describe('what the media plane says through the server', () => {
  const begun = async () => {
    session.start();
    await settled();
    return sockets[0] as FakeSignalling;
  };

  it('why a picture pauses is told with its producer', async () => {
    answers.consume = { consumerId: 'c9', producerId: 'cam', kind: 'video', rtpParameters: {} };
    const heard: unknown[] = [];
    session.events.on('layer', (layer) => heard.push(layer));
    const socket = await begun();
    session.subscriber.want(['cam']);
    await settled();
    socket.say('consumerLayer', { consumerId: 'c9', layer: -1, reason: 'path' });
    socket.say('consumerLayer', { consumerId: 'unknown', layer: -1, reason: 'path' });
    expect(heard).toEqual([{ producerId: 'cam', layer: -1, reason: 'path' }]);
  });

  it('a weak uplink shows in the own bars with its reason', async () => {
    const seen: string[] = [];
    session.events.on('quality', ({ bars, reason }) => seen.push(`${bars} ${reason}`));
    const socket = await begun();
    socket.say('quality', { uplink: { score: 1, bitrate: 0, estimate: null, fractionLost: 0.3, roundTrip: 0.2 }, downlink: null });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(seen).toEqual(['1 uplink']);
  });

  it('another network makes both transports look for a new path, without leaving', async () => {
    await begun();
    session.networkChanged();
    expect([links[0]?.renewed, states]).toEqual([1, ['connecting', 'joined']]);
  });

  it('a path that the server saw move is checked at once', async () => {
    const socket = await begun();
    socket.say('addressMoved', {});
    expect([links[0]?.moves, states]).toEqual([1, ['connecting', 'joined']]);
  });

  it('a browser that cannot take part is told so, once, instead of being tried for ever', async () => {
    const ends: (string | undefined)[] = [];
    session.events.on('state', (state) => state.name === 'over' && ends.push(state.refusal?.code));
    [refused, refusal] = [9, 'browserUnsupported'];
    session.start();
    await settled();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([ends, nodes.length, links.length]).toEqual([['browserUnsupported'], 1, 0]);
  });
});
