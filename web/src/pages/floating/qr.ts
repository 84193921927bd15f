/**
 * Reading a QR code: from the camera or from a photo. The browser's own BarcodeDetector where there is one, else jsQR, fetched only then.
 *
 * Knows nothing of what a code holds.
 */

interface Detector {
  detect(source: ImageBitmapSource): Promise<Array<{ rawValue: string }>>;
}
type DetectorKind = new (options: { formats: string[] }) => Detector;

async function ownDetector(): Promise<Detector | null> {
  const kind = (globalThis as { BarcodeDetector?: DetectorKind & { getSupportedFormats?: () => Promise<string[]> } }).BarcodeDetector;
  if (!kind) return null;
  const formats = (await kind.getSupportedFormats?.().catch(() => [])) ?? [];
  return formats.includes('qr_code') ? new kind({ formats: ['qr_code'] }) : null;
}

export type ReadFrame = (canvas: HTMLCanvasElement) => Promise<string | null>;

/** A reader of frames; made once, used for every frame. */
export async function reader(): Promise<ReadFrame> {
  const own = await ownDetector();
  if (own) return async (canvas) => (await own.detect(canvas).catch(() => []))[0]?.rawValue ?? null;
  const { default: jsQR } = await import('jsqr');
  return (canvas) => {
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context || !canvas.width || !canvas.height) return Promise.resolve(null);
    const frame = context.getImageData(0, 0, canvas.width, canvas.height);
    return Promise.resolve(jsQR(frame.data, frame.width, frame.height)?.data ?? null);
  };
}

const LARGEST = 1600; // pixels of the longer side: more only costs time

/** Draws as much of a picture as fits; the answer is the canvas. */
export function drawn(
  source: CanvasImageSource,
  width: number,
  height: number,
  into = document.createElement('canvas'),
): HTMLCanvasElement {
  const scale = Math.min(1, LARGEST / Math.max(width, height, 1));
  into.width = Math.round(width * scale);
  into.height = Math.round(height * scale);
  into.getContext('2d', { willReadFrequently: true })?.drawImage(source, 0, 0, into.width, into.height);
  return into;
}

export async function readPhoto(file: Blob): Promise<string | null> {
  const picture = new Image();
  const url = URL.createObjectURL(file);
  try {
    picture.src = url;
    await picture.decode();
    return await (
      await reader()
    )(drawn(picture, picture.naturalWidth, picture.naturalHeight));
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
