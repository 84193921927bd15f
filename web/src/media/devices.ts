/**
 * Cameras, microphones and loudspeakers of this machine: list them, watch them, open one.
 *
 * It must never know what is published: it hands out tracks. A device id is only a wish (`ideal`): a remembered headset that stayed at
 * home must not keep anybody out of the meeting.
 */

import type { Stop } from './emitter';

export interface DeviceList {
  microphones: MediaDeviceInfo[];
  cameras: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

export const NO_DEVICES: DeviceList = { microphones: [], cameras: [], speakers: [] };

export async function listDevices(): Promise<DeviceList> {
  if (!navigator.mediaDevices?.enumerateDevices) return NO_DEVICES;
  return sortDevices(await navigator.mediaDevices.enumerateDevices());
}

/** Before permission is given browsers list one nameless entry per kind; such an entry cannot be chosen, so it is left out. */
export function sortDevices(devices: readonly MediaDeviceInfo[]): DeviceList {
  const named = devices.filter((device) => device.deviceId !== '' && device.deviceId !== 'communications');
  return {
    microphones: named.filter((device) => device.kind === 'audioinput'),
    cameras: named.filter((device) => device.kind === 'videoinput'),
    speakers: named.filter((device) => device.kind === 'audiooutput'),
  };
}

export function watchDevices(changed: (devices: DeviceList) => void): Stop {
  const devices = navigator.mediaDevices;
  if (!devices?.addEventListener) return () => undefined;
  const listener = () => void listDevices().then(changed, () => undefined);
  devices.addEventListener('devicechange', listener);
  return () => devices.removeEventListener('devicechange', listener);
}

/** One-channel voice with the browser's echo canceller; Opus at 48 kHz does the rest. */
export function microphoneConstraints(deviceId?: string): MediaTrackConstraints {
  return { ...wish(deviceId), echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: { ideal: 1 } };
}

/**
 * 640×360 at 20 frames is what a phone of 2018 encodes without getting hot, in all its layers. A computer with four processors or more
 * gives 1280×720 for the large picture; layers nobody watches are not encoded. `ideal` only: a camera that cannot do it still opens.
 */
export function cameraConstraints(deviceId?: string, strong = isStrong()): MediaTrackConstraints {
  const facing = deviceId ? {} : { facingMode: { ideal: 'user' } };
  const [width, height] = strong ? [1280, 720] : [640, 360];
  return { ...wish(deviceId), ...facing, width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: 20, max: 30 } };
}

function isStrong(): boolean {
  return !isPhone() && (navigator.hardwareConcurrency ?? 2) >= 4;
}

function wish(deviceId?: string): MediaTrackConstraints {
  return deviceId ? { deviceId: { ideal: deviceId } } : {};
}

export async function openMicrophone(deviceId?: string): Promise<MediaStreamTrack> {
  return firstTrack(await navigator.mediaDevices.getUserMedia({ audio: microphoneConstraints(deviceId) }));
}

export async function openCamera(deviceId?: string): Promise<MediaStreamTrack> {
  const track = firstTrack(await navigator.mediaDevices.getUserMedia({ video: cameraConstraints(deviceId) }));
  track.contentHint = 'motion';
  return track;
}

export interface ScreenTracks {
  video: MediaStreamTrack;
  audio: MediaStreamTrack | null;
}

/** Slides and text: few frames, full sharpness. */
export async function openScreen(): Promise<ScreenTracks> {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 10, max: 15 } }, audio: true });
  const video = stream.getVideoTracks()[0];
  if (!video) throw new DOMException('no screen track', 'NotFoundError');
  video.contentHint = 'detail';
  return { video, audio: stream.getAudioTracks()[0] ?? null };
}

export function canShareScreen(): boolean {
  return typeof navigator.mediaDevices?.getDisplayMedia === 'function' && !isPhone();
}

/** Android browsers name the method and then refuse; a phone has no place for it. */
export function isPhone(userAgent = navigator.userAgent): boolean {
  return /Android|iPhone|iPod|Mobile|HarmonyOS.*Phone|OpenHarmony/i.test(userAgent) && !/iPad|Tablet/i.test(userAgent);
}

export function canChooseSpeaker(): boolean {
  return 'setSinkId' in HTMLMediaElement.prototype;
}

function firstTrack(stream: MediaStream): MediaStreamTrack {
  const track = stream.getTracks()[0];
  if (!track) throw new DOMException('no track', 'NotFoundError');
  return track;
}
