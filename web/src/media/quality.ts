/**
 * From what the browser measures to the bars a member sees (0 none … 4 good). Pure.
 *
 * Thresholds follow what ITU-T G.114 says about delay (below 150 ms one way nobody notices, above 400 ms a conversation breaks) and
 * what Opus with FEC bears (a few percent of loss are not heard, above 10 % words go missing).
 */

import type { OwnQuality as ToldQuality, WayQuality } from '../api/types.gen';

export type Bars = 0 | 1 | 2 | 3 | 4;

export interface Measured {
  /** Round trip in seconds; null when nothing was measured yet. */
  roundTrip: number | null;
  /** Share of packets lost, 0..1, since the last look; null when no packet was expected. */
  loss: number | null;
}

/** Upper bounds of round trip (s) and loss for 4, 3 and 2 bars; anything worse is 1. */
const STEPS: readonly (readonly [bars: Bars, roundTrip: number, loss: number])[] = [
  [4, 0.2, 0.02],
  [3, 0.4, 0.05],
  [2, 0.8, 0.12],
];

export function barsOf(connected: boolean, measured: Measured): Bars {
  if (!connected) return 0;
  for (const [bars, roundTrip, loss] of STEPS) {
    if ((measured.roundTrip ?? 0) <= roundTrip && (measured.loss ?? 0) <= loss) return bars;
  }
  return 1;
}

/** What the server measured of one direction, and of both; bit/s, shares, seconds. */
export type WayFigures = WayQuality;
export type Told = ToldQuality;

/** Whose doing a weak connection is, so that the sentence can say what to do. */
export type Reason = 'good' | 'uplink' | 'downlink' | 'both' | 'delay' | 'lost';

export interface OwnQuality {
  bars: Bars;
  reason: Reason;
  measured: Measured;
  told: Told;
}

/** Scores of the media plane, 0 (of no use) to 5, as bars. None is kept for "not connected". */
export function barsOfScore(score: number): Bars {
  if (score >= 4) return 4;
  return score >= 3 ? 3 : score >= 2 ? 2 : 1;
}

/** The worst of what the server says of both directions and of what the browser sees. */
export function ownQuality(connected: boolean, measured: Measured, told: Told): OwnQuality {
  const [up, down] = [told.uplink, told.downlink].map((way) => (way ? barsOfScore(way.score) : 4)) as [Bars, Bars];
  const bars = Math.min(barsOf(connected, measured), ...(connected ? [up, down] : [])) as Bars;
  return { bars, reason: reasonOf(bars, up, down, measured), measured, told };
}

function reasonOf(bars: Bars, up: Bars, down: Bars, measured: Measured): Reason {
  if (bars === 0) return 'lost';
  if (bars >= 3) return 'good';
  if (up <= 2) return down <= 2 ? 'both' : 'uplink';
  const losing = (measured.loss ?? 0) > 0.05;
  return down <= 2 || losing ? 'downlink' : 'delay';
}

export interface Totals {
  roundTrip: number | null;
  received: number;
  lost: number;
}

/** Sum the counters of one or several `RTCStatsReport`s (W3C WebRTC statistics: candidate-pair, inbound-rtp, remote-inbound-rtp). */
export function totalsOf(reports: Iterable<Iterable<Record<string, unknown>>>): Totals {
  const totals: Totals = { roundTrip: null, received: 0, lost: 0 };
  for (const report of reports) for (const entry of report) add(totals, entry);
  return totals;
}

function add(totals: Totals, entry: Record<string, unknown>): void {
  if (entry.type === 'candidate-pair' && entry.nominated === true && typeof entry.currentRoundTripTime === 'number') {
    totals.roundTrip = Math.max(totals.roundTrip ?? 0, entry.currentRoundTripTime);
  }
  if (entry.type === 'inbound-rtp') {
    totals.received += number(entry.packetsReceived);
    totals.lost += Math.max(0, number(entry.packetsLost));
  }
}

/** Between two looks. Counters that went back (a consumer was closed) count as nothing. */
export function measuredBetween(before: Totals, after: Totals): Measured {
  const received = Math.max(0, after.received - before.received);
  const lost = Math.max(0, after.lost - before.lost);
  const expected = received + lost;
  return { roundTrip: after.roundTrip, loss: expected === 0 ? null : lost / expected };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
