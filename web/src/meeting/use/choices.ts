/** What somebody chose last time on this browser: devices, and whether to come with microphone and camera. */

import { localStore } from '../../media/identity';

export interface Choices {
  microphone: string | null;
  camera: string | null;
  speaker: string | null;
  microphoneOn: boolean;
  cameraOn: boolean;
}

const KEY = 'branchline.meeting.choices';
const FIRST: Choices = { microphone: null, camera: null, speaker: null, microphoneOn: true, cameraOn: true };

export function readChoices(storage: Pick<Storage, 'getItem'> | null = localStore()): Choices {
  try {
    const kept = JSON.parse(storage?.getItem(KEY) ?? '{}') as Partial<Choices>;
    return { ...FIRST, ...kept };
  } catch {
    return { ...FIRST };
  }
}

export function keepChoices(choices: Choices, storage: Pick<Storage, 'setItem'> | null = localStore()): void {
  try {
    storage?.setItem(KEY, JSON.stringify(choices));
  } catch {
    // Forbidden or full: asked again next time.
  }
}
