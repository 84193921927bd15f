import { describe, expect, it } from 'vitest';
import { cameraConstraints, isPhone, microphoneConstraints, sortDevices } from './devices';
import { deviceId } from './identity';
import { levelOf } from './meter';

const device = (kind: MediaDeviceKind, deviceId: string) => ({ kind, deviceId, label: deviceId, groupId: '' }) as MediaDeviceInfo;

describe('devices', () => {
  it('sorts by kind and leaves nameless ones out', () => {
    const list = sortDevices([device('audioinput', ''), device('audioinput', 'a'), device('videoinput', 'c'), device('audiooutput', 'communications')]);
    expect([list.microphones, list.cameras, list.speakers].map((some) => some.map((one) => one.deviceId))).toEqual([['a'], ['c'], []]);
  });

  it('only wishes for a remembered device, so that a missing one keeps nobody out', () => {
    expect(microphoneConstraints('headset').deviceId).toEqual({ ideal: 'headset' });
    expect(cameraConstraints().deviceId).toBeUndefined();
    expect(cameraConstraints().facingMode).toEqual({ ideal: 'user' });
  });

  it.each([
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) Mobile/15E148', true],
    ['Mozilla/5.0 (Linux; Android 12; V2145A) Chrome/107 Mobile Safari/537.36', true],
    ['Mozilla/5.0 (iPad; CPU OS 16_0) Mobile/15E148', false],
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome/140', false],
  ])('%s is a phone: %s', (userAgent, phone) => {
    expect(isPhone(userAgent)).toBe(phone);
  });

  it('is known again on the next visit, and lives without storage', () => {
    const kept = new Map<string, string>();
    const storage = { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value) };
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    expect(deviceId(storage, () => 'first-visit')).toBe('first-visit');
    expect(deviceId(storage, () => 'second-visit')).toBe('first-visit');
    expect(deviceId(full, () => 'in-this-page')).toBe('in-this-page');
  });

  it('shows silence as nothing and a loud voice as full', () => {
    const tone = (peak: number) => Float32Array.from({ length: 1024 }, (_, i) => peak * Math.sin(i / 5));
    expect(levelOf(new Float32Array(1024))).toBe(0);
    expect(levelOf(tone(0.9))).toBe(1);
    expect(levelOf(tone(0.0005))).toBe(0);
    expect(levelOf(tone(0.03))).toBeGreaterThan(0.4);
    expect(levelOf(tone(0.03))).toBeLessThan(0.7);
  });
});
