import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../src/io/simulator/faults/schema.ts';
import type { Settings } from '../../src/machines/domain/settings.ts';
import { simCar, type Whole, wholeSystems } from '../support/whole-system.ts';

/** What is said of a control must be true: actors, gateway and cloud together, on a car of each generation. */

const start = wholeSystems();
const UNLOCK = { action: 'unlock' };

/** Where the record is to decide: on a busy machine, too, it is looked at before the time for looks is over. */
const PATIENT = { lockConfirmMs: 60_000 };

async function withCar(ccs2: 0 | 2, settings: Partial<Settings> = {}): Promise<Whole> {
  const whole = await start({ cars: [simCar('car', ccs2)], settings });
  whole.car('car').change({ locked: true });
  whole.car('car').reportNow();
  return whole;
}
/** Resolves when the cloud has answered the next control. */
const taken = (whole: Whole) =>
  whole.cloud.waitFor(({ kind, outcome }) => kind.startsWith('control') && outcome !== 'pending', 15_000, whole.mark);

describe.each([
  ['classic', 0],
  ['CCS2', 2],
] as const)('a control of a car of %s', (_, ccs2) => {
  it('that the car refuses is failed', async () => {
    const whole = await withCar(ccs2, PATIENT);
    whole.cloud.faults.add({ type: 'recordFail' });
    const result = await whole.command('car', 'lock', UNLOCK);
    expect(result).toMatchObject({ status: 'failed', reason: 'carRefused', attempts: 1 });
    expect(whole.calls('control')).toHaveLength(1);
  });

  it.each([
    ['9999', 'carRefused'],
    ['5031', 'carUnreachable'],
    ['4099', 'carRefused'],
  ])('that the cloud refuses inside an HTTP 200 (%s) is failed, and not repeated', async (resCode, reason) => {
    const whole = await withCar(ccs2);
    whole.cloud.faults.add({ type: 'retCodeF', match: { kind: 'control' }, resCode });
    const result = await whole.command('car', 'lock', UNLOCK);
    expect(result).toMatchObject({ status: 'failed', reason, attempts: 1 });
    expect(whole.calls('control')).toHaveLength(1);
    expect(whole.car('car').deliveryCount).toBe(0);
  });

  it('whose record never says anything, of a car that is as before, is unknown after one look at the car', async () => {
    const whole = await withCar(ccs2);
    whole.cloud.faults.add({ type: 'carIgnores' });
    const result = await whole.command('car', 'lock', UNLOCK);
    expect(result).toMatchObject({ status: 'unknown', reason: 'noConfirmation', attempts: 1 });
    expect(whole.calls('control')).toHaveLength(1);
    expect(whole.car('car').wakes).toBe(1);
    expect(whole.car('car').actual.locked).toBe(true);
  });

  it('whose record never says anything, of a car that did it, succeeds by what the car says', async () => {
    const whole = await withCar(ccs2);
    whole.cloud.faults.add({ type: 'recordsNull' });
    const result = await whole.command('car', 'lock', UNLOCK);
    expect(result).toMatchObject({ status: 'succeeded', message: "The car's state shows it.", attempts: 1 });
    expect(whole.calls('control')).toHaveLength(1);
  });

  it('succeeds although the token is taken back between acceptance and confirmation', async () => {
    const whole = await withCar(ccs2, PATIENT);
    const accepted = taken(whole);
    const result = whole.command('car', 'lock', UNLOCK);
    await accepted;
    whole.cloud.revokeTokens();
    expect(await result).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(whole.calls('control')).toHaveLength(1);
    expect(whole.calls('records').some(({ status }) => status === 401)).toBe(true);
  });

  it('is unknown, not failed, when the cloud is away from the acceptance until after the deadline', async () => {
    const whole = await withCar(ccs2);
    const accepted = taken(whole);
    const result = whole.command('car', 'lock', UNLOCK);
    await accepted;
    await whole.cloud.goOffline();
    expect(await result).toMatchObject({ status: 'unknown', reason: 'noConfirmation', attempts: 1 });
    await whole.cloud.goOnline();
    expect(whole.calls('control')).toHaveLength(1);
    expect(whole.car('car').deliveryCount).toBe(1);
  });

  it.each<[string, FaultInput]>([
    ['whose connection is cut', { type: 'cutAfter', match: { kind: 'control' } }],
    ['whose answer is a 504', { type: 'status', code: 504, afterEffect: true, match: { kind: 'control' } }],
    ['whose answer is a web page', { type: 'html200', afterEffect: true, match: { kind: 'control' } }],
  ])('%s after the car has it is delivered once, and the car decides', async (_name, fault) => {
    const whole = await withCar(ccs2);
    whole.cloud.faults.add(fault);
    const result = await whole.command('car', 'lock', UNLOCK);
    expect(result).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(whole.calls('control')).toHaveLength(1);
    expect(whole.car('car').deliveryCount).toBe(1);
  });
});

describe.each([
  ['classic', 0, 'status.forced'],
  ['CCS2', 2, 'ccs2.wake'],
] as const)('a forced read of a car of %s', (_, ccs2, kind) => {
  it.each([500, 502, 503, 504])('that is answered with %i wakes the car once', async (code) => {
    const whole = await withCar(ccs2);
    whole.cloud.faults.add({ type: 'status', code, match: { kind } });
    const result = await whole.command('car', 'refresh', { action: 'force' });
    expect(result.status).toBe('failed');
    expect(whole.calls(kind)).toHaveLength(1);
    expect(whole.car('car').wakes).toBe(1);
  });
});

it('a wrong PIN is tried once: what needs it is rejected, what does not works', async () => {
  const whole = await start({ cars: [simCar('car', 0)], pin: '9999' });
  const refused = { status: 'rejected', reason: 'wrongPin' };
  expect(await whole.command('car', 'charge_port', { action: 'open' })).toMatchObject(refused);
  expect(await whole.command('car', 'lock', UNLOCK)).toMatchObject(refused);
  expect(await whole.command('car', 'lock', { action: 'lock' })).toMatchObject({ status: 'succeeded' });
  expect(await whole.command('car', 'refresh', { action: 'cached' })).toMatchObject({ status: 'succeeded' });
  expect(await whole.command('car', 'refresh', { action: 'force' })).toMatchObject({ status: 'succeeded' });
  expect(whole.calls('pin')).toHaveLength(1);
});
