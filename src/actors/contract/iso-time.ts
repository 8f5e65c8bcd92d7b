/** ISO 8601 UTC, ms. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** ISO 8601 UTC, whole seconds. */
export function isoSeconds(epochMs: number): string {
  return `${isoTime(epochMs).slice(0, 19)}Z`;
}

/** As `isoTime`; null for null, and for what is no time: a server may send any number for one. */
export function isoTimeOrNull(epochMs: number | null): string | null {
  if (epochMs === null || Number.isNaN(new Date(epochMs).getTime())) return null;
  return isoTime(epochMs);
}
