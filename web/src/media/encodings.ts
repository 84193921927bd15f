/**
 * How each source is sent. VP8 for everybody: domestic browsers as old as Chrome 87 and web views decode it, in hardware or not. H.264
 * only where a browser cannot send VP8.
 *
 * Cameras in up to three layers, each half as wide as the next: tiles of a full page, of a few people, and the large picture. The server
 * chooses per viewer and says when a layer is not wanted by anybody (`activeUpTo`); nothing is negotiated again for that.
 */

import type { types } from 'mediasoup-client';

export type Source = 'microphone' | 'camera' | 'screen' | 'screenAudio';

export interface Sending {
  encodings?: types.RtpEncodingParameters[];
  codecOptions?: types.ProducerCodecOptions;
  codec?: types.RtpCodecCapability;
}

export interface PictureSize {
  width?: number;
  height?: number;
}

/**
 * Layers by the size of what the camera gives, smallest first: how much smaller, and bit/s for a talking head in VP8. libwebrtc drops the
 * largest – not the smallest – of more layers than its own table allows for a size (3 from 960×540, 2 from 480×270), so none more are asked for.
 */
const CAMERA_LAYERS: readonly (readonly [pixels: number, layers: readonly (readonly [smaller: number, bitrate: number])[]])[] = [
  [1280 * 720, [[4, 150_000], [2, 500_000], [1, 1_500_000]]],
  [960 * 540, [[4, 90_000], [2, 300_000], [1, 900_000]]],
  [480 * 270, [[2, 150_000], [1, 600_000]]],
  [0, [[1, 200_000]]],
];
/** Text has to stay sharp: the small layer is for slow paths and phones, the full one has the size of the screen. */
const SCREEN_LAYERS = [[2, 400_000], [1, 2_000_000]] as const;
const START_KBPS = { camera: 300, screen: 800 } as const;

/** `single`: one layer, for a browser that could not do several. */
export function sendingOf(source: Source, capabilities: types.RtpCapabilities, size: PictureSize = {}, single = false): Sending {
  if (source === 'microphone') {
    // DTX: a silent member costs two packets a second instead of fifty. FEC: one lost packet is not heard. Mono voice at 32 kb/s.
    return { codecOptions: { opusStereo: false, opusFec: true, opusDtx: true, opusMaxAverageBitrate: 32_000 } };
  }
  if (source === 'screenAudio') return { codecOptions: { opusStereo: true, opusFec: true, opusDtx: false } };
  const codec = videoCodec(capabilities);
  const layers = source === 'camera' ? cameraLayers(size) : SCREEN_LAYERS;
  const alone = single || codec?.mimeType.toLowerCase() !== 'video/vp8';
  const encodings = (alone ? layers.slice(-1) : layers).map(([smaller, maxBitrate]) => ({ scaleResolutionDownBy: smaller, maxBitrate }));
  return { encodings, codecOptions: { videoGoogleStartBitrate: START_KBPS[source] }, ...(codec ? { codec } : {}) };
}

function cameraLayers({ width = 640, height = 360 }: PictureSize): readonly (readonly [number, number])[] {
  return CAMERA_LAYERS.find(([least]) => width * height >= least)?.[1] ?? [];
}

function videoCodec(capabilities: types.RtpCapabilities): types.RtpCodecCapability | undefined {
  const named = (mimeType: string) => capabilities.codecs?.find((codec) => codec.mimeType.toLowerCase() === mimeType);
  return named('video/vp8') ?? named('video/h264');
}

/**
 * Let a sender go on with the layers up to `highest` and stop the others, −1 all of them. Asked of the sender itself, because
 * mediasoup-client's setMaxSpatialLayer cannot say "none" and passes over what it takes for unchanged.
 */
export async function activeUpTo(sender: RTCRtpSender, highest: number): Promise<void> {
  const parameters = sender.getParameters();
  const changed = parameters.encodings?.filter((encoding, layer) => (encoding.active ?? true) !== layer <= highest) ?? [];
  if (changed.length === 0) return;
  parameters.encodings.forEach((encoding, layer) => (encoding.active = layer <= highest));
  await sender.setParameters(parameters);
}
