/**
 * How many notifications are unread: asked when the page opens, when somebody comes back to it, and once a minute while it is looked at.
 * A page in the background asks nothing.
 */

import { onBeforeUnmount, onMounted, ref } from 'vue';
import { get } from './api/client';
import type { UnreadCount } from './api/types.gen';

const EVERY_MS = 60_000;
export const unread = ref(0);

export async function countUnread(): Promise<void> {
  try {
    unread.value = (await get<UnreadCount>('/notifications/unread')).unread;
  } catch {
    // The number stays as it was; whatever is wrong is told by the page itself.
  }
}

/** For the shell: keeps `unread` fresh as long as it is mounted. */
export function useUnread(): typeof unread {
  let timer = 0;
  const look = () => void (document.visibilityState === 'visible' && countUnread());
  onMounted(() => {
    look();
    document.addEventListener('visibilitychange', look);
    window.addEventListener('focus', look);
    timer = window.setInterval(look, EVERY_MS);
  });
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('focus', look);
    window.clearInterval(timer);
  });
  return unread;
}
