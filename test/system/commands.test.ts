import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CarState } from '../../src/io/simulator/car/car-state.ts';
import type { Stage } from '../support/stage.ts';
import { carNamed, explainFailure, openStage } from './stage.ts';

/** Every command, over MQTT and to the end, on a car of each generation. */

type Generation = 'classic' | 'ccs2';
const BOTH = ['classic', 'ccs2'] as const;
const four = (frontLeft: 0 | 1 | 2, frontRight: 0 | 1 | 2, backLeft: 0 | 1 | 2, backRight: 0 | 1 | 2) => ({
  windows: { frontLeft, frontRight, backLeft, backRight },
});
const start = {
  action: 'start_climate',
  set_temp: 22.5,
  duration: 5,
  defrost: true,
  steering_wheel: 1,
  rear_window: 1,
};

interface Row {
  readonly command: string;
  readonly payload: object;
  readonly on: readonly Generation[];
  readonly before: Partial<CarState>;
  /** What the car is like afterwards. */
  readonly after: Partial<CarState>;
  /** What `state` says afterwards. */
  readonly shown: object;
  readonly sent: object;
}
const ROWS: readonly Row[] = [
  {
    command: 'lock',
    payload: { action: 'unlock' },
    on: BOTH,
    before: { locked: true },
    after: { locked: false },
    shown: { locked: false },
    sent: { action: 'unlock' },
  },
  {
    command: 'lock',
    payload: { action: 'lock' },
    on: BOTH,
    before: { locked: false },
    after: { locked: true },
    shown: { locked: true },
    sent: { action: 'lock' },
  },
  {
    command: 'climate',
    payload: { ...start, front_left_seat: 6 },
    on: BOTH,
    before: { climateOn: false },
    after: { climateOn: true, targetTemperatureC: 22.5, defrost: true, steeringWheelHeat: true, rearWindowHeat: true },
    shown: { climate_on: true, set_temp_c: 22.5, defrost: true },
    sent: { action: 'start', set_temp: 22.5, duration: 5, defrost: true, steering_wheel: 1, rear_window: true },
  },
  {
    command: 'climate',
    payload: { action: 'stop_climate' },
    on: BOTH,
    before: { climateOn: true },
    after: { climateOn: false },
    shown: { climate_on: false },
    sent: { action: 'stop' },
  },
  {
    command: 'windows',
    payload: { front_left: 1, front_right: 0, back_left: 2, back_right: 0 },
    on: BOTH,
    before: four(0, 0, 0, 0),
    after: four(1, 0, 2, 0),
    shown: { windows_open: { front_left: true, front_right: false, rear_left: true, rear_right: false } },
    sent: { front_left: 1, front_right: 0, back_left: 2, back_right: 0 },
  },
  {
    command: 'windows',
    payload: { front_left: 0 },
    on: BOTH,
    before: four(1, 0, 2, 0),
    after: four(0, 0, 2, 0),
    shown: { windows_open: { front_left: false, front_right: false, rear_left: true, rear_right: false } },
    sent: { front_left: 0, front_right: 0, back_left: 2, back_right: 0 },
  },
  {
    command: 'charge_port',
    payload: { action: 'open' },
    on: BOTH,
    before: { chargePortOpen: false },
    after: { chargePortOpen: true },
    shown: { charge_port_open: true },
    sent: { action: 'open' },
  },
  {
    command: 'charge_port',
    payload: { action: 'close' },
    on: BOTH,
    before: { chargePortOpen: true },
    after: { chargePortOpen: false },
    shown: { charge_port_open: false },
    sent: { action: 'close' },
  },
  {
    command: 'charge',
    payload: { action: 'start' },
    on: BOTH,
    before: { plug: 'station', charging: false },
    after: { charging: true },
    shown: { charging: true },
    sent: { action: 'start' },
  },
  {
    command: 'charge',
    payload: { action: 'stop' },
    on: BOTH,
    before: { plug: 'station', charging: true },
    after: { charging: false },
    shown: { charging: false },
    sent: { action: 'stop' },
  },
  {
    command: 'charge_limits',
    payload: { ac: 90, dc: 60 },
    on: BOTH,
    before: {},
    after: { limitAcPercent: 90, limitDcPercent: 60 },
    shown: { charge_limit_ac_pct: 90, charge_limit_dc_pct: 60 },
    sent: { ac: 90, dc: 60 },
  },
  {
    command: 'charge_limits',
    payload: { dc: 100 },
    on: BOTH,
    before: { limitAcPercent: 70, limitDcPercent: 80 },
    after: { limitAcPercent: 70, limitDcPercent: 100 },
    shown: { charge_limit_ac_pct: 70, charge_limit_dc_pct: 100 },
    sent: { dc: 100 },
  },
  {
    command: 'charging_current',
    payload: { level: 2 },
    on: ['ccs2'],
    before: { chargingCurrentLevel: 1 },
    after: { chargingCurrentLevel: 2 },
    shown: { charging_current_level: 2 },
    sent: { level: 2 },
  },
  {
    command: 'hazard_lights',
    payload: { action: 'on' },
    on: BOTH,
    before: {},
    after: {},
    shown: {},
    sent: { action: 'on' },
  },
  { command: 'horn', payload: { action: 'on' }, on: BOTH, before: {}, after: {}, shown: {}, sent: { action: 'on' } },
  {
    command: 'valet',
    payload: { action: 'activate' },
    on: BOTH,
    before: { valet: false },
    after: { valet: true },
    shown: {},
    sent: { action: 'activate' },
  },
  {
    command: 'navigation',
    payload: { lat: 52.5163, lon: 13.3777, name: 'Brandenburger Tor' },
    on: BOTH,
    before: {},
    after: {},
    shown: {},
    sent: { destinations: 1 },
  },
];
const TABLE = ROWS.flatMap((row) => row.on.map((generation) => [row.command, row.payload, generation, row] as const));

