import { describe, expect, it } from 'vitest';
import { at, faultyWorlds } from './support/faulty-world.ts';
import { ManualTime } from './support/manual-time.ts';
import { PlainClient } from './support/plain-client.ts';
import { CAR } from './support/world.ts';

const { start, world } = faultyWorlds();

describe('faults of the car', () => {
  it.each([
    ['unavailable', 503, '5031'],
    ['timeout', 408, '4081'],
    ['lowBattery', 400, '4007'],
    ['responseTimeout', 504, '9999'],
  ] as const)('%s: the cloud answers %i %s, once per wake', async (variant, status, code) => {
    const { sim, client } = await world({ type: 'carAsleep', variant });
    const answer = await client.get(at('status'));
    expect([answer.status, answer.body.resCode]).toEqual([status, code]);
    expect((await client.lock(CAR.id)).body.resCode).toBe(code);
    expect((await client.get(at('status/latest'))).status).toBe(200);
    expect(sim.car(CAR.id)).toMatchObject({ wakes: 1, deliveryCount: 0 });
  });

  it('count a wake also when the answer is a page', async () => {
    const { sim, client } = await world({ type: 'status', code: 503, match: { kind: 'status.forced' } });
    await client.get(at('status'));
    expect(sim.car(CAR.id).wakes).toBe(1);
    sim.revokeTokens();
    await client.get(at('status'));
    expect(sim.car(CAR.id).wakes).toBe(1);
  });

  it('can be a property of the car instead', async () => {
    const { sim, client } = await world();
    sim.car(CAR.id).reachability = 'timeout';
    expect((await client.get(at('status'))).body.resCode).toBe('4081');
    expect((await client.lock(CAR.id)).body.resCode).toBe('4081');
    sim.car(CAR.id).reachability = 'silent';
    expect((await client.unlock(CAR.id)).status).toBe(200);
    expect(sim.car(CAR.id).actual.locked).toBe(true);
  });

  it('say duplicate request, or fail with HTTP 200', async () => {
    const { client } = await world(
      { type: 'duplicate', times: 1 },
      { type: 'retCodeF', times: 1, match: { kind: 'control' } },
    );
    expect((await client.lock(CAR.id)).body.resCode).toBe('4004');
    expect(await client.lock(CAR.id)).toMatchObject({ status: 200, body: { retCode: 'F', resCode: '9999' } });
  });

  it('can be pointed at calls that they are not usually about', async () => {
    const { client } = await world({ type: 'carAsleep', match: { kind: 'status.latest' } });
    expect((await client.get(at('status/latest'))).body.resCode).toBe('5031');
  });
});

describe('faults of the action records', () => {
  const recordOf = async (client: PlainClient) => (await client.records(CAR.id)).body.resMsg[0]?.result;

  it('hide them or leave them without a word, whatever the car did', async () => {
    const { sim, client } = await world({ type: 'recordsNull' });
    await client.unlock(CAR.id);
    expect(await recordOf(client)).toBeNull();
    expect(sim.car(CAR.id).actual.locked).toBe(false);
    sim.faults.add({ type: 'recordsEmpty' });
    expect((await client.records(CAR.id)).body.resMsg).toEqual([]);
    sim.faults.clear();
    expect(await recordOf(client)).toBe('success');
  });

  it('let the car refuse', async () => {
    const { sim, client } = await world({ type: 'recordFail' });
    await client.unlock(CAR.id);
    expect(await recordOf(client)).toBe('fail');
    expect(sim.car(CAR.id).actual.locked).toBe(true);
    expect(sim.car(CAR.id).deliveryCount).toBe(1);
  });

  it.each([false, true])('give up on the car (which did it all the same: %s)', async (carriedOut) => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time });
    const client = await PlainClient.ready(sim.url);
    sim.faults.add({ type: 'recordNonResponse', afterMs: 20_000, carriedOut });
    await client.unlock(CAR.id);
    time.advance(19_999);
    expect(await recordOf(client)).toBeNull();
    time.advance(1);
    expect(await recordOf(client)).toBe('non-response');
    expect(sim.car(CAR.id).actual.locked).toBe(!carriedOut);
  });

  it('let the car ignore the control for ever', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time });
    const client = await PlainClient.ready(sim.url);
    sim.faults.add({ type: 'carIgnores' });
    await client.unlock(CAR.id);
    time.advance(3_600_000);
    expect(await recordOf(client)).toBeNull();
    expect(sim.car(CAR.id).actual.locked).toBe(true);
  });
});

describe('faults of shape', () => {
  it.each([
    ['resMsg.vehicleStatusInfo.vehicleStatus.doorLock', 'yes'],
    ['resMsg.vehicleStatusInfo', null],
    ['resMsg', []],
    ['', 'nothing'],
    ['resMsg.vehicleStatusInfo.vehicleStatus.evStatus.drvDistance.0', 7],
  ])('put another value at "%s"', async (path, value) => {
    const { client } = await world({ type: 'wrongShape', path, value });
    const { body } = await client.get(at('status/latest'));
    const found = path === '' ? body : path.split('.').reduce((node, step) => node[step], body);
    expect(found).toEqual(value);
  });

  it('leave the time out of a forced status', async () => {
    const { client } = await world({ type: 'forcedWithoutTime' });
    expect((await client.get(at('status'))).body.resMsg).not.toHaveProperty('time');
    expect((await client.get(at('status/latest'))).body.resMsg.vehicleStatusInfo.vehicleStatus).toHaveProperty('time');
  });
});
