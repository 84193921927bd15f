/** The unread notifications, for the whole page: how many there are, what has just been told, and going to what one is about. */

import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue';
import { get, post } from './api/client';
import type { NotificationLine, Notified, UnreadCount } from './api/types.gen';
import { Bell } from './bell';
import type { Connect } from './media/signalling';
import { router } from './router';

export const unread = ref(0);
/** The last news of the line; a list that is open reads itself afresh. */
export const news = shallowRef<Notified | null>(null);

export async function countUnread(): Promise<void> {
  try {
    unread.value = (await get<UnreadCount>('/notifications/unread')).unread;
  } catch {
    // The number stays as it was; whatever is wrong is told by the page itself.
  }
}

/** Going there is reading it; if that cannot be told, it is told the next time. Who is there already sees the page afresh. */
export async function openNotification(line: NotificationLine): Promise<void> {
  if (!line.readAt)
    void post<UnreadCount>('/notifications/read', { notificationIds: [line.notificationId] }).then(countUnread, () => undefined);
  if (router.currentRoute.value.path === line.path) window.location.reload();
  else await router.push(line.path);
}

/** Loaded only when the line is opened: the pages themselves need no Socket.IO. */
const connect: Connect = async (url) => (await import('./media/signalling')).connectSocket(url);

/** For the shell: keeps `unread` fresh as long as it is mounted, and hands over what is told. */
export function useUnread(tell: (fresh: Notified) => void): typeof unread {
  const visible = () => document.visibilityState === 'visible';
  const told = (fresh: Notified) => {
    unread.value += fresh.notifications.length + fresh.more;
    news.value = fresh;
    tell(fresh);
  };
  const bell = new Bell({ connect, count: () => void countUnread(), told, visible, random: Math.random });
  const look = () => bell.look();
  onMounted(() => {
    bell.start();
    document.addEventListener('visibilitychange', look);
    window.addEventListener('focus', look);
  });
  onBeforeUnmount(() => {
    document.removeEventListener('visibilitychange', look);
    window.removeEventListener('focus', look);
    bell.stop();
  });
  return unread;
}
