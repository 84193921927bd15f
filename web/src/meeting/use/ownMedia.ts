/**
 * The own microphone, camera and screen inside the meeting: pressing a button, and what the room does to them.
 *
 * A moderator may mute but never un-mute; whatever the room decided is carried out here, whatever the person decides is asked for there.
 */

import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { canShareScreen, isPhone, openScreen } from '../../media/devices';
import type { CaptureProblem } from '../../media/permissions';
import { explainCapture } from '../../media/permissions';
import { Refused } from '../../media/refusal';
import { nameOf } from '../people';
import type { Happening } from '../room';
import type { Kind, LocalMedia } from './localMedia';
import type { Meeting, Step } from './meeting';

export type OwnNews =
  | { kind: 'mutedBy'; name: string }
  | { kind: 'shareStoppedBy'; name: string }
  | { kind: 'captureFailed'; device: Kind | 'screen'; problem: CaptureProblem }
  | { kind: 'unplugged'; device: Kind; fallback: boolean }
  | { kind: 'wasHidden' }
  | { kind: 'refused'; refusal: Refused };

export interface OwnMedia {
  microphoneOn: Ref<boolean>;
  cameraOn: Ref<boolean>;
  sharing: ComputedRef<boolean>;
  screenTrack: ShallowRef<MediaStreamTrack | null>;
  busy: Ref<boolean>;
  canShare: boolean;
  setMicrophone(on: boolean): Promise<void>;
  setCamera(on: boolean): Promise<void>;
  setSharing(on: boolean): Promise<void>;
  chosen(kind: Kind): Promise<void>;
}

/** Systems give devices back a moment after the page is shown again; what is still dead then has to be opened anew. */
const REVIVAL_MS = 1_500;

export function useOwnMedia(meeting: Meeting, local: LocalMedia, tell: (news: OwnNews) => void): OwnMedia {
  const { publisher } = meeting.session;
  const microphoneOn = ref(local.tracks.microphone.value !== null);
  const cameraOn = ref(local.tracks.camera.value !== null);
  // Joined before the browser had opened the device: it is published when it arrives (MeetPage), and shown as on from then.
  for (const [kind, on] of [['microphone', microphoneOn] as const, ['camera', cameraOn] as const]) {
    if (local.asking[kind]) void local.settled(kind).then((track) => (on.value = on.value || track !== null));
  }
  const screenTrack = shallowRef<MediaStreamTrack | null>(null);
  const busy = ref(false);

  async function setMicrophone(on: boolean): Promise<void> {
    const track = on ? (local.tracks.microphone.value ?? (await local.set('microphone', true))) : null;
    if (on && !track) return failed('microphone');
    microphoneOn.value = on;
    local.remember('microphone', on);
    if (track && publisher.wished('microphone')?.track !== track) await publisher.wish('microphone', track);
    else await publisher.setPaused('microphone', !on);
  }

  async function setCamera(on: boolean): Promise<void> {
    const track = await local.set('camera', on);
    if (on && !track) return failed('camera');
    cameraOn.value = on;
    await (track ? publisher.wish('camera', track) : publisher.drop('camera'));
  }

  function failed(device: Kind): void {
    const problem = local.problems[device];
    if (problem) tell({ kind: 'captureFailed', device, problem });
  }

  async function setSharing(on: boolean): Promise<void> {
    if (on) return share();
    screenTrack.value = null;
    await Promise.all([publisher.drop('screen'), publisher.drop('screenAudio')]);
  }

  async function share(): Promise<void> {
    busy.value = true;
    try {
      const screen = await openScreen();
      screenTrack.value = screen.video;
      await publisher.wish('screen', screen.video);
      if (screen.audio && publisher.wished('screen')) await publisher.wish('screenAudio', screen.audio);
    } catch (error) {
      const problem = explainCapture(error);
      // Closing the browser's chooser is an answer, not a problem.
      if (problem !== 'denied' && problem !== 'dismissed') tell({ kind: 'captureFailed', device: 'screen', problem });
    } finally {
      busy.value = false;
    }
  }

  /** After a call, a lock screen or another app (WebKit and Android stop the capture and do not always resume it). */
  async function revive(kind: Kind): Promise<void> {
    const track = local.tracks[kind].value;
    if (!track || (!track.muted && track.readyState === 'live')) return;
    await local.choose(kind, local.choices[kind]);
    await chosen(kind);
  }

  /** A device was changed in the settings: send the new track in place of the old one. */
  async function chosen(kind: Kind): Promise<void> {
    const track = local.tracks[kind].value;
    if (track && publisher.wished(kind)) await publisher.wish(kind, track, kind === 'microphone' && !microphoneOn.value);
  }

  function obey({ what, after }: Step): void {
    const mine = 'producerId' in what && ownSource(what) !== null;
    if (!mine) return;
    if (what.type === 'producerPausedSet' && what.paused && what.by !== what.memberId) {
      publisher.mutedByServer(what.source);
      if (what.source === 'microphone') microphoneOn.value = false;
      tell({ kind: 'mutedBy', name: nameOf(after, what.by) });
    }
    if (what.type === 'producerRemoved' && what.by !== null && what.by !== what.memberId) {
      publisher.closedByServer(what.producerId);
      if (what.source === 'screen') screenTrack.value = null;
      if (what.source === 'screen') tell({ kind: 'shareStoppedBy', name: nameOf(after, what.by) });
    }
  }

  /** A snapshot after an absence: if the room has us muted meanwhile, muted it is. */
  function comply(): void {
    const muted = meeting.peer.value?.producers.find((producer) => producer.source === 'microphone')?.paused ?? false;
    if (muted && publisher.mutedByServer('microphone')) microphoneOn.value = false;
  }

  function ownSource(what: Extract<Happening, { producerId: string }>) {
    return what.peerId === meeting.room.value?.peerId ? what.source : null;
  }

  const stops = [
    meeting.steps.on('step', obey),
    meeting.session.events.on('snapshot', comply),
    publisher.events.on('ended', (source) => {
      if (source === 'screen') void setSharing(false);
    }),
    publisher.events.on('failed', ({ source, error }) => {
      if (error instanceof Refused) tell({ kind: 'refused', refusal: error });
      if (source === 'screen') void setSharing(false);
    }),
  ];
  watch(meeting.hidden, (hidden, _, onCleanup) => {
    if (hidden) return;
    if (isPhone() && cameraOn.value) tell({ kind: 'wasHidden' });
    const timer = setTimeout(() => void Promise.all([revive('microphone'), revive('camera')]), REVIVAL_MS);
    onCleanup(() => clearTimeout(timer));
  });
  local.onUnplugged((device, fallback) => {
    tell({ kind: 'unplugged', device, fallback });
    if (fallback) void chosen(device);
    else if (device === 'camera') void setCamera(false);
    else void publisher.drop('microphone').then(() => (microphoneOn.value = false));
  });
  onScopeDispose(() => stops.forEach((stop) => stop()));

  return {
    microphoneOn,
    cameraOn,
    sharing: computed(() => screenTrack.value !== null),
    screenTrack,
    busy,
    canShare: canShareScreen(),
    setMicrophone,
    setCamera,
    setSharing,
    chosen,
  };
}
