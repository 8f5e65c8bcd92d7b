import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startSimulator } from '../../../src/io/simulator/simulator.ts';
import { PlainClient } from './support/plain-client.ts';
import { CAR, simulators } from './support/world.ts';

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
