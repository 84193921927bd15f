import { effectScope } from 'vue';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useLocalMedia, type LocalMedia } from './localMedia';

const answers: { kind: string; give: (track: MediaStreamTrack) => void; refuse: (error: Error) => void }[] = [];
const ask = (kind: string) => () => new Promise<MediaStreamTrack>((give, refuse) => answers.push({ kind, give, refuse }));

vi.mock('../../media/devices', async (original) => ({
  ...(await original<typeof import('../../media/devices')>()),
  listDevices: () => Promise.resolve({ microphones: [], cameras: [], speakers: [] }),
  watchDevices: () => () => undefined,
  openCamera: () => ask('camera')(),
  openMicrophone: () => ask('microphone')(),
}));
vi.mock('../../media/permissions', async (original) => ({
  ...(await original<typeof import('../../media/permissions')>()),
  obstacleTo: () => null,
}));
vi.mock('../../media/meter', () => ({ meter: () => () => undefined }));

const track = () => ({ stop: vi.fn(), addEventListener: vi.fn() }) as unknown as MediaStreamTrack;

describe('a device that the browser is still opening', () => {
  let local: LocalMedia;
  const scope = effectScope(true);
  beforeEach(() => {
    answers.length = 0;
    local = scope.run(useLocalMedia)!;
  });
  afterEach(() => localStorage.clear());

  it('is waited for by whoever asks meanwhile, with one question', async () => {
    const first = local.set('camera', true);
    const second = local.settled('camera');
    const late = track();
    expect(answers.map((answer) => answer.kind)).toEqual(['camera']);
    expect(local.asking.camera).toBe(true);
    answers[0]!.give(late);
    expect([await first, await second]).toEqual([late, late]);
    expect(local.asking.camera).toBe(false);
  });

  it('stays closed when it was switched off before it opened', async () => {
    const opening = local.set('camera', true);
    await local.set('camera', false);
    const late = track();
    answers[0]!.give(late);
    expect(await opening).toBeNull();
    expect(late.stop).toHaveBeenCalled();
    expect(local.tracks.camera.value).toBeNull();
  });

  it('does not report a problem nobody waits for any more', async () => {
    const opening = local.set('microphone', true);
    await local.set('microphone', false);
    answers[0]!.refuse(new DOMException('', 'NotAllowedError'));
    await opening;
    expect(local.problems.microphone).toBeNull();
  });
});
