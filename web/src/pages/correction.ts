/** A correction while it is being written. Minutes in the form, seconds on the wire. Pure. */

import type { Correct, GradeName } from '../api/types.gen';

export interface CorrectionDraft {
  field: Correct['field'];
  minutes: string;
  grade: GradeName;
  excused: boolean;
  reason: string;
}

export const FIELDS: Correct['field'][] = ['grade', 'presentSeconds', 'speakingSeconds', 'excused'];
export const GRADES: GradeName[] = ['present', 'partlyPresent', 'absent', 'excused', 'exempt'];

/** "12.5" and "12,5" are twelve and a half minutes; anything else that is not a number ≥ 0 is null. */
export function secondsOf(minutes: string): number | null {
  const text = minutes.trim().replace(',', '.');
  return /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 60) : null;
}

const timed = (draft: CorrectionDraft) => draft.field === 'presentSeconds' || draft.field === 'speakingSeconds';

export function wrongWith(draft: CorrectionDraft): { minutes?: string; reason?: string } {
  const wrong: { minutes?: string; reason?: string } = {};
  if (timed(draft) && secondsOf(draft.minutes) === null) wrong.minutes = 'sheet.minutesWrong';
  if (draft.reason.trim().length < 2) wrong.reason = 'sheet.reasonMissing';
  return wrong;
}

/** `objectionId`: the accepted objection that the correction answers. */
export function correctionOf(draft: CorrectionDraft, memberId: string, objectionId: string | null = null): Correct {
  const value = timed(draft) ? (secondsOf(draft.minutes) ?? 0) : draft.field === 'excused' ? draft.excused : draft.grade;
  return { memberId, field: draft.field, value, reason: draft.reason.trim(), objectionId };
}
