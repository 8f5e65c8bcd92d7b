import { describe, expect, it } from 'vitest';
import type { CarState } from '../../../src/io/simulator/car/car-state.ts';
import type { ClimateStart, Control } from '../../../src/machines/domain/command.ts';
import { confirms, showsInState } from '../../../src/machines/domain/confirmation.ts';
import { climateStart } from '../../support/climate.ts';
import { type Generation, useSimulatedCars } from './support/simulated-cars.ts';

/** Every command, of both generations, against the simulated cloud: accepted, recorded, carried out. */

const START = climateStart({ setTempC: 20.5, defrost: true, steeringWheel: 1, rearWindow: true });
const SEATED: ClimateStart = {
  ...START,
  sideMirrors: true,
  seats: { front_left: 6, front_right: 3, rear_left: 0, rear_right: 8 },
};
const HEATED = {
  climateOn: true,
  targetTemperatureC: 20.5,
  defrost: true,
  steeringWheelHeat: true,
  rearWindowHeat: true,
};
const four = <T>(frontLeft: T, frontRight: T, backLeft: T, backRight: T) => ({
  frontLeft,
  frontRight,
  backLeft,
  backRight,
});

interface Row {
  readonly command: Control;
  readonly on: readonly Generation[];
  /** The car before. */
  readonly before: Partial<CarState>;
  /** What the car is like afterwards; empty where nothing stays. */
  readonly after: Partial<CarState>;
  /** What the cloud told the car. */
  readonly delivered: string;
  /** False for what the action records do not list. */
  readonly recorded?: false;
}
const BOTH = ['classic', 'ccs2'] as const;
const ROWS: readonly Row[] = [
  {
    command: { name: 'lock', action: 'lock' },
    on: BOTH,
    before: { locked: false },
    after: { locked: true },
    delivered: 'door:close',
  },
  {
    command: { name: 'lock', action: 'unlock' },
    on: BOTH,
    before: { locked: true },
    after: { locked: false },
    delivered: 'door:open',
  },
  { command: START, on: ['classic'], before: {}, after: HEATED, delivered: 'climate:start 20.5' },
  {
    command: SEATED,
    on: ['ccs2'],
    before: {},
    after: { ...HEATED, mirrorHeat: true, seats: four(6, 3, 0, 8) },
    delivered: 'climate:start 20.5',
  },
  {
    command: { name: 'climate', action: 'stop' },
    on: BOTH,
    before: { climateOn: true, climateEndsAt: Date.now() + 600_000 },
    after: { climateOn: false },
    delivered: 'climate:stop',
  },
  {
    command: { name: 'windows', positions: { front_left: 0, front_right: 1, rear_left: 2, rear_right: 0 } },
    on: BOTH,
    before: { windows: four<0 | 1 | 2>(1, 0, 0, 0) },
    after: { windows: four<0 | 1 | 2>(0, 1, 2, 0) },
    delivered: 'windows:0120',
  },
  {
    command: { name: 'charge_port', action: 'open' },
    on: BOTH,
    before: { chargePortOpen: false },
    after: { chargePortOpen: true },
    delivered: 'chargePort:open',
  },
  {
    command: { name: 'charge_port', action: 'close' },
    on: BOTH,
    before: { chargePortOpen: true, plug: 'none' },
    after: { chargePortOpen: false },
    delivered: 'chargePort:close',
  },
  {
    command: { name: 'charge', action: 'start' },
    on: BOTH,
    before: { charging: false },
    after: { charging: true },
    delivered: 'charge:start',
  },
  {
    command: { name: 'charge', action: 'stop' },
    on: BOTH,
    before: { charging: true },
    after: { charging: false },
    delivered: 'charge:stop',
  },
  {
    command: { name: 'charge_limits', acPct: 70, dcPct: 100 },
    on: BOTH,
    before: {},
    after: { limitAcPercent: 70, limitDcPercent: 100 },
    delivered: 'limits:ac=70 dc=100',
    recorded: false,
  },
  {
    command: { name: 'charge_limits', acPct: 60, dcPct: null },
    on: BOTH,
    before: {},
    after: { limitAcPercent: 60, limitDcPercent: 90 },
    delivered: 'limits:ac=60 dc=90',
    recorded: false,
  },
  {
    command: { name: 'charge_limits', acPct: null, dcPct: 50 },
    on: BOTH,
    before: {},
    after: { limitAcPercent: 80, limitDcPercent: 50 },
    delivered: 'limits:ac=80 dc=50',
    recorded: false,
  },
  {
    command: { name: 'charging_current', level: 3 },
    on: ['ccs2'],
    before: {},
    after: { chargingCurrentLevel: 3 },
    delivered: 'chargingCurrent:3',
    recorded: false,
  },
  { command: { name: 'hazard_lights' }, on: BOTH, before: {}, after: {}, delivered: 'hazardLights' },
  { command: { name: 'horn' }, on: BOTH, before: {}, after: {}, delivered: 'horn' },
  {
    command: { name: 'valet', action: 'activate' },
    on: BOTH,
    before: {},
    after: { valet: true },
    delivered: 'valet:activate',
  },
  {
    command: { name: 'valet', action: 'deactivate' },
    on: BOTH,
    before: { valet: true },
    after: { valet: false },
    delivered: 'valet:deactivate',
  },
  {
    command: {
      name: 'navigation',
      destination: { lat: 52.5, lon: 13.4, name: 'Home', address: '', zip: '', phone: '' },
    },
    on: BOTH,
    before: {},
    after: {},
    delivered: 'navigation:1',
  },
];

