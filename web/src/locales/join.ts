/** Files of one language → one tree: `meetings.json` is found under `meetings`. */
export function joined(files: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(files).map(([path, words]) => [path.replace(/^.*\/|\.json$/g, ''), words]));
}
