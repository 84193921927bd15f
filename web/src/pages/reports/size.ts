/** "12 KB", "3.4 MB": as people read the size of a file. */
export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${Math.round(bytes / 1024)} KB` : `${Math.round(bytes / (1 << 20) / 0.1) / 10} MB`;
}
