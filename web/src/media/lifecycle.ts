/** What the page around a meeting does: goes to the background, goes away, comes back online, wants the screen to stay on. */

import type { Stop } from './emitter';

/** `hidden` true: phones stop cameras now, desktops slow timers down. */
export function watchVisibility(changed: (hidden: boolean) => void): Stop {
  const listener = () => changed(document.visibilityState === 'hidden');
  document.addEventListener('visibilitychange', listener);
  return () => document.removeEventListener('visibilitychange', listener);
}

type Connection = EventTarget & { type?: string };

/**
 * `changed` true: the network is another one, or there is one again. Browsers also tell of new estimates of its speed, several times a
 * minute; those are worth a look, not a new path.
 */
export function watchNetwork(told: (changed: boolean) => void): Stop {
  const connection = (navigator as { connection?: Connection }).connection;
  let type = connection?.type;
  const online = () => told(true);
  const change = () => {
    const changed = connection?.type !== type;
    type = connection?.type;
    told(changed);
  };
  globalThis.addEventListener('online', online);
  connection?.addEventListener?.('change', change);
  return () => {
    globalThis.removeEventListener('online', online);
    connection?.removeEventListener?.('change', change);
  };
}

/**
 * `pagehide` is the only end every browser tells of (iOS Safari fires no beforeunload). A page kept in the back-forward cache is left
 * as well: its sockets and tracks do not survive there.
 */
export function watchDeparture(leaving: () => void): Stop {
  globalThis.addEventListener('pagehide', leaving);
  return () => globalThis.removeEventListener('pagehide', leaving);
}

interface Lock {
  release(): Promise<void>;
}

/** Keep the screen on while the meeting is visible. Browsers drop the lock when the page is hidden, so it is asked for again. */
export function keepAwake(): Stop {
  const wakeLock = (navigator as { wakeLock?: { request(kind: 'screen'): Promise<Lock> } }).wakeLock;
  if (!wakeLock) return () => undefined;
  let lock: Lock | null = null;
  let stopped = false;
  const take = async () => {
    if (stopped || document.visibilityState === 'hidden') return;
    lock = await wakeLock.request('screen').catch(() => null);
    if (stopped) void lock?.release().catch(() => undefined);
  };
  const unwatch = watchVisibility((hidden) => void (hidden ? undefined : take()));
  void take();
  return () => {
    stopped = true;
    unwatch();
    void lock?.release().catch(() => undefined);
  };
}
