/**
 * What this browser sends. It keeps the wish per source (a track, muted or not) apart from the producer that carries it out, so that
 * after a new media connection the same wishes are carried out again by themselves.
 *
 * Steps of one source run one after the other; a step always looks at the newest wish, so that quick presses end in the right state.
 */

import type { types } from 'mediasoup-client';
import { activeUpTo, sendingOf, type Source } from './encodings';
import { Emitter } from './emitter';
import { Request } from './protocol';
import { Refused, Unanswered } from './refusal';

export interface Wish {
  track: MediaStreamTrack;
  paused: boolean;
}

export interface Sender {
  transport: types.Transport;
  capabilities: types.RtpCapabilities;
  request<Answer = unknown>(name: string, payload?: object): Promise<Answer>;
}

interface PublisherEvents {
  published: { source: Source; producerId: string };
  failed: { source: Source; error: unknown };
  ended: Source;
}

export class Publisher {
  readonly events = new Emitter<PublisherEvents>();
  readonly #wishes = new Map<Source, Wish>();
  readonly #producers = new Map<Source, types.Producer>();
  /** What the server has last agreed to, which is not what is wished while an answer is on its way or was lost. */
  readonly #agreed = new Map<Source, boolean>();
  readonly #steps = new Map<Source, Promise<void>>();
  /** Producers of an earlier media connection which the server may still hold. */
  readonly #left: string[] = [];
  /** Producer → the highest layer anybody wants; unknown: all of them. */
  readonly #wanted = new Map<string, number>();
  #sender: Sender | null = null;

