/** Which steps a page offers to whom: by the rights the server named and the state. The server has the last word. Pure. */

import type { RouteLocationRaw } from 'vue-router';
import type { RegistrationView } from '../../api/types.gen';
import type { StepName } from './steps';
import { isOpen } from './words';

export interface Offers {
  first: StepName[];
  more: StepName[];
  labels: Record<StepName, string>;
  transfer: RouteLocationRaw | null;
  /** The member's page, and there the assigned work: for the home branch, and for the host while the member floats there. */
  member: boolean;
}

const LABELS: Record<StepName, string> = {
  host: 'chooseHost',
  takeIn: 'takeIn',
  whereabouts: 'whereabouts',
  return: 'comeBack',
  close: 'close',
  liaison: 'setLiaison',
  contact: 'addContact',
  search: 'beginSearch',
  suspension: 'suspension',
  evaluation: 'evaluate',
  revoke: 'revoke',
};

export const NOTHING: Offers = { first: [], more: [], labels: LABELS, transfer: null, member: false };

/** The step that leads on comes first; what is done seldom stands below. */
export function offered(one: RegistrationView): Offers {
  const offers: Offers = { first: [], more: [], labels: LABELS, transfer: null, member: false };
  const can = (right: string) => one.can.includes(right);
  offers.member = can('manageRegistration') || (can('evaluateGuest') && one.state === 'reportedIn');
  if (!isOpen(one)) return offers;
  const before = one.state !== 'reportedIn';
  if (can('reportIn') && before) offers.first.push('takeIn');
  if (can('manageRegistration')) {
    if (before) offers[one.state === 'departed' ? 'first' : 'more'].push('host');
    offers[one.liaisonMemberId ? 'more' : 'first'].push('liaison');
    offers.more.push('whereabouts', 'return');
    if (before) offers.more.push('close');
    offers.more.push(one.search ? 'suspension' : 'search');
    offers.transfer = {
      name: 'newTransfer',
      query: { memberId: one.memberId, name: one.name, to: one.host?.orgId ?? '', reason: one.destination.name },
    };
  } else if (can('declareWhereabouts')) {
    offers.more.push('whereabouts');
    if (can('recordReturn')) offers.more.push('return');
  }
  return offers;
}
