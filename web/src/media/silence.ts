/**
 * Notices that what is sent is no longer answered: the address changed on the way (another network, a router that forgot), and the browser
 * itself finds out only with its next check, up to two and a half seconds later. Whoever sends media is told of its arrival ten times a
 * second, so half a second without a word says enough.
 *
 * It must never know transports. Who is not answered quickly in good times (a browser without transport-wide feedback) is never called
 * silent, and one silence is told once.
 */

/** How often it is looked. */
export const LOOK_MS = 200;
/** Looks with something sent and nothing heard: 0.6 s. */
export const SILENT = 3;
/** Looks with an answer before silence means anything: 2 s. */
export const CALM = 10;

export class Silence {
  #sent = 0;
  #received = 0;
  #run = 0;
  #calm = 0;

  /** Bytes so far in both directions. → whether silence has just begun. */
  look(sent: number, received: number): boolean {
    const grew = sent > this.#sent;
    const answered = received > this.#received;
    this.#sent = sent;
    this.#received = received;
    if (answered) {
      if (this.#run < SILENT - 1) this.#calm += 1;
      else if (this.#run >= SILENT) this.#calm = 0;
      this.#run = 0;
      return false;
    }
    if (grew) this.#run += 1;
    if (this.#run < SILENT || this.#calm < CALM) return false;
    this.#calm = 0;
    return true;
  }
}

/** Of a report: bytes sent and received over all pairs there have been, which change with every restart; null where there are none. */
export function bytesOf(report: Iterable<Record<string, unknown>>): { sent: number; received: number } | null {
  const pairs = [...report].filter((stat) => stat.type === 'candidate-pair');
  const sum = (name: string): number => pairs.reduce((bytes, pair) => bytes + Number(pair[name] ?? 0), 0);
  return pairs.length ? { sent: sum('bytesSent'), received: sum('bytesReceived') } : null;
}
