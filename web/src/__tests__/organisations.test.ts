import { describe, expect, it } from 'vitest';
import type { Me, OrgKindName, OrgView } from '../api/types.gen';
import { choices, formsOf, kindsUnder, within } from '../organisations';
import { officeEntries, ownEntries, rightsEntries } from '../shell/navigation';

const org = (orgId: string, parentId: string | null, kind: OrgKindName, depth: number): OrgView =>
  ({ orgId, parentId, kind, depth, name: orgId.toUpperCase(), closed: false }) as OrgView;
const tree = [
  org('c', null, 'committee', 0),
  org('g', 'c', 'generalBranch', 1),
  org('b1', 'g', 'branch', 2),
  org('p', 'b1', 'partyGroup', 3),
  org('b2', 'c', 'branch', 1),
];

describe('the tree', () => {
  it('says what lies below a duty', () => {
    expect([...within(tree, ['g'])]).toEqual(['g', 'b1', 'p']);
    expect([...within(tree, [])]).toEqual([]);
  });

  it('is offered as indented choices, without closed organisations', () => {
    const shown = choices([...tree.slice(1, 4), { ...org('x', 'g', 'branch', 2), closed: true }]);
    expect(shown).toEqual([
      { value: 'g', label: 'G' },
      { value: 'b1', label: '\u3000B1' },
      { value: 'p', label: '\u3000\u3000P' },
    ]);
  });

  it('allows what may stand under what', () => {
    expect(kindsUnder(null)).toEqual(['committee', 'generalBranch']);
    expect(kindsUnder('generalBranch')).toEqual(['branch', 'jointBranch', 'temporaryBranch', 'floatingBranch']);
    expect(kindsUnder('branch')).toEqual(['partyGroup']);
    expect(kindsUnder('partyGroup')).toEqual([]);
  });

  it('knows which meetings a group holds', () => {
    expect(formsOf('partyGroup')).not.toContain('BRANCH_GENERAL_MEETING');
    expect(formsOf('branch')).not.toContain('PARTY_GROUP_MEETING');
    expect(formsOf('branch')).toContain('BRANCH_GENERAL_MEETING');
  });
});

describe('the menu', () => {
  const me = (can: Me['can'], memberId: string | null) => ({ can, memberId, grants: [] as Me['grants'] }) as Me;
  const names = (entries: Array<{ name: string }>) => entries.map((entry) => entry.name);

  it('of a member has no offices', () => {
    expect(names(ownEntries(me([], 'm')))).toEqual([
      'start',
      'meetings',
      'branch',
      'reports',
      'myFile',
      'records',
      'points',
      'myDues',
      'away',
      'transfers',
    ]);
    expect(officeEntries(me([], 'm'))).toEqual([]);
  });

  it('of an applicant has nothing of the life of members', () => {
    expect(names(ownEntries({ ...me([], 'm'), applying: true }))).toEqual(['start', 'meetings', 'reports', 'myFile', 'records']);
  });

  it('of an administrator who is no member has no own records', () => {
    expect(names(ownEntries(me(['manageMembers'], null)))).toEqual(['start', 'meetings']);
    expect(names(officeEntries(me(['manageMembers'], null)))).toEqual([
      'transfers',
      'dashboard',
      'members',
      'floating',
      'work',
      'dues',
      'organisations',
    ]);
  });

  it('calls the log what it is for the reader', () => {
    expect(rightsEntries(me(['audit'], null))[0]?.words).toBe('shell.nav.access');
    expect(rightsEntries(me([], 'm'))[0]?.words).toBe('shell.nav.ownAccess');
  });
});
