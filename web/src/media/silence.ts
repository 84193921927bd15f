/**
 * Notices that what is sent is no longer answered: the address changed on the way (another network, a router that forgot), and the browser
 * itself finds out only with its next check, up to two and a half seconds later. Whoever sends media is told of its arrival ten times a
 * second, so half a second without a word says enough. The server notices too (`addressMoved`), where it hears anything at all.
 *
 * It goes by time, not by looks: a busy page looks late, or twice at once. It must never know transports. Who is not answered quickly in
 * good times (a browser without transport-wide feedback) is never called silent, and one silence is told once.
 */

/** How often it is looked. */
export const LOOK_MS = 200;
/** From the first look that shows something unanswered: with the time before it, half a second. */
export const SILENT_MS = 380;
/** It was answered for so long, never later than that, before silence means anything. */
export const CALM_MS = 2000;

export class Silence {
  #sent = 0;
  #received = 0;
  #waitsSince: number | null = null;
  #calmSince: number | null = null;

  /** Bytes so far in both directions, and the time in ms. → whether silence has just begun. */
  look(sent: number, received: number, now: number): boolean {
    const grew = sent > this.#sent;
    const answered = received > this.#received;
    this.#sent = sent;
    this.#received = received;
    if (answered) {
      if (this.#calmSince === null || this.#waited(now) >= SILENT_MS) this.#calmSince = now;
      this.#waitsSince = null;
      return false;
    }
    if (grew) this.#waitsSince ??= now;
    if (this.#waitsSince === null || this.#calmSince === null) return false;
    if (this.#waited(now) < SILENT_MS || this.#waitsSince - this.#calmSince < CALM_MS) return false;
    this.#calmSince = null;
    return true;
  }

  #waited(now: number): number {
    return this.#waitsSince === null ? 0 : now - this.#waitsSince;
  }
}

/** Of a report: bytes sent and received over all pairs there have been, which change with every restart; null where there are none. */
export function bytesOf(report: Iterable<Record<string, unknown>>): { sent: number; received: number } | null {
  const pairs = [...report].filter((stat) => stat.type === 'candidate-pair');
  const sum = (name: string): number => pairs.reduce((bytes, pair) => bytes + Number(pair[name] ?? 0), 0);
  return pairs.length ? { sent: sum('bytesSent'), received: sum('bytesReceived') } : null;
}
