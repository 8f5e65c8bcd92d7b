import { describe, expect, it } from 'vitest';
import type { CallOutcome } from '../../../src/actors/ports.ts';
import { useSimulatedCars } from './support/simulated-cars.ts';
import { inVirtualTime } from './support/virtual-time.ts';

describe('a forced read of a CCS2 car', () => {
  const cars = useSimulatedCars();

  it('wakes the car once and brings its new report', async () => {
    const { calls, car, read } = cars();
    car('ccs2').change({ locked: false, stateOfChargePercent: 33 });
    const before = car('ccs2').report.at;
    expect(await read('ccs2')).toMatchObject({ ok: true, value: { reading: { state: { locked: true } } } });
    expect(await read('ccs2', 'forced')).toMatchObject({
      ok: true,
      value: { reading: { source: 'forced', state: { locked: false, soc_pct: 33 } } },
    });
    expect(car('ccs2').report.at).toBeGreaterThan(before);
    expect(calls('ccs2.wake')).toHaveLength(1);
    expect(car('ccs2').wakes).toBe(1);
  });

  it('goes on through looks that fail', async () => {
    const { calls, read, simulator } = cars();
    simulator.faults.add({ type: 'status', match: { kind: 'ccs2.latest' }, code: 503, skip: 1, times: 2 });
    expect(await read('ccs2', 'forced')).toMatchObject({ ok: true, value: { reading: { source: 'forced' } } });
    expect(calls('ccs2.wake')).toHaveLength(1);
  });

  it('says at once that the car is asleep, after one wake', async () => {
    const { calls, read, simulator } = cars();
    simulator.faults.add({ type: 'carAsleep' });
    expect(await read('ccs2', 'forced')).toMatchObject({ ok: false, failure: { kind: 'carUnreachable' } });
    expect(calls('ccs2.wake')).toHaveLength(1);
  });

  it('goes on watching when it is repeated with a renewed token, and does not wake the car again', async () => {
    const { calls, car, gateway, read, simulator } = cars();
    const refused = simulator.waitFor(({ kind, outcome }) => kind === 'ccs2.wake' && outcome === 'answered', 15_000);
    simulator.faults.add({
      type: 'status',
      match: { kind: 'ccs2.latest' },
      code: 401,
      body: { error: 'Key not authorized: Token is expired' },
      skip: 1,
      times: 1,
    });
    expect(await read('ccs2', 'forced')).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' } });
    await refused;
    expect(await gateway.refreshSession(new AbortController().signal)).toMatchObject({ ok: true });
    expect(await read('ccs2', 'forced')).toMatchObject({ ok: true, value: { reading: { source: 'forced' } } });
    expect(calls('ccs2.wake')).toHaveLength(1);
    expect(car('ccs2').wakes).toBe(1);
    // Another command is another wake.
    expect(await read('ccs2', 'forced', 'c-2')).toMatchObject({ ok: true });
    expect(calls('ccs2.wake')).toHaveLength(2);
  });
});

describe('a forced read of a CCS2 car that stays silent', () => {
  const cars = useSimulatedCars({ forcedReadTimeoutMs: 10_000 });
  /** Lets time pass until the call is over. */
  const over = (make: () => Promise<CallOutcome>): Promise<CallOutcome> =>
    inVirtualTime(async ({ passUntil }) => {
      let outcome: CallOutcome | null = null;
      const made = make().then((made) => {
        outcome = made;
        return made;
      });
      await passUntil(() => outcome !== null, 25);
      return made;
    });

  it('ends within its time, and says that the car did not answer', async () => {
    const { calls, car, read } = cars();
    car('ccs2').reachability = 'silent';
    await read('ccs2');
    expect(await over(() => read('ccs2', 'forced'))).toMatchObject({
      ok: false,
      failure: {
        kind: 'carUnreachable',
        message: 'The car did not answer.',
        reached: 'no',
        answered: true,
      },
    });
    expect(calls('ccs2.wake')).toHaveLength(1);
    expect(calls('ccs2.latest').length).toBeGreaterThan(3);
  });

  it('tells an outage of the cloud from a car that does not answer', async () => {
    const { read, simulator } = cars();
    simulator.faults.add({ type: 'status', match: { kind: 'ccs2.latest' }, code: 503, skip: 1 });
    expect(await over(() => read('ccs2', 'forced'))).toMatchObject({
      ok: false,
      failure: { kind: 'cloudUnavailable' },
    });
  });

  it('ends at once when the command is given up, and when the gateway closes', async () => {
    const { car, gateway, read, simulator } = cars();
    car('ccs2').reachability = 'silent';
    const given = new AbortController();
    const woken = simulator.waitFor(({ kind }) => kind === 'ccs2.wake', 15_000);
    const outcome = gateway.call(
      { type: 'read', car: 'ccs2', source: 'forced' },
      { signal: given.signal, commandId: 'c-1', attempt: 1 },
    );
    await woken;
    given.abort();
    expect(await outcome).toMatchObject({ ok: false, failure: { kind: 'aborted' } });
    const again = read('ccs2', 'forced', 'c-2');
    await gateway.close();
    expect(await again).toMatchObject({ ok: false, failure: { kind: 'aborted' } });
  });
});
