/**
 * What the page shows, told to the server: how large each picture is, whether it can be seen, how many may come at all.
 *
 * Sizes change with every frame of a window that is dragged, so they are gathered over a tenth of a second, and what is the same as before
 * is not sent again. It knows producers (the page's view) and is told which consumer carries each.
 */

import type { SetWishes, Tile } from '../api/types.gen';
import { Request } from './protocol';

export interface Showing {
  /** Height of the picture in device pixels. */
  tile: number;
  visible: boolean;
  pinned: boolean;
}

export type TileWish = Showing & Tile;

export type Carrier = (producerId: string) => string | null;
export type AskWishes = (name: string, payload: SetWishes) => Promise<unknown>;

export const GATHER_MS = 100;
const UNSEEN: Showing = { tile: 0, visible: false, pinned: false };

/**
 * The height a picture of 16:9 needs to be sharp in a box. Cut to fill the box it is as large as the box demands in both directions; shown
 * whole it is as large as fits.
 */
export function pictureHeight(box: { width: number; height: number }, whole: boolean, pixelRatio: number): number {
  const byWidth = (box.width * 9) / 16;
  const height = whole ? Math.min(box.height, byWidth) : Math.max(box.height, byWidth);
  // Beyond two device pixels for each of the page's nobody sees a difference, and phones would ask for four times the data.
  return Math.round(height * Math.min(2, Math.max(1, pixelRatio)));
}

export class Wishes {
  readonly #carrier: Carrier;
  readonly #ask: AskWishes;
  #shown = new Map<string, Showing>();
  #lastN: number | null = null;
  /** Consumer → what the server was told of it, as it was sent. */
  readonly #told = new Map<string, string>();
  #toldLastN: number | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(carrier: Carrier, ask: AskWishes) {
    this.#carrier = carrier;
    this.#ask = ask;
  }

  /** Everything the page shows now; what is not among it cannot be seen. */
  show(shown: ReadonlyMap<string, Showing>, lastN: number | null): void {
    this.#shown = new Map(shown);
    this.#lastN = lastN;
    this.gather();
  }

  /** A consumer was made, or sizes have changed. */
  gather(): void {
    this.#timer ??= setTimeout(() => void this.#send(), GATHER_MS);
  }

  /** New consumers on the server: nothing of what was told is known there. */
  forget(): void {
    this.#told.clear();
    this.#toldLastN = null;
    this.gather();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #send(): Promise<void> {
    this.#timer = undefined;
    const fresh = this.#fresh();
    if (fresh.length === 0 && this.#lastN === this.#toldLastN) return;
    const lastN = this.#lastN;
    for (const wish of fresh) this.#told.set(wish.consumerId, JSON.stringify(wish));
    this.#toldLastN = lastN;
    try {
      await this.#ask(Request.setWishes, { consumers: fresh, lastN });
    } catch {
      // No answer, or the media service is away: said again with the next change, and in full on the next media connection.
      for (const { consumerId } of fresh) this.#told.delete(consumerId);
    }
  }

  #fresh(): TileWish[] {
    const wishes: TileWish[] = [];
    const carried = new Set<string>();
    for (const [producerId, showing] of this.#shown) {
      const consumerId = this.#carrier(producerId);
      if (consumerId === null) continue;
      carried.add(consumerId);
      wishes.push({ consumerId, ...showing });
    }
    for (const consumerId of this.#told.keys()) if (!carried.has(consumerId)) wishes.push({ consumerId, ...UNSEEN });
    return wishes.filter((wish) => this.#told.get(wish.consumerId) !== JSON.stringify(wish));
  }
}
