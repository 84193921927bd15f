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
