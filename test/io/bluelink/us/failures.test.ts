import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../../../src/io/simulator/faults/schema.ts';
import type { Control } from '../../../../src/machines/domain/command.ts';
import { TIMEOUT_MS } from '../support/account.ts';
import { inVirtualTime } from '../support/virtual-time.ts';
import { actionOf, failureOf, OWNER, usWorlds } from './support.ts';

const world = usWorlds();
const LOCK: Control = { name: 'lock', action: 'lock' };
const account = { ...OWNER, name: 'main', brand: 'hyundai', region: 'US', language: 'en', loginFlows: [] } as const;
const hata = (code: number, errorSubCode: string | null, functionName = 'remoteService') => ({
  type: 'status' as const,
  code,
  body: { errorCode: code, ...(errorSubCode === null ? {} : { errorSubCode }), functionName, errorMessage: 'No.' },
});

describe('a refused control of the US cloud', () => {
  it.each<[string, FaultInput, object]>([
    ['daily limit', hata(502, 'HT_534'), { kind: 'rateLimited', reached: 'no', answered: true, retryAfterMs: null }],
    ['car out of reach', hata(502, 'HT_900'), { kind: 'carUnreachable', reached: 'maybe', answered: true }],
    ['general failure', hata(502, 'GEN'), { kind: 'cloudUnavailable', reached: 'maybe', answered: true }],
    ['failure without a code', hata(502, null), { kind: 'cloudUnavailable', reached: 'maybe', answered: false }],
    [
      'web page of the gate',
      { type: 'status', code: 502, body: '<html>Bad Gateway</html>' },
      { kind: 'cloudUnavailable', reached: 'maybe', answered: false },
    ],
    [
      'failure that speaks of the token',
      { type: 'status', code: 502, body: { message: 'access token expired' } },
      { kind: 'cloudUnavailable', reached: 'maybe', answered: false },
    ],
    [
      'failure in the words of a refusal',
      { type: 'status', code: 503, body: 'Unauthorized' },
      { kind: 'cloudUnavailable', reached: 'maybe', answered: false },
    ],
    ['token', hata(401, 'IDM_401_1', 'validateToken'), { kind: 'tokenRefused', reached: 'no', answered: true }],
    ['401 without a word', { type: 'status', code: 401 }, { kind: 'tokenRefused', reached: 'no', answered: true }],
    ['missing PIN', hata(400, 'C400_1', 'validatePIN'), { kind: 'wrongPin', reached: 'no', answered: true }],
    ['other word', hata(400, 'HT_000'), { kind: 'carRefused', reached: 'no', answered: true }],
    ['page in place of nothing', { type: 'html200' }, { kind: 'invalidResponse', reached: 'maybe' }],
    ['HTTP 200 with an error', { type: 'retCodeF' }, { kind: 'invalidResponse', reached: 'maybe' }],
    ['cut before an answer', { type: 'cutAfter' }, { kind: 'network', reached: 'maybe', answered: false }],
  ])('%s', async (_, fault, expected) => {
    const { control, simulator, state } = await world();
    await state('gen3');
    simulator.faults.add({ ...fault, match: { kind: 'control' } } as FaultInput);
    const { message, ...failure } = failureOf(await control('gen3', LOCK));
    expect(failure).toMatchObject(expected);
    expect(message).toMatch(/\.$/);
    expect(simulator.log.filter(({ kind }) => kind === 'control.door')).toHaveLength(1);
  });

  it('without an answer in time may have reached the car', async () => {
    const { control, simulator, state } = await world();
    await state('gen3');
    simulator.faults.add({ type: 'hang', match: { kind: 'control' }, afterEffect: true });
    const outcome = await inVirtualTime(async ({ pass, passUntil }) => {
      const made = control('gen3', LOCK);
      await passUntil(() => simulator.car('gen3').deliveryCount > 0, 0);
      await pass(TIMEOUT_MS);
      return made;
    });
    expect(failureOf(outcome)).toMatchObject({ kind: 'timeout', reached: 'maybe' });
    expect(simulator.car('gen3').deliveryCount).toBe(1);
  });

  it('by a revoked token is made again with the next one', async () => {
    const { control, simulator, gateway, word } = await world();
    simulator.revokeTokens();
    const refused = await control('gen3', LOCK);
    expect(refused).toMatchObject({ ok: false, failure: { kind: 'tokenRefused' }, token: { generation: 1 } });
    await gateway.refreshSession(new AbortController().signal);
    const taken = await control('gen3', LOCK);
    expect(taken).toMatchObject({ ok: true, token: { generation: 2, scope: 'access' } });
    expect(await word('gen3', actionOf(taken))).toBe('success');
  });
});

