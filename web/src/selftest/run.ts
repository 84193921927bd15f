/**
 * Runs the connection test step by step and tells what comes of each. Every step ends, also the ones that find nothing: a test that
 * hangs helps nobody.
 *
 * It knows no Vue and no sentence; codes are looked up by the page.
 */

import { openCamera, openMicrophone } from '../media/devices';
import { levelOf, soundContext } from '../media/meter';
import { explainCapture, isInAppBrowser, obstacleTo, surroundings } from '../media/permissions';
import { Refused, Unanswered } from '../media/refusal';
import { connectSocket, type Connect } from '../media/signalling';
import { barsOf } from '../media/quality';
import { Bench, drawing, silence, type Way } from './bench';
import { browserOf, isTooOld } from './browsers';
import { between, type Figures, type Look } from './look';
import { STEPS, type Outcome, type Result, type StepName } from './steps';

export interface Surround {
  loggedIn: boolean;
  microphone: string | null;
  camera: string | null;
  connect?: Connect;
  tell(step: StepName, change: Partial<Result>): void;
  /** What the page shows meanwhile. */
  mirror(track: MediaStreamTrack | null): void;
  returned(track: MediaStreamTrack | null): void;
  level(loudness: number): void;
}

const LISTEN_MS = 4_000;
const LOUD_ENOUGH = 0.08;
const LOOP_SECONDS = 7;
const FRAMES_GOOD = 40;

export class Run {
  readonly #surround: Surround;
  #camera: MediaStreamTrack | null = null;
  #microphone: MediaStreamTrack | null = null;
  #bench: Bench | null = null;
  #obstacle: Outcome | null = null;
  #figures: Figures | null = null;
  #stopped = false;

  constructor(surround: Surround) {
    this.#surround = surround;
  }

  async all(): Promise<void> {
    for (const step of STEPS) {
      if (this.#stopped) break;
      this.#surround.tell(step, { state: 'running' });
      const began = performance.now();
      const outcome = await this.#steps[step]().catch(unexpected);
      if (this.#stopped) break;
      const { state, code, params = {}, figures = {} } = outcome;
      const milliseconds = state === 'skipped' || state === 'asked' ? null : Math.round(performance.now() - began);
      this.#surround.tell(step, { state, code, params, figures, milliseconds });
    }
    await this.close();
  }

  /** Also from outside, in the middle: the page goes away. */
  async close(): Promise<void> {
    this.#stopped = true;
    this.#camera?.stop();
    this.#microphone?.stop();
    this.#surround.mirror(null);
    this.#surround.returned(null);
    const bench = this.#bench;
    this.#bench = null;
    await bench?.close();
  }

  readonly #steps: Record<StepName, () => Promise<Outcome>> = {
    browser: async () => lookAtBrowser(),
    microphone: () => this.#listen(),
    camera: () => this.#see(),
    speaker: async () => ({ state: 'asked', code: 'asked' }),
    websocket: () => this.#connect(),
    udp: () => this.#way('udp'),
    tcp: () => this.#way('tcp'),
    turn: () => this.#way('turn'),
    loopback: () => this.#loop(),
    network: async () => this.#judge(),
  };

  async #listen(): Promise<Outcome> {
    const problem = obstacleTo(surroundings());
    if (problem) return { state: 'care', code: 'problem', params: { problem } };
    try {
      this.#microphone = await openMicrophone(this.#surround.microphone ?? undefined);
    } catch (error) {
      return { state: 'care', code: 'problem', params: { problem: explainCapture(error, navigator.userAgent) } };
    }
    const loudest = await loudness(this.#microphone, this.#surround.level);
    const figures = { level: Math.round(loudest * 100) };
    return loudest >= LOUD_ENOUGH ? { state: 'good', code: 'good', figures } : { state: 'care', code: 'silent', figures };
  }

  async #see(): Promise<Outcome> {
    const problem = obstacleTo(surroundings());
    if (problem) return { state: 'care', code: 'problem', params: { problem } };
    try {
      this.#camera = await openCamera(this.#surround.camera ?? undefined);
    } catch (error) {
      return { state: 'care', code: 'problem', params: { problem: explainCapture(error, navigator.userAgent) } };
    }
    this.#surround.mirror(this.#camera);
    const { width = 0, height = 0, frameRate = 0 } = this.#camera.getSettings();
    const params = { width, height, rate: Math.round(frameRate) };
    return { state: 'good', code: 'good', params, figures: { size: `${width}×${height}`, rate: params.rate } };
  }

  async #connect(): Promise<Outcome> {
    let signalling;
    try {
      signalling = await (this.#surround.connect ?? connectSocket)(null);
    } catch (error) {
      // A stranger is turned away by the server itself: the way to it is open.
      if (!(error instanceof Refused)) return this.#stuck({ state: 'bad', code: 'blocked' }, 'noSocket');
      return this.#stuck({ state: 'good', code: 'good' }, this.#surround.loggedIn ? 'unexpected' : 'logIn');
    }
    try {
      this.#bench = await Bench.open(signalling);
    } catch (error) {
      signalling.close();
      return this.#stuck({ state: 'good', code: 'good' }, whyNot(error));
    }
    return { state: 'good', code: 'good' };
  }

