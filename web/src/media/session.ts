/**
 * One stay of this browser in one meeting: connect, join or wait, keep the media link, come back after a loss.
 *
 * States: connecting → joined | waiting → (reconnecting → joined …) → over. `over` is the only final one and says why. After a loss the
 * session asks to resume with its token; if the server still holds the peer, media goes on untouched, otherwise everything is built
 * anew from the wishes of publisher and subscriber. It never gives up by itself.
 *
 * It knows no Vue and no people: snapshots and room events pass through as they came.
 */

import { Emitter, loudly, type Stop } from './emitter';
import { Link, type LinkState } from './link';
import { Message, Request, type ConsumerLayer, type Counters, type JoinRequest, type JoinedAnswer, type LayerReason, type LayersWanted, type MediaRestarted, type Parting, type Place, type Scores, type Speaking } from './protocol';
import { Publisher } from './publisher';
import { measuredBetween, ownQuality, type OwnQuality, type Told, type Totals } from './quality';
import { delayBefore, isFinal, MEDIA_RETRY_MS } from './reconnect';
import { Refused, Unanswered, type Refusal } from './refusal';
import type { Connect, Signalling } from './signalling';
import { Subscriber } from './subscriber';
import { Wishes } from './wishes';

export type SessionState =
  | { name: 'connecting' }
  | { name: 'joined'; peerId: string }
  | { name: 'waiting'; peerId: string | null }
  | { name: 'reconnecting'; attempt: number; nextTryAt: number }
  | { name: 'over'; parting: Parting | null; refusal: Refusal | null };

export interface SessionEvents {
  state: SessionState;
  snapshot: unknown;
  events: unknown;
  counters: Counters;
  /** Everybody's, for moderators. */
  roomCounters: { counters: Counters[] };
  dominantSpeaker: { memberId: string };
  speaking: Speaking;
  media: LinkState;
  quality: OwnQuality;
  /** Of others, as far as one may know: member → scores that changed. */
  qualities: { members: Record<string, Scores> };
  /** In which layer a picture comes now, −1 not at all, and what decided it. */
  layer: { producerId: string; layer: number; reason: LayerReason };
  /** Seconds to add to the local clock to get the server's. */
  clock: number;
}

export interface Surround {
  connect: Connect;
  random(): number;
  now(): number;
  openLink?: typeof Link.open;
}

/** Messages that only the room part understands. */
const PASSED = ['events', 'counters', 'roomCounters', 'speaking', 'dominantSpeaker', 'qualities'] as const;
const QUALITY_EVERY_MS = 3_000;
/** The server ends a vanished peer's presence at the last sign of life; the record is to be right within two seconds. */
const ALIVE_EVERY_MS = 2_000;
/** A connection that does not answer this quickly is taken for dead, long before the transport notices. */
const PROBE_MS = 5_000;

export class Session {
  readonly events = new Emitter<SessionEvents>();
  readonly publisher = new Publisher();
  readonly subscriber = new Subscriber();
  readonly wishes = new Wishes(
    (producerId) => this.subscriber.consumerOf(producerId),
    (name, payload) => this.request(name, payload),
  );
  readonly #request: JoinRequest;
  readonly #surround: Surround;
  #signalling: Signalling | null = null;
  #link: Link | null = null;
  #peerId: string | null = null;
  #resume: string | null = null;
  #joined: JoinedAnswer | null = null;
  #waiting = false;
  #node: string | null = null;
  #attempt = 0;
  #over = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #mediaTimer: ReturnType<typeof setTimeout> | undefined;
  #stops: Stop[] = [];
  #totals: Totals | null = null;
  #told: Told = { uplink: null, downlink: null };
  #probing = false;
  #entering = false;
  #turn = 0;
  #intervals: ReturnType<typeof setInterval>[] = [];

  constructor(request: JoinRequest, surround: Surround) {
    this.#request = request;
    this.#surround = surround;
    this.subscriber.events.on('carried', () => this.wishes.gather());
  }

  start(): void {
    this.events.emit('state', { name: 'connecting' });
    this.#intervals = [setInterval(() => void this.#measure(), QUALITY_EVERY_MS), setInterval(() => void this.#probe(), ALIVE_EVERY_MS)];
    void this.#enter();
  }

  /** Ask the room something. Rejects with `Refused` or `Unanswered`. */
  request<Answer = unknown>(name: string, payload: object = {}): Promise<Answer> {
    return this.#signalling?.request<Answer>(name, payload) ?? Promise.reject(new Unanswered(name));
  }

  /** The room part saw a gap in the events. */
  async refresh(): Promise<void> {
    const answer = await this.request<{ snapshot: unknown }>(Request.resync).catch(() => null);
    if (answer) this.events.emit('snapshot', answer.snapshot);
  }

