/**
 * How each source is sent. VP8 for everybody: domestic browsers as old as Chrome 87 and web views decode it, in hardware or not.
 *
 * One layer today. `cameraEncodings` is the one place where three layers (rid q, h, f) will be listed once the server chooses among
 * them; nothing else in the client knows how many there are.
 */

import type { types } from 'mediasoup-client';

export type Source = 'microphone' | 'camera' | 'screen' | 'screenAudio';

export interface Sending {
  encodings?: types.RtpEncodingParameters[];
  codecOptions?: types.ProducerCodecOptions;
  codec?: types.RtpCodecCapability;
}

export const CAMERA_MAX_BITRATE = 600_000;
export const SCREEN_MAX_BITRATE = 1_500_000;

export function sendingOf(source: Source, capabilities: types.RtpCapabilities): Sending {
  if (source === 'microphone') {
    // DTX: a silent member costs two packets a second instead of fifty. FEC: one lost packet is not heard. Mono voice at 32 kb/s.
    return { codecOptions: { opusStereo: false, opusFec: true, opusDtx: true, opusMaxAverageBitrate: 32_000 } };
  }
  if (source === 'screenAudio') return { codecOptions: { opusStereo: true, opusFec: true, opusDtx: false } };
  return withCodec({ ...(source === 'camera' ? cameraEncodings() : screenEncodings()) }, capabilities);
}

function cameraEncodings(): Sending {
  return { encodings: [{ maxBitrate: CAMERA_MAX_BITRATE }], codecOptions: { videoGoogleStartBitrate: 300 } };
}

function screenEncodings(): Sending {
  return { encodings: [{ maxBitrate: SCREEN_MAX_BITRATE }], codecOptions: { videoGoogleStartBitrate: 800 } };
}

function withCodec(sending: Sending, capabilities: types.RtpCapabilities): Sending {
  const vp8 = capabilities.codecs?.find((codec) => codec.mimeType.toLowerCase() === 'video/vp8');
  return vp8 ? { ...sending, codec: vp8 } : sending;
}