  /** A new media connection: what is left of the one before is closed, then everything wished is published. */
  async attach(sender: Sender): Promise<void> {
    this.detach();
    this.#sender = sender;
    const left = this.#left.splice(0);
    await Promise.all(left.map((producerId) => sender.request(Request.closeProducer, { producerId }).catch(() => undefined)));
    await Promise.all([...this.#wishes.keys()].map((source) => this.#settle(source)));
  }

  /** The media connection is gone; the wishes stay. */
  detach(): void {
    for (const producer of this.#producers.values()) {
      producer.close();
      this.#left.push(producer.id);
    }
    this.#producers.clear();
    this.#wanted.clear();
    this.#sender = null;
  }

  /** The server has a new peer for us: what the old one sent is gone with it. */
  forget(): void {
    this.detach();
    this.#left.length = 0;
  }

  wish(source: Source, track: MediaStreamTrack, paused = false): Promise<void> {
    const before = this.#wishes.get(source)?.track;
    if (before && before !== track) before.stop();
    track.addEventListener('ended', () => this.#ended(source, track));
    this.#wishes.set(source, { track, paused });
    return this.#settle(source);
  }

  setPaused(source: Source, paused: boolean): Promise<void> {
    const wish = this.#wishes.get(source);
    if (!wish) return Promise.resolve();
    this.#wishes.set(source, { ...wish, paused });
    return this.#settle(source);
  }

  drop(source: Source): Promise<void> {
    const wish = this.#wishes.get(source);
    if (!wish) return Promise.resolve();
    wish.track.stop();
    this.#wishes.delete(source);
    return this.#settle(source);
  }

  wished(source: Source): Wish | undefined {
    return this.#wishes.get(source);
  }

  producerId(source: Source): string | undefined {
    return this.#producers.get(source)?.id;
  }

  /** The server paused it by itself. True when it had been un-muted before: then somebody muted us. */
  mutedByServer(source: Source): boolean {
    if (this.#agreed.get(source) !== false) return false;
    this.#agreed.set(source, true);
    void this.setPaused(source, true);
    return true;
  }

  /** The server knows what tiles show: which layers of a producer anybody wants, −1 none. Carried out at once, without negotiation. */
  layersWanted(producerId: string, highest: number): Promise<void> {
    this.#wanted.set(producerId, highest);
    for (const [source, producer] of this.#producers) if (producer.id === producerId) return this.#settle(source);
    return Promise.resolve();
  }

  /** The signalling is back: carry out what was asked for meanwhile. */
  settleAll(): Promise<void> {
    return Promise.all([...new Set([...this.#wishes.keys(), ...this.#producers.keys()])].map((source) => this.#settle(source))).then(() => undefined);
  }

  /** The server closed the producer (share stopped by a moderator, transport gone): the wish goes too. */
  closedByServer(producerId: string): Source | null {
    for (const [source, producer] of this.#producers) {
      if (producer.id !== producerId) continue;
      producer.close();
      this.#producers.delete(source);
      void this.drop(source);
      return source;
    }
    return null;
  }

  close(): void {
    for (const source of [...this.#wishes.keys()]) void this.drop(source);
    this.detach();
    this.events.clear();
  }

  #ended(source: Source, track: MediaStreamTrack): void {
    if (this.#wishes.get(source)?.track !== track) return;
    void this.drop(source);
    this.events.emit('ended', source);
  }

  #settle(source: Source): Promise<void> {
    const step = (this.#steps.get(source) ?? Promise.resolve()).then(() => this.#step(source));
    const safe = step.catch((error: unknown) => {
      if (this.#wishes.has(source)) this.events.emit('failed', { source, error });
    });
    this.#steps.set(source, safe);
    return safe;
  }

  async #step(source: Source): Promise<void> {
    const sender = this.#sender;
    if (!sender || sender.transport.closed) return;
    const wish = this.#wishes.get(source);
    const producer = this.#producers.get(source);
    if (!wish) return producer && this.#unpublish(source, producer, sender);
    if (!producer || producer.closed) return this.#publish(source, wish, sender);
    if (producer.track !== wish.track) await producer.replaceTrack({ track: wish.track });
    await this.#limit(producer);
    if (producer.paused !== wish.paused || this.#agreed.get(source) !== wish.paused) await this.#pause(source, producer, wish.paused, sender);
  }

  async #publish(source: Source, wish: Wish, sender: Sender): Promise<void> {
    const producer = await this.#produce(source, wish, sender);
    if (wish.paused) producer.pause();
    this.#producers.set(source, producer);
    this.#agreed.set(source, wish.paused);
    this.events.emit('published', { source, producerId: producer.id });
    const newest = this.#wishes.get(source);
    if (newest !== wish) void this.#settle(source);
  }

  async #produce(source: Source, wish: Wish, sender: Sender): Promise<types.Producer> {
    const size = wish.track.getSettings?.();
    const produce = (single: boolean) =>
      sender.transport.produce({
        track: wish.track,
        ...sendingOf(source, sender.capabilities, size, single),
        stopTracks: false, // tracks belong to the wishes, they outlive a media connection
        appData: { source, paused: wish.paused },
      });
    if (wish.track.kind !== 'video') return produce(false);
    return produce(false).catch((error: unknown) => {
      // What the room or the network says no to is no matter of layers. A browser that cannot do several sends one.
      if (error instanceof Refused || error instanceof Unanswered || sender.transport.closed) throw error;
      return produce(true);
    });
  }

  async #limit(producer: types.Producer): Promise<void> {
    const highest = this.#wanted.get(producer.id);
    if (highest !== undefined && producer.kind === 'video' && producer.rtpSender) await activeUpTo(producer.rtpSender, highest);
  }

  async #unpublish(source: Source, producer: types.Producer, sender: Sender): Promise<void> {
    this.#producers.delete(source);
    this.#wanted.delete(producer.id);
    producer.close();
    await sender.request(Request.closeProducer, { producerId: producer.id });
  }

  async #pause(source: Source, producer: types.Producer, paused: boolean, sender: Sender): Promise<void> {
    // Muting is immediate and never waits for the network; un-muting waits until the server has agreed.
    if (paused) producer.pause();
    await sender.request(paused ? Request.pauseProducer : Request.resumeProducer, { producerId: producer.id });
    this.#agreed.set(source, paused);
    if (!paused) producer.resume();
  }
}
