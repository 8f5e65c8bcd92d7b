import { describe, expect, it } from 'vitest';
import { PlainClient } from './support/plain-client.ts';
import { ACCOUNT, CAR, CCS2_CAR, simulators } from './support/world.ts';

const start = simulators();

describe('the way in for tests', () => {
  it('shows the log, from a number on', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    await client.unlock(CAR.id);
    const whole = (await client.send('GET', '/__sim/log')).body;
    expect(whole.calls.map((call: { kind: string }) => call.kind)).toEqual([
      'token.refresh',
      'device.register',
      'pin',
      'control.door',
    ]);
    const last = (await client.send('GET', '/__sim/log?since=3')).body;
    expect(last.last).toBe(4);
    expect(last.calls).toMatchObject([
      {
        n: 4,
        method: 'POST',
        car: CAR.id,
        account: 0,
        kind: 'control.door',
        outcome: 'answered',
        status: 200,
        code: '0000',
        token: 1,
        tokenKind: 'access',
        wake: false,
        effect: 'door:open',
        actionId: expect.any(String),
      },
    ]);
    expect((await client.send('GET', '/__sim/log?kind=pin')).body.calls).toHaveLength(1);
    expect((await client.send('GET', `/__sim/log?car=${CCS2_CAR.id}`)).body.calls).toEqual([]);
    await client.send('DELETE', '/__sim/log');
    expect((await client.send('GET', '/__sim/log')).body).toMatchObject({ last: 4, calls: [] });
  });

  it('shows whether a repeated call is the same, byte for byte', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    await client.unlock(CAR.id);
    await client.unlock(CAR.id);
    await client.lock(CAR.id);
    const [first, second, other] = sim.log
      .filter((call) => call.kind === 'control.door')
      .map((call) => call.bodySha256);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
    expect(sim.log.filter((call) => call.kind === 'pin').map((call) => call.bodySha256)).toEqual([null]);
  });

  it('names tokens by their number, and no secret at all', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    await client.get('/api/v1/spa/vehicles');
    await client.get('/api/v1/spa/vehicles', 'control');
    await client.send('POST', '/domain/api/v1/auth/token?code=a-secret-code');
    await client.send('POST', '/api/v1/user/signin', { json: { email: ACCOUNT.username, password: ACCOUNT.password } });
    await client.send('GET', `/api/v1/spa/vehicles?access_token=${client.access}&lang=en`);
    const shown = JSON.stringify([
      await client.send('GET', '/__sim/log'),
      await client.send('GET', '/__sim/state'),
      sim.log,
    ]);
    expect(sim.log.map((call) => [call.token, call.tokenKind])).toContainEqual([1, 'control']);
    const secrets = [
      ...sim.cloud.secrets(),
      'a-secret-code',
      ACCOUNT.password,
      ACCOUNT.username,
      client.access,
      client.control,
      CAR.vin,
    ];
    expect(secrets.length).toBeGreaterThan(8);
    for (const secret of secrets) expect(shown).not.toContain(secret);
    expect(shown).not.toContain(`"${ACCOUNT.pin}"`);
    expect(shown).toContain('/domain/api/v1/auth/token?code=***');
    expect(shown).toContain('access_token=***&lang=en');
  });

  it('shows the truth about the cars beside what they reported', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    await client.unlock(CAR.id);
    sim.car(CAR.id).change({ trunkOpen: true });
    await client.get(`/api/v1/spa/vehicles/${CCS2_CAR.id}/ccs2/carstatus`);
    const { cars, tokens } = (await client.send('GET', '/__sim/state')).body;
    expect(cars[0]).toMatchObject({
      id: CAR.id,
      state: { locked: false, trunkOpen: true },
      reported: { state: { locked: false, trunkOpen: false } },
      wakes: 0,
      deliveryCount: 1,
      deliveries: [{ order: 'door:open' }],
      pending: null,
    });
    expect(cars[1]).toMatchObject({ id: CCS2_CAR.id, wakes: 1, deliveryCount: 0 });
    expect(tokens).toEqual({ access: 1, control: 1 });
  });

  it('switches faults on and off', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const added = await client.send('POST', '/__sim/faults', {
      json: { type: 'duplicate', match: { kind: 'control' }, times: 3 },
    });
    expect(added.status).toBe(201);
    await client.lock(CAR.id);
    const listed = (await client.send('GET', '/__sim/faults')).body.faults;
    expect(listed).toMatchObject([{ id: added.body.id, uses: 1, fault: { type: 'duplicate', times: 3 } }]);
    expect((await client.send('DELETE', `/__sim/faults/${added.body.id}`)).status).toBe(204);
    expect((await client.send('DELETE', `/__sim/faults/${added.body.id}`)).status).toBe(404);
    expect((await client.lock(CAR.id)).status).toBe(200);
    await client.send('POST', '/__sim/faults', { json: { type: 'html200' } });
    await client.send('DELETE', '/__sim/faults');
    expect((await client.get('/api/v1/spa/vehicles')).body.retCode).toBe('S');
  });

  it.each([
    [{ type: 'nonsense' }],
    [{ type: 'latency' }],
    [{ type: 'hang', extra: 1 }],
    [{ type: 'hang', match: { path: '/(/' } }],
    ['text'],
    [null],
  ])('refuses the fault %j with a sentence', async (json) => {
    const sim = await start();
    const answer = await new PlainClient(sim.url).send('POST', '/__sim/faults', { json });
    expect(answer.status).toBe(400);
    expect(answer.body.error).toEqual(expect.any(String));
  });

  it('ends tokens', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    expect((await client.send('POST', '/__sim/expire', { json: { kinds: ['control'] } })).body).toEqual({ ended: 1 });
    expect((await client.send('POST', '/__sim/revoke')).body).toEqual({ ended: 1 });
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(401);
    expect((await client.send('POST', '/__sim/devices/invalidate')).body).toEqual({ ended: 1 });
    expect((await client.send('POST', '/__sim/revoke', { json: { kinds: ['all'] } })).status).toBe(400);
  });

  it('changes a car as its driver would', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const change = { state: { plug: 'station', charging: true }, reachability: 'timeout', report: true };
    const answer = await client.send('POST', `/__sim/cars/${CAR.id}`, { json: change });
    expect(answer.body).toMatchObject({ reported: { state: { charging: true } }, reachability: 'timeout' });
    const raw = await client.send('POST', `/__sim/cars/${CAR.id}`, {
      json: { rawStatus: { vehicleStatus: { doorLock: false } } },
    });
    expect(raw.status).toBe(200);
    const status = await client.get(`/api/v1/spa/vehicles/${CAR.id}/status/latest`);
    expect(status.body.resMsg.vehicleStatusInfo).toEqual({ vehicleStatus: { doorLock: false } });
    expect((await client.send('POST', '/__sim/cars/nobody', { json: {} })).status).toBe(404);
    expect((await client.send('POST', `/__sim/cars/${CAR.id}`, { json: { state: { colour: 'red' } } })).status).toBe(
      400,
    );
  });

  it('names its paths to whoever guesses, and turns web pages away', async () => {
    const sim = await start();
    const client = new PlainClient(sim.url);
    expect((await client.send('GET', '/__sim')).body.error).toContain('/__sim/log');
    expect((await client.send('GET', '/__sim/log/a/b')).status).toBe(404);
    expect(
      (await client.send('POST', '/__sim/revoke', { headers: { origin: 'https://elsewhere.example' } })).status,
    ).toBe(403);
    expect((await client.send('POST', '/__sim/revoke', { headers: { origin: sim.url } })).status).toBe(200);
  });
});
