/** Three soft tones to try the loudspeaker with. */

import { soundContext } from '../media/meter';

const TONES = [523, 659, 784] as const;
const EACH_SECONDS = 0.22;

export async function chime(speaker: string | null): Promise<void> {
  const context = soundContext();
  await (context as AudioContext & { setSinkId?: (id: string) => Promise<void> }).setSinkId?.(speaker ?? '').catch(() => undefined);
  await context.resume().catch(() => undefined);
  TONES.forEach((hertz, index) => {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const begins = context.currentTime + index * EACH_SECONDS;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, begins);
    volume.gain.linearRampToValueAtTime(0.25, begins + 0.03);
    volume.gain.linearRampToValueAtTime(0, begins + EACH_SECONDS);
    tone.connect(volume).connect(context.destination);
    tone.start(begins);
    tone.stop(begins + EACH_SECONDS);
  });
  setTimeout(() => void context.close().catch(() => undefined), 1_500);
}
