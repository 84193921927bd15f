/** Settings of an organisation while being changed. The share is a percentage for people and a fraction on the wire. Pure. */

import type { OrgChange, OrgView } from '../api/types.gen';

export interface OrgDraft {
  name: string;
  share: string;
  endsOn: string;
  lobbyDefault: boolean;
  pointsEnabled: boolean;
  recordingRule: OrgView['recordingRule'];
  recordingDays: string;
}

const [LOWEST, HIGHEST] = [50, 100]; // as the server has them

export function draftOf(org: OrgView): OrgDraft {
  const share = org.presentShare === null ? '' : String(Math.round(org.presentShare * 1000) / 10);
  return {
    name: org.name,
    share,
    endsOn: org.endsOn ?? '',
    lobbyDefault: org.lobbyDefault,
    pointsEnabled: org.pointsEnabled,
    recordingRule: org.recordingRule,
    recordingDays: org.recordingDays === null ? '' : String(org.recordingDays),
  };
}

export function wrongWith(draft: OrgDraft): { name?: string; share?: string; days?: string } {
  const wrong: { name?: string; share?: string; days?: string } = {};
  if (!draft.name.trim()) wrong.name = 'organisations.nameMissing';
  const share = Number(draft.share.replace('%', '').trim());
  if (draft.share.trim() && !(share >= LOWEST && share <= HIGHEST)) wrong.share = 'organisations.shareWrong';
  if (draft.recordingDays.trim() && !/^[1-9]\d{0,3}$/.test(draft.recordingDays.trim())) wrong.days = 'recording.orgDaysWrong';
  return wrong;
}

export function changeOf(before: OrgDraft, now: OrgDraft): OrgChange {
  const share = now.share.replace('%', '').trim();
  return {
    ...(now.name.trim() !== before.name && { name: now.name.trim() }),
    ...(now.share !== before.share && { presentShare: share ? Number(share) / 100 : null }),
    ...(now.endsOn !== before.endsOn && { endsOn: now.endsOn || null }),
    ...(now.lobbyDefault !== before.lobbyDefault && { lobbyDefault: now.lobbyDefault }),
    ...(now.recordingRule !== before.recordingRule && { recordingRule: now.recordingRule }),
    ...(now.recordingDays.trim() !== before.recordingDays && {
      recordingDays: now.recordingDays.trim() ? Number(now.recordingDays) : null,
    }),
    ...(now.pointsEnabled !== before.pointsEnabled && { pointsEnabled: now.pointsEnabled }),
  };
}
