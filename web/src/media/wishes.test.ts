import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { settled } from './doubles';
import type { SetWishes } from '../api/types.gen';
import { GATHER_MS, pictureHeight, Wishes, type Showing } from './wishes';

let carriers: Record<string, string>;
let sent: SetWishes[];
let reachable: boolean;
let wishes: Wishes;

const tile = (height: number, more: Partial<Showing> = {}): Showing => ({ tile: height, visible: true, pinned: false, ...more });
const show = (tiles: Record<string, Showing>, lastN: number | null = null) => wishes.show(new Map(Object.entries(tiles)), lastN);
const gathered = async () => {
  vi.advanceTimersByTime(GATHER_MS);
  await settled();
};

beforeEach(() => {
  vi.useFakeTimers();
  [carriers, sent, reachable] = [{ a: 'ca', b: 'cb' }, [], true];
  wishes = new Wishes(
    (producerId) => carriers[producerId] ?? null,
    async (_, payload) => {
      if (!reachable) throw new Error('away');
      sent.push(payload);
    },
  );
});

afterEach(() => vi.useRealTimers());

describe('what the page shows', () => {
  it('is told once for a whole drag of the window, and nothing twice', async () => {
    for (const height of [100, 140, 180]) show({ a: tile(height), b: tile(height) });
    await gathered();
    show({ a: tile(180), b: tile(90) });
    await gathered();
    show({ a: tile(180), b: tile(90) });
    await gathered();
    expect(sent).toEqual([
      { consumers: [{ consumerId: 'ca', ...tile(180) }, { consumerId: 'cb', ...tile(180) }], lastN: null },
      { consumers: [{ consumerId: 'cb', ...tile(90) }], lastN: null },
    ]);
  });

  it('leaves out what is not carried yet and tells it when it is', async () => {
    delete carriers.b;
    show({ a: tile(180), b: tile(180) });
    await gathered();
    carriers.b = 'cb';
    wishes.gather();
    await gathered();
    expect(sent.map(({ consumers }) => consumers.map(({ consumerId }) => consumerId))).toEqual([['ca'], ['cb']]);
  });

  it('says of what has left the page that it cannot be seen', async () => {
    show({ a: tile(180), b: tile(180) });
    await gathered();
    show({ a: tile(360) });
    await gathered();
    expect(sent[1]?.consumers).toEqual([
      { consumerId: 'ca', ...tile(360) },
      { consumerId: 'cb', tile: 0, visible: false, pinned: false },
    ]);
  });

  it('bounds the number of pictures also when no tile has changed', async () => {
    show({ a: tile(180) });
    await gathered();
    show({ a: tile(180) }, 0);
    await gathered();
    expect(sent[1]).toEqual({ consumers: [], lastN: 0 });
  });

  it('is told in full to a new media connection, and again when no answer came', async () => {
    show({ a: tile(180) });
    await gathered();
    wishes.forget();
    reachable = false;
    await gathered();
    reachable = true;
    wishes.gather();
    await gathered();
    expect(sent.map(({ consumers }) => consumers.length)).toEqual([1, 1]);
  });
});

describe('the height a picture needs', () => {
  it.each([
    ['a tile of its own shape', { width: 320, height: 180 }, false, 1, 180],
    ['cut in a square tile', { width: 200, height: 200 }, false, 1, 200],
    ['cut in a flat tile', { width: 320, height: 90 }, false, 1, 180],
    ['whole on an upright phone', { width: 360, height: 600 }, true, 1, 203],
    ['on a sharp screen', { width: 320, height: 180 }, false, 2, 360],
    ['on the sharpest phones no more than double', { width: 320, height: 180 }, false, 3.5, 360],
    ['zoomed out', { width: 320, height: 180 }, false, 0.5, 180],
  ])('%s', (_, box, whole, pixelRatio, height) => {
    expect(pictureHeight(box, whole, pixelRatio)).toBe(height);
  });
});
