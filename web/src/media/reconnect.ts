/**
 * When to try again after the connection was lost. Pure: randomness is an argument.
 *
 * The first try is almost immediate (a Wi-Fi hand-over is over within a second), later ones double up to a ceiling, because after a
 * server restart a whole branch comes back at once. Full jitter over the upper half spreads them (AWS "Exponential backoff and jitter").
 * It never gives up: a member in a train must not have to press anything when the tunnel ends.
 */

export const FIRST_DELAY_MS = 300;
export const LONGEST_DELAY_MS = 8_000;

/** Milliseconds to wait before try number `attempt` (0, 1, 2 …). `random` is in [0, 1). */
export function delayBefore(attempt: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

/** Refusals after which trying again by itself would only annoy: the member has to read and decide. */
const FINAL = new Set([
  'notLoggedIn',
  'noSuchMeeting',
  'notInvited',
  'meetingEnded',
  'meetingCancelled',
  'noticeOutdated',
  'tooManyDevices',
  'badRequest',
  'browserUnsupported',
]);

export function isFinal(code: string): boolean {
  return FINAL.has(code);
}

/** How often an ICE restart is tried before the whole media connection is built anew. */
export const ICE_RESTARTS = 3;
/** "disconnected" heals by itself within a second or two when a few packets were lost; a restart then would only cost. */
export const ICE_PATIENCE_MS = 1_500;
export const ICE_RETRY_MS = 5_000;
/** How soon media is tried again while the media service is away; its return is told as well. */
export const MEDIA_RETRY_MS = 3_000;
