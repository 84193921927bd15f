import { describe, expect, it } from 'vitest';
import { admit, routes } from '../router';

const anybody = { loggedIn: false, mustChangePassword: false };
const somebody = { loggedIn: true, mustChangePassword: false };
const fresh = { loggedIn: true, mustChangePassword: true };
const to = (name: string, fullPath: string, open = false) => ({ name, fullPath, meta: { open } });

describe('who is let through', () => {
  it.each([
    [
      'a stranger is asked to log in and comes back afterwards',
      to('sheet', '/meetings/1/sheet'),
      anybody,
      { name: 'login', query: { next: '/meetings/1/sheet' } },
    ],
    ['the start page needs no note of where to come back to', to('start', '/'), anybody, { name: 'login', query: {} }],
    ['a stranger sees the log-in page', to('login', '/login', true), anybody, true],
    ['a stranger sees that there is no such page', to('lost', '/x', true), anybody, true],
    ['who is logged in needs no log-in page', to('login', '/login', true), somebody, { name: 'start' }],
    ['who is logged in goes anywhere', to('meet', '/meet/1'), somebody, true],
    ['a one-time password opens nothing', to('meet', '/meet/1'), fresh, { name: 'password' }],
    ['but the page on which it is changed', to('password', '/password'), fresh, true],
  ])('%s', (_, target, who, expected) => {
    expect(admit(target, who)).toEqual(expected);
  });
});

describe('addresses', () => {
  it('are those that were promised', () => {
    const promised = [
      '/login',
      '/',
      '/meetings',
      '/meetings/:id',
      '/meetings/:id/edit',
      '/meetings/new',
      '/meetings/:id/sheet',
      '/meetings/:id/record',
    ];
    const rest = [
      '/meet/:id',
      '/i/:token',
      '/members',
      '/members/:id',
      '/members/import',
      '/organisations',
      '/records',
      '/account',
      '/access',
      '/privacy',
      '/help',
    ];
    expect([...promised, ...rest].filter((path) => !routes.some((route) => route.path === path))).toEqual([]);
  });

  it('have one name each', () => {
    expect(new Set(routes.map((route) => route.name)).size).toBe(routes.length);
  });

  it('are loaded only when gone to', () => {
    expect(routes.filter((route) => !route.redirect && typeof route.component !== 'function')).toEqual([]);
  });
});
