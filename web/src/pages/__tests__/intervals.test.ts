import { describe, expect, it } from 'vitest';
import type { IntervalView } from '../../api/types.gen';
import { frameOf, stretches, ticks } from '../intervals';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 23, 12, minute)).toISOString();
const present = (from: number, to: number): IntervalView => ({
  start: at(from),
  end: at(to),
  bridgedSeconds: 0,
  evidence: 'mediaFlowing',
  inferredEnd: false,
});

describe('the bar of a session', () => {
  it('is not drawn for a meeting that never opened', () => expect(frameOf(null, null, [])).toBeNull());

  it('reaches to the latest thing known while the meeting runs', () => {
    const frame = frameOf(at(0), null, [present(5, 30)]);
    expect(frame).toEqual({ from: Date.parse(at(0)), to: Date.parse(at(30)) });
  });

  it('draws stretches as parts of the session and cuts what lies outside', () => {
    const frame = frameOf(at(0), at(60), []);
    if (!frame) throw new Error('no frame');
    const drawn = stretches(frame, [
      present(0, 30),
      present(45, 59),
      { ...present(59, 60), end: at(61) },
      { ...present(0, 0), start: at(61), end: at(62) },
    ]);
    expect(drawn.map(({ x, width }) => [x, Number((x + width).toFixed(3))])).toEqual([
      [0, 0.5],
      [0.75, 0.983],
      [59 / 60, 1],
    ]);
  });

  it('keeps a moment visible', () => {
    const frame = { from: 0, to: 1000 * 3600 };
    const moment = { ...present(0, 0), start: new Date(3599_000).toISOString(), end: new Date(3599_500).toISOString() };
    const [drawn] = stretches(frame, [moment]);
    expect(drawn?.width).toBeCloseTo(0.004);
    expect((drawn?.x ?? 0) + (drawn?.width ?? 0)).toBeLessThanOrEqual(1);
  });

  it('has a tick at each quarter', () => expect(ticks({ from: 0, to: 400 })).toEqual([0, 100, 200, 300, 400]));
});
