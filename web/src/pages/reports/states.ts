import type { ReportDutyName, ReportStateName } from '../../api/types.gen';

export const TONES: Record<ReportStateName, 'good' | 'care' | 'bad' | 'quiet'> = {
  draft: 'quiet',
  handedIn: 'quiet',
  returned: 'care',
  answered: 'good',
};

export const DUTY_TONES: Record<ReportDutyName, 'good' | 'care' | 'bad' | 'quiet'> = {
  later: 'quiet',
  soon: 'care',
  overdue: 'bad',
  escalated: 'bad',
};