  /** The network is said to be back: do not wait for the rest of the delay. */
  hurry(): void {
    if (this.#over) return;
    if (this.#signalling) return void this.#probe();
    clearTimeout(this.#timer);
    void this.#enter();
  }

  /** Another network: the old path may be dead without anybody having noticed, so both transports look for a new one at once. */
  networkChanged(): void {
    if (this.#signalling) this.#link?.retry(true);
    this.hurry();
  }

  async leave(): Promise<void> {
    if (this.#over) return;
    const farewell = this.request(Request.leave).catch(() => undefined);
    await Promise.race([farewell, new Promise((resolve) => setTimeout(resolve, 800))]);
    this.#finish('left');
  }

  /** The page goes away now: one frame on the socket, no waiting. */
  depart(): void {
    this.#signalling?.tell(Request.leave);
    this.#finish('left');
  }

  async #enter(): Promise<void> {
    if (this.#over || this.#signalling || this.#entering) return;
    this.#entering = true;
    try {
      const signalling = await this.#surround.connect(this.#node);
      if (this.#over) return signalling.close();
      this.#listen(signalling);
      await this.#join(signalling);
    } catch (error) {
      this.#entering = false;
      this.#failed(error);
    } finally {
      this.#entering = false;
    }
  }

  async #join(signalling: Signalling): Promise<void> {
    const joined = await signalling.request<JoinedAnswer>(Request.join, { ...this.#request, resume: this.#resume });
    this.events.emit('clock', joined.serverNow - this.#surround.now());
    if (joined.state === 'elsewhere') return this.#moveTo(joined.node);
    this.#attempt = 0;
    const same = joined.peerId !== null && joined.peerId === this.#peerId;
    if (!same) this.publisher.forget();
    this.#peerId = joined.peerId;
    this.#resume = joined.resume ?? this.#resume;
    this.#joined = joined;
    if (joined.state === 'joined') await this.#inside(joined, same);
    else this.#atTheDoor(joined);
  }

  #moveTo(node: string | null): void {
    this.#node = node;
    this.#drop();
    this.#retryLater();
  }

  #atTheDoor(joined: JoinedAnswer): void {
    this.#closeLink();
    this.#waiting = true;
    this.events.emit('snapshot', joined.snapshot);
    this.events.emit('state', { name: 'waiting', peerId: joined.peerId });
  }

  async #inside(joined: JoinedAnswer, same: boolean): Promise<void> {
    this.#waiting = false;
    this.events.emit('snapshot', joined.snapshot);
    this.events.emit('state', { name: 'joined', peerId: joined.peerId ?? '' });
    if (same && this.#link && !this.#link.closed) return this.#goOn(this.#link);
    await this.#openLink(joined);
  }

  #goOn(link: Link): void {
    link.retry();
    this.subscriber.settleAll();
    void this.publisher.settleAll();
  }

  async #openLink(joined: JoinedAnswer): Promise<void> {
    this.#closeLink();
    clearTimeout(this.#mediaTimer);
    const turn = (this.#turn += 1); // a newer opening overtakes this one
    if (!joined.routerRtpCapabilities) return this.events.emit('media', 'disconnected'); // mediaRestarted brings them
    const open = this.#surround.openLink ?? Link.open.bind(Link);
    let link: Link;
    try {
      link = await open(joined, (name, payload) => this.request(name, payload));
    } catch (error) {
      return this.#withoutMedia(error);
    }
    if (this.#over || turn !== this.#turn) return link.close();
    this.#link = link;
    link.events.on('state', (state) => this.#mediaChanged(state));
    link.events.on('broken', () => this.#rebuild());
    const request = <Answer>(name: string, payload?: object) => this.request<Answer>(name, payload);
    this.wishes.forget();
    this.subscriber.attach({ transport: link.recv, capabilities: link.capabilities, request });
    this.events.emit('media', 'connected');
    await this.publisher.attach({ transport: link.send, capabilities: link.sendCapabilities, request });
  }

  /** The media service is away: the meeting goes on – chat, hands, presence – and media is tried again. */
  #withoutMedia(error: unknown): void {
    if (!(error instanceof Refused) || isFinal(error.code)) throw error;
    this.events.emit('media', 'disconnected');
    this.#mediaTimer = setTimeout(() => this.#rebuild(), MEDIA_RETRY_MS);
  }

  #listen(signalling: Signalling): void {
    this.#signalling = signalling;
    const pass = (name: (typeof PASSED)[number]) => signalling.on(Message[name], (value) => this.events.emit(name, value as never));
    this.#stops = [
      ...PASSED.map(pass),
      signalling.on(Message.layersWanted, (value) => this.#limit(value as LayersWanted)),
      signalling.on(Message.consumerLayer, (value) => this.#layer(value as ConsumerLayer)),
      signalling.on(Message.quality, (value) => (this.#told = value as Told)),
      signalling.on(Message.snapshot, (value) => this.#renewed(value as { place: Place })),
      signalling.on(Message.left, (value) => this.#parted((value as { reason: Parting }).reason)),
      signalling.on(Message.addressMoved, () => this.#link?.moved()),
      signalling.on(Message.mediaRestarted, (value) => this.#restarted(value as MediaRestarted)),
      signalling.onLost(() => this.#lost()),
    ];
  }

  #limit({ producerId, highest }: LayersWanted): void {
    void this.publisher.layersWanted(producerId, highest);
  }

  #layer({ consumerId, layer, reason }: ConsumerLayer): void {
    const producerId = this.subscriber.producerOf(consumerId);
    if (producerId) this.events.emit('layer', { producerId, layer, reason });
  }

  /** A fresh snapshot unasked: admitted from the door, or the role changed. */
  #renewed(snapshot: { place: Place }): void {
    this.events.emit('snapshot', snapshot);
    const inside = snapshot.place === 'inside' || snapshot.place === 'moderator';
    if (!this.#waiting || !inside || !this.#joined) return;
    this.#inside({ ...this.#joined, state: 'joined', snapshot }, false).catch((error: unknown) => this.#failed(error));
  }

  /** The server let go of this peer. A server that stops or lost us is no reason to stay away. */
  #parted(reason: Parting): void {
    if (reason !== 'serverStopped' && reason !== 'connectionLost') return this.#finish(reason);
    this.#resume = null;
    this.#lost();
  }

  #mediaChanged(state: LinkState): void {
    this.events.emit('media', state);
    if (state === 'disconnected') void this.#probe();
  }

  /** Still there? Tells the server the same, which dates the end of presence by it if we vanish. */
  async #probe(): Promise<void> {
    const signalling = this.#signalling;
    if (!signalling || this.#probing) return;
    this.#probing = true;
    try {
      const { serverNow } = await signalling.request<{ serverNow: number }>(Request.alive, {}, PROBE_MS);
      this.events.emit('clock', serverNow - this.#surround.now());
    } catch (error) {
      if (error instanceof Unanswered && this.#signalling === signalling) this.#lost();
    } finally {
      this.#probing = false;
    }
  }

  #lost(): void {
    if (this.#over) return;
    this.#drop();
    this.#retryLater();
  }

  #restarted({ direction, routerRtpCapabilities }: MediaRestarted): void {
    const link = this.#link;
    if (direction !== 'recv' || !link || link.closed) return this.#rebuild(routerRtpCapabilities);
    this.#receiveAnew(link).catch(() => this.#rebuild(routerRtpCapabilities));
  }

  /** Only what is received was lost: nobody else notices, and what this page sends has no gap. */
  async #receiveAnew(link: Link): Promise<void> {
    this.subscriber.detach();
    this.#totals = null;
    await link.receiveAnew();
    if (this.#link !== link || link.closed) return;
    this.wishes.forget();
    const request = <Answer>(name: string, payload?: object) => this.request<Answer>(name, payload);
    this.subscriber.attach({ transport: link.recv, capabilities: link.capabilities, request });
  }

  /** The stay is still valid, the media is not: new transports replace the old ones on the server. */
  #rebuild(capabilities: JoinedAnswer['routerRtpCapabilities'] = null): void {
    const joined = this.#joined;
    if (this.#over || this.#waiting || !joined || !this.#signalling) return;
    this.#joined = { ...joined, routerRtpCapabilities: capabilities ?? joined.routerRtpCapabilities };
    this.#openLink(this.#joined).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    if (this.#over) return;
    if (error instanceof Refused && isFinal(error.code)) return this.#finish(null, error.refusal);
    if (error instanceof Refused) this.#resume = null;
    if (!(error instanceof Unanswered) && !(error instanceof Refused)) loudly(error);
    this.#drop();
    this.#retryLater();
  }

  #retryLater(): void {
    const delay = delayBefore(this.#attempt, this.#surround.random());
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#enter(), delay);
    this.events.emit('state', { name: 'reconnecting', attempt: this.#attempt, nextTryAt: this.#surround.now() + delay / 1000 });
  }

  #drop(): void {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    this.#signalling?.close();
    this.#signalling = null;
  }

  #closeLink(): void {
    this.publisher.detach();
    this.subscriber.detach();
    this.#link?.close();
    this.#link = null;
    this.#totals = null;
    this.#told = { uplink: null, downlink: null };
  }

  #finish(parting: Parting | null, refusal: Refusal | null = null): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#mediaTimer);
    this.#intervals.forEach(clearInterval);
    this.#closeLink();
    this.#drop();
    this.publisher.close();
    this.subscriber.close();
    this.wishes.close();
    this.events.emit('state', { name: 'over', parting, refusal });
  }

  async #measure(): Promise<void> {
    const link = this.#link;
    const nothing = { roundTrip: null, loss: null };
    if (!link) return this.events.emit('quality', ownQuality(false, nothing, this.#told));
    const after = await link.totals().catch(() => null);
    if (!after) return;
    const before = this.#totals ?? after;
    this.#totals = after;
    const connected = [link.send, link.recv].every((transport) => transport.connectionState !== 'disconnected' && transport.connectionState !== 'failed');
    this.events.emit('quality', ownQuality(connected && this.#signalling !== null, measuredBetween(before, after), this.#told));
  }
}
