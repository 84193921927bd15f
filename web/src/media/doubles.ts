/** Doubles for tests: a signalling whose answers are given by hand, and transports that negotiate nothing. */

import type { types } from 'mediasoup-client';
import { Emitter, type Listener } from './emitter';
import type { Signalling } from './signalling';
import { Unanswered } from './refusal';

export interface Asked {
  name: string;
  payload: Record<string, unknown>;
}

export class FakeSignalling implements Signalling {
  readonly asked: Asked[] = [];
  readonly told: string[] = [];
  readonly answers: Record<string, unknown | ((payload: Record<string, unknown>) => unknown)>;
  readonly #messages = new Emitter<Record<string, unknown>>();
  readonly #lost = new Emitter<{ lost: string }>();
  closed = false;

  constructor(answers: FakeSignalling['answers'] = {}) {
    this.answers = answers;
  }

  async request<Answer>(name: string, payload: object = {}): Promise<Answer> {
    if (this.closed) throw new Unanswered(name);
    this.asked.push({ name, payload: payload as Record<string, unknown> });
    const answer = this.answers[name];
    const given: unknown = typeof answer === 'function' ? (answer as (payload: object) => unknown)(payload) : (answer ?? {});
    if (given instanceof Error) throw given;
    return given as Answer;
  }

  tell(name: string): void {
    this.told.push(name);
  }

  on(name: string, listener: Listener<unknown>) {
    return this.#messages.on(name, listener);
  }

  onLost(listener: Listener<string>) {
    return this.#lost.on('lost', listener);
  }

  close(): void {
    this.closed = true;
  }

  say(name: string, value: unknown): void {
    this.#messages.emit(name, value);
  }

  lose(): void {
    this.closed = true;
    this.#lost.emit('lost', 'transport close');
  }

  names(): string[] {
    return this.asked.map(({ name }) => name).filter((name) => name !== 'alive');
  }
}

let numbered = 0;

/** Layers and whether they are sent, as an RTCRtpSender has them; `set` counts how often they were changed. */
export class FakeSender {
  set = 0;
  #encodings: { active?: boolean }[];

  constructor(layers: number) {
    this.#encodings = Array.from({ length: layers }, () => ({}));
  }

  getParameters() {
    return { encodings: this.#encodings.map((encoding) => ({ ...encoding })) };
  }
  async setParameters({ encodings }: { encodings: { active?: boolean }[] }) {
    this.set += 1;
    this.#encodings = encodings;
  }
  get active(): boolean[] {
    return this.#encodings.map(({ active }) => active ?? true);
  }
}

export class FakeProducer {
  readonly id = `producer-${(numbered += 1)}`;
  closed = false;
  paused = false;
  track: MediaStreamTrack | null;
  readonly kind: string;
  readonly rtpSender: FakeSender;

  constructor(track: MediaStreamTrack, layers = 1) {
    this.track = track;
    this.kind = track.kind;
    this.rtpSender = new FakeSender(layers);
  }

  pause() {
    this.paused = true;
  }
  resume() {
    this.paused = false;
  }
  close() {
    this.closed = true;
  }
  async replaceTrack({ track }: { track: MediaStreamTrack | null }) {
    this.track = track;
  }
}

export class FakeTransport {
  readonly id = `transport-${(numbered += 1)}`;
  readonly produced: FakeProducer[] = [];
  readonly consumed: FakeConsumer[] = [];
  closed = false;
  connectionState = 'connected';

  /** How many layers this browser can send; more than that fails, as some do. */
  layers = 3;

  async produce({ track, encodings }: { track: MediaStreamTrack; encodings?: unknown[] }) {
    const wanted = encodings?.length ?? 1;
    if (wanted > this.layers) throw new DOMException('too many encodings', 'OperationError');
    const producer = new FakeProducer(track, wanted);
    this.produced.push(producer);
    return producer;
  }

  async consume({ id, producerId }: { id: string; producerId: string }) {
    const consumer = new FakeConsumer(id, producerId);
    this.consumed.push(consumer);
    return consumer;
  }

  async getStats() {
    return new Map();
  }

  close() {
    this.closed = true;
  }
}

export class FakeConsumer {
  readonly id: string;
  readonly producerId: string;
  readonly track = {} as MediaStreamTrack;
  closed = false;
  paused = false;

  constructor(id: string, producerId: string) {
    this.id = id;
    this.producerId = producerId;
  }

  pause() {
    this.paused = true;
  }
  resume() {
    this.paused = false;
  }
  close() {
    this.closed = true;
  }
}

export function fakeTrack(kind = 'audio', size = { width: 1280, height: 720 }): MediaStreamTrack & { stopped: boolean } {
  const target = new EventTarget() as unknown as MediaStreamTrack & { stopped: boolean };
  return Object.assign(target, { kind, stopped: false, stop: () => (target.stopped = true), getSettings: () => size });
}

export const asTransport = (transport: FakeTransport): types.Transport => transport as unknown as types.Transport;
export const CAPABILITIES: types.RtpCapabilities = { codecs: [], headerExtensions: [] };

/** Let everything that is only waiting for promises happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}