describe('the PIN in the US', () => {
  it('that was refused once is never sent again, also after a restart', async () => {
    const { simulator, again, gateway, control } = await world({}, { account: { ...account, pin: '0000' } });
    const made = () => simulator.log.filter(({ kind }) => kind === 'control.door').length;
    expect(failureOf(await control('gen3', LOCK))).toMatchObject({ kind: 'wrongPin', answered: true });
    expect(failureOf(await control('gen3', LOCK))).toMatchObject({ kind: 'wrongPin', answered: false });
    expect(made()).toBe(1);
    await gateway.close();
    const restarted = await again();
    const how = { signal: new AbortController().signal, commandId: 'c-2', attempt: 1 };
    const call = { type: 'control', car: 'gen3', command: LOCK } as const;
    expect(failureOf(await restarted.call(call, how))).toMatchObject({ kind: 'wrongPin', answered: false });
    expect(made()).toBe(1);
    const corrected = await again({ account });
    expect((await corrected.call(call, how)).ok).toBe(true);
  });

  describe('that a control is refused for without a word', () => {
    const bare = { type: 'status' as const, code: 401, match: { kind: 'control' } };
    const refresh = (gateway: { refreshSession(signal: AbortSignal): Promise<unknown> }) =>
      gateway.refreshSession(new AbortController().signal);

    it('is sent with two tokens, and no more until a restart', async () => {
      const { simulator, again, gateway, control } = await world();
      const made = () => simulator.log.filter(({ kind }) => kind === 'control.door').length;
      simulator.faults.add(bare);
      for (let count = 0; count < 2; count += 1) {
        expect(failureOf(await control('gen3', LOCK)).kind).toBe('tokenRefused');
      }
      await refresh(gateway);
      expect(failureOf(await control('gen3', LOCK))).toMatchObject({ kind: 'wrongPin', reached: 'no', answered: true });
      expect(failureOf(await control('gen3', LOCK))).toMatchObject({ kind: 'wrongPin', answered: false });
      expect(made()).toBe(3);
      simulator.faults.clear();
      expect((await control('petrol', LOCK)).ok).toBe(true);
      const restarted = await again();
      const how = { signal: new AbortController().signal, commandId: 'c-2', attempt: 1 };
      expect((await restarted.call({ type: 'control', car: 'gen3', command: LOCK }, how)).ok).toBe(true);
    });

    it('is not suspected when the second token is refused elsewhere, too', async () => {
      const { simulator, gateway, control } = await world();
      simulator.faults.add({ type: 'status', code: 401 });
      expect(failureOf(await control('gen3', LOCK)).kind).toBe('tokenRefused');
      simulator.faults.clear();
      await refresh(gateway);
      simulator.revokeTokens();
      expect(failureOf(await control('gen3', LOCK)).kind).toBe('tokenRefused');
      await refresh(gateway);
      expect((await control('gen3', LOCK)).ok).toBe(true);
    });

    it('is not suspected when the cloud says that it is the token', async () => {
      const { simulator, gateway, control } = await world();
      simulator.faults.add({ ...hata(401, 'IDM_401_1', 'validateToken'), match: { kind: 'control' } });
      for (let count = 0; count < 3; count += 1) {
        expect(failureOf(await control('gen3', LOCK)).kind).toBe('tokenRefused');
        await refresh(gateway);
      }
    });

    it('is not suspected when it has worked in between', async () => {
      const { simulator, gateway, control } = await world();
      for (let count = 0; count < 3; count += 1) {
        simulator.faults.add({ ...bare, times: 1 });
        expect(failureOf(await control('gen3', LOCK)).kind).toBe('tokenRefused');
        await refresh(gateway);
        expect((await control('gen3', LOCK)).ok).toBe(true);
      }
    });
  });

  it('that a read was refused for is left out of the next', async () => {
    const { call, simulator } = await world();
    simulator.faults.add({ ...hata(401, 'IDM_401_4', 'validatePIN'), match: { kind: 'list' }, times: 1 });
    expect(failureOf(await call({ type: 'list' })).kind).toBe('wrongPin');
    expect((await call({ type: 'list' })).ok).toBe(true);
    expect(failureOf(await call({ type: 'control', car: 'gen3', command: LOCK }))).toMatchObject({
      kind: 'wrongPin',
      answered: false,
    });
  });

  it('that the configuration lacks is not sent with what leaves the car closed: the cloud decides', async () => {
    const { control, state } = await world({}, { account: { ...account, pin: null } });
    expect(await state('gen3')).toMatchObject({ locked: true });
    expect(failureOf(await control('gen3', LOCK)).kind).toBe('wrongPin');
    expect(failureOf(await control('gen3', LOCK))).toMatchObject({ kind: 'wrongPin', answered: true });
  });

  it('that the configuration lacks keeps an unlock here, and the cloud is not asked', async () => {
    const { control, simulator, state } = await world({}, { account: { ...account, pin: null } });
    await state('gen3');
    const unlock = failureOf(await control('gen3', { name: 'lock', action: 'unlock' }));
    expect(unlock).toMatchObject({ kind: 'wrongPin', reached: 'no', answered: false, cause: 'no PIN' });
    expect(simulator.log.filter(({ kind }) => kind === 'control.door')).toEqual([]);
  });

  it('stands neither in the log nor in a failure', async () => {
    const { control, log } = await world({}, { account: { ...account, pin: '0987' } });
    const failure = failureOf(await control('gen3', LOCK));
    expect(JSON.stringify([failure, log.lines])).not.toMatch(/0987|correct horse/);
  });
});

