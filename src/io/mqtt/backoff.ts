/**
 * The pause before attempt number `failures` + 1: doubling from `minMs` to `maxMs`, with jitter that takes up to half of
 * it away, so that many clients do not come back in step.
 */
export function reconnectDelayMs(
  failures: number,
  bounds: { readonly minMs: number; readonly maxMs: number },
  random: () => number,
): number {
  const full = Math.min(bounds.maxMs, bounds.minMs * 2 ** Math.min(Math.max(failures - 1, 0), 30));
  return Math.round(full * (0.5 + random() / 2));
}
