import { describe, expect, it } from 'vitest';
import { changes, chapterAt, position, stateWords } from './recording';

describe('a recording in words', () => {
  it('spells positions as players do', () => {
    expect([0, 5.9, 65, 3700, -1].map(position)).toEqual(['0:00', '0:05', '1:05', '1:01:40', '0:00']);
  });

  it('knows which chapter runs', () => {
    const chapters = [{ at: 2 }, { at: 5 }, { at: 9 }];
    expect([0, 2, 4.99, 5, 100].map((at) => chapterAt(chapters, at))).toEqual([-1, 0, 1, 1, 2]);
  });

  it('says how far it is, and looks again only while it changes', () => {
    expect(stateWords((key, params) => `${key} ${params?.percent}`, { state: 'composing', progress: 0.426 })).toBe(
      'recording.state.composing 43%',
    );
    expect((['running', 'waiting', 'composing', 'ready', 'failed', 'deleted'] as const).map((state) => changes({ state }))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
