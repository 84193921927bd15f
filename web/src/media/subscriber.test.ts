import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asTransport, CAPABILITIES, FakeSignalling, FakeTransport, settled } from './doubles';
import { Unanswered } from './refusal';
import { REST_MS, Subscriber } from './subscriber';

let subscriber: Subscriber;
let transport: FakeTransport;
let signalling: FakeSignalling;
let heard: [string, boolean][];

const consumed = ({ producerId }: Record<string, unknown>) => ({ consumerId: `c-${String(producerId)}`, producerId, kind: 'audio', rtpParameters: {} });
const receiver = (over = transport) => ({ transport: asTransport(over), capabilities: CAPABILITIES, request: signalling.request.bind(signalling) });

beforeEach(() => {
  vi.useFakeTimers();
  subscriber = new Subscriber();
  transport = new FakeTransport();
  signalling = new FakeSignalling({ consume: consumed });
  heard = [];
  subscriber.events.on('track', ({ producerId, track }) => heard.push([producerId, track !== null]));
});

afterEach(() => vi.useRealTimers());

describe('what is received', () => {
  it('consumes what is wanted, and only that', async () => {
    subscriber.attach(receiver());
    subscriber.want(['a', 'b']);
    await settled();
    expect(heard).toEqual([
      ['a', true],
      ['b', true],
    ]);
    expect(signalling.names().sort()).toEqual(['consume', 'consume', 'resumeConsumer', 'resumeConsumer']);
  });

  it('pauses what is leafed away, and resumes it without a new negotiation', async () => {
    subscriber.attach(receiver());
    subscriber.want(['a']);
    await settled();
    subscriber.want([]);
    await settled();
    subscriber.want(['a']);
    await settled();
    expect(signalling.names()).toEqual(['consume', 'resumeConsumer', 'pauseConsumer', 'resumeConsumer']);
    expect(transport.consumed).toHaveLength(1);
    expect(subscriber.track('a')).not.toBeNull();
  });

  it('closes what stays away', async () => {
    subscriber.attach(receiver());
    subscriber.want(['a']);
    await settled();
    subscriber.want([]);
    await settled();
    await vi.advanceTimersByTimeAsync(REST_MS);
    expect([signalling.names().pop(), transport.consumed[0]?.closed]).toEqual(['closeConsumer', true]);
  });

  it('forgets producers that are gone', async () => {
    subscriber.attach(receiver());
    subscriber.want(['a', 'b']);
    await settled();
    subscriber.keepOnly(new Set(['b']));
    expect([subscriber.track('a'), subscriber.track('b') !== null]).toEqual([null, true]);
    expect(heard.slice(2)).toEqual([['a', false]]);
  });

  it('consumes everything wanted anew on a new connection', async () => {
    subscriber.want(['a']);
    subscriber.attach(receiver());
    await settled();
    const next = new FakeTransport();
    subscriber.attach(receiver(next));
    await settled();
    expect([transport.consumed.length, next.consumed.length, transport.consumed[0]?.closed]).toEqual([1, 1, true]);
  });

  it('tries again when an answer was lost', async () => {
    let lost = 1;
    signalling.answers.consume = (payload: Record<string, unknown>) => (lost-- > 0 ? new Unanswered('consume') : consumed(payload));
    subscriber.attach(receiver());
    subscriber.want(['a']);
    await settled();
    expect(subscriber.track('a')).toBeNull();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(subscriber.track('a')).not.toBeNull();
  });
});
