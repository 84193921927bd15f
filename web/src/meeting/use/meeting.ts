/**
 * One stay in one meeting, for the screens: the room as a snapshot, the session's state, and what one may do.
 *
 * Wires the session (media/) to the reducer (room.ts). It decides nothing about rights – the server does – and draws nothing.
 */

import { computed, onScopeDispose, shallowReactive, shallowRef, type ComputedRef, type ShallowRef } from 'vue';
import { Emitter } from '../../media/emitter';
import { keepAwake, watchDeparture, watchNetwork, watchVisibility } from '../../media/lifecycle';
import type { LinkState } from '../../media/link';
import type { Counters, JoinRequest, LayerReason, Scores, Speaking } from '../../media/protocol';
import type { OwnQuality } from '../../media/quality';
import { Session, type SessionState } from '../../media/session';
import { connectSocket } from '../../media/signalling';
import { takeEvent, takeSnapshot, type ToldEvent } from '../intake';
import { me, ownPeer } from '../people';
import type { Happening, Participant, Peer, Snapshot } from '../room';

/** An event with the room before and after it: what toasts, announcements and own consequences are made from. */
export interface Step {
  what: Happening;
  before: Snapshot;
  after: Snapshot;
}

export interface Meeting {
  session: Session;
  state: ShallowRef<SessionState>;
  room: ShallowRef<Snapshot | null>;
  self: ComputedRef<Participant | null>;
  peer: ComputedRef<Peer | null>;
  counters: ShallowRef<Counters | null>;
  /** memberId → everybody's counters; filled for moderators. */
  roomCounters: ShallowRef<Map<string, Counters>>;
  dominant: ShallowRef<string | null>;
  speaking: ShallowRef<Speaking>;
  media: ShallowRef<LinkState | null>;
  quality: ShallowRef<OwnQuality | null>;
  /** memberId → how well others are connected, as far as this viewer is told. */
  qualities: Map<string, Scores>;
  /** producerId → why a picture that is wanted does not come; absent: it comes. */
  paused: Map<string, LayerReason>;
  /** producerId → what is received now. */
  tracks: Map<string, MediaStreamTrack>;
  hidden: ShallowRef<boolean>;
  steps: Emitter<{ step: Step }>;
  /** The server's clock in epoch seconds. */
  serverNow(): number;
}

const SILENCE: Speaking = { levels: {} };

export function useMeeting(request: JoinRequest): Meeting {
  const session = new Session(request, { connect: connectSocket, random: Math.random, now: () => Date.now() / 1000 });
  const state = shallowRef<SessionState>({ name: 'connecting' });
  const room = shallowRef<Snapshot | null>(null);
  const counters = shallowRef<Counters | null>(null);
  const roomCounters = shallowRef(new Map<string, Counters>());
  const dominant = shallowRef<string | null>(null);
  const speaking = shallowRef<Speaking>(SILENCE);
  const media = shallowRef<LinkState | null>(null);
  const quality = shallowRef<OwnQuality | null>(null);
  const qualities = shallowReactive(new Map<string, Scores>());
  const paused = shallowReactive(new Map<string, LayerReason>());
  const hidden = shallowRef(document.visibilityState === 'hidden');
  const tracks = shallowReactive(new Map<string, MediaStreamTrack>());
  const steps = new Emitter<{ step: Step }>();
  let offset = 0;

  function take(event: ToldEvent): void {
    const before = room.value;
    const taken = takeEvent(before, event);
    room.value = taken.room;
    if (taken.what && before && taken.room) steps.emit('step', { what: taken.what, before, after: taken.room });
    if (taken.missing) void session.refresh();
  }

  session.events.on('state', (next) => (state.value = next));
  session.events.on('snapshot', (fresh) => (room.value = takeSnapshot(room.value, fresh as Snapshot)));
  session.events.on('events', (message) => (message as { events: ToldEvent[] }).events.forEach(take));
  session.events.on('counters', (message) => (counters.value = message));
  session.events.on('roomCounters', (message) => (roomCounters.value = new Map(message.counters.map((line) => [line.memberId, line]))));
  session.events.on('dominantSpeaker', (message) => (dominant.value = message.memberId));
  session.events.on('speaking', (message) => (speaking.value = message));
  session.events.on('media', (next) => (media.value = next));
  session.events.on('quality', (found) => (quality.value = found));
  session.events.on('qualities', ({ members }) => Object.entries(members).forEach(([memberId, scores]) => qualities.set(memberId, scores)));
  session.events.on('layer', ({ producerId, layer, reason }) => (layer < 0 ? paused.set(producerId, reason) : paused.delete(producerId)));
  session.events.on('clock', (seconds) => (offset = seconds));
  session.subscriber.events.on('track', ({ producerId, track }) => {
    if (track) tracks.set(producerId, track);
    else tracks.delete(producerId);
    if (!track) paused.delete(producerId);
  });

  const stops = [
    watchVisibility((now) => {
      hidden.value = now;
      if (!now) session.hurry();
    }),
    watchNetwork((changed) => (changed ? session.networkChanged() : session.hurry())),
    watchDeparture(() => session.depart()),
    keepAwake(),
  ];
  onScopeDispose(() => {
    stops.forEach((stop) => stop());
    session.depart();
  });

  return {
    session,
    state,
    room,
    self: computed(() => (room.value ? me(room.value) : null)),
    peer: computed(() => (room.value ? ownPeer(room.value) : null)),
    counters,
    roomCounters,
    dominant,
    speaking,
    media,
    quality,
    qualities,
    paused,
    tracks,
    hidden,
    steps,
    serverNow: () => Date.now() / 1000 + offset,
  };
}
