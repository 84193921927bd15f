/**
 * What this browser receives: exactly the producers it was asked to want (the tiles on the page, and all audio).
 *
 * A video that is no longer wanted is paused at once, so that its packets stop, and closed only after a while: leafing back shows it
 * without a new negotiation. Each producer has its own line of steps; all lines run side by side, mediasoup-client puts what is
 * pending into one negotiation.
 */

import type { types } from 'mediasoup-client';
import { Emitter } from './emitter';
import { Request, type ConsumedAnswer } from './protocol';

export interface Receiver {
  transport: types.Transport;
  capabilities: types.RtpCapabilities;
  request<Answer = unknown>(name: string, payload?: object): Promise<Answer>;
}

interface SubscriberEvents {
  track: { producerId: string; track: MediaStreamTrack | null };
  /** A consumer was made or closed: `consumerOf` answers differently. */
  carried: string;
}

/** How long a paused video is kept before it is closed. */
export const REST_MS = 20_000;
const RETRY_MS = 1_500;
const TRIES = 4;

interface Line {
  wanted: boolean;
  consumer: types.Consumer | null;
  resumed: boolean;
  tries: number;
  step: Promise<void>;
  rest: ReturnType<typeof setTimeout> | null;
}

export class Subscriber {
  readonly events = new Emitter<SubscriberEvents>();
  readonly #lines = new Map<string, Line>();
  #receiver: Receiver | null = null;

  /** A new media connection: everything wanted is consumed anew. */
  attach(receiver: Receiver): void {
    this.detach();
    this.#receiver = receiver;
    for (const producerId of this.#lines.keys()) this.#settle(producerId);
  }

  detach(): void {
    this.#receiver = null;
    for (const [producerId, line] of this.#lines) {
      this.#forget(producerId, line);
      if (!line.wanted) this.#lines.delete(producerId);
    }
  }

  /** Replace the set of wanted producers. */
  want(producerIds: Iterable<string>): void {
    const wanted = new Set(producerIds);
    for (const [producerId, line] of this.#lines) if (line.wanted && !wanted.has(producerId)) this.#change(producerId, line, false);
    for (const producerId of wanted) {
      const line = this.#lines.get(producerId) ?? this.#begin(producerId);
      if (!line.wanted) this.#change(producerId, line, true);
    }
  }

  /** The signalling is back: try again what got no answer meanwhile. */
  settleAll(): void {
    for (const [producerId, line] of this.#lines) {
      line.tries = 0;
      this.#settle(producerId);
    }
  }

  track(producerId: string): MediaStreamTrack | null {
    const line = this.#lines.get(producerId);
    return line?.consumer && line.resumed ? line.consumer.track : null;
  }

  /** The consumer that carries a producer, also while it rests. */
  consumerOf(producerId: string): string | null {
    return this.#lines.get(producerId)?.consumer?.id ?? null;
  }

  producerOf(consumerId: string): string | null {
    for (const [producerId, line] of this.#lines) if (line.consumer?.id === consumerId) return producerId;
    return null;
  }

  /** Which producers exist; those that do not any more are forgotten at once. */
  keepOnly(producerIds: ReadonlySet<string>): void {
    for (const producerId of [...this.#lines.keys()]) if (!producerIds.has(producerId)) this.#end(producerId);
  }

  close(): void {
    this.detach();
    this.#lines.clear();
    this.events.clear();
  }

  #begin(producerId: string): Line {
    const line: Line = { wanted: false, consumer: null, resumed: false, tries: 0, step: Promise.resolve(), rest: null };
    this.#lines.set(producerId, line);
    return line;
  }

  #change(producerId: string, line: Line, wanted: boolean): void {
    line.wanted = wanted;
    line.tries = 0;
    if (line.rest) clearTimeout(line.rest);
    line.rest = wanted ? null : setTimeout(() => this.#end(producerId), REST_MS);
    if (!wanted) this.events.emit('track', { producerId, track: null });
    this.#settle(producerId);
  }

  #settle(producerId: string): void {
    const line = this.#lines.get(producerId);
    if (!line) return;
    line.step = line.step.then(() => this.#step(producerId, line)).catch(() => this.#failed(producerId, line));
  }

  async #step(producerId: string, line: Line): Promise<void> {
    const receiver = this.#receiver;
    if (!receiver || this.#lines.get(producerId) !== line) return;
    if (line.wanted && !line.consumer) await this.#consume(producerId, line, receiver);
    const { consumer } = line;
    if (!consumer || consumer.closed || receiver !== this.#receiver) return;
    if (line.wanted !== line.resumed) await this.#setResumed(line, consumer, line.wanted, receiver);
    if (line.wanted && line.resumed) this.events.emit('track', { producerId, track: consumer.track });
  }

  async #consume(producerId: string, line: Line, receiver: Receiver): Promise<void> {
    const answer = await receiver.request<ConsumedAnswer>(Request.consume, {
      transportId: receiver.transport.id,
      producerId,
      rtpCapabilities: receiver.capabilities,
    });
    const consumer = await receiver.transport.consume({
      id: answer.consumerId,
      producerId: answer.producerId,
      kind: answer.kind,
      rtpParameters: answer.rtpParameters,
    });
    if (receiver !== this.#receiver) return consumer.close();
    line.consumer = consumer;
    line.resumed = false;
    this.events.emit('carried', producerId);
  }

  async #setResumed(line: Line, consumer: types.Consumer, resumed: boolean, receiver: Receiver): Promise<void> {
    if (resumed) consumer.resume();
    await receiver.request(resumed ? Request.resumeConsumer : Request.pauseConsumer, { consumerId: consumer.id });
    if (!resumed) consumer.pause();
    line.resumed = resumed;
  }

  #failed(producerId: string, line: Line): void {
    line.tries += 1;
    if (line.tries < TRIES && line.wanted) setTimeout(() => this.#settle(producerId), RETRY_MS * line.tries);
  }

  #end(producerId: string): void {
    const line = this.#lines.get(producerId);
    if (!line) return;
    line.wanted = false;
    const consumerId = line.consumer?.id;
    this.#lines.delete(producerId);
    this.#forget(producerId, line);
    if (consumerId) void this.#receiver?.request(Request.closeConsumer, { consumerId }).catch(() => undefined);
  }

  #forget(producerId: string, line: Line): void {
    if (line.rest) clearTimeout(line.rest);
    line.rest = null;
    if (line.consumer && !line.consumer.closed) line.consumer.close();
    if (line.consumer) this.events.emit('track', { producerId, track: null });
    line.consumer = null;
    line.resumed = false;
  }
}
