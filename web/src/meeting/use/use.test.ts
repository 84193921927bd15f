import { describe, expect, it } from 'vitest';
import { keepChoices, readChoices } from './choices';
import { meaningOf } from './shortcuts';
import { runOn, stopwatch } from './ticking';

describe('counters between two messages', () => {
  const told = { memberId: 'm', presentSeconds: 100, speakingSeconds: 10, sessionSeconds: 120, speakingNow: false };

  it.each([
    ['silent in an open meeting', told, 5, true, [105, 10, 125]],
    ['speaking', { ...told, speakingNow: true }, 5, true, [105, 15, 125]],
    ['before the opening', { ...told, speakingNow: true }, 5, false, [100, 10, 120]],
    ['a clock that went back', told, -3, true, [100, 10, 120]],
  ] as const)('%s', (_, counters, later, open, expected) => {
    const now = runOn(counters, later, open);
    expect([now.presentSeconds, now.speakingSeconds, now.sessionSeconds]).toEqual(expected);
  });

  it.each([
    [0, '0:00'],
    [67.9, '1:07'],
    [3723, '1:02:03'],
    [-4, '0:00'],
  ])('%f seconds are shown as %s', (seconds, shown) => {
    expect(stopwatch(seconds)).toBe(shown);
  });
});

describe('keys', () => {
  const press = (key: string, more = {}) => ({ key, ctrlKey: false, altKey: false, metaKey: false, repeat: false, isComposing: false, ...more });

  it.each([
    ['m', press('m'), false, 'm'],
    ['M with caps lock', press('M'), false, 'm'],
    ['while typing', press('m'), true, null],
    ['Ctrl+M belongs to the browser', press('m', { ctrlKey: true }), false, null],
    ['held down', press('m', { repeat: true }), false, null],
    ['composing Chinese', press('m', { isComposing: true }), false, null],
    ['an unknown key', press('x'), false, null],
  ])('%s', (_, event, typing, meant) => {
    expect(meaningOf(event, typing, ['m', 'h'])).toBe(meant);
  });
});

describe('what was chosen last time', () => {
  const first = { microphone: null, camera: null, speaker: null, microphoneOn: true, cameraOn: true };

  it('is read back, and is the usual for the first time, spoilt or without storage', () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
    expect(readChoices(storage)).toEqual(first);
    keepChoices({ ...first, cameraOn: false, microphone: 'headset' }, storage);
    expect(readChoices(storage)).toEqual({ ...first, cameraOn: false, microphone: 'headset' });
    expect(readChoices({ getItem: () => '{spoilt' })).toEqual(first);
    expect(readChoices(null)).toEqual(first);
  });
});
