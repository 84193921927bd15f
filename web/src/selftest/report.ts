/**
 * The report of a connection test: what a member sends to whoever helps. Pure.
 *
 * No name, no account, no address of a machine, no name of a device (headsets are called after their owners).
 */

import type { BrowserKind } from './browsers';
import { verdictOf, type Result, type StepName, type StepState, type Verdict } from './steps';

export interface Report {
  kind: 'branchlineConnectionTest';
  at: string;
  version: string;
  browser: BrowserKind;
  verdict: Verdict;
  steps: {
    step: StepName;
    state: StepState;
    code: string | null;
    milliseconds: number | null;
    says: string;
    figures: Record<string, string | number>;
  }[];
}

export interface Words {
  title: string;
  verdict(verdict: Verdict): string;
  step(step: StepName): string;
  state(state: StepState): string;
  sentence(result: Result): string;
  figure(name: string): string;
}

export function reportOf(results: readonly Result[], words: Words, at: Date, version: string, browser: BrowserKind): Report {
  return {
    kind: 'branchlineConnectionTest',
    at: at.toISOString(),
    version,
    browser,
    verdict: verdictOf(results),
    steps: results.map((result) => ({
      step: result.step,
      state: result.state,
      code: result.code,
      milliseconds: result.milliseconds,
      says: words.sentence(result),
      figures: result.figures,
    })),
  };
}

/** The same for a message or a mail. */
export function asText(report: Report, words: Words): string {
  const head = [words.title, report.at, `${report.browser.name} ${report.browser.version} · ${report.browser.system} · ${report.version}`];
  const lines = report.steps.map((step) => {
    const time = step.milliseconds === null ? '' : ` (${step.milliseconds} ms)`;
    const figures = Object.entries(step.figures).map(([name, value]) => `    ${words.figure(name)}: ${value}`);
    return [`[${words.state(step.state)}] ${words.step(step.step)}${time}`, ...(step.says ? [`    ${step.says}`] : []), ...figures].join(
      '\n',
    );
  });
  return [...head, words.verdict(report.verdict), '', ...lines, ''].join('\n');
}

export function fileName(report: Report, ending: 'json' | 'txt'): string {
  return `branchline-test-${report.at.slice(0, 16).replace(/[-:]/g, '').replace('T', '-')}.${ending}`;
}

export function offer(text: string, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