  /** What all later steps say, since none of them can begin. */
  #stuck(outcome: Outcome, code: string): Outcome {
    this.#obstacle = { state: 'skipped', code };
    return outcome;
  }

  async #way(way: Way): Promise<Outcome> {
    const bench = this.#bench;
    if (!bench) return this.#obstacle ?? { state: 'skipped', code: 'unexpected' };
    if (way === 'turn' && !bench.hasRelay) return { state: 'skipped', code: 'none' };
    const opened = await bench.open(way);
    const params = { port: bench.port };
    return opened === null ? { state: 'care', code: 'blocked', params } : { state: 'good', code: 'good', params, figures: { opened } };
  }

  async #loop(): Promise<Outcome> {
    const bench = this.#bench;
    if (!bench) return this.#obstacle ?? { state: 'skipped', code: 'unexpected' };
    const camera = (this.#camera ??= drawing());
    const microphone = (this.#microphone ??= silence());
    const loop = await bench.loop(camera, microphone, (track) => this.#surround.returned(track));
    const looks: Look[] = [await loop.look()];
    for (let second = 0; second < LOOP_SECONDS && !this.#stopped; second += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      looks.push(await loop.look());
    }
    const [first, last] = [looks[2] ?? looks[0], looks[looks.length - 1]];
    if (!first || !last) return { state: 'bad', code: 'nothing' };
    // The first two seconds belong to opening and to the first key frame.
    this.#figures = between(first, last);
    const figures = { frames: last.frames, height: last.height, audioPackets: last.audioPackets, ...this.#delay() };
    if (last.frames === 0) return { state: 'bad', code: 'nothing', figures };
    const state = last.frames >= FRAMES_GOOD && last.audioPackets > 0 ? 'good' : 'care';
    return {
      state,
      code: state === 'good' ? 'good' : 'few',
      params: { frames: last.frames, delay: this.#figures.pictureDelayMs ?? 0 },
      figures,
    };
  }

  #delay(): Record<string, number> {
    const delay = this.#figures?.pictureDelayMs ?? null;
    return delay === null ? {} : { pictureDelayMs: delay };
  }

  #judge(): Outcome {
    const found = this.#figures;
    if (!found) return this.#obstacle ?? { state: 'skipped', code: 'nothing' };
    const loss = Math.max(found.uplinkLoss ?? 0, found.downlinkLoss ?? 0);
    const bars = barsOf(true, { roundTrip: (found.roundTripMs ?? 0) / 1000, loss });
    const params = { roundTrip: found.roundTripMs ?? 0, loss: Math.round(loss * 1000) / 10 };
    const state = bars >= 3 ? 'good' : bars === 2 ? 'care' : 'bad';
    return { state, code: state, params, figures: shown(found) };
  }
}

function shown(found: Figures): Record<string, number> {
  const percent = (share: number | null) => (share === null ? null : Math.round(share * 1000) / 10);
  const all = { ...found, uplinkLoss: percent(found.uplinkLoss), downlinkLoss: percent(found.downlinkLoss) };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Record<string, number>;
}

function lookAtBrowser(): Outcome {
  const { userAgent } = navigator;
  const figures = { browser: `${browserOf(userAgent).name} ${browserOf(userAgent).version}`, system: browserOf(userAgent).system };
  if (globalThis.isSecureContext === false) return { state: 'bad', code: 'insecure', figures };
  if (typeof RTCPeerConnection !== 'function' || typeof WebSocket !== 'function') return { state: 'bad', code: 'missing', figures };
  if (isInAppBrowser(userAgent)) return { state: 'care', code: 'inApp', figures };
  return isTooOld(userAgent) ? { state: 'care', code: 'old', figures } : { state: 'good', code: 'good', figures };
}

/** The loudest in the next seconds; ends early once a voice was heard. */
function loudness(track: MediaStreamTrack, tell: (level: number) => void): Promise<number> {
  const context = soundContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const until = performance.now() + LISTEN_MS;
  let loudest = 0;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (context.state === 'suspended') void context.resume().catch(() => undefined);
      analyser.getFloatTimeDomainData(samples);
      const level = levelOf(samples);
      tell(level);
      loudest = Math.max(loudest, level);
      if (performance.now() < until && (loudest < LOUD_ENOUGH || performance.now() < until - LISTEN_MS + 1_500)) return;
      clearInterval(timer);
      tell(0);
      void context.close().catch(() => undefined);
      resolve(loudest);
    }, 66);
  });
}

const WHY: Record<string, string> = { testsBusy: 'busy', tooManyRequests: 'often', mediaAway: 'away', notLoggedIn: 'logIn' };

function whyNot(error: unknown): string {
  if (error instanceof Unanswered) return 'noSocket';
  return (error instanceof Refused && WHY[error.code]) || 'unexpected';
}

function unexpected(error: unknown): Outcome {
  console.error(error);
  return { state: 'bad', code: 'unexpected' };
}
