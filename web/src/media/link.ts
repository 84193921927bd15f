/**
 * The media connection of one stay in the room: a device, a transport to send, a transport to receive, and their way back after the
 * network changed. When ICE restarts do not help it says so (`broken`) and the session builds a new link.
 *
 * Both transports are asked for at once and before anything is published: the server's answers arrive while the browser still opens
 * the camera, which is what keeps the first frame within a second of the click.
 */

import { Device, type types } from 'mediasoup-client';
import { Emitter } from './emitter';
import type { Source } from './encodings';
import { totalsOf, type Totals } from './quality';
import { Request, type IceServerAnswer, type JoinedAnswer, type TransportAnswer } from './protocol';
import { BROWSER_UNSUPPORTED, Refused } from './refusal';
import { ICE_PATIENCE_MS, ICE_RESTARTS, ICE_RETRY_MS } from './reconnect';
import { Redundancy, tellRedundancy } from './redundancy';
import { LOOK_MS, Silence, bytesOf } from './silence';

/** Silence, the server and another silence may all tell of one change: one restart at a time. */
const MOVED_AGAIN_MS = 2000;

export type Ask = <Answer = unknown>(name: string, payload?: object) => Promise<Answer>;
export type LinkState = 'connecting' | 'connected' | 'disconnected';

interface LinkEvents {
  state: LinkState;
  broken: undefined;
}

/** Which browser this is has to be found out once per page, and takes some 30 ms. */
let device: Promise<Device> | null = null;

export async function loadDevice(routerRtpCapabilities: types.RtpCapabilities): Promise<Device> {
  device ??= Device.factory();
  const found = await device.catch((error: unknown) => {
    device = null;
    throw (error as Error).name === 'UnsupportedError' ? new Refused(BROWSER_UNSUPPORTED) : error;
  });
  if (!found.loaded) await found.load({ routerRtpCapabilities });
  return found;
}

export class Link {
  readonly events = new Emitter<LinkEvents>();
  readonly capabilities: types.RtpCapabilities;
  readonly sendCapabilities: types.RtpCapabilities;
  readonly send: types.Transport;
  readonly #redundancy: Redundancy;
  #recv: types.Transport;
  readonly #device: Device;
  readonly #servers: RTCIceServer[];
  readonly #ask: Ask;
  readonly #states = new Map<types.Transport, types.ConnectionState>();
  readonly #timers = new Map<types.Transport, ReturnType<typeof setTimeout>>();
  readonly #restarts = new Map<types.Transport, number>();
  readonly #silence = new Silence();
  readonly #looking: ReturnType<typeof setInterval>;
  #movedAt = -MOVED_AGAIN_MS;
  #closed = false;

  static async open(joined: JoinedAnswer, ask: Ask): Promise<Link> {
    if (!joined.routerRtpCapabilities) throw new Error('joined without router capabilities');
    const [found, send, recv] = await Promise.all([
      loadDevice(joined.routerRtpCapabilities),
      ask<TransportAnswer>(Request.createTransport, { direction: 'send' }),
      ask<TransportAnswer>(Request.createTransport, { direction: 'recv' }),
    ]);
    return new Link(found, send, recv, iceServersOf(joined.iceServers), ask);
  }

