import { beforeEach, describe, expect, it } from 'vitest';
import { asTransport, CAPABILITIES, FakeSignalling, FakeTransport, fakeTrack, settled } from './doubles';
import { Publisher } from './publisher';
import { Refused, Unanswered } from './refusal';

let publisher: Publisher;
let transport: FakeTransport;
let signalling: FakeSignalling;

function sender(over = transport) {
  return { transport: asTransport(over), capabilities: CAPABILITIES, request: signalling.request.bind(signalling) };
}

beforeEach(() => {
  publisher = new Publisher();
  transport = new FakeTransport();
  signalling = new FakeSignalling();
});

const VP8 = { kind: 'video', mimeType: 'video/VP8', clockRate: 90000, preferredPayloadType: 96, parameters: {}, rtcpFeedback: [] } as const;
const H264 = { ...VP8, mimeType: 'video/H264' } as const;

describe('layers', () => {
  const capable = (...codecs: (typeof VP8 | typeof H264)[]) => ({ ...sender(), capabilities: { codecs: codecs as never[], headerExtensions: [] } });
  const layers = () => transport.produced.map((producer) => producer.rtpSender.active);

  it.each([
    [1280, 720, 3],
    [960, 540, 3],
    [540, 960, 3],
    [640, 360, 2],
    [640, 480, 2],
    [320, 240, 1],
  ])('a camera of %i×%i has %i', async (width, height, count) => {
    await publisher.attach(capable(VP8));
    await publisher.wish('camera', fakeTrack('video', { width, height }));
    expect(layers()).toEqual([Array(count).fill(true)]);
  });

  it.each([
    ['a large camera over VP8 has three', 'camera', [VP8, H264], 3, [true, true, true]],
    ['a screen has two', 'screen', [VP8], 3, [true, true]],
    ['where VP8 cannot be sent there is one', 'camera', [H264], 3, [true]],
    ['a browser that cannot do several sends one', 'camera', [VP8], 1, [true]],
  ] as const)('%s', async (_, source, codecs, able, expected) => {
    transport.layers = able;
    await publisher.attach(capable(...codecs));
    await publisher.wish(source, fakeTrack('video'));
    expect(layers()).toEqual([expected]);
  });

  it('stop when nobody watches them, and start again at once', async () => {
    await publisher.attach(capable(VP8));
    await publisher.wish('camera', fakeTrack('video'));
    const [producer] = transport.produced;
    const seen: boolean[][] = [];
    for (const highest of [1, -1, -1, 0, 2]) {
      await publisher.layersWanted(producer?.id ?? '', highest);
      seen.push(producer?.rtpSender.active ?? []);
    }
    expect(seen).toEqual([
      [true, true, false],
      [false, false, false],
      [false, false, false],
      [true, false, false],
      [true, true, true],
    ]);
    expect(producer?.rtpSender.set).toBe(4); // the repeated one changed nothing
    expect(signalling.names()).toEqual([]);
  });

  it('are all sent again on a new media connection, whose producers nobody has spoken of', async () => {
    await publisher.attach(capable(VP8));
    await publisher.wish('camera', fakeTrack('video'));
    await publisher.layersWanted(publisher.producerId('camera') ?? '', -1);
    transport = new FakeTransport();
    await publisher.attach(capable(VP8));
    expect(layers()).toEqual([[true, true, true]]);
  });

  it('of a producer that is not ours are no matter', async () => {
    await publisher.attach(capable(VP8));
    await publisher.wish('camera', fakeTrack('video'));
    await publisher.layersWanted('another', -1);
    expect(layers()).toEqual([[true, true, true]]);
  });
});

