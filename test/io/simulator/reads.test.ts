import { describe, expect, it } from 'vitest';
import { ManualTime } from './support/manual-time.ts';
import { PlainClient } from './support/plain-client.ts';
import { CAR, CCS2_CAR, simulators } from './support/world.ts';

const start = simulators();
const spa = (car: string, rest: string, version = 'v1') => `/api/${version}/spa/vehicles/${car}/${rest}`;

describe('reads', () => {
  it('answer a classic car in the shape of the classic protocol', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    const { vehicleStatusInfo } = (await client.get(spa(CAR.id, 'status/latest'))).body.resMsg;
    expect(vehicleStatusInfo).toMatchObject({
      vehicleLocation: { coord: { lat: 52.5163, lon: 13.3777 }, time: expect.stringMatching(/^\d{14}$/) },
      vehicleStatus: { doorLock: true, airTemp: { value: '0EH' }, time: expect.stringMatching(/^\d{14}$/) },
      odometer: { value: 15_234.5, unit: 1 },
    });
    const forced = (await client.get(spa(CAR.id, 'status'))).body.resMsg;
    expect(forced).toMatchObject({ doorLock: true });
    expect(forced).not.toHaveProperty('odometer');
    expect((await client.get(spa(CAR.id, 'location'))).body.resMsg.gpsDetail.coord.lat).toBe(52.5163);
    expect((await client.get(spa(CAR.id, 'location/park'))).body.resMsg.coord.lat).toBe(52.5163);
    expect((await client.get(spa(CAR.id, 'ccs2/carstatus/latest'))).body.resCode).toBe('5921');
  });

  it('wake a CCS2 car at once and show its report later', async () => {
    const time = new ManualTime('2026-08-01T10:00:00.000Z');
    const sim = await start({ clock: time, timers: time, timings: { ccs2WakeMs: 15_000 } });
    const client = await PlainClient.ready(sim.url);
    const latest = async () => (await client.get(spa(CCS2_CAR.id, 'ccs2/carstatus/latest'))).body.resMsg;
    const before = Number((await latest()).lastUpdateTime);
    time.advance(60_000);
    const woken = await client.get(spa(CCS2_CAR.id, 'ccs2/carstatus'));
    expect(woken.body).not.toHaveProperty('resMsg');
    expect(Number((await latest()).lastUpdateTime)).toBe(before);
    time.advance(15_000);
    expect(Number((await latest()).lastUpdateTime)).toBe(before + 75_000);
    expect((await latest()).state.Vehicle).toMatchObject({ Date: '20260801120115.000', Offset: '2' });
    expect(sim.car(CCS2_CAR.id).wakes).toBe(1);
  });

  it('serve a payload of your own as the car’s status', async () => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    sim.car(CAR.id).rawStatus = { vehicleStatus: { doorLock: false } };
    expect((await client.get(spa(CAR.id, 'status/latest'))).body.resMsg).toEqual({
      vehicleStatusInfo: { vehicleStatus: { doorLock: false } },
    });
    expect((await client.get(spa(CAR.id, 'status'))).body.resMsg).toEqual({ doorLock: false });
    sim.car(CCS2_CAR.id).rawStatus = { Date: '20250420202723.000' };
    const { state } = (await client.get(spa(CCS2_CAR.id, 'ccs2/carstatus/latest'))).body.resMsg;
    expect(state.Vehicle).toEqual({ Date: '20250420202723.000' });
  });

  it('let only one forced read of a car be under way', async () => {
    const time = new ManualTime('2026-08-01T10:00:00Z');
    const sim = await start({ clock: time, timers: time, timings: { forcedReadMs: 20_000 } });
    const client = await PlainClient.ready(sim.url);
    const first = client.get(spa(CAR.id, 'status'));
    await sim.waitFor((call) => call.kind === 'status.forced', 15_000);
    const second = await client.get(spa(CAR.id, 'location'));
    expect(second.body.resCode).toBe('4004');
    time.advance(20_000);
    expect((await first).body.resMsg.time).toBe('20260801120020');
    expect(time.waiting).toBe(0);
  });
});
