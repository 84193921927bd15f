/** The id of this browser, kept between visits, so that joining again replaces the older connection of the same device. */

const KEY = 'branchline.device';

export function deviceId(storage: Pick<Storage, 'getItem' | 'setItem'> | null = localStore(), random: () => string = randomId): string {
  const known = storage?.getItem(KEY);
  if (known && /^[A-Za-z0-9_-]{8,64}$/.test(known)) return known;
  const fresh = random();
  try {
    storage?.setItem(KEY, fresh);
  } catch {
    // A full or forbidden storage: the id lasts as long as the page.
  }
  return fresh;
}

/** crypto.randomUUID exists on https only; getRandomValues everywhere. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Private windows of some browsers throw on the mere mention. */
export function localStore(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}