const titleOf = ({ command }: Row) => {
  const words = Object.entries(command).filter(([key, value]) => key !== 'name' && typeof value !== 'object');
  return [command.name, ...words.map(([, value]) => value)].join(' ');
};
const TABLE = ROWS.flatMap((row) => row.on.map((generation) => [titleOf(row), generation, row] as const));

describe.each([
  ['Europe', { brand: 'hyundai' }],
  ['Australia', { brand: 'kia', region: 'AU' }],
] as const)('a command in %s', (_region, owner) => {
  const cars = useSimulatedCars({}, owner);

  it.each(TABLE)('%s is accepted, recorded and carried out by a car of %s', async (_, generation, row) => {
    const { car, control, read, word } = cars();
    car(generation).change(row.before);
    car(generation).reportNow();
    const sentAt = Date.now();
    const outcome = await control(generation, row.command);
    if (!outcome.ok || outcome.value.type !== 'accepted') throw new Error(JSON.stringify(outcome));
    const { actionId, acceptedAt } = outcome.value;
    expect(acceptedAt).toBeGreaterThanOrEqual(sentAt);
    expect(await word(generation, actionId)).toBe(row.recorded === false ? 'missing' : 'success');
    expect(car(generation).actual).toMatchObject(row.after);
    expect(car(generation).deliveries.map(({ order }) => order)).toEqual([row.delivered]);
    const reading = await read(generation);
    if (!reading.ok || reading.value.type !== 'reading') throw new Error(JSON.stringify(reading));
    // This car obeys while the cloud accepts: its report may be of the second before the one in which we hear of that.
    expect(confirms(reading.value.reading, row.command, sentAt), JSON.stringify(reading.value)).toBe(
      showsInState(row.command),
    );
  });
});

describe('a command', () => {
  const cars = useSimulatedCars();

  it.each(TABLE)('%s reaches a car of %s once through a token revoked just before', async (_, generation, row) => {
    const { car, control, gateway, simulator, word } = cars();
    car(generation).change(row.before);
    car(generation).reportNow();
    // So that there is a control token to be revoked as well.
    await control(generation, { name: 'horn' });
    const before = car(generation).deliveryCount;
    simulator.revokeTokens();
    expect(await control(generation, row.command)).toMatchObject({
      ok: false,
      failure: { kind: 'tokenRefused', reached: 'no' },
    });
    expect(car(generation).deliveryCount).toBe(before);
    expect(await gateway.refreshSession(new AbortController().signal)).toMatchObject({ ok: true });
    const outcome = await control(generation, row.command);
    if (!outcome.ok || outcome.value.type !== 'accepted') throw new Error(JSON.stringify(outcome));
    expect(await word(generation, outcome.value.actionId)).toBe(row.recorded === false ? 'missing' : 'success');
    expect(car(generation).deliveryCount).toBe(before + 1);
    expect(car(generation).actual).toMatchObject(row.after);
  });

  it('that an older car does not have is refused without a call', async () => {
    const { car, calls, control } = cars();
    expect(await control('classic', { name: 'charging_current', level: 1 })).toMatchObject({
      ok: false,
      failure: { kind: 'unsupported', reached: 'no' },
    });
    expect(calls('control.chargingCurrent')).toEqual([]);
    expect(car('classic').deliveryCount).toBe(0);
  });

  it('for one charge limit sends nothing when the cloud does not tell the other', async () => {
    const { calls, control, simulator } = cars();
    simulator.faults.add({
      type: 'wrongShape',
      match: { kind: 'target.get' },
      path: 'resMsg.targetSOClist',
      value: [],
    });
    expect(await control('ccs2', { name: 'charge_limits', acPct: 80, dcPct: null })).toMatchObject({
      ok: false,
      failure: { kind: 'invalidResponse', reached: 'no', message: expect.stringContaining('send both') },
    });
    expect(calls('control.limits')).toEqual([]);
    expect(await control('ccs2', { name: 'charge_limits', acPct: 80, dcPct: 80 })).toMatchObject({ ok: true });
  });

  it('for one charge limit that cannot read the other has certainly not reached the car', async () => {
    const { control, simulator } = cars();
    simulator.faults.add({ type: 'cutBefore', match: { kind: 'target.get' } });
    expect(await control('classic', { name: 'charge_limits', acPct: 80, dcPct: null })).toMatchObject({
      ok: false,
      failure: { kind: 'network', reached: 'no' },
    });
  });
});
