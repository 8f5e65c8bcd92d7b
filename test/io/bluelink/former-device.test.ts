import { describe, expect, it } from 'vitest';
import type { CloudCall } from '../../../src/machines/domain/command.ts';
import { how, list, lock, never } from './support/account.ts';
import { CAR, DEVICE, type FakeAnswer, ok, spa } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

const RECORDS = `GET /api/v1/spa/notifications/${CAR}/records`;
const REGISTER = 'POST /api/v1/spa/notifications/register';
const INVALID = spa(400, '4002', 'Invalid request body - Invalid deviceId');
const look: CloudCall = { type: 'record', car: CAR, actionId: 'action-1' };

const world = useWorld();

/** A gateway whose device was registered anew after a control. Records are kept by device, as `kept` says. */
async function registeredAnew(kept: Readonly<Record<string, FakeAnswer>>) {
  world.cloud
    .on(REGISTER, (_, times) => ok({ deviceId: `device-${times + 1}` }))
    .on(RECORDS, ({ headers }) => kept[String(headers['ccsp-device-id'])] ?? ok([]));
  const opened = await world.open();
  await opened.gateway.call(lock, how());
  await opened.gateway.registerDevice(1, never);
  return opened;
}
const asked = () => world.cloud.seen(RECORDS).map(({ headers }) => headers['ccsp-device-id']);
const done = ok([{ recordId: 'action-1', result: 'success' }]);

describe('the record of a control that was sent before our device was registered anew', () => {
  it('is asked for with the id that the control was sent with', async () => {
    const { gateway } = await registeredAnew({ [DEVICE]: done });
    expect(await gateway.call(look, how())).toMatchObject({ ok: true, value: { word: 'success' } });
    expect(asked()).toEqual([DEVICE]);
  });

  it('is asked for with the present id, too, when it is missing', async () => {
    const { gateway } = await registeredAnew({ 'device-2': done });
    expect(await gateway.call(look, how())).toMatchObject({ ok: true, value: { word: 'success' } });
    expect(asked()).toEqual([DEVICE, 'device-2']);
  });

  it('is asked for with the present id, which is kept, when the former one is forgotten', async () => {
    const { gateway, store } = await registeredAnew({ [DEVICE]: INVALID, 'device-2': done });
    expect(await gateway.call(look, how())).toMatchObject({ ok: true, value: { word: 'success' } });
    await gateway.call(look, how());
    expect(asked()).toEqual([DEVICE, 'device-2', 'device-2']);
    expect(store.saved.at(-1)?.deviceId).toBe('device-2');
    expect(await gateway.call(list, how())).toMatchObject({ ok: true });
    expect(world.cloud.seen(REGISTER)).toHaveLength(1);
  });

  it('that is missing makes nobody register once more: that has been done', async () => {
    const { gateway } = await registeredAnew({});
    const outcome = await gateway.call(look, how());
    expect(outcome).toMatchObject({ ok: true, value: { word: 'missing' }, device: 1 });
    expect(await gateway.registerDevice(outcome.device ?? null, never)).toEqual({ ok: true, asked: false });
  });

  it('tells which id was refused when it is the present one', async () => {
    const { gateway, store } = await registeredAnew({ 'device-2': INVALID });
    expect(await gateway.call(look, how())).toMatchObject({ failure: { kind: 'deviceIdInvalid' }, device: 2 });
    expect(store.saved.at(-1)?.deviceId).toBeNull();
  });
});