let stage: Stage;
beforeAll(async () => {
  const [classic, ccs2] = [carNamed('classic', 0), carNamed('ccs2', 1)];
  stage = await openStage({
    account: { cars: [classic, { ...ccs2, ccs2: 2 }] },
    cloud: { timings: { ccs2WakeMs: 100 } },
    environment: {
      // The clouds of this test are as quick as they go, and their tokens as short-lived.
      BLUELINKD_TIMING_SETTLE_MS: '50',
      BLUELINKD_TIMING_READ_PAUSE_MS: '20',
      BLUELINKD_LIMITS_VISIT_LIMIT: '1000',
    },
  });
}, 90_000);
afterAll(() => stage.close());
beforeEach(() => explainFailure(stage));

describe.each([
  ['through a good token', false],
  ['through a token revoked just before', true],
])('%s', (_, isRevoked) => {
  it.each(TABLE)('%s %j is carried out by a car of %s, once', async (command, payload, car, row) => {
    const sim = stage.cloud.car(car);
    sim.change({ plug: 'none', charging: false, ...row.before });
    sim.reportNow();
    await stage.mqtt.command(car, 'refresh', { action: 'cached' });
    if (isRevoked) stage.cloud.revokeTokens();
    const before = sim.deliveryCount;
    const since = stage.mqtt.seen.all.length;
    // With the read after it, so that the next row's revocation is met by its command and by nothing else.
    const result = await stage.commandAndSettle(car, command, payload);
    expect(result).toMatchObject({ status: 'succeeded', attempts: isRevoked ? 2 : 1, sent: row.sent });
    expect(result).toHaveProperty('action_id', sim.deliveries.at(-1)?.actionId);
    expect(sim.deliveryCount).toBe(before + 1);
    expect(sim.actual).toMatchObject(row.after);
    await stage.mqtt.on(
      `${car}/state`,
      (json: Record<string, unknown>) => Object.keys(row.shown).every((key) => same(json[key], row.shown, key)),
      undefined,
      since,
    );
    const { actionId } = sim.deliveries.at(-1) ?? { actionId: '' };
    const done = await stage.mqtt.on(`${car}/action/${actionId}/status`, (_json, { text }) => text === 'SUCCESS');
    expect(done.retain).toBe(false);
  });
});

function same(value: unknown, shown: object, key: string): boolean {
  return JSON.stringify(value) === JSON.stringify((shown as Record<string, unknown>)[key]);
}

it('names what an older car has no use for', async () => {
  const result = await stage.mqtt.command('classic', 'climate', { ...start, front_left_seat: 6, fan: 1 });
  expect(result).toMatchObject({ status: 'succeeded', ignored: ['front_left_seat', 'fan'] });
  expect(result).not.toHaveProperty('sent.front_left_seat');
});

it('refuses the charging current of an older car, which would only seem to be set', async () => {
  const mark = stage.mark;
  expect(await stage.mqtt.command('classic', 'charging_current', { level: 1 })).toMatchObject({
    status: 'rejected',
    reason: 'unsupported',
    attempts: 0,
  });
  expect(stage.calls('control', mark)).toEqual([]);
});

describe('a forced refresh', () => {
  it.each(BOTH)('of a car of %s brings what the car says', async (car) => {
    stage.cloud.car(car).change({ odometerKm: 30_000, trunkOpen: true });
    const wakes = stage.cloud.car(car).wakes;
    expect(await stage.mqtt.command(car, 'refresh', { action: 'force' })).toMatchObject({ status: 'succeeded' });
    await stage.mqtt.on(`${car}/state`, ({ trunk_open }: { readonly trunk_open: boolean }) => trunk_open);
    expect(stage.cloud.car(car).wakes).toBe(wakes + 1);
  });

  it.each(BOTH)('of a car of %s that does not answer is unknown, after one wake', async (car) => {
    const wakes = stage.cloud.car(car).wakes;
    stage.cloud.car(car).reachability = 'timeout';
    const result = await stage.mqtt.command(car, 'refresh', { action: 'force' });
    stage.cloud.car(car).reachability = 'ok';
    expect(result).toMatchObject({ status: 'unknown', reason: 'carUnreachable' });
    expect(stage.cloud.car(car).wakes).toBe(wakes + 1);
  });

  it('of an older car that is answered from what the cloud knew is unknown, and no state is published', async () => {
    const fault = stage.cloud.faults.add({
      type: 'wrongShape',
      match: { kind: 'status.forced' },
      path: 'resMsg.time',
      value: '20260101120000',
    });
    const since = stage.mqtt.seen.all.length;
    const result = await stage.mqtt.command('classic', 'refresh', { action: 'force' });
    fault.lift();
    expect(fault.uses).toBe(1);
    expect(result).toMatchObject({ status: 'unknown', reason: 'carUnreachable', message: 'The car did not answer.' });
    expect(stage.mqtt.seen.all.slice(since).filter(({ topic }) => topic.endsWith('/state'))).toEqual([]);
  });
});
