import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { demoAccount } from '../../../src/io/simulator/demo-account.ts';
import { startSimulator } from '../../../src/io/simulator/simulator.ts';
import { PlainClient } from './support/plain-client.ts';
import { ACCOUNT, CAR, CCS2_CAR, simulators } from './support/world.ts';

const start = simulators();

/** Bytes as they are, and all that comes back. */
function raw(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes));
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

function withHost(port: number, host: string, path = '/__sim/log'): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = httpRequest({ host: '127.0.0.1', port, path, headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end();
  });
}

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

describe('the simulator in code', () => {
  it('tells of a call when it arrives and when it is over', async () => {
    const seen: string[] = [];
    const sim = await start({ log: (call) => seen.push(`${call.kind} ${call.outcome}`) });
    const later: string[] = [];
    const stop = sim.onCall((call) => later.push(call.kind));
    await new PlainClient(sim.url).register();
    stop();
    await new PlainClient(sim.url).refresh();
    expect(seen).toEqual([
      'device.register pending',
      'device.register answered',
      'token.refresh pending',
      'token.refresh answered',
    ]);
    expect(later).toEqual(['device.register', 'device.register']);
  });

  it('waits for a call, past or to come, and not for ever', async () => {
    const sim = await start();
    const client = new PlainClient(sim.url);
    const coming = sim.waitFor((call) => call.kind === 'device.register' && call.status === 200, 2_000);
    await client.register();
    const { n } = await coming;
    await expect(sim.waitFor((call) => call.kind === 'device.register', 2_000)).resolves.toMatchObject({ n });
    await expect(sim.waitFor((call) => call.kind === 'device.register', 10, n)).rejects.toThrow(
      'No such call within 10 ms.',
    );
    const never = sim.waitFor(() => false, 60_000);
    await sim.close();
    await expect(never).rejects.toThrow('The simulator was closed.');
  });

  it('keeps the last calls only', async () => {
    const sim = await start({ limits: { logEntries: 3 } });
    const client = new PlainClient(sim.url);
    for (let at = 0; at < 5; at += 1) await client.register();
    expect(sim.log.map((call) => call.n)).toEqual([3, 4, 5]);
  });

  it('goes off the line and comes back on the same port, with everything it knew', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    await sim.goOffline();
    await expect(client.get('/api/v1/spa/vehicles')).rejects.toThrow();
    await sim.goOnline();
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(200);
  });

  it('refuses accounts that make no sense', async () => {
    const twice = { ...ACCOUNT, cars: [CAR, CAR] };
    await expect(startSimulator({ accounts: [twice] })).rejects.toThrow('the same id');
    const odd = { ...ACCOUNT, cars: [{ ...CAR, id: 'a/b' }] };
    await expect(startSimulator({ accounts: [odd] })).rejects.toThrow('"a/b"');
    await expect(startSimulator({ accounts: [{ ...ACCOUNT, refreshToken: 'short' }] })).rejects.toThrow('48');
  });

  it('has a demo account with two cars that anybody can log in to', async () => {
    const sim = await start({ accounts: [demoAccount()] });
    const client = await PlainClient.ready(sim.url, demoAccount());
    const { vehicles } = (await client.get('/api/v1/spa/vehicles')).body.resMsg;
    expect(vehicles).toMatchObject([
      { nickname: 'IONIQ 5', ccuCCS2ProtocolSupport: 0 },
      { nickname: 'Kona', ccuCCS2ProtocolSupport: 0 },
    ]);
    for (const { vehicleId, vin } of vehicles) {
      expect(vehicleId).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      expect(vin).toMatch(/^[A-HJ-NPR-Z0-9]{17}$/);
    }
  });
});

describe('the server', () => {
  it('answers only to loopback names with its port', async () => {
    const sim = await start();
    for (const host of [
      `127.0.0.1:${sim.port}`,
      `localhost:${sim.port}`,
      `[::1]:${sim.port}`,
      `LOCALHOST:${sim.port}`,
    ]) {
      expect(await withHost(sim.port, host)).toBe(200);
    }
    for (const host of [
      'evil.example',
      `evil.example:${sim.port}`,
      '127.0.0.1',
      `127.0.0.1:${sim.port + 1}`,
      `127.0.0.1.evil.example:${sim.port}`,
      `localhost:${sim.port}.evil.example`,
    ]) {
      expect(await withHost(sim.port, host)).toBe(421);
      expect(await withHost(sim.port, host, '/api/v1/spa/vehicles')).toBe(421);
    }
    expect(sim.log).toEqual([]);
  });

  it('points links at the name that the client used', async () => {
    const sim = await start();
    const url = `http://localhost:${sim.port}`;
    const client = new PlainClient(url);
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.brand.clientId,
      redirect_uri: `${url}/x`,
    });
    const answer = await fetch(`${url}/api/v1/user/oauth2/authorize?${query}`, { redirect: 'manual' });
    expect(answer.headers.get('location')).toMatch(`${url}/web/`);
  });

  it('refuses bodies that are too large, and lives', async () => {
    const sim = await start({ limits: { bodyBytes: 1_000 } });
    const client = await PlainClient.ready(sim.url);
    const answer = await client.send('POST', '/__sim/faults', { json: { type: 'x'.repeat(2_000) } }).catch(() => null);
    expect(answer?.status ?? 413).toBe(413);
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(200);
  });

  it('lives through requests that are none', async () => {
    const sim = await start();
    expect(await raw(sim.port, 'nonsense\r\n\r\n')).toContain('400 Bad Request');
    expect(await raw(sim.port, `GET * HTTP/1.1\r\nHost: 127.0.0.1:${sim.port}\r\n\r\n`)).toContain(' 400 ');
    expect(
      await raw(
        sim.port,
        `GET http://evil.example/__sim/log HTTP/1.1\r\nHost: 127.0.0.1:${sim.port}\r\nConnection: close\r\n\r\n`,
      ),
    ).toContain(' 200 ');
    expect(await raw(sim.port, 'GET / HTTP/1.1\r\n\r\n')).toContain(' 400 ');
    expect(
      await raw(
        sim.port,
        `POST /api/v1/user/signin HTTP/1.1\r\nHost: 127.0.0.1:${sim.port}\r\nContent-Length: 50\r\n\r\nshort`,
      ),
    ).not.toContain(' 200 ');
    expect(
      await raw(
        sim.port,
        `GET /__sim/log HTTP/1.1\r\nHost: 127.0.0.1:${sim.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      ),
    ).toContain('400');
    const client = await PlainClient.ready(sim.url);
    expect(
      (
        await client.send('PUT', '/api/v1/user/pin', {
          headers: { authorization: `Bearer ${client.access}` },
          json: [1],
        })
      ).status,
    ).toBe(400);
    expect(
      (await client.send('POST', `/api/v1/spa/vehicles/${CAR.id}/control/door`, { headers: client.vehicle('access') }))
        .status,
    ).toBe(400);
    expect((await client.send('POST', '/api/v1/user/oauth2/token')).status).toBe(400);
    expect((await client.get('/api/v1/spa/vehicles')).status).toBe(200);
  });

  it('tells a wrong method from a wrong path', async () => {
    const sim = await start();
    const client = new PlainClient(sim.url);
    const method = await client.send('DELETE', '/api/v1/spa/vehicles');
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET']);
    expect((await client.send('GET', '/api/v3/nothing')).status).toBe(404);
  });

  it('says when its port is taken', async () => {
    const sim = await start();
    await expect(startSimulator({ accounts: [], port: sim.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
