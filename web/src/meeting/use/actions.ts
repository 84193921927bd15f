/** What a button asks of the room. A refusal becomes a sentence on the screen; nothing is changed here, the room's events do that. */

import { useI18n } from 'vue-i18n';
import { randomId } from '../../media/identity';
import { Refused } from '../../media/refusal';
import type { Session } from '../../media/session';
import type { Toasts } from './toasts';

/** Of the sentences a member agrees to (`recording.ask`, `recording.keeps`): another wording is another version. */
export const RECORDING_TEXT = '2026-1';

export interface Actions {
  openMeeting(): Promise<boolean>;
  endMeeting(): Promise<boolean>;
  setLobby(on: boolean): Promise<boolean>;
  setLocked(on: boolean): Promise<boolean>;
  admit(memberId: string): Promise<boolean>;
  admitAll(): Promise<boolean>;
  refuseEntry(memberId: string): Promise<boolean>;
  remove(memberId: string, reason: string): Promise<boolean>;
  grantModerator(memberId: string): Promise<boolean>;
  revokeModerator(memberId: string): Promise<boolean>;
  mute(memberId: string): Promise<boolean>;
  muteAll(): Promise<boolean>;
  askUnmute(memberId: string): Promise<boolean>;
  stopShare(memberId: string): Promise<boolean>;
  raiseHand(): Promise<boolean>;
  lowerHand(): Promise<boolean>;
  lowerHandOf(memberId: string): Promise<boolean>;
  lowerAllHands(): Promise<boolean>;
  giveFloor(memberId: string): Promise<boolean>;
  withdrawFloor(): Promise<boolean>;
  say(text: string): Promise<boolean>;
  startRecording(): Promise<boolean>;
  stopRecording(): Promise<boolean>;
  agreeToRecording(): Promise<boolean>;
  declineRecording(): Promise<boolean>;
  objectToRecording(): Promise<boolean>;
}

export function useRefusalText(): (error: unknown) => string {
  const { locale, t } = useI18n();
  return (error) => {
    const said = error instanceof Refused ? error.refusal.message[locale.value === 'en' ? 'en' : 'zh'] : '';
    return said || t('meeting.trouble.unanswered');
  };
}

export function useActions(session: Session, toasts: Toasts): Actions {
  const textOf = useRefusalText();

  async function ask(name: string, payload: object = {}): Promise<boolean> {
    try {
      await session.request(name, payload);
      return true;
    } catch (error) {
      toasts.show(textOf(error), 'warning');
      return false;
    }
  }

  const about = (name: string) => (memberId: string) => ask(name, { memberId });
  const plain = (name: string) => () => ask(name);
  const switched = (name: string) => (on: boolean) => ask(name, { on });
  return {
    openMeeting: plain('openMeeting'),
    endMeeting: plain('endMeeting'),
    setLobby: switched('setLobby'),
    setLocked: switched('setLocked'),
    admit: about('admit'),
    admitAll: plain('admitAll'),
    refuseEntry: about('refuseEntry'),
    remove: (memberId, reason) => ask('remove', { memberId, reason }),
    grantModerator: about('grantModerator'),
    revokeModerator: about('revokeModerator'),
    mute: about('mute'),
    muteAll: plain('muteAll'),
    askUnmute: about('askUnmute'),
    stopShare: about('stopShare'),
    raiseHand: plain('raiseHand'),
    lowerHand: plain('lowerHand'),
    lowerHandOf: about('lowerHandOf'),
    lowerAllHands: plain('lowerAllHands'),
    giveFloor: about('giveFloor'),
    withdrawFloor: plain('withdrawFloor'),
    startRecording: plain('startRecording'),
    stopRecording: plain('stopRecording'),
    agreeToRecording: () => ask('agreeToRecording', { version: RECORDING_TEXT }),
    declineRecording: plain('declineRecording'),
    objectToRecording: plain('objectToRecording'),
    say: (text) => ask('say', { text, clientId: randomId() }),
  };
}
