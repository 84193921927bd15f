/**
 * Why a camera, a microphone or a screen could not be had, as a stable code a sentence can be found for.
 *
 * getUserMedia's errors: W3C Media Capture and Streams §10 (DOMException names); browsers differ in the message only, so the message
 * is looked at for one thing: whether the person, the page's policy or the operating system said no.
 */

export type CaptureProblem =
  | 'denied' // the person or a stored decision of the browser
  | 'deniedBySystem' // macOS, Windows or Android settings
  | 'dismissed' // the question was closed without an answer
  | 'notFound'
  | 'inUse'
  | 'unsuitable' // no device fits the constraints, for instance the remembered one is gone
  | 'insecure' // not https and not localhost
  | 'inAppBrowser' // WeChat, QQ …: the web view does not offer capture
  | 'unsupported'
  | 'unknown';

export interface Surroundings {
  secure: boolean;
  capture: boolean;
  userAgent: string;
}

const IN_APP = /MicroMessenger|wxwork|QQ\/|DingTalk|AlipayClient|Weibo|FBAN|FBAV|Line\//i;

export function isInAppBrowser(userAgent: string): boolean {
  return IN_APP.test(userAgent);
}

export function isWeChat(userAgent: string): boolean {
  return /MicroMessenger|wxwork/i.test(userAgent);
}

/** Without a look at any device: can this page capture at all? null: yes, ask. */
export function obstacleTo(surroundings: Surroundings): CaptureProblem | null {
  if (surroundings.capture) return null;
  if (!surroundings.secure) return 'insecure';
  return isInAppBrowser(surroundings.userAgent) ? 'inAppBrowser' : 'unsupported';
}

export function surroundings(): Surroundings {
  return {
    secure: globalThis.isSecureContext !== false,
    capture: typeof navigator.mediaDevices?.getUserMedia === 'function',
    userAgent: navigator.userAgent,
  };
}

const BY_NAME: Record<string, CaptureProblem> = {
  NotFoundError: 'notFound',
  DevicesNotFoundError: 'notFound',
  NotReadableError: 'inUse',
  TrackStartError: 'inUse',
  AbortError: 'inUse',
  OverconstrainedError: 'unsuitable',
  ConstraintNotSatisfiedError: 'unsuitable',
  SecurityError: 'denied',
  NotSupportedError: 'unsupported',
};

export function explainCapture(error: unknown, userAgent = ''): CaptureProblem {
  const { name, message } = described(error);
  if (name === 'NotAllowedError' || name === 'PermissionDeniedError') return explainDenial(message, userAgent);
  if (name === 'TypeError') return isInAppBrowser(userAgent) ? 'inAppBrowser' : 'unsupported';
  return BY_NAME[name] ?? 'unknown';
}

function explainDenial(message: string, userAgent: string): CaptureProblem {
  if (/system/i.test(message)) return 'deniedBySystem'; // Chrome: "Permission denied by system"
  if (/dismiss/i.test(message)) return 'dismissed'; // Chrome: "Permission dismissed"
  return isInAppBrowser(userAgent) ? 'inAppBrowser' : 'denied';
}

function described(error: unknown): { name: string; message: string } {
  if (typeof error !== 'object' || error === null) return { name: '', message: '' };
  const { name, message } = error as { name?: unknown; message?: unknown };
  return { name: typeof name === 'string' ? name : '', message: typeof message === 'string' ? message : '' };
}
