import { describe, expect, it } from 'vitest';
import { reconnectDelayMs } from '../../../src/io/mqtt/backoff.ts';

const BOUNDS = { minMs: 1_000, maxMs: 30_000 };

describe('the pause before a reconnect', () => {
  it('doubles from the shortest to the longest', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 1_000].map((failures) => reconnectDelayMs(failures, BOUNDS, () => 1));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is at most half as short by chance', () => {
    expect(reconnectDelayMs(3, BOUNDS, () => 0)).toBe(2_000);
    expect(reconnectDelayMs(0, BOUNDS, () => 0)).toBe(500);
  });
});
