/**
 * Voices that carry their own past (RED, RFC 2198): each packet of the microphone holds the one before again, so that a single loss on the
 * way to the server mends without a round trip. Chromium does so where `audio/red` stands before Opus in what the other end answers;
 * mediasoup-client answers one codec, so the answer is completed here. Firefox and Safari offer none, and nothing is changed.
 *
 * It decides which voices are protected. It must never know rooms or what a producer is for: a voice is what is sent with DTX, which music
 * (the sound of a shared screen) is not.
 */

import type { types } from 'mediasoup-client';

/** Payload types of one media section, as this browser numbers them. */
export interface Redundant {
  red: number;
  opus: number;
}

interface Section {
  lines: string[];
  mid: string;
}

interface Slow {
  connection?: { saveData?: boolean; effectiveType?: string };
}

/** Twice the voice is 35 kb/s more: too much for a path of the second generation, and not asked for by who saves. */
export function isNarrow(browser: Slow = navigator as Slow): boolean {
  const connection = browser.connection;
  return connection?.saveData === true || connection?.effectiveType === 'slow-2g' || connection?.effectiveType === '2g';
}

/** The answer with redundancy before the codec of every voice that was offered with it; and for which `mid`s. */
export function withRedundancy(answer: string, offer: string): { sdp: string; voices: Map<string, Redundant> } {
  const voices = new Map<string, Redundant>();
  const offered = new Map(sections(offer).map((section) => [section.mid, section]));
  const completed = sections(answer).map((section) => {
    const types = redundantOf(offered.get(section.mid), section);
    if (!types) return section.lines;
    voices.set(section.mid, types);
    return complete(section.lines, types);
  });
  return { sdp: completed.flat().join('\r\n'), voices };
}

/** Media sections in their order; what stands before the first has no `mid`. */
function sections(sdp: string): Section[] {
  const found: Section[] = [{ lines: [], mid: '' }];
  for (const line of sdp.split('\r\n')) {
    if (line.startsWith('m=')) found.push({ lines: [], mid: '' });
    const section = found[found.length - 1] as Section;
    section.lines.push(line);
    if (line.startsWith('a=mid:')) section.mid = line.slice('a=mid:'.length);
  }
  return found;
}

function redundantOf(offered: Section | undefined, { lines, mid }: Section): Redundant | null {
  const opus = typeOf(lines, 'opus');
  if (!offered || mid === '' || !lines[0]?.startsWith('m=audio ') || opus === null || typeOf(lines, 'red') !== null) return null;
  const red = typeOf(offered.lines, 'red');
  if (red === null || !offered.lines.includes(`a=fmtp:${red} ${opus}/${opus}`)) return null;
  return lines.some((line) => line.startsWith(`a=fmtp:${opus} `) && /[ ;]usedtx=1(;|$)/.test(line)) ? { red, opus } : null;
}

function typeOf(lines: readonly string[], codec: 'opus' | 'red'): number | null {
  const line = lines.find((one) => one.startsWith('a=rtpmap:') && one.toLowerCase().endsWith(` ${codec}/48000/2`));
  return line ? Number(line.slice('a=rtpmap:'.length).split(' ')[0]) : null;
}

function complete([head = '', ...rest]: string[], { red, opus }: Redundant): string[] {
  const [kind, port, protocol, ...types] = head.split(' ');
  const at = rest.findIndex((line) => line.startsWith('a=rtpmap:'));
  const codec = [`a=rtpmap:${red} red/48000/2`, `a=fmtp:${red} ${opus}/${opus}`];
  return [[kind, port, protocol, String(red), ...types].join(' '), ...rest.slice(0, at), ...codec, ...rest.slice(at)];
}

/** The parameters that are told to the server, with what `withRedundancy` has added. */
export function tellRedundancy(parameters: types.RtpParameters, types: Redundant): types.RtpParameters {
  const red = { mimeType: 'audio/red', payloadType: types.red, clockRate: 48_000, channels: 2, parameters: {}, rtcpFeedback: [] };
  return { ...parameters, codecs: [red, ...parameters.codecs] };
}

/** Completes every answer that a sending transport is given. `of`: what is sent redundantly in a media section. */
export class Redundancy {
  #voices = new Map<string, Redundant>();

  constructor(transport: types.Transport, capabilities: types.RtpCapabilities) {
    const connection = connectionOf(transport);
    const known = capabilities.codecs?.some((codec) => codec.mimeType.toLowerCase() === 'audio/red');
    if (connection && known && !isNarrow()) this.#complete(connection);
  }

  of(mid: string | undefined): Redundant | undefined {
    return mid === undefined ? undefined : this.#voices.get(mid);
  }

  #complete(connection: RTCPeerConnection): void {
    const answered = connection.setRemoteDescription.bind(connection);
    connection.setRemoteDescription = async (description: RTCSessionDescriptionInit) => {
      const offer = connection.localDescription?.sdp;
      if (description.type !== 'answer' || !description.sdp || !offer) return answered(description);
      const { sdp, voices } = withRedundancy(description.sdp, offer);
      await answered({ type: 'answer', sdp });
      this.#voices = voices;
    };
  }
}

/** mediasoup-client keeps its connection to itself; without it voices are sent as they are. */
function connectionOf(transport: types.Transport): RTCPeerConnection | undefined {
  return (transport.handler as unknown as { _pc?: RTCPeerConnection } | undefined)?._pc;
}
