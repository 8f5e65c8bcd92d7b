import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RemoteCloud } from '../../scripts/crash/cloud.ts';

/** A cloud that answers these, and 404 to all else. */
async function aCloud(answers: Readonly<Record<string, unknown>>): Promise<RemoteCloud> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const body = answers[`${request.method} ${pathname}`];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return new RemoteCloud(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}
const logged = (...calls: readonly object[]) =>
  aCloud({ 'GET /__sim/log': { last: 9, calls: calls.map((call) => ({ outcome: 'answered', ...call })) } });

describe('a cloud that is killed beside', () => {
  it('offers what it answers', async () => {
    const cars = [{ id: 'a', deliveryCount: 0, state: { locked: true } }];
    const least = await aCloud({ 'GET /__sim/state': { cars } });
    expect(await least.cars()).toEqual(cars);
    expect(await least.abilities()).toEqual({ log: false, faults: false, revoke: false });
    const most = await aCloud({
      'GET /__sim/log': { last: 0, calls: [] },
      'DELETE /__sim/faults': {},
      'POST /__sim/revoke': {},
    });
    expect(await most.abilities()).toEqual({ log: true, faults: true, revoke: true });
  });

  it('says in words what is wrong with its answer', async () => {
    const cloud = await aCloud({ 'GET /__sim/state': { cars: [{ id: 'a', state: { locked: true } }] } });
    await expect(cloud.cars()).rejects.toThrow(/__sim\/state has another shape: .*deliveryCount/s);
  });

  it('tells which controls were sent', async () => {
    const cloud = await logged(
      { kind: 'control.door', car: 'a', status: 200 },
      { kind: 'control.door', car: 'b', status: 401 },
      { kind: 'control.door', car: 'c', status: null, outcome: 'pending' },
      { kind: 'records', car: 'd', status: 200 },
    );
    const sent = await Promise.all(['a', 'b', 'c', 'd'].map((car) => cloud.wasSent(car, 0)));
    expect(sent).toEqual([true, false, true, false]);
  });

  it('leaves it open where its log does not say whom a control was for, or how it was answered', async () => {
    expect(await (await logged({ kind: 'control.door', status: 200 })).wasSent('a', 0)).toBeNull();
    expect(await (await logged({ kind: 'control.door', car: 'a' })).wasSent('a', 0)).toBeNull();
    expect(await (await logged({ kind: 'records' })).wasSent('a', 0)).toBe(false);
  });
});
