import { describe, expect, it } from 'vitest';
import type { FaultInput } from '../../../src/io/simulator/faults/schema.ts';
import { ManualTime } from './support/manual-time.ts';
import { PlainClient, stampOf } from './support/plain-client.ts';
import { ACCOUNT, CAR, CCS2_CAR, simulators } from './support/world.ts';

const start = simulators();
const LIST = '/api/v1/spa/vehicles';
const at = (rest: string, car = CAR.id) => `/api/v1/spa/vehicles/${car}/${rest}`;

async function world(...faults: FaultInput[]) {
  const sim = await start();
  const client = await PlainClient.ready(sim.url);
  for (const fault of faults) sim.faults.add(fault);
  return { sim, client };
}

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

  it('never answer, until the client gives up', async () => {
    const { sim, client } = await world({ type: 'hang', times: 1 });
    const signal = new AbortController();
    const call = cutShort(fetch(`${sim.url}${LIST}`, { headers: client.vehicle('access'), signal: signal.signal }));
    await sim.waitFor((logged) => logged.kind === 'list' && logged.outcome === 'pending', 2_000);
    signal.abort();
    expect(await call).not.toBe('answered');
    const ended = await sim.waitFor((logged) => logged.kind === 'list' && logged.outcome !== 'pending', 2_000);
    expect(ended).toMatchObject({ outcome: 'gone', status: null });
  });

  it('let go of what hangs when the simulator closes', async () => {
    const { sim, client } = await world({ type: 'hang' });
    const call = cutShort(client.get(LIST));
    await sim.waitFor((logged) => logged.kind === 'list', 2_000);
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

describe('faults of the session', () => {
  it('refuse every token, also a fresh one, until lifted', async () => {
    const { sim, client } = await world();
    const fault = sim.faults.add({ type: 'rejectFreshTokens' });
    await client.refresh();
    expect((await client.get(LIST)).body).toEqual({ error: 'Key not authorized: Token is expired' });
    expect((await client.enterPin()).status).toBe(401);
    fault.lift();
    expect((await client.get(LIST)).status).toBe(200);
  });

  it('can refuse only one kind of token, or only for one car, in other words', async () => {
    const { client } = await world({
      type: 'rejectFreshTokens',
      kinds: ['control'],
      text: 'Key not authorized: token has expired',
      match: { car: CAR.id },
    });
    expect((await client.get(at('status/latest'), 'control')).body.error).toBe('Key not authorized: token has expired');
    expect((await client.get(at('status/latest'), 'access')).status).toBe(200);
    expect((await client.get(LIST, 'control')).status).toBe(200);
  });

  it('word the refusal of an expired token differently', async () => {
    const { sim, client } = await world({ type: 'tokenErrorText', text: 'Key not authorized: token has expired' });
    expect((await client.get(LIST)).status).toBe(200);
    sim.expireTokens();
    expect((await client.get(LIST)).body.error).toBe('Key not authorized: token has expired');
  });

  it('refuse or break the refresh', async () => {
    const { sim, client } = await world({ type: 'refuseRefresh', times: 1 }, { type: 'breakRefresh', times: 1 });
    expect(await client.refresh()).toMatchObject({ status: 400, body: { errCode: '4002' } });
    expect(await client.refresh()).toMatchObject({ status: 500, body: null });
    expect((await client.refresh()).status).toBe(200);
    expect(sim.log.filter((call) => call.kind === 'token.refresh').map((call) => call.effect)).toEqual([
      'access#1',
      null,
      null,
      'access#2',
    ]);
  });

  it('revoke some kinds of tokens and not others', async () => {
    const { sim, client } = await world();
    expect(sim.revokeTokens({ kinds: ['control'] })).toBe(1);
    expect((await client.get(LIST, 'control')).status).toBe(401);
    expect((await client.get(LIST)).status).toBe(200);
    expect(sim.revokeTokens({ account: 1 })).toBe(0);
    expect(sim.revokeTokens({ account: 0 })).toBe(1);
    expect((await client.get(LIST)).status).toBe(401);
  });

  it('call the PIN wrong, in both ways', async () => {
    const { sim, client } = await world({ type: 'wrongPinAlways', times: 1 });
    expect(await client.enterPin()).toMatchObject({ status: 400, body: { errCode: '4003' } });
    sim.faults.add({ type: 'wrongPinAlways', variant: '200', times: 1 });
    const nasty = await client.enterPin();
    expect([nasty.status, nasty.body.controlToken]).toEqual([200, undefined]);
  });

  it('make the device id invalid, now or after a command', async () => {
    const { sim, client } = await world({ type: 'deviceIdInvalid', times: 1 });
    expect((await client.get(LIST)).body.resCode).toBe('4002');
    expect((await client.get(LIST)).body.resCode).toBe('4002');
    await client.register();
    sim.faults.add({ type: 'deviceIdInvalid', afterEffect: true, match: { kind: 'control' } });
    expect((await client.lock(CAR.id)).status).toBe(200);
    expect((await client.records(CAR.id)).body.resCode).toBe('4002');
  });
});

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

describe('strict behaviours', () => {
  it('refuse the retired application id', async () => {
    const { client } = await world({ type: 'retiredAppId' });
    expect((await client.get(LIST)).status).toBe(200);
    client.appId = client.brand.retiredAppIds[0] ?? '';
    expect(await client.get(LIST)).toMatchObject({ status: 401, body: { resCode: '4017' } });
  });

  it('refuse to register a Hyundai with the push type of Apple', async () => {
    const { client } = await world();
    expect((await client.register('APNS')).status).toBe(200);
    const strict = await world({ type: 'pushType' });
    expect(await strict.client.register('APNS')).toMatchObject({
      status: 400,
      body: { resMsg: 'Invalid request body - Invalid parameter.' },
    });
    expect((await strict.client.register('GCM')).status).toBe(200);
  });

  it('refuse a stamp of yesterday', async () => {
    const { sim, client } = await world();
    const stamp = stampOf(client.appId, client.brand.stampKey, Date.now() - 86_400_000);
    const old = () => client.send('GET', LIST, { headers: { ...client.vehicle('access'), stamp } });
    expect((await old()).status).toBe(200);
    sim.faults.add({ type: 'stampWindow' });
    expect((await old()).body.resCode).toBe('4017');
    expect((await client.get(LIST)).status).toBe(200);
  });

  it('let nobody in by the old logins', async () => {
    const { client } = await world({ type: 'oldLoginGone' });
    const answer = await client.send('POST', '/api/v1/user/signin', {
      json: { email: ACCOUNT.username, password: ACCOUNT.password },
    });
    expect(answer).toMatchObject({ status: 401, body: { retMsg: 'Received unexpected statusCode' } });
  });
});
