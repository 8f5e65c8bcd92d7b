import { describe, expect, it } from 'vitest';
import { how, list, never, PIN, storedRecord, unlock } from './support/account.ts';
import { CAR, DEVICE, ok, spa } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

const LIST = 'GET /api/v1/spa/vehicles';
const REGISTER = 'POST /api/v1/spa/notifications/register';
const INVALID = spa(400, '4002', 'Invalid request body - Invalid deviceId');

const world = useWorld();

describe('a registration', () => {
  it('is one call for all who name the same id, also for those who come later', async () => {
    world.cloud.on(LIST, () => INVALID).on(REGISTER, () => ok({ deviceId: 'device-2' }));
    const { gateway, store } = await world.open();
    const outcome = await gateway.call(list, how());
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'deviceIdInvalid' }, device: 1 });
    const both = await Promise.all([gateway.registerDevice(1, never), gateway.registerDevice(1, never)]);
    expect(both).toEqual([
      { ok: true, asked: true },
      { ok: true, asked: false },
    ]);
    expect(await gateway.registerDevice(1, never)).toEqual({ ok: true, asked: false });
    expect(world.cloud.seen(REGISTER)).toHaveLength(1);
    expect(store.saved.at(-1)?.deviceId).toBe('device-2');
  });

  it('names the id also when it was the vehicle list before a control that met it', async () => {
    world.cloud.on(LIST, () => INVALID);
    const { gateway, store } = await world.open();
    expect(await gateway.call(unlock, how())).toMatchObject({
      ok: false,
      failure: { kind: 'deviceIdInvalid', reached: 'no' },
      device: 1,
    });
    expect(store.saved.at(-1)?.deviceId).toBeNull();
  });

  it('is made again for the id that it brought, and when nobody knows which one was refused', async () => {
    const { gateway } = await world.open();
    await gateway.registerDevice(1, never);
    expect(await gateway.registerDevice(2, never)).toEqual({ ok: true, asked: true });
    expect(await gateway.registerDevice(null, never)).toEqual({ ok: true, asked: true });
    expect(world.cloud.seen(REGISTER)).toHaveLength(3);
  });

  it('is not made when a call has registered by itself meanwhile', async () => {
    world.cloud.on(LIST, (_, times) => (times === 1 ? INVALID : ok({ vehicles: [] })));
    const { gateway } = await world.open();
    await gateway.call(list, how());
    expect(await gateway.call(list, how())).toMatchObject({ ok: true, device: 2 });
    expect(await gateway.registerDevice(1, never)).toEqual({ ok: true, asked: false });
    expect(world.cloud.seen(REGISTER)).toHaveLength(1);
  });

  it('makes the control token be bought anew, because that was bound to the old id', async () => {
    world.cloud.on(REGISTER, () => ok({ deviceId: 'device-2' }));
    const { gateway } = await world.open();
    await gateway.call(unlock, how());
    await gateway.registerDevice(1, never);
    await gateway.call(unlock, how());
    expect(world.cloud.seen('PUT /api/v1/user/pin').map(({ body }) => JSON.parse(body))).toEqual([
      { deviceId: DEVICE, pin: PIN },
      { deviceId: 'device-2', pin: PIN },
    ]);
    expect(world.cloud.seen(`POST /api/v1/spa/vehicles/${CAR}/control/door`)).toHaveLength(2);
  });

  it('that is refused says so, to all who wait for it', async () => {
    world.cloud.on(REGISTER, () => spa(400, '4002', 'Invalid request body - Invalid parameter.'));
    const { gateway } = await world.open({ record: storedRecord({ deviceId: null }) });
    expect(await gateway.registerDevice(1, never)).toMatchObject({
      ok: false,
      asked: true,
      failure: { kind: 'misconfigured', reached: 'no' },
    });
  });

  it('ends for who stops waiting, and for all when the gateway closes', async () => {
    world.cloud.on(REGISTER, () => 'hang');
    const { gateway } = await world.open();
    const abort = new AbortController();
    const [impatient, patient] = [gateway.registerDevice(1, abort.signal), gateway.registerDevice(1, never)];
    await world.cloud.arrived(REGISTER);
    abort.abort();
    expect(await impatient).toMatchObject({ ok: false, failure: { kind: 'aborted' } });
    await gateway.close();
    expect(await patient).toMatchObject({ ok: false, failure: { kind: 'aborted' }, asked: false });
  });
});