describe('what is sent', () => {
  it('wishes made before there is a connection are carried out when there is one', async () => {
    const track = fakeTrack();
    await publisher.wish('microphone', track, true);
    expect(transport.produced).toEqual([]);
    await publisher.attach(sender());
    expect(transport.produced.map((producer) => [producer.track === track, producer.paused])).toEqual([[true, true]]);
  });

  it('mutes at once and un-mutes when the server has agreed', async () => {
    await publisher.attach(sender());
    await publisher.wish('microphone', fakeTrack());
    const [producer] = transport.produced;
    await publisher.setPaused('microphone', true);
    expect(producer?.paused).toBe(true);
    signalling.answers.resumeProducer = new Refused({ code: 'notInRoom', message: { zh: '', en: '' } });
    await publisher.setPaused('microphone', false);
    expect(producer?.paused).toBe(true);
    expect(signalling.names()).toEqual(['pauseProducer', 'resumeProducer']);
  });

  it('quick presses end in the last state wished', async () => {
    await publisher.attach(sender());
    await publisher.wish('microphone', fakeTrack());
    void publisher.setPaused('microphone', true);
    void publisher.setPaused('microphone', false);
    await publisher.setPaused('microphone', true);
    expect(transport.produced.map((producer) => producer.paused)).toEqual([true]);
    expect(signalling.names()).toEqual(['pauseProducer']);
  });

  it('another device replaces the track of the same producer', async () => {
    await publisher.attach(sender());
    const [first, second] = [fakeTrack('video'), fakeTrack('video')];
    await publisher.wish('camera', first);
    await publisher.wish('camera', second);
    expect(transport.produced.map((producer) => producer.track === second)).toEqual([true]);
    expect(first.stopped).toBe(true);
  });

  it('switching the camera off closes the producer and stops the light', async () => {
    await publisher.attach(sender());
    const track = fakeTrack('video');
    await publisher.wish('camera', track);
    await publisher.drop('camera');
    expect([track.stopped, transport.produced[0]?.closed, signalling.names()]).toEqual([true, true, ['closeProducer']]);
  });

  it('after a new media connection closes what is left on the server and publishes the same again', async () => {
    await publisher.attach(sender());
    await publisher.wish('microphone', fakeTrack());
    const next = new FakeTransport();
    await publisher.attach(sender(next));
    expect(signalling.asked).toEqual([{ name: 'closeProducer', payload: { producerId: transport.produced[0]?.id } }]);
    expect(next.produced).toHaveLength(1);
  });

  it('as a new peer it has nothing to close', async () => {
    await publisher.attach(sender());
    await publisher.wish('microphone', fakeTrack());
    publisher.forget();
    await publisher.attach(sender(new FakeTransport()));
    expect(signalling.asked).toEqual([]);
  });

  it('an unplugged device drops the wish and is told', async () => {
    const ended: string[] = [];
    publisher.events.on('ended', (source) => ended.push(source));
    await publisher.attach(sender());
    const track = fakeTrack();
    await publisher.wish('microphone', track);
    track.dispatchEvent(new Event('ended'));
    await settled();
    expect([ended, publisher.wished('microphone'), transport.produced[0]?.closed]).toEqual([['microphone'], undefined, true]);
  });

  it('a failure is told once, with its source', async () => {
    const failed: string[] = [];
    publisher.events.on('failed', ({ source }) => failed.push(source));
    transport.produce = async () => {
      throw new Refused({ code: 'shareInUse', message: { zh: '', en: '' } });
    };
    await publisher.attach(sender());
    await publisher.wish('screen', fakeTrack('video'));
    expect(failed).toEqual(['screen']);
  });

  it('a muting whose answer was lost is carried out when the signalling is back', async () => {
    await publisher.attach(sender());
    await publisher.wish('microphone', fakeTrack());
    signalling.answers.pauseProducer = new Unanswered('pauseProducer');
    await publisher.setPaused('microphone', true);
    expect(transport.produced[0]?.paused).toBe(true);
    delete signalling.answers.pauseProducer;
    await publisher.settleAll();
    await publisher.settleAll();
    expect(signalling.names()).toEqual(['pauseProducer', 'pauseProducer']);
  });

  it('is muted by the server only if it was heard before', async () => {
    await publisher.attach(sender());
    await publisher.wish('microphone', fakeTrack());
    expect([publisher.mutedByServer('microphone'), publisher.mutedByServer('microphone')]).toEqual([true, false]);
    await settled();
    expect([publisher.wished('microphone')?.paused, transport.produced[0]?.paused, signalling.names()]).toEqual([true, true, ['pauseProducer']]);
  });
});