  private constructor(found: Device, send: TransportAnswer, recv: TransportAnswer, servers: RTCIceServer[], ask: Ask) {
    this.#ask = ask;
    this.#device = found;
    this.#servers = servers;
    this.capabilities = found.recvRtpCapabilities;
    this.sendCapabilities = found.sendRtpCapabilities;
    this.send = found.createSendTransport({ ...send, iceServers: servers });
    this.#redundancy = new Redundancy(this.send, this.sendCapabilities);
    this.#recv = found.createRecvTransport({ ...recv, iceServers: servers });
    for (const transport of [this.send, this.#recv]) this.#wire(transport);
    this.send.on('produce', (wish, done, failed) => void this.#produce(wish, done, failed));
    this.#looking = setInterval(() => void this.#look(), LOOK_MS);
  }

  get closed(): boolean {
    return this.#closed;
  }

  get recv(): types.Transport {
    return this.#recv;
  }

  /** The server has lost the receiving transport, and only that: another one in its place. What is sent goes on. */
  async receiveAnew(): Promise<void> {
    const before = this.#recv;
    clearTimeout(this.#timers.get(before));
    for (const table of [this.#states, this.#timers, this.#restarts]) table.delete(before);
    before.close();
    const recv = await this.#ask<TransportAnswer>(Request.createTransport, { direction: 'recv' });
    if (this.#closed) return;
    this.#recv = this.#device.createRecvTransport({ ...recv, iceServers: this.#servers });
    this.#wire(this.#recv);
    this.events.emit('state', this.#summary());
  }

  async totals(): Promise<Totals> {
    const reports = await Promise.all([this.send, this.recv].filter((transport) => !transport.closed).map((transport) => transport.getStats()));
    return totalsOf(reports.map((report) => [...(report as unknown as Map<string, Record<string, unknown>>).values()]));
  }

  /**
   * The signalling came back on the same stay: whoever is not connected asks for new ICE credentials at once. `all`: also who believes to
   * be connected; the old path is used until the new one works, so that this interrupts nothing.
   */
  retry(all = false): void {
    for (const [transport, state] of this.#states) {
      if (state === 'new' || (state === 'connected' && !all)) continue;
      this.#restarts.set(transport, 0);
      if (state === 'connected') void this.#renew(transport).catch(() => undefined);
      else this.#restartSoon(transport, 0);
    }
  }

  /** The address has changed on the way: new credentials make the browser check at once. */
  moved(): void {
    const now = performance.now();
    if (this.#closed || now - this.#movedAt < MOVED_AGAIN_MS) return;
    this.#movedAt = now;
    this.retry(true);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#looking);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    this.events.clear();
    this.send.close();
    this.recv.close();
  }

  #wire(transport: types.Transport): void {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      this.#ask(Request.connectTransport, { transportId: transport.id, dtlsParameters }).then(done, failed);
    });
    transport.on('connectionstatechange', (state) => this.#changed(transport, state));
  }

  async #produce(
    wish: { kind: types.MediaKind; rtpParameters: types.RtpParameters; appData: types.AppData },
    done: (answer: { id: string }) => void,
    failed: (error: Error) => void,
  ): Promise<void> {
    try {
      const source = wish.appData.source as Source;
      const redundant = this.#redundancy.of(wish.rtpParameters.mid);
      const { producerId } = await this.#ask<{ producerId: string }>(Request.produce, {
        transportId: this.send.id,
        kind: wish.kind,
        source,
        rtpParameters: redundant ? tellRedundancy(wish.rtpParameters, redundant) : wish.rtpParameters,
        paused: wish.appData.paused === true,
      });
      done({ id: producerId });
    } catch (error) {
      failed(error as Error);
    }
  }

  #changed(transport: types.Transport, state: types.ConnectionState): void {
    if (this.#closed) return;
    this.#states.set(transport, state);
    clearTimeout(this.#timers.get(transport));
    if (state === 'connected') this.#restarts.set(transport, 0);
    if (state === 'disconnected') this.#restartSoon(transport, ICE_PATIENCE_MS);
    if (state === 'failed') this.#restartSoon(transport, 0);
    this.events.emit('state', this.#summary());
  }

  /** What is sent is not answered: both addresses have probably changed. */
  async #look(): Promise<void> {
    if (this.send.connectionState !== 'connected') return;
    const report = (await this.send.getStats().catch(() => null)) as Map<string, Record<string, unknown>> | null;
    const bytes = report && bytesOf(report.values());
    if (bytes && this.#silence.look(bytes.sent, bytes.received, performance.now())) this.moved();
  }

  #summary(): LinkState {
    const states = [...this.#states.values()];
    if (states.some((state) => state === 'disconnected' || state === 'failed')) return 'disconnected';
    return states.some((state) => state === 'connecting') ? 'connecting' : 'connected';
  }

  #restartSoon(transport: types.Transport, delay: number): void {
    clearTimeout(this.#timers.get(transport));
    const timer = setTimeout(() => void this.#restart(transport), delay);
    this.#timers.set(transport, timer);
  }

  async #restart(transport: types.Transport): Promise<void> {
    if (this.#closed || transport.closed || transport.connectionState === 'connected') return;
    const tries = (this.#restarts.get(transport) ?? 0) + 1;
    this.#restarts.set(transport, tries);
    if (tries > ICE_RESTARTS) return this.events.emit('broken', undefined);
    this.#restartSoon(transport, ICE_RETRY_MS);
    try {
      await this.#renew(transport);
    } catch {
      // The next try is already on its way; without signalling the session builds a new link anyhow.
    }
  }

  async #renew(transport: types.Transport): Promise<void> {
    const { iceParameters } = await this.#ask<{ iceParameters: types.IceParameters }>(Request.restartIce, { transportId: transport.id });
    if (!this.#closed && !transport.closed) await transport.restartIce({ iceParameters });
  }
}

export function iceServersOf(answers: IceServerAnswer[]): RTCIceServer[] {
  return answers.map(({ urls, username, credential }) => ({
    urls,
    ...(username ? { username } : {}),
    ...(credential ? { credential } : {}),
  }));
}
