/** Where to, while it is being chosen: a committee and branch of the installation, or an organisation outside in words. Pure. */

import type { Whither } from '../../api/types.gen';

export interface WhitherDraft {
  outside: boolean;
  committeeId: string;
  branchId: string;
  outsideName: string;
  outsideBranch: string;
}

export const freshWhither = (): WhitherDraft => ({ outside: false, committeeId: '', branchId: '', outsideName: '', outsideBranch: '' });

export function sent(draft: WhitherDraft): Whither {
  if (draft.outside) return { outside: draft.outsideName.trim(), outsideBranch: draft.outsideBranch.trim() };
  return { toCommitteeId: draft.committeeId || null, toBranchId: draft.branchId || null };
}

export const isNamed = (draft: WhitherDraft): boolean => (draft.outside ? draft.outsideName.trim().length > 1 : draft.committeeId !== '');
