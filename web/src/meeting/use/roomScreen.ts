/**
 * The state of the meeting screen, shared by its parts: view, page, pin, open panel, unread chat, notices, prompts.
 *
 * Built once by Room.vue and injected below it. It translates between the room (a snapshot) and what is on the screen, and tells the
 * session which videos are wanted.
 */

import { computed, inject, onScopeDispose, ref, shallowReactive, shallowRef, watch, type ComputedRef, type InjectionKey, type Ref, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { pictureHeight, type Showing } from '../../media/wishes';
import { announcementOf } from '../announcements';
import { featured, ordered, pageOf, pageSizeFor, type PageOf, type Size } from '../layout';
import { audioWanted, isModerating, producerIds, shareOf, tiles, videoWanted, type Share, type Tile } from '../people';
import type { Snapshot } from '../room';
import { useActions, useRefusalText, type Actions } from './actions';
import type { LocalMedia } from './localMedia';
import type { Meeting, Step } from './meeting';
import { useOwnMedia, type OwnMedia, type OwnNews } from './ownMedia';
import { useToasts, type Toasts } from './toasts';

export type View = 'grid' | 'speaker';
export type Panel = 'chat' | 'people' | null;

/** A picture on the page: whose, how large, cut to fill its box or shown whole. */
export interface Box extends Size {
  producerId: string;
  whole: boolean;
}

export interface RoomScreen {
  meeting: Meeting;
  local: LocalMedia;
  own: OwnMedia;
  actions: Actions;
  toasts: Toasts;
  room: ComputedRef<Snapshot>;
  moderating: ComputedRef<boolean>;
  people: ComputedRef<Tile[]>;
  selfTile: ComputedRef<Tile | null>;
  share: ComputedRef<Share | null>;
  view: Ref<View>;
  page: Ref<number>;
  area: ShallowRef<Size>;
  shown: ComputedRef<PageOf<Tile>>;
  feature: ComputedRef<Tile | null>;
  pinned: Ref<string | null>;
  panel: Ref<Panel>;
  unread: Ref<number>;
  spoken: Ref<string>;
  unmuteAskedBy: Ref<string | null>;
  /** Voices only: no faces are received; a shared screen is. */
  voicesOnly: Ref<boolean>;
  /** What is on the page now; each tile keeps its own entry. */
  boxes: Map<symbol, Box>;
  speaks(memberId: string): boolean;
  togglePanel(panel: Panel): void;
}

const KEY: InjectionKey<RoomScreen> = Symbol('room screen');
export const ROOM_SCREEN = KEY;

export function useRoomScreen(): RoomScreen {
  const screen = inject(KEY);
  if (!screen) throw new Error('used outside of a room');
  return screen;
}

/** Speaker view keeps a strip beside the stage; this many faces fit there. */
const STRIP_WIDE = 6;
const STRIP_NARROW = 3;
const NARROW = 720;
/** Below this loudness it is breathing or a keyboard. */
const AUDIBLE = 0.15;

export function createRoomScreen(meeting: Meeting, local: LocalMedia): RoomScreen {
  const { t } = useI18n();
  const textOf = useRefusalText();
  const toasts = useToasts();
  const actions = useActions(meeting.session, toasts);
  const own = useOwnMedia(meeting, local, (news) => toasts.show(ownText(news), news.kind === 'mutedBy' ? 'plain' : 'warning'));
  const room = computed(() => meeting.room.value as Snapshot);
  const view = ref<View>('grid');
  const page = ref(0);
  const area = shallowRef<Size>({ width: 0, height: 0 });
  const pinned = ref<string | null>(null);
  const panel = ref<Panel>(null);
  const unread = ref(0);
  const spoken = ref('');
  const unmuteAskedBy = ref<string | null>(null);
  const large = ref<string | null>(null);
  const voicesOnly = ref(false);
  const boxes = shallowReactive(new Map<symbol, Box>());

  const people = computed(() => ordered(tiles(room.value, pinned.value)));
  const selfTile = computed(() => people.value.find((tile) => tile.self) ?? null);
  const share = computed(() => shareOf(room.value));
  const staged = computed(() => view.value === 'speaker' || share.value !== null || pinned.value !== null);
  const feature = computed(() => (share.value ? null : (people.value.find((tile) => tile.memberId === large.value) ?? null)));

  watch(
    [people, meeting.dominant],
    () => (large.value = featured(people.value, meeting.dominant.value, large.value)),
    { immediate: true },
  );

  const shown = computed<PageOf<Tile>>(() => {
    if (!staged.value) return pageOf(people.value, page.value, pageSizeFor(area.value));
    const beside = people.value.filter((tile) => tile.memberId !== feature.value?.memberId);
    return pageOf(beside, page.value, area.value.width < NARROW ? STRIP_NARROW : STRIP_WIDE);
  });

  watch(
    [room, shown, feature, meeting.hidden, voicesOnly],
    () => {
      const faces = meeting.hidden.value || voicesOnly.value ? [] : [...shown.value.items, ...(feature.value ? [feature.value] : [])];
      const videos = meeting.hidden.value ? [] : videoWanted(room.value, faces.map((tile) => tile.memberId));
      meeting.session.subscriber.keepOnly(producerIds(room.value));
      meeting.session.subscriber.want([...audioWanted(room.value), ...videos]);
    },
    { immediate: true },
  );

  const pixelRatio = usePixelRatio();
  watch(
    [() => [...boxes.values()], meeting.hidden, pinned, voicesOnly, pixelRatio, share],
    () => {
      const held = people.value.find((tile) => tile.memberId === pinned.value)?.camera ?? null;
      const lastN = voicesOnly.value ? (share.value ? 1 : 0) : null;
      meeting.session.wishes.show(showings([...boxes.values()], held, !meeting.hidden.value, pixelRatio.value), lastN);
    },
    { immediate: true },
  );

  function ownText(news: OwnNews): string {
    if (news.kind === 'refused') return textOf(news.refusal);
    if (news.kind === 'captureFailed') return t(`meeting.problem.${news.problem}.${news.device === 'screen' ? 'screen' : news.device}`);
    if (news.kind === 'unplugged') return t(`meeting.unplugged.${news.device}${news.fallback ? 'Fallback' : ''}`);
    if (news.kind === 'wasHidden') return t('meeting.own.wasHidden');
    return t(`meeting.own.${news.kind}`, { name: news.name });
  }

  function tell({ what, before, after }: Step): void {
    const self = selfTile.value?.memberId ?? null;
    const announcement = announcementOf(what, before, after, self);
    if (announcement) {
      spoken.value = t(`meeting.said.${announcement.key}`, announcement.params);
      if (announcement.shown) toasts.show(spoken.value);
    }
    if (what.type === 'said' && what.message.memberId !== self && panel.value !== 'chat') unread.value += 1;
    if (what.type === 'unmuteAsked' && what.memberId === self && !own.microphoneOn.value) {
      unmuteAskedBy.value = after.participants.find((person) => person.memberId === what.by)?.name ?? '';
    }
    if (what.type === 'peerLeft' && !after.participants.some((person) => person.memberId === pinned.value)) pinned.value = null;
  }

  function togglePanel(next: Panel): void {
    panel.value = panel.value === next ? null : next;
    if (panel.value === 'chat') unread.value = 0;
  }

  const stop = meeting.steps.on('step', tell);
  onScopeDispose(stop);
  watch(own.microphoneOn, (on) => on && (unmuteAskedBy.value = null));

  return {
    meeting,
    local,
    own,
    actions,
    toasts,
    room,
    moderating: computed(() => isModerating(meeting.self.value?.role)),
    people,
    selfTile,
    share,
    view,
    page,
    area,
    shown,
    feature: computed(() => (staged.value ? feature.value : null)),
    pinned,
    panel,
    unread,
    spoken,
    unmuteAskedBy,
    voicesOnly,
    boxes,
    speaks: (memberId) => (meeting.speaking.value.levels[memberId] ?? 0) > AUDIBLE,
    togglePanel,
  };
}

/** Producer → what the server is told of it. A picture that stands in two places is as large as the larger. */
function showings(boxes: readonly Box[], held: string | null, visible: boolean, pixelRatio: number): Map<string, Showing> {
  const found = new Map<string, Showing>();
  for (const box of boxes) {
    const tile = Math.max(found.get(box.producerId)?.tile ?? 0, pictureHeight(box, box.whole, pixelRatio));
    found.set(box.producerId, { tile, visible, pinned: box.producerId === held });
  }
  return found;
}

/** Windows move between screens, and people zoom. */
function usePixelRatio(): Ref<number> {
  const ratio = ref(globalThis.devicePixelRatio ?? 1);
  const read = () => (ratio.value = globalThis.devicePixelRatio ?? 1);
  window.addEventListener('resize', read);
  onScopeDispose(() => window.removeEventListener('resize', read));
  return ratio;
}