describe('a refused read of the US cloud', () => {
  it.each<[string, FaultInput, 'cached' | 'forced', object]>([
    ['general failure', hata(502, 'GEN'), 'cached', { kind: 'cloudUnavailable', answered: true }],
    ['car out of reach', { type: 'carAsleep' }, 'forced', { kind: 'carUnreachable', reached: 'no', answered: true }],
    ['daily limit', { type: 'rateLimited' }, 'forced', { kind: 'rateLimited', answered: true }],
    ['cut', { type: 'cutBefore' }, 'cached', { kind: 'network', answered: false }],
    ['page', { type: 'html200' }, 'cached', { kind: 'invalidResponse', answered: false }],
  ])('%s', async (_, fault, source, expected) => {
    const { call, simulator, state } = await world();
    await state('gen3');
    simulator.faults.add({ ...fault, match: { kind: 'status' } } as FaultInput);
    expect(failureOf(await call({ type: 'read', car: 'gen3', source }))).toMatchObject(expected);
  });

  it('a list without a list of cars means that the token is not accepted', async () => {
    const { call, simulator } = await world();
    simulator.faults.add({ type: 'wrongShape', match: { kind: 'list' }, value: {} });
    expect(failureOf(await call({ type: 'list' }))).toMatchObject({ kind: 'tokenRefused', answered: true });
  });

  it('a list of nothing is an account without cars', async () => {
    const { call, simulator } = await world();
    simulator.faults.add({ type: 'wrongShape', match: { kind: 'list' }, path: 'enrolledVehicleDetails', value: [] });
    expect(await call({ type: 'list' })).toMatchObject({ ok: true, value: { type: 'list', cars: [] } });
  });

  it('a car that was taken off the account is not listed, and an entry without an id is passed over', async () => {
    const { call, simulator, log } = await world();
    const path = 'enrolledVehicleDetails';
    simulator.faults.add({
      type: 'wrongShape',
      match: { kind: 'list' },
      path: `${path}.0.vehicleDetails.enrollmentStatus`,
      value: 'CANCELLED',
    });
    simulator.faults.add({
      type: 'wrongShape',
      match: { kind: 'list' },
      path: `${path}.1.vehicleDetails.regid`,
      value: 5,
    });
    expect(await call({ type: 'list' })).toMatchObject({ ok: true, value: { cars: [{ id: 'petrol' }] } });
    expect(log.lines.filter(({ fields }) => fields.skipped === 1)).toHaveLength(1);
  });
});
