/**
 * The media side of a connection test: a socket, a private router on the server, transports that are tried one way at a time.
 *
 * It owns what it opens and closes it; it judges nothing (run.ts does) and knows no Vue.
 */

import type { types } from 'mediasoup-client';
import { sendingOf } from '../media/encodings';
import { iceServersOf, loadDevice } from '../media/link';
import { soundContext } from '../media/meter';
import type { ConsumedAnswer, IceServerAnswer, TransportAnswer } from '../media/protocol';
import type { Signalling } from '../media/signalling';
import { lookAt, type Look, type Stat } from './look';

export type Way = 'udp' | 'tcp' | 'turn';

interface Started {
  routerRtpCapabilities: types.RtpCapabilities;
  iceServers: IceServerAnswer[];
}

/** A way that has not opened by then will not: checks are repeated for about five seconds, a relay needs two exchanges before. */
const WAY_MS: Record<Way, number> = { udp: 7_000, tcp: 7_000, turn: 12_000 };

export class Bench {
  readonly #signalling: Signalling;
  readonly #device: types.Device;
  readonly #servers: RTCIceServer[];
  readonly #transports: types.Transport[] = [];
  /** The number of the media port, to be named to whoever runs a firewall. */
  port = 0;

  static async open(signalling: Signalling): Promise<Bench> {
    const started = await signalling.request<Started>('startTest');
    return new Bench(signalling, await loadDevice(started.routerRtpCapabilities), iceServersOf(started.iceServers));
  }

  private constructor(signalling: Signalling, device: types.Device, servers: RTCIceServer[]) {
    this.#signalling = signalling;
    this.#device = device;
    this.#servers = servers;
  }

  get hasRelay(): boolean {
    return this.#servers.some(({ urls }) => [urls].flat().some((url) => url.startsWith('turn')));
  }

  /** Open this one way and no other. → milliseconds until it was open, or null when it did not open in time. */
  async open(way: Way): Promise<number | null> {
    const began = performance.now();
    const transport = await this.#transport('send', way);
    const opened = whenOpen(transport, WAY_MS[way]);
    const track = silence();
    // Producing is what makes mediasoup-client connect; it resolves once connecting has begun.
    void transport.produce({ track, stopTracks: true }).catch(() => undefined);
    const open = await opened;
    transport.close();
    track.stop();
    await this.#signalling.request('closeTestTransport', { transportId: transport.id }).catch(() => undefined);
    return open ? Math.round(performance.now() - began) : null;
  }

  /** Send to oneself. `returned` is given one's own picture as it comes back. */
  async loop(camera: MediaStreamTrack, microphone: MediaStreamTrack, returned: (track: MediaStreamTrack) => void): Promise<Loop> {
    const [send, recv] = [await this.#transport('send', null), await this.#transport('recv', null)];
    const capabilities = this.#device.sendRtpCapabilities;
    const sent = [
      await send.produce({ track: camera, ...sendingOf('camera', capabilities, camera.getSettings()), stopTracks: false }),
      await send.produce({ track: microphone, ...sendingOf('microphone', capabilities), stopTracks: false }),
    ];
    for (const producer of sent) {
      const consumer = await this.#consume(recv, producer.id);
      if (consumer.kind === 'video') returned(consumer.track);
    }
    return new Loop(send, recv);
  }

  async close(): Promise<void> {
    for (const transport of this.#transports) transport.close();
    await this.#signalling.request('endTest').catch(() => undefined);
    this.#signalling.close();
  }

  async #transport(direction: 'send' | 'recv', way: Way | null): Promise<types.Transport> {
    const answer = await this.#signalling.request<TransportAnswer>('createTestTransport', { direction });
    this.port = answer.iceCandidates[0]?.port ?? 0;
    const wanted = way === 'turn' ? 'udp' : way;
    const options: types.TransportOptions = {
      ...answer,
      iceCandidates: answer.iceCandidates.filter(({ protocol }) => wanted === null || protocol === wanted),
      iceServers: way === 'udp' || way === 'tcp' ? [] : this.#servers,
      iceTransportPolicy: way === 'turn' ? 'relay' : 'all',
    };
    const transport = direction === 'send' ? this.#device.createSendTransport(options) : this.#device.createRecvTransport(options);
    this.#transports.push(transport);
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#signalling.request('connectTestTransport', { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    transport.on('produce', ({ kind, rtpParameters }, done, failed) => {
      this.#signalling
        .request<{ producerId: string }>('produceTest', { transportId: transport.id, kind, rtpParameters })
        .then(({ producerId }) => done({ id: producerId }), failed);
    });
    return transport;
  }

  async #consume(recv: types.Transport, producerId: string): Promise<types.Consumer> {
    const answer = await this.#signalling.request<ConsumedAnswer>('consumeTest', {
      transportId: recv.id,
      producerId,
      rtpCapabilities: this.#device.recvRtpCapabilities,
    });
    return recv.consume({
      id: answer.consumerId,
      producerId: answer.producerId,
      kind: answer.kind,
      rtpParameters: answer.rtpParameters,
    });
  }
}

export class Loop {
  readonly #transports: types.Transport[];

  constructor(...transports: types.Transport[]) {
    this.#transports = transports;
  }

  async look(): Promise<Look> {
    const reports = await Promise.all(this.#transports.map((transport) => transport.getStats()));
    const stats = reports.flatMap((report) => [...(report as unknown as Map<string, Stat>).values()]);
    return lookAt(performance.now() / 1000, stats);
  }
}

function whenOpen(transport: types.Transport, patience: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), patience);
    transport.on('connectionstatechange', (state) => {
      if (state !== 'connected' && state !== 'failed') return;
      clearTimeout(timer);
      resolve(state === 'connected');
    });
  });
}

/** A voice that says nothing: enough to open a way, and needs no permission. */
export function silence(): MediaStreamTrack {
  const context = soundContext();
  const track = context.createMediaStreamDestination().stream.getAudioTracks()[0];
  if (!track) throw new Error('no track of silence');
  const stop = track.stop.bind(track);
  track.stop = () => {
    stop();
    void context.close().catch(() => undefined);
  };
  return track;
}

/** A moving picture for who has no camera, or does not want to use it. */
export function drawing(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [640, 360];
  const context = canvas.getContext('2d');
  let turn = 0;
  const timer = setInterval(() => {
    if (!context) return;
    turn += 1;
    context.fillStyle = `hsl(${(turn * 3) % 360} 25% 35%)`;
    context.fillRect(0, 0, 640, 360);
    context.fillStyle = '#fff';
    context.fillRect((turn * 7) % 640, 150, 60, 60);
  }, 66);
  const track = (canvas as HTMLCanvasElement & { captureStream(rate: number): MediaStream }).captureStream(15).getVideoTracks()[0];
  if (!track) throw new Error('no track of a canvas');
  const stop = track.stop.bind(track);
  track.stop = () => {
    clearInterval(timer);
    stop();
  };
  return track;
}
