/**
 * When the bell is told and when it asks: a line to the server tells each notification at once; while there is none, the number is asked
 * for once a minute, and the line tried again. A page in the background has no line and asks nothing. It knows neither Vue nor REST.
 */

import type { Notified } from './api/types.gen';
import type { Connect, Signalling } from './media/signalling';

export interface BellHands {
  /** Opens the line; rejects when there is none to be had. */
  connect: Connect;
  /** Asks how many are unread. */
  count: () => void;
  told: (news: Notified) => void;
  visible: () => boolean;
  /** 0 to 1: pages that lost the same server do not come back in the same moment. */
  random: () => number;
}

export const EVERY_MS = 60_000;
/** A page that is only passed through opens no line. */
export const OPEN_AFTER_MS = 1_500;
export const AGAIN_MS = 4_000;

export class Bell {
  readonly #hands: BellHands;
  #line: Signalling | null = null;
  #opening = false;
  #stopped = false;
  #minute = 0;
  #soon = 0;

  constructor(hands: BellHands) {
    this.#hands = hands;
  }

  start(): void {
    this.#minute = window.setInterval(() => this.#line || this.look(), EVERY_MS);
    this.look();
  }

  stop(): void {
    this.#stopped = true;
    window.clearInterval(this.#minute);
    this.#hangUp();
  }

  /** Somebody came back to the page, or left it. */
  look(): void {
    if (!this.#hands.visible()) return this.#hangUp();
    this.#hands.count();
    this.#openIn(OPEN_AFTER_MS);
  }

  #openIn(pause: number): void {
    window.clearTimeout(this.#soon);
    this.#soon = window.setTimeout(() => void this.#open(), pause);
  }

  async #open(): Promise<void> {
    if (this.#line || this.#opening || this.#stopped || !this.#hands.visible()) return;
    this.#opening = true;
    try {
      this.#take(await this.#hands.connect(null));
    } catch {
      // The number is asked for once a minute instead, and with it the line is tried again.
    } finally {
      this.#opening = false;
    }
  }

  #take(line: Signalling): void {
    if (this.#stopped || !this.#hands.visible()) return line.close();
    this.#line = line;
    line.on('notified', (news) => this.#hands.told(news as Notified));
    line.onLost(() => {
      this.#line = null;
      if (!this.#stopped) this.#openIn(AGAIN_MS * (1 + this.#hands.random()));
    });
    this.#hands.count(); // what was told while there was no line
  }

  #hangUp(): void {
    window.clearTimeout(this.#soon);
    this.#line?.close();
    this.#line = null;
  }
}
