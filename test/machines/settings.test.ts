import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';

/** Deadlines are inequalities: who waits must outlive what is waited for. */
const s: Settings = DEFAULT_SETTINGS;

describe('the deadlines', () => {
  test.each<[string, number, number]>([
    ['a call ends before its permit is taken back', s.callTimeoutMs + 2_000, s.permitLimitMs],
    ['a forced read ends before its permit is taken back', s.forcedReadTimeoutMs + 2_000, s.permitLimitMs],
    ['a refresh ends before its permit is taken back', s.refreshTimeoutMs, s.permitLimitMs],
    ['who waits for a permit outlives a call that hangs', s.callTimeoutMs + 2_000, s.permitWaitMs],
    [
      'who waits for a token outlives a refresh that takes its full time',
      s.refreshPermitWaitMs + s.refreshTimeoutMs,
      s.tokenWaitMs,
    ],
    ['who waits for a token outlives a verification', s.refreshPermitWaitMs + s.callTimeoutMs, s.tokenWaitMs],
    ['the whole holds both attempts', 2 * (s.tokenWaitMs + s.permitWaitMs + s.callTimeoutMs + 2_000), s.wholeMs],
    [
      'the whole of a forced read holds both attempts',
      2 * (s.tokenWaitMs + s.permitWaitMs + s.forcedReadTimeoutMs + 2_000),
      s.forcedWholeMs,
    ],
    ['a busy car is asked again within the whole', s.carBusyRepeats * s.carBusyPauseMs, s.wholeMs],
    ['a control is looked for before the time for looks is over', s.lookAfterMs[0] ?? Number.NaN, s.lockConfirmMs],
    ['windows are looked for in time', s.lookAfterMs[0] ?? Number.NaN, s.windowsConfirmMs],
    ['climate is looked for in time', s.lookAfterMs[0] ?? Number.NaN, s.climateConfirmMs],
    ['all else is looked for in time', s.lookAfterMs[0] ?? Number.NaN, s.otherConfirmMs],
  ])('%s', (_, shorter, longer) => {
    expect(shorter).toBeLessThan(longer);
  });

  test.each<[string, number, number]>([
    ['outage', s.outageRetryMs, s.outageRetryMaxMs],
    ['refusal', s.refusedRetryMs, s.refusedRetryMaxMs],
    ['list', s.listRetryMs, s.listRetryMaxMs],
    ['open', s.openMs, s.openMaxMs],
  ])('no pause passes its own maximum: %s', (_, first, most) => {
    expect(first).toBeLessThanOrEqual(most);
  });

  test('a refresh is tried again after an outage no later than the breaker opens again', () => {
    expect(s.outageRetryMaxMs).toBeLessThanOrEqual(s.openMs);
  });

  test('the looks rise from one to the next', () => {
    expect(s.lookAfterMs).toEqual([...s.lookAfterMs].sort((a, b) => a - b));
    expect(new Set(s.lookAfterMs).size).toBe(s.lookAfterMs.length);
  });

  test('every bound lets something through', () => {
    const bounds = [s.queueLimit, s.joinLimit, s.waiterLimit, s.lineLimit, s.callsInFlight, s.carReadsInFlight];
    for (const bound of [...bounds, s.visitLimit, s.failureThreshold, s.restartLimit]) expect(bound).toBeGreaterThan(0);
  });
});
