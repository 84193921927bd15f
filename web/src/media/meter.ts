/** The loudness of a local track for the level bar of the pre-join page: a number 0..1, some 15 times a second. Nothing leaves the page. */

import type { Stop } from './emitter';

const INTERVAL_MS = 66;
/** Below -60 dBFS a room is silent, at -12 dBFS a voice is as loud as it should be. */
const QUIETEST_DB = -60;
const LOUDEST_DB = -12;

/** Safari had it under a name of its own until 14.1. */
export function soundContext(): AudioContext {
  const { AudioContext: Known, webkitAudioContext: Early } = globalThis as { AudioContext?: typeof AudioContext; webkitAudioContext?: typeof AudioContext };
  const Kind = Known ?? Early;
  if (!Kind) throw new DOMException('no AudioContext', 'NotSupportedError');
  return new Kind();
}

export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  if (rms === 0) return 0;
  const decibels = 20 * Math.log10(rms);
  return Math.min(1, Math.max(0, (decibels - QUIETEST_DB) / (LOUDEST_DB - QUIETEST_DB)));
}

export function meter(track: MediaStreamTrack, heard: (level: number) => void): Stop {
  const context = soundContext();
  const source = context.createMediaStreamSource(new MediaStream([track]));
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    if (context.state === 'suspended') void context.resume().catch(() => undefined);
    analyser.getFloatTimeDomainData(samples);
    heard(levelOf(samples));
  }, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close().catch(() => undefined);
  };
}
