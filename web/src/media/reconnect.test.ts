import { describe, expect, it } from 'vitest';
import { delayBefore, FIRST_DELAY_MS, isFinal, LONGEST_DELAY_MS } from './reconnect';

describe('trying again', () => {
  it.each([
    [0, 0, 150],
    [0, 0.999, 300],
    [1, 0, 300],
    [3, 0.5, 1800],
    [5, 0, 4000],
    [50, 0.999, 7996],
  ])('try %i with chance %f waits %i ms', (attempt, random, expected) => {
    expect(delayBefore(attempt, random)).toBe(expected);
  });

  it('never waits longer than the ceiling and never gives up', () => {
    for (const attempt of [10, 100, 10_000]) {
      const delay = delayBefore(attempt, 0.999);
      expect(delay).toBeLessThanOrEqual(LONGEST_DELAY_MS);
      expect(delay).toBeGreaterThan(FIRST_DELAY_MS);
    }
  });

  it('stops at what only a person can change', () => {
    expect(['notLoggedIn', 'notInvited', 'meetingEnded', 'overloaded', 'tooManyRequests', 'directoryAway'].map(isFinal)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
