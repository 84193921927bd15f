import { describe, expect, it } from 'vitest';
import { browserOf, isTooOld } from './browsers';
import { between, lookAt, type Stat } from './look';
import { asText, fileName, reportOf, type Words } from './report';
import { begun, STEPS, verdictOf, withOutcome, type Result, type StepName, type StepState } from './steps';

function results(states: Partial<Record<StepName, StepState>>, rest: StepState = 'good'): Result[] {
  return begun().map((result) => ({ ...result, state: states[result.step] ?? rest, code: 'good' }));
}

describe('the verdict over all steps', () => {
  it.each([
    ['everything works', {}, 'good'],
    ['without a relay', { turn: 'skipped' }, 'good'],
    ['TCP closed, UDP open', { tcp: 'care' }, 'good'],
    ['UDP closed, TCP open', { udp: 'bad' }, 'care'],
    ['no way opens', { udp: 'bad', tcp: 'bad', turn: 'skipped' }, 'bad'],
    ['no microphone', { microphone: 'care' }, 'care'],
    ['nothing came back', { loopback: 'bad' }, 'bad'],
    ['no WebSocket', { websocket: 'bad', udp: 'skipped', tcp: 'skipped', turn: 'skipped', loopback: 'skipped', network: 'skipped' }, 'bad'],
    ['a stranger', { udp: 'skipped', tcp: 'skipped', turn: 'skipped', loopback: 'skipped', network: 'skipped' }, 'good'],
    ['the loudspeaker was not heard', { speaker: 'care' }, 'care'],
    ['the loudspeaker is still asked for', { speaker: 'asked' }, 'good'],
    ['slow network', { network: 'bad' }, 'care'],
    ['still running', { network: 'running' }, 'unfinished'],
  ] as const)('%s', (_, states, verdict) => {
    expect(verdictOf(results(states))).toBe(verdict);
  });

  it('changes with one step only', () => {
    const changed = withOutcome(begun(), 'udp', { state: 'good' });
    expect(changed.filter(({ state }) => state === 'good').map(({ step }) => step)).toEqual(['udp']);
  });
});

describe('the browser', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
      'Chrome 120 Windows',
      false,
    ],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/121.0',
      'Edge 121 Windows',
      false,
    ],
    [
      'Mozilla/5.0 (Linux; Android 10) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0 Mobile Safari/537.36 MicroMessenger/8.0',
      'WeChat 8 Android',
      true,
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1',
      'Safari 17 iOS',
      false,
    ],
    [
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605.1 (KHTML, like Gecko) Version/13.1 Safari/605.1',
      'Safari 13 macOS',
      true,
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Firefox 128 Linux', false],
    ['Mozilla/5.0 (Windows NT 6.1; rv:102.0) Gecko/20100101 Firefox/102.0', 'Firefox 102 Windows', true],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) FxiOS/60.0 Mobile/15E148 Safari/605.1',
      'Firefox 60 iOS',
      false,
    ],
    ['something else', 'other 0 other', false],
  ])('%s', (userAgent, told, old) => {
    const { name, version, system } = browserOf(userAgent);
    expect([`${name} ${version} ${system}`, isTooOld(userAgent)]).toEqual([told, old]);
  });
});

describe('figures between two looks', () => {
  const stats = (count: number): Stat[] => [
    { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.04, availableOutgoingBitrate: 1_500_000 },
    { type: 'candidate-pair', nominated: false, currentRoundTripTime: 9 },
    { type: 'outbound-rtp', kind: 'video', bytesSent: 50_000 * count, framesEncoded: 20 * count, totalEncodeTime: 0.1 * count },
    { type: 'outbound-rtp', kind: 'audio', bytesSent: 4_000 * count },
    { type: 'remote-inbound-rtp', fractionLost: 0.03 },
    { type: 'inbound-rtp', kind: 'audio', bytesReceived: 4_000 * count, packetsReceived: 50 * count, packetsLost: 0, jitter: 0.004 },
    {
      type: 'inbound-rtp',
      kind: 'video',
      bytesReceived: 46_000 * count,
      packetsReceived: 45 * count,
      packetsLost: 5 * count,
      jitter: 0.012,
      framesDecoded: 19 * count,
      frameHeight: 360,
      totalDecodeTime: 0.038 * count,
      jitterBufferDelay: 0.95 * count,
      jitterBufferEmittedCount: 19 * count,
    },
  ];

  it('are rates and shares of what happened meanwhile', () => {
    expect(between(lookAt(10, stats(1)), lookAt(12, stats(3)))).toEqual({
      roundTripMs: 40,
      pictureDelayMs: 97, // 40 there and back, 5 to encode, 2 to decode, 50 in the buffer
      uplinkKbps: 432,
      downlinkKbps: 400,
      uplinkLoss: 0.03,
      downlinkLoss: 0.05,
      jitterMs: 12,
      framesPerSecond: 19,
      frameHeight: 360,
      availableKbps: 1500,
    });
  });

  it('say nothing where nothing came', () => {
    const figures = between(lookAt(10, []), lookAt(12, []));
    expect([figures.roundTripMs, figures.pictureDelayMs, figures.downlinkLoss, figures.framesPerSecond]).toEqual([null, null, null, 0]);
  });
});

describe('the report', () => {
  const words: Words = {
    title: 'Branchline',
    verdict: (verdict) => `verdict ${verdict}`,
    step: (step) => step.toUpperCase(),
    state: (state) => state,
    sentence: ({ code }) => `says ${code}`,
    figure: (name) => name,
  };
  const one = withOutcome(results({ udp: 'care' }), 'udp', { figures: { opened: 120 }, milliseconds: 150 });
  const report = reportOf(one, words, new Date('2026-03-01T08:05:09Z'), '0.1.0', { name: 'Chrome', version: 120, system: 'Windows' });

  it('has each step once and nothing that names a person or a machine', () => {
    expect(report.steps.map(({ step }) => step)).toEqual([...STEPS]);
    expect(Object.keys(report).sort()).toEqual(['at', 'browser', 'kind', 'steps', 'verdict', 'version']);
    expect(Object.keys(report.steps[0] ?? {}).sort()).toEqual(['code', 'figures', 'milliseconds', 'says', 'state', 'step']);
  });

  it('is readable as text', () => {
    const text = asText(report, words);
    expect(text).toContain('Chrome 120 · Windows · 0.1.0');
    expect(text).toContain('[care] UDP (150 ms)\n    says good\n    opened: 120');
    expect(fileName(report, 'txt')).toBe('branchline-test-20260301-0805.txt');
  });
});
