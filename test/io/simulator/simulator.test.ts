import { describe, expect, it } from 'vitest';
import { demoAccount } from '../../../src/io/simulator/demo-account.ts';
import { startSimulator } from '../../../src/io/simulator/simulator.ts';
import { freePort } from '../../support/brokers.ts';
import { PlainClient } from './support/plain-client.ts';
import { ACCOUNT, CAR, simulators } from './support/world.ts';

const start = simulators();

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
    const coming = sim.waitFor((call) => call.kind === 'device.register' && call.status === 200, 15_000);
    await client.register();
    const { n } = await coming;
    await expect(sim.waitFor((call) => call.kind === 'device.register', 15_000)).resolves.toMatchObject({ n });
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
    const sim = await start({ port: await freePort() });
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
