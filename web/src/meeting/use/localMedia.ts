/**
 * The own microphone and camera, before and during the meeting: what is chosen, what is open, and why something could not be opened.
 *
 * Owns the tracks until the page goes. It never publishes; the meeting takes the tracks from here and is told when they change.
 */

import { onScopeDispose, reactive, readonly, shallowRef, watch, type DeepReadonly, type ShallowRef } from 'vue';
import { listDevices, NO_DEVICES, openCamera, openMicrophone, watchDevices, type DeviceList } from '../../media/devices';
import { meter } from '../../media/meter';
import { explainCapture, obstacleTo, surroundings, type CaptureProblem } from '../../media/permissions';
import { keepChoices, readChoices, type Choices } from './choices';

export type Kind = 'microphone' | 'camera';

export interface LocalMedia {
  choices: DeepReadonly<Choices>;
  problems: DeepReadonly<Record<Kind, CaptureProblem | null>>;
  /** A question to the person is open in the browser. */
  asking: DeepReadonly<Record<Kind, boolean>>;
  devices: ShallowRef<DeviceList>;
  tracks: Record<Kind, ShallowRef<MediaStreamTrack | null>>;
  level: ShallowRef<number>;
  /** Open both with one question, as chosen last time. */
  begin(): Promise<void>;
  /** Open or close; resolves with the track, or null when closed or impossible (see `problems`). */
  set(kind: Kind, on: boolean): Promise<MediaStreamTrack | null>;
  /** What a question that is still open will give, or what is open now. */
  settled(kind: Kind): Promise<MediaStreamTrack | null>;
  choose(kind: Kind | 'speaker', deviceId: string | null): Promise<void>;
  /** Remember on or off without touching the track (muting inside the meeting). */
  remember(kind: Kind, on: boolean): void;
  onUnplugged(listener: (kind: Kind, fallback: boolean) => void): void;
  meterOn(on: boolean): void;
}

const OPEN = { microphone: openMicrophone, camera: openCamera };

export function useLocalMedia(): LocalMedia {
  const choices = reactive(readChoices());
  const problems = reactive<Record<Kind, CaptureProblem | null>>({ microphone: null, camera: null });
  const asking = reactive<Record<Kind, boolean>>({ microphone: false, camera: false });
  const devices = shallowRef<DeviceList>(NO_DEVICES);
  const tracks = { microphone: shallowRef<MediaStreamTrack | null>(null), camera: shallowRef<MediaStreamTrack | null>(null) };
  const level = shallowRef(0);
  const metering = shallowRef(true);
  let unplugged: (kind: Kind, fallback: boolean) => void = () => undefined;
  let disposed = false;
  // One question per device at a time. Whoever asks meanwhile waits for the same answer; switching off makes a late answer void.
  const opening: Record<Kind, Promise<MediaStreamTrack | null> | null> = { microphone: null, camera: null };

  const refresh = async () => {
    devices.value = await listDevices().catch(() => NO_DEVICES);
  };

  function close(kind: Kind): void {
    tracks[kind].value?.stop();
    tracks[kind].value = null;
  }

  function open(kind: Kind, deviceId: string | null): Promise<MediaStreamTrack | null> {
    problems[kind] = obstacleTo(surroundings());
    if (problems[kind]) return Promise.resolve(null);
    asking[kind] = true;
    const question: Promise<MediaStreamTrack | null> = ask(kind, deviceId, () => opening[kind] === question).finally(() => {
      if (opening[kind] !== question) return;
      opening[kind] = null;
      asking[kind] = false;
    });
    opening[kind] = question;
    return question;
  }

  async function ask(kind: Kind, deviceId: string | null, current: () => boolean): Promise<MediaStreamTrack | null> {
    try {
      const track = await OPEN[kind](deviceId ?? undefined);
      if (current()) return adopt(kind, track);
      track.stop();
    } catch (error) {
      if (current()) problems[kind] = explainCapture(error, navigator.userAgent);
    }
    return null;
  }

  function settled(kind: Kind): Promise<MediaStreamTrack | null> {
    return opening[kind] ?? Promise.resolve(tracks[kind].value);
  }

  function adopt(kind: Kind, track: MediaStreamTrack): MediaStreamTrack | null {
    if (disposed) {
      track.stop();
      return null;
    }
    close(kind);
    track.addEventListener('ended', () => void lost(kind, track));
    tracks[kind].value = track;
    void refresh();
    return track;
  }

  /** Unplugged, or taken by the system: go on with what is left. */
  async function lost(kind: Kind, track: MediaStreamTrack): Promise<void> {
    if (tracks[kind].value !== track) return;
    tracks[kind].value = null;
    const fallback = await open(kind, null);
    unplugged(kind, fallback !== null);
  }

  async function set(kind: Kind, on: boolean): Promise<MediaStreamTrack | null> {
    remember(kind, on);
    if (!on) {
      problems[kind] = null;
      opening[kind] = null;
      asking[kind] = false;
      close(kind);
      return null;
    }
    return tracks[kind].value ?? opening[kind] ?? open(kind, choices[kind]);
  }

  function remember(kind: Kind, on: boolean): void {
    choices[kind === 'microphone' ? 'microphoneOn' : 'cameraOn'] = on;
    keepChoices(choices);
  }

  async function begin(): Promise<void> {
    await refresh();
    const wanted: Kind[] = [];
    if (choices.microphoneOn) wanted.push('microphone');
    if (choices.cameraOn) wanted.push('camera');
    // Browsers put questions asked in one go into one dialog each; side by side is quicker, and one denial leaves the other alone.
    await Promise.all(wanted.map((kind) => opening[kind] ?? open(kind, choices[kind])));
  }

  async function choose(kind: Kind | 'speaker', deviceId: string | null): Promise<void> {
    choices[kind] = deviceId;
    keepChoices(choices);
    if (kind !== 'speaker' && tracks[kind].value) await open(kind, deviceId);
  }

  const unwatch = watchDevices((list) => (devices.value = list));
  watch(
    [tracks.microphone, metering],
    ([track, on], _, onCleanup) => {
      level.value = 0;
      if (track && on) onCleanup(meter(track, (heard) => (level.value = heard)));
    },
    { flush: 'sync' },
  );
  onScopeDispose(() => {
    disposed = true;
    unwatch();
    close('microphone');
    close('camera');
  });

  return {
    choices: readonly(choices),
    problems: readonly(problems),
    asking: readonly(asking),
    devices,
    tracks,
    level,
    begin,
    set,
    settled,
    choose,
    remember,
    onUnplugged: (listener) => (unplugged = listener),
    meterOn: (on) => (metering.value = on),
  };
}
