/** What stands in the menu for whom. Hiding only tidies: the server refuses what is not allowed. */

import type { Me } from '../api/types.gen';
import type { IconName } from '../ui/icons';

export interface Entry {
  name: string;
  icon: IconName;
  words: string;
}

const manages = (me: Me, ...rights: Me['can']) => rights.some((right) => me.can.includes(right));

const TRANSFERS: Entry = { name: 'transfers', icon: 'transfer', words: 'shell.nav.transfers' };

/** Who is on the way into the Party is no member: reports, the own file, meetings one is asked into, and nothing of a member's life. */
const APPLICANT: Entry[] = [
  { name: 'start', icon: 'start', words: 'shell.nav.start' },
  { name: 'meetings', icon: 'calendar', words: 'shell.nav.meetings' },
  { name: 'reports', icon: 'edit', words: 'shell.nav.reports' },
  { name: 'myFile', icon: 'person', words: 'file.nav.myFile' },
  { name: 'records', icon: 'record', words: 'shell.nav.records' },
];

export function ownEntries(me: Me): Entry[] {
  if (me.applying) return APPLICANT;
  const entries: Entry[] = [
    { name: 'start', icon: 'start', words: 'shell.nav.start' },
    { name: 'meetings', icon: 'calendar', words: 'shell.nav.meetings' },
  ];
  if (me.memberId) {
    entries.push(
      { name: 'branch', icon: 'chat', words: 'shell.nav.branch' },
      { name: 'reports', icon: 'edit', words: 'shell.nav.reports' },
      { name: 'myFile', icon: 'person', words: 'file.nav.myFile' },
      { name: 'records', icon: 'record', words: 'shell.nav.records' },
      { name: 'points', icon: 'points', words: 'shell.nav.points' },
      { name: 'myDues', icon: 'check', words: 'shell.nav.myDues' },
      { name: 'away', icon: 'place', words: 'shell.nav.away' },
    );
  }
  if (me.memberId) entries.push(TRANSFERS);
  return entries;
}

export function officeEntries(me: Me): Entry[] {
  const entries: Entry[] = [];
  if (!me.memberId && manages(me, 'manageMembers', 'audit')) entries.push(TRANSFERS);
  if (manages(me, 'manageMembers', 'audit')) entries.push({ name: 'dashboard', icon: 'chart', words: 'shell.nav.dashboard' });
  // Who runs or secures the installation sees the tree, and nobody's record.
  if (manages(me, 'manageMembers', 'manageMeetings', 'importRoster', 'audit')) {
    entries.push({ name: 'members', icon: 'people', words: 'shell.nav.members' });
    entries.push({ name: 'floating', icon: 'route', words: 'shell.nav.floating' });
    if (manages(me, 'manageMembers', 'audit')) {
      entries.push({ name: 'work', icon: 'task', words: 'shell.nav.work' }, { name: 'dues', icon: 'check', words: 'shell.nav.dues' });
    }
  }
  if (manages(me, 'manageMembers', 'manageMeetings', 'importRoster', 'manageAccounts', 'manageOrganisations', 'audit')) {
    entries.push({ name: 'organisations', icon: 'tree', words: 'shell.nav.organisations' });
  }
  if (me.grants.some((grant) => grant.role === 'orgAdmin')) {
    if (!me.memberId) entries.push({ name: 'branch', icon: 'chat', words: 'shell.nav.branch' });
    entries.push({ name: 'webhooks', icon: 'link', words: 'shell.nav.webhooks' });
  }
  if (me.grants.some((grant) => grant.role === 'systemAdmin')) {
    entries.push({ name: 'deliveries', icon: 'upload', words: 'shell.nav.deliveries' });
    entries.push({ name: 'system', icon: 'lock', words: 'shell.nav.system' });
  }
  if (manages(me, 'decideChanges')) entries.push({ name: 'fileRequests', icon: 'check', words: 'file.nav.fileRequests' });
  if (manages(me, 'grantRoles')) entries.push({ name: 'offices', icon: 'key', words: 'file.nav.offices' });
  if (manages(me, 'grantRoles', 'audit')) entries.push({ name: 'protection', icon: 'shield', words: 'shell.nav.protection' });
  return entries;
}

export function rightsEntries(me: Me): Entry[] {
  return [
    { name: 'access', icon: 'eye', words: me.can.includes('audit') ? 'shell.nav.access' : 'shell.nav.ownAccess' },
    ...(me.memberId ? ([{ name: 'myData', icon: 'lock', words: 'file.nav.myData' }] as Entry[]) : []),
    { name: 'privacy', icon: 'shield', words: 'shell.nav.privacy' },
    { name: 'help', icon: 'help', words: 'shell.nav.help' },
  ];
}
