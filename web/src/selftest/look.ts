/**
 * From the browser's statistics of a sending and a receiving transport to a few figures (W3C WebRTC statistics identifiers). Pure.
 *
 * A `Look` is a reading of running totals; figures are what happened between two of them.
 */

export type Stat = Record<string, unknown>;

export interface Look {
  at: number;
  roundTrip: number | null;
  sent: number;
  received: number;
  packets: number;
  lost: number;
  /** Share of our packets that did not arrive, as the server reports it. */
  uplinkLoss: number | null;
  jitter: number | null;
  frames: number;
  height: number;
  framesSent: number;
  encodeSeconds: number;
  decodeSeconds: number;
  bufferSeconds: number;
  bufferedFrames: number;
  available: number | null;
  audioPackets: number;
}

const EMPTY: Omit<Look, 'at'> = {
  roundTrip: null,
  sent: 0,
  received: 0,
  packets: 0,
  lost: 0,
  uplinkLoss: null,
  jitter: null,
  frames: 0,
  height: 0,
  framesSent: 0,
  encodeSeconds: 0,
  decodeSeconds: 0,
  bufferSeconds: 0,
  bufferedFrames: 0,
  available: null,
  audioPackets: 0,
};

export function lookAt(at: number, stats: Iterable<Stat>): Look {
  const look: Look = { at, ...EMPTY };
  for (const stat of stats) READ[String(stat.type)]?.(look, stat);
  return look;
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const larger = (known: number | null, value: unknown): number | null => (typeof value === 'number' ? Math.max(known ?? 0, value) : known);

const READ: Record<string, (look: Look, stat: Stat) => void> = {
  'candidate-pair': (look, stat) => {
    if (stat.nominated !== true) return;
    look.roundTrip = larger(look.roundTrip, stat.currentRoundTripTime);
    look.available = larger(look.available, stat.availableOutgoingBitrate);
  },
  'outbound-rtp': (look, stat) => {
    look.sent += number(stat.bytesSent);
    if (stat.kind !== 'video') return;
    look.framesSent += number(stat.framesEncoded);
    look.encodeSeconds += number(stat.totalEncodeTime);
  },
  'remote-inbound-rtp': (look, stat) => {
    look.uplinkLoss = larger(look.uplinkLoss, stat.fractionLost);
  },
  'inbound-rtp': (look, stat) => {
    look.received += number(stat.bytesReceived);
    look.packets += number(stat.packetsReceived);
    look.lost += Math.max(0, number(stat.packetsLost));
    look.jitter = larger(look.jitter, stat.jitter);
    if (stat.kind === 'audio') look.audioPackets += number(stat.packetsReceived);
    if (stat.kind !== 'video') return;
    look.frames += number(stat.framesDecoded);
    look.height = Math.max(look.height, number(stat.frameHeight));
    look.decodeSeconds += number(stat.totalDecodeTime);
    look.bufferSeconds += number(stat.jitterBufferDelay);
    look.bufferedFrames += number(stat.jitterBufferEmittedCount);
  },
};

export interface Figures {
  /** Milliseconds from here to the media service and back. */
  roundTripMs: number | null;
  /** Milliseconds until one's own picture is back: encoding, the way there and back, waiting in the buffer, decoding. */
  pictureDelayMs: number | null;
  uplinkKbps: number;
  downlinkKbps: number;
  uplinkLoss: number | null;
  downlinkLoss: number | null;
  jitterMs: number | null;
  framesPerSecond: number;
  frameHeight: number;
  availableKbps: number | null;
}

export function between(before: Look, after: Look): Figures {
  const seconds = Math.max(0.001, after.at - before.at);
  const lost = Math.max(0, after.lost - before.lost);
  const expected = Math.max(0, after.packets - before.packets) + lost;
  return {
    roundTripMs: milliseconds(after.roundTrip),
    pictureDelayMs: milliseconds(delay(before, after)),
    uplinkKbps: kilobits(after.sent - before.sent, seconds),
    downlinkKbps: kilobits(after.received - before.received, seconds),
    uplinkLoss: after.uplinkLoss,
    downlinkLoss: expected === 0 ? null : lost / expected,
    jitterMs: milliseconds(after.jitter),
    framesPerSecond: Math.round(((after.frames - before.frames) / seconds) * 10) / 10,
    frameHeight: after.height,
    availableKbps: after.available === null ? null : Math.round(after.available / 1000),
  };
}

function delay(before: Look, after: Look): number | null {
  const each = (total: number, count: number) => (count > 0 ? total / count : 0);
  if (after.roundTrip === null || after.frames <= before.frames) return null;
  return (
    after.roundTrip +
    each(after.encodeSeconds - before.encodeSeconds, after.framesSent - before.framesSent) +
    each(after.decodeSeconds - before.decodeSeconds, after.frames - before.frames) +
    each(after.bufferSeconds - before.bufferSeconds, after.bufferedFrames - before.bufferedFrames)
  );
}

const milliseconds = (seconds: number | null) => (seconds === null ? null : Math.round(seconds * 1000));
const kilobits = (bytes: number, seconds: number) => Math.max(0, Math.round((bytes * 8) / seconds / 1000));
