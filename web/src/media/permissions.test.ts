import { describe, expect, it } from 'vitest';
import { explainCapture, isInAppBrowser, obstacleTo } from './permissions';

const CHROME = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36';
const WECHAT = 'Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/107.0 Mobile Safari/537.36 MicroMessenger/8.0.40';
const named = (name: string, message = '') => ({ name, message });

describe('why a device could not be opened', () => {
  it.each([
    [named('NotAllowedError', 'Permission denied'), CHROME, 'denied'],
    [named('NotAllowedError', 'Permission denied by system'), CHROME, 'deniedBySystem'],
    [named('NotAllowedError', 'Permission dismissed'), CHROME, 'dismissed'],
    [named('NotAllowedError'), WECHAT, 'inAppBrowser'],
    [named('SecurityError'), CHROME, 'denied'],
    [named('NotFoundError'), CHROME, 'notFound'],
    [named('DevicesNotFoundError'), CHROME, 'notFound'],
    [named('NotReadableError', 'Could not start video source'), CHROME, 'inUse'],
    [named('AbortError'), CHROME, 'inUse'],
    [named('OverconstrainedError'), CHROME, 'unsuitable'],
    [named('TypeError'), CHROME, 'unsupported'],
    [named('TypeError'), WECHAT, 'inAppBrowser'],
    [named('SomethingNew'), CHROME, 'unknown'],
    [null, CHROME, 'unknown'],
    ['a text', CHROME, 'unknown'],
  ] as const)('%o in %s is %s', (error, userAgent, problem) => {
    expect(explainCapture(error, userAgent)).toBe(problem);
  });

  it.each([
    [{ secure: true, capture: true, userAgent: WECHAT }, null],
    [{ secure: false, capture: false, userAgent: CHROME }, 'insecure'],
    [{ secure: true, capture: false, userAgent: WECHAT }, 'inAppBrowser'],
    [{ secure: true, capture: false, userAgent: CHROME }, 'unsupported'],
  ])('%o is known before asking', (where, problem) => {
    expect(obstacleTo(where)).toBe(problem);
  });

  it('knows browsers inside other apps', () => {
    expect([CHROME, WECHAT, 'x wxwork/4.1', 'x DingTalk/7'].map(isInAppBrowser)).toEqual([false, true, true, true]);
  });
});
