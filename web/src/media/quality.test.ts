import { describe, expect, it } from 'vitest';
import { barsOf, barsOfScore, measuredBetween, ownQuality, totalsOf, type WayFigures } from './quality';

describe('connection bars', () => {
  it.each([
    [false, 0.01, 0, 0],
    [true, null, null, 4],
    [true, 0.2, 0.02, 4],
    [true, 0.21, 0, 3],
    [true, 0.05, 0.04, 3],
    [true, 0.5, 0.1, 2],
    [true, 0.9, 0, 1],
    [true, 0.05, 0.3, 1],
  ])('connected %s, round trip %s, loss %s → %i', (connected, roundTrip, loss, bars) => {
    expect(barsOf(connected, { roundTrip, loss })).toBe(bars);
  });

  it('adds the reports of both transports up and takes the slower round trip', () => {
    const send = [{ type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.03 }];
    const recv = [
      { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.08 },
      { type: 'candidate-pair', nominated: false, currentRoundTripTime: 5 },
      { type: 'inbound-rtp', packetsReceived: 90, packetsLost: 10 },
      { type: 'inbound-rtp', packetsReceived: 10, packetsLost: -2 },
    ];
    expect(totalsOf([send, recv])).toEqual({ roundTrip: 0.08, received: 100, lost: 10 });
  });

  it('looks at what happened since, and forgives counters that went back', () => {
    const before = { roundTrip: 0.1, received: 1000, lost: 50 };
    expect(measuredBetween(before, { roundTrip: 0.1, received: 1090, lost: 60 })).toEqual({ roundTrip: 0.1, loss: 0.1 });
    expect(measuredBetween(before, { roundTrip: null, received: 10, lost: 0 })).toEqual({ roundTrip: null, loss: null });
  });
});

describe('whose doing a weak connection is', () => {
  const way = (score: number): WayFigures => ({ score, bitrate: 0, estimate: null, fractionLost: 0, roundTrip: null });
  const quiet = { roundTrip: 0.05, loss: 0 };

  it.each([
    ['all is well', quiet, 5, 5, 4, 'good'],
    ['nothing measured yet', { roundTrip: null, loss: null }, null, null, 4, 'good'],
    ['the server hears us badly', quiet, 2, 5, 2, 'uplink'],
    ['pictures do not get through to us', quiet, 5, 1, 1, 'downlink'],
    ['both', quiet, 1, 2, 1, 'both'],
    ['the browser misses packets', { roundTrip: 0.05, loss: 0.1 }, 5, 5, 2, 'downlink'],
    ['far away', { roundTrip: 0.7, loss: 0 }, 5, 5, 2, 'delay'],
  ] as const)('%s', (_, measured, up, down, bars, reason) => {
    const told = { uplink: up === null ? null : way(up), downlink: down === null ? null : way(down) };
    expect(ownQuality(true, measured, told)).toMatchObject({ bars, reason });
    expect(ownQuality(false, measured, told)).toMatchObject({ bars: 0, reason: 'lost' });
  });

  it('scores of the server are bars, none of them "not connected"', () => {
    expect([0, 1, 2, 3, 4, 5].map(barsOfScore)).toEqual([1, 1, 2, 3, 4, 4]);
  });
});
