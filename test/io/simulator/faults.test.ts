import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../../src/io/simulator/faults/schema.ts';
import { at, faultyWorlds, LIST } from './support/faulty-world.ts';
import { ManualTime } from './support/manual-time.ts';
import { PlainClient } from './support/plain-client.ts';
import { CAR, CCS2_CAR } from './support/world.ts';

const { start, world } = faultyWorlds();

/** A call that gets no answer: what it ends with. */
async function cutShort(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'answered',
    (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.message,
  );
}

describe('a fault', () => {
  it('concerns the calls that it matches, and no others', async () => {
    const { client } = await world({ type: 'status', code: 503, match: { kind: 'status', car: CAR.id } });
    expect((await client.get(at('status/latest'))).status).toBe(503);
    expect((await client.get(at('location/park'))).status).toBe(200);
    expect((await client.get(at('ccs2/carstatus/latest', CCS2_CAR.id))).status).toBe(200);
  });

  it('is found by part of the path, by a regular expression, by method, by kind and by account', async () => {
    const { sim, client } = await world();
    const matches: NonNullable<FaultInput['match']>[] = [
      { path: 'spa/vehicles' },
      { path: '/vehicles$/' },
      { method: 'get' },
      { kind: 'control, list' },
      { account: 0 },
    ];
    for (const match of matches) {
      const fault = sim.faults.add({ type: 'status', code: 500, match });
      expect((await client.get(LIST)).status).toBe(500);
      fault.lift();
      expect((await client.get(LIST)).status).toBe(200);
    }
    for (const match of [{ path: 'nowhere' }, { method: 'PUT' }, { kind: 'li' }, { account: 1 }]) {
      sim.faults.add({ type: 'status', code: 500, match });
    }
    expect((await client.get(LIST)).status).toBe(200);
  });

  it('ends after its uses, after its time, and begins after those it skips', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time });
    const client = await PlainClient.ready(sim.url);
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let n = 0; n < count; n += 1) seen.push((await client.get(LIST)).status);
      return seen;
    };
    const counted = sim.faults.add({ type: 'status', code: 502, times: 2, skip: 1 });
    expect(await statuses(4)).toEqual([200, 502, 502, 200]);
    expect([counted.uses, counted.active]).toEqual([2, false]);
    sim.faults.add({ type: 'status', code: 502, forMs: 1_000 });
    expect(await statuses(1)).toEqual([502]);
    time.advance(1_000);
    expect(await statuses(1)).toEqual([200]);
    expect(sim.faults.list()).toEqual([]);
  });

  it('adds up with others', async () => {
    const { sim, client } = await world(
      { type: 'latency', ms: 30 },
      { type: 'carAsleep', variant: 'timeout', match: { car: CAR.id } },
    );
    const answer = await client.lock(CAR.id);
    expect([answer.status, answer.body.resCode]).toEqual([408, '4081']);
    expect(sim.log.at(-1)?.faults).toEqual(['latency', 'carAsleep']);
    expect(sim.log.at(-1)?.durationMs).toBeGreaterThanOrEqual(25);
  });

  it('that makes no sense is refused', async () => {
    const { sim } = await world();
    expect(() => sim.faults.add({ type: 'status' } as unknown as FaultInput)).toThrow();
    expect(() => sim.faults.add({ type: 'hang', match: { path: '/(/' } })).toThrow();
    expect(() => sim.faults.add({ type: 'status', code: 503, headers: { 'a b': 'c' } })).toThrow();
    expect(sim.faults.list()).toEqual([]);
  });
});

