import { expect, it } from 'vitest';
import { clock as systemClock } from '../support/quiet.ts';
import { simCar, wholeSystems } from '../support/whole-system.ts';

/** Who is told to come back at a moment is told the same moment later: the wait does not begin anew with every question. */

const MINUTE_MS = 60_000;
const start = wholeSystems();

/** One car, and a machine and a cloud whose time passes when it must. */
async function begin() {
  const time = { passedMs: 0 };
  const now = () => systemClock.now() + time.passedMs;
  const whole = await start({
    cars: [simCar('car', 0)],
    settings: { outageRetryMs: 30 * MINUTE_MS, outageRetryMaxMs: 30 * MINUTE_MS, failureThreshold: 100 },
    clock: { now, elapsed: () => systemClock.elapsed() + time.passedMs },
    cloud: { clock: { now } },
  });
  /** When the sender of a lock may try again, epoch ms; and what it was told. */
  const locked = async () => {
    const { reason, retry_at = '' } = await whole.command('car', 'lock', { action: 'lock' });
    return { reason, retryAt: Date.parse(retry_at) };
  };
  const shown = () => Date.parse((whole.bus.on('hyundai/bridge/account/main').at(-1) as { retry_at: string }).retry_at);
  return { whole, time, locked, shown };
}
/** They are told a little apart: however long that took. */
const isSame = (later: number, earlier: number) => expect(Math.abs(later - earlier)).toBeLessThan(MINUTE_MS / 2);

it('when the token has failed', async () => {
  const { whole, time, locked, shown } = await begin();
  whole.cloud.revokeTokens();
  whole.cloud.faults.add({ type: 'status', code: 503, match: { kind: 'token.refresh' } });
  const first = await locked();
  expect(first).toEqual({ reason: 'refreshFailed', retryAt: expect.any(Number) });
  time.passedMs += 10 * MINUTE_MS;
  const second = await locked();
  expect(second.reason).toBe('refreshFailed');
  isSame(second.retryAt, first.retryAt);
  isSame(shown(), first.retryAt);
});

it('when the cloud takes no more requests', async () => {
  const { whole, time, locked, shown } = await begin();
  whole.cloud.faults.add({ type: 'rateLimited', resetS: 3_600, times: 1, match: { kind: 'control' } });
  const first = await locked();
  expect(first).toEqual({ reason: 'rateLimited', retryAt: expect.any(Number) });
  time.passedMs += 10 * MINUTE_MS;
  const second = await locked();
  expect(second.reason).toBe('rateLimited');
  isSame(second.retryAt, first.retryAt);
  isSame(shown(), first.retryAt);
});
