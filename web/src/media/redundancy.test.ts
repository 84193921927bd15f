import type { types } from 'mediasoup-client';
import { describe, expect, it } from 'vitest';
import { isNarrow, Redundancy, tellRedundancy, withRedundancy } from './redundancy';

const lines = (...some: string[]) => some.join('\r\n');
const OFFER = lines(
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9',
  'a=mid:0',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'm=video 9 UDP/TLS/RTP/SAVPF 96',
  'a=mid:1',
  'a=rtpmap:96 VP8/90000',
  '',
);
const answer = (fmtp: string) =>
  lines('v=0', 'm=audio 7 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', `a=fmtp:111 ${fmtp}`, 'm=video 7 UDP/TLS/RTP/SAVPF 96', 'a=mid:1', 'a=rtpmap:96 VP8/90000', '');
const VOICE = 'stereo=0;useinbandfec=1;usedtx=1';

describe('redundancy of voices', () => {
  it('stands before the codec of a voice, and nothing else changes', () => {
    const { sdp, voices } = withRedundancy(answer(VOICE), OFFER);
    expect(sdp).toBe(
      lines(
        'v=0',
        'm=audio 7 UDP/TLS/RTP/SAVPF 63 111',
        'a=mid:0',
        'a=rtpmap:63 red/48000/2',
        'a=fmtp:63 111/111',
        'a=rtpmap:111 opus/48000/2',
        `a=fmtp:111 ${VOICE}`,
        'm=video 7 UDP/TLS/RTP/SAVPF 96',
        'a=mid:1',
        'a=rtpmap:96 VP8/90000',
        '',
      ),
    );
    expect([...voices]).toEqual([['0', { red: 63, opus: 111 }]]);
    expect(withRedundancy(sdp, OFFER).sdp).toBe(sdp);
  });

  it.each([
    ['music', answer('stereo=1;usedtx=0'), OFFER],
    ['a browser that offers none', answer(VOICE), OFFER.replace('red/48000/2', 'CN/48000')],
    ['redundancy of something else', answer(VOICE), OFFER.replace('111/111', '110/110')],
    ['a section that was not offered', answer(VOICE), OFFER.replace('a=mid:0', 'a=mid:7')],
    ['a section that is closed', answer(VOICE).replace('a=rtpmap:111 opus/48000/2\r\n', ''), OFFER],
  ])('leaves %s as it is', (_, answered, offered) => {
    const { sdp, voices } = withRedundancy(answered, offered);
    expect(sdp).toBe(answered);
    expect(voices.size).toBe(0);
  });

  it('is told to the server as the first codec', () => {
    const opus = { mimeType: 'audio/opus', payloadType: 111, clockRate: 48_000, channels: 2 };
    const told = tellRedundancy({ mid: '0', codecs: [opus], encodings: [{ ssrc: 1 }] }, { red: 63, opus: 111 });
    expect(told.codecs.map(({ mimeType, payloadType }) => [mimeType, payloadType])).toEqual([
      ['audio/red', 63],
      ['audio/opus', 111],
    ]);
  });

  it.each([
    [{}, false],
    [{ connection: { effectiveType: '4g' } }, false],
    [{ connection: { effectiveType: '2g' } }, true],
    [{ connection: { effectiveType: '4g', saveData: true } }, true],
  ])('a browser that says %o is narrow: %s', (browser, narrow) => {
    expect(isNarrow(browser)).toBe(narrow);
  });

  it('completes what the connection is answered, for a server that knows it', async () => {
    const given: string[] = [];
    const connection = { localDescription: { sdp: OFFER }, setRemoteDescription: async ({ sdp }: { sdp: string }) => void given.push(sdp) };
    const transport = { handler: { _pc: connection } } as unknown as types.Transport;
    const codec = (mimeType: string) => ({ codecs: [{ kind: 'audio', mimeType, clockRate: 48_000 }] }) as types.RtpCapabilities;
    const without = new Redundancy(transport, codec('audio/opus'));
    await connection.setRemoteDescription({ type: 'answer', sdp: answer(VOICE) } as never);
    const known = new Redundancy(transport, codec('audio/red'));
    await connection.setRemoteDescription({ type: 'answer', sdp: answer(VOICE) } as never);
    expect(given.map((sdp) => sdp.includes('SAVPF 63 111'))).toEqual([false, true]);
    expect([without.of('0'), known.of('0'), known.of('1'), known.of(undefined)]).toEqual([undefined, { red: 63, opus: 111 }, undefined, undefined]);
    expect(new Redundancy({ handler: undefined } as unknown as types.Transport, codec('audio/red')).of('0')).toBeUndefined();
  });
});