describe('faults of the line', () => {
  it('send pages and empty bodies instead of answers', async () => {
    const { sim, client } = await world({ type: 'status', code: 503, body: '<html>Maintenance</html>', times: 1 });
    const page = await client.get(LIST);
    expect([page.status, page.headers.get('content-type'), page.text]).toEqual([
      503,
      'text/html; charset=utf-8',
      '<html>Maintenance</html>',
    ]);
    sim.faults.add({ type: 'status', code: 503, headers: { 'retry-after': '7' }, times: 1 });
    const nothing = await client.get(LIST);
    expect([nothing.status, nothing.text, nothing.headers.get('retry-after')]).toEqual([503, '', '7']);
    sim.faults.add({ type: 'html200', times: 1 });
    expect(await client.get(LIST)).toMatchObject({ status: 200, body: null });
    sim.faults.add({
      type: 'status',
      code: 502,
      body: { code: 9001, message: 'external service error', errors: [] },
      times: 1,
    });
    expect((await client.get(LIST)).body.code).toBe(9001);
  });

  it('cut the connection before or after the command took effect', async () => {
    const { sim, client } = await world({ type: 'cutBefore', times: 1 });
    expect(await cutShort(client.unlock(CAR.id))).not.toBe('answered');
    expect(sim.car(CAR.id).deliveryCount).toBe(0);
    sim.faults.add({ type: 'cutAfter', times: 1, match: { kind: 'control' } });
    expect(await cutShort(client.unlock(CAR.id))).not.toBe('answered');
    expect(sim.car(CAR.id).deliveryCount).toBe(1);
    expect(sim.car(CAR.id).actual.locked).toBe(false);
    const [before, after] = sim.log.filter((call) => call.kind === 'control.door');
    expect(before).toMatchObject({ outcome: 'cut', status: null, effect: null });
    expect(after).toMatchObject({ outcome: 'cut', status: null, effect: 'door:open' });
  });

  it('leave a call alone that was refused: it had no effect', async () => {
    const { sim, client } = await world({ type: 'cutAfter' });
    const answer = await client.post(at('control/door'), { action: 'nonsense' });
    expect(answer.status).toBe(400);
    expect(sim.faults.list()).toMatchObject([{ uses: 0 }]);
  });

  it('never answer, until the client gives up', async () => {
    const { sim, client } = await world({ type: 'hang', times: 1 });
    const signal = new AbortController();
    const call = cutShort(fetch(`${sim.url}${LIST}`, { headers: client.vehicle('access'), signal: signal.signal }));
    await sim.waitFor((logged) => logged.kind === 'list' && logged.outcome === 'pending', 15_000);
    signal.abort();
    expect(await call).not.toBe('answered');
    const ended = await sim.waitFor((logged) => logged.kind === 'list' && logged.outcome !== 'pending', 15_000);
    expect(ended).toMatchObject({ outcome: 'gone', status: null });
  });

  it('let go of what hangs when the simulator closes', async () => {
    const { sim, client } = await world({ type: 'hang' });
    const call = cutShort(client.get(LIST));
    await sim.waitFor((logged) => logged.kind === 'list', 15_000);
    await sim.close();
    expect(await call).not.toBe('answered');
  });

  it('hang or fail after the command took effect, when told so', async () => {
    const { sim, client } = await world({ type: 'status', code: 504, afterEffect: true, match: { kind: 'control' } });
    expect((await client.unlock(CAR.id)).status).toBe(504);
    expect(sim.car(CAR.id).actual.locked).toBe(false);
  });

  it('say that the budget is used up', async () => {
    const { sim, client } = await world({ type: 'rateLimited', times: 1, resetS: 60 });
    const answer = await client.get(LIST);
    expect([answer.status, answer.body.resCode, answer.headers.get('x-ratelimit-remaining')]).toEqual([
      509,
      '5091',
      '0',
    ]);
    expect(Number(answer.headers.get('x-ratelimit-reset')) - Date.now() / 1000).toBeGreaterThan(55);
    sim.faults.add({ type: 'rateLimited', variant: 'http429', resetS: 60 });
    const gateway = await client.get(LIST);
    expect([gateway.status, gateway.headers.get('retry-after')]).toEqual([429, '60']);
  });
});
