import { beforeEach, describe, expect, it } from 'vitest';
import type { ClimateStart } from '../../../src/machines/domain/command.ts';
import { climateStart } from '../../support/climate.ts';
import { how } from './support/account.ts';
import { CAR, type FakeAnswer, ok, vehicle } from './support/fake-cloud.ts';
import { useWorld } from './support/world.ts';

const LATEST = `GET /api/v1/spa/vehicles/${CAR}/ccs2/carstatus/latest`;
const CLIMATE = `POST /api/v2/spa/vehicles/${CAR}/ccs2/control/temperature`;
const KM = 1;
const MILES = 3;

const world = useWorld();

beforeEach(() => {
  world.cloud
    .on('GET /api/v1/spa/vehicles', () => ok({ vehicles: [vehicle({ ccuCCS2ProtocolSupport: 1 })] }))
    .on(CLIMATE, () => ok());
});
const report = (unit: number | null): FakeAnswer =>
  ok({
    lastUpdateTime: '20261107110000',
    state: { Vehicle: unit === null ? {} : { Drivetrain: { FuelSystem: { DTE: { Unit: unit } } } } },
  });
const seats = (front_left: number | null, front_right: number | null): ClimateStart =>
  climateStart({ seats: { front_left, front_right, rear_left: 6, rear_right: null } });
/** Side, driver and passenger of every climate that was sent. */
const sent = () =>
  world.cloud.seen(CLIMATE).map(({ body }) => {
    const { drvSeatLoc, seatClimateInfo } = JSON.parse(body);
    return [drvSeatLoc, seatClimateInfo.drvSeatClimateState, seatClimateInfo.psgSeatClimateState];
  });

describe('a climate for one front seat of a car that nobody has read yet', () => {
  it.each([
    ['on the left', KM, ['L', 6, 0]],
    ['on the right', MILES, ['R', 0, 6]],
    ['on the left, as its state is told, where the car does not say', null, ['L', 6, 0]],
  ] as const)('finds out first that the driver sits %s', async (_, unit, body) => {
    const { gateway } = await world.open();
    world.cloud.on(LATEST, () => report(unit));
    const control = { type: 'control', car: CAR, command: seats(6, null) } as const;
    expect(await gateway.call(control, how())).toMatchObject({ ok: true });
    expect(sent()).toEqual([body]);
    expect(world.cloud.seen(LATEST)).toHaveLength(1);
  });

  it.each([
    ['where the car tells', MILES, ['R', 0, 6], ['R', 7, 0]],
    ['where it does not', null, ['L', 6, 0], ['L', 0, 7]],
  ] as const)('asks once %s', async (_, unit, ...bodies) => {
    const { gateway } = await world.open();
    world.cloud.on(LATEST, () => report(unit));
    for (const command of [seats(6, 0), seats(0, 7)]) {
      expect(await gateway.call({ type: 'control', car: CAR, command }, how())).toMatchObject({ ok: true });
    }
    expect(sent()).toEqual(bodies);
    expect(world.cloud.seen(LATEST)).toHaveLength(1);
  });

  it('is not sent when that cannot be read', async () => {
    const { gateway } = await world.open();
    world.cloud.on(LATEST, () => 'cut');
    expect(await gateway.call({ type: 'control', car: CAR, command: seats(6, null) }, how())).toMatchObject({
      ok: false,
      failure: { kind: 'network', reached: 'no' },
    });
    expect(sent()).toEqual([]);
  });
});

it.each([
  ['no front seat', seats(null, null)],
  ['both front seats alike', seats(6, 6)],
])('a climate for %s goes without a look at the car', async (_, command) => {
  const { gateway } = await world.open();
  expect(await gateway.call({ type: 'control', car: CAR, command }, how())).toMatchObject({ ok: true });
  expect(world.cloud.seen(LATEST)).toEqual([]);
});
