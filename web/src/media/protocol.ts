/**
 * The names of the messages, in one place, and the shapes the media part needs of them. Shapes of requests and answers are those of
 * the server's schemas (see ../types); mediasoup's own shapes come from mediasoup-client.
 */

import type { types } from 'mediasoup-client';
import type { ConsumerLayer } from '../api/types.gen';

export const Request = {
  join: 'join',
  leave: 'leave',
  alive: 'alive',
  resync: 'resync',
  createTransport: 'createTransport',
  connectTransport: 'connectTransport',
  restartIce: 'restartIce',
  produce: 'produce',
  pauseProducer: 'pauseProducer',
  resumeProducer: 'resumeProducer',
  closeProducer: 'closeProducer',
  consume: 'consume',
  pauseConsumer: 'pauseConsumer',
  resumeConsumer: 'resumeConsumer',
  closeConsumer: 'closeConsumer',
  setWishes: 'setWishes',
} as const;

/** What the server sends by itself. */
export const Message = {
  events: 'events',
  snapshot: 'snapshot',
  left: 'left',
  counters: 'counters',
  roomCounters: 'roomCounters',
  speaking: 'speaking',
  dominantSpeaker: 'dominantSpeaker',
  layersWanted: 'layersWanted',
  consumerLayer: 'consumerLayer',
  quality: 'quality',
  qualities: 'qualities',
  addressMoved: 'addressMoved',
  mediaRestarted: 'mediaRestarted',
} as const;

/** Why a stay is over, or the server let go of this peer. */
export type Parting = 'left' | 'connectionLost' | 'replaced' | 'removed' | 'refused' | 'meetingEnded' | 'serverStopped';

/** The one field of a snapshot the media part looks at: inside means media may flow. */
export type Place = 'moderator' | 'inside' | 'door' | 'outside';

export interface TransportAnswer {
  id: string;
  iceParameters: types.IceParameters;
  iceCandidates: types.IceCandidate[];
  dtlsParameters: types.DtlsParameters;
}

export interface ConsumedAnswer {
  consumerId: string;
  producerId: string;
  kind: types.MediaKind;
  rtpParameters: types.RtpParameters;
  producerPaused: boolean;
}

export interface Counters {
  memberId: string;
  presentSeconds: number;
  speakingSeconds: number;
  sessionSeconds: number;
  speakingNow: boolean;
}

/** Member → loudness 0..1 of those audible now. */
export interface Speaking {
  levels: Record<string, number>;
}

export type { ConsumerLayer, LayersWanted, Scores } from '../api/types.gen';
/** `path`: what gets through; `tile`: what is sent; `hidden`: not on the page; `quiet`: not among the last N. */
export type LayerReason = ConsumerLayer['reason'];

export interface JoinRequest {
  meetingId: string;
  deviceId: string;
  device: 'phone' | 'desktop';
  noticeVersion: string;
}

export interface IceServerAnswer {
  urls: string[];
  username?: string | null;
  credential?: string | null;
}

/** Everything is gone, or what is received (`recv`); make it anew. */
export interface MediaRestarted {
  routerRtpCapabilities: types.RtpCapabilities | null;
  direction?: 'recv' | null;
}

/** `snapshot` is opaque here: the media part knows packets, the meeting part knows people. */
export interface JoinedAnswer {
  state: 'joined' | 'waiting' | 'elsewhere';
  peerId: string | null;
  resume: string | null;
  node: string | null;
  snapshot: unknown;
  routerRtpCapabilities: types.RtpCapabilities | null;
  iceServers: IceServerAnswer[];
  serverNow: number;
}
