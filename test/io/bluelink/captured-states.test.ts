import { afterEach, describe, expect, it } from 'vitest';
import { createSystem, type System } from '../../../src/actors/system.ts';
import { DEFAULT_SETTINGS } from '../../../src/machines/domain/settings.ts';
import { FakeBus } from '../../support/fake-bus.ts';
import { usualSystem } from '../../support/quiet.ts';
import { quietLog } from '../../support/quiet-log.ts';
import { ok, vehicle } from './support/fake-cloud.ts';
import { CCS2_FILES, CLASSIC_FILES, expectedOf, hasFixtures, statusOf } from './support/fixtures.ts';
import { replaced } from './support/mutations.ts';
import { useWorld } from './support/world.ts';

const FILES = [...CLASSIC_FILES, ...CCS2_FILES];
const carOf = (file: string) => file.replace(/\.json$/, '');
const isCcs2 = (file: string) => CCS2_FILES.some((name) => name === file);

const world = useWorld();
let system: System | null = null;
afterEach(async () => {
  await system?.stop();
  system = null;
});

/** The captured answers as the statuses of one account's cars, over HTTP, through gateway and actors, onto the bus. */
async function publishAll() {
  const cars = FILES.map((file) =>
    vehicle({ vehicleId: carOf(file), vin: `VIN-${carOf(file)}`, ccuCCS2ProtocolSupport: Number(isCcs2(file)) }),
  );
  world.cloud.on('GET /api/v1/spa/vehicles', () => ok({ vehicles: cars }));
  for (const file of FILES) {
    const path = isCcs2(file) ? 'ccs2/carstatus/latest' : 'status/latest';
    world.cloud.on(`GET /api/v1/spa/vehicles/${carOf(file)}/${path}`, () => ok(statusOf(file)));
  }
  const { gateway, log } = await world.open();
  const bus = new FakeBus();
  system = createSystem({
    settings: DEFAULT_SETTINGS,
    accounts: [{ name: 'main', cloud: gateway, onlyCars: null }],
    bus,
    ...usualSystem,
    location: 'retained',
    log: quietLog,
  });
  system.start();
  const states = new Map<string, Record<string, unknown>>();
  for (const file of FILES) {
    const state = await bus.until(`the state of ${file}`, () => bus.on(`hyundai/${carOf(file)}/state`)[0]);
    states.set(file, state as Record<string, unknown>);
  }
  return { states, bus, log };
}

describe.skipIf(!hasFixtures)('the captured status of a car', () => {
  it('is on its state topic as it is to be read, null for what it does not tell', async () => {
    const { states, bus, log } = await publishAll();
    for (const file of FILES) {
      const expected = expectedOf(file);
      const state = states.get(file) ?? {};
      const read = Object.fromEntries(Object.keys(expected).map((key) => [key, state[key]]));
      expect({ file, ...read }).toEqual({ file, ...expected });
      expect(bus.published.find(({ topic }) => topic === `hyundai/${carOf(file)}/state`)).toMatchObject({
        qos: 1,
        retain: true,
      });
    }
    // Of the captured answers nothing is new; the editor of one has put null for a position.
    expect(log.lines.filter(({ fields }) => 'expected' in fields)).toEqual([]);
  });

  it('is on its own topics once, and what it does not tell is on none', async () => {
    const { bus } = await publishAll();
    const topicsOf = (file: string) =>
      bus.published
        .filter(({ topic, retain }) => topic.startsWith(`hyundai/${carOf(file)}/`) && retain)
        .map(({ topic }) => topic.replace(`hyundai/${carOf(file)}/`, ''));
    for (const file of FILES) {
      const topics = topicsOf(file);
      expect(topics).toHaveLength(new Set(topics).size);
    }
    const ev3 = topicsOf('eu_kia_ev3_2025_ccs2.json');
    expect(ev3).toContain('status/doors/locked');
    expect(ev3).not.toContain('status/windows/sunroof');
    expect(ev3).not.toContain('status/climate/set_temperature');
    expect(topicsOf('iobroker_vehicle.json')).not.toContain('status/windows/front_left');
    for (const { topic, payload } of bus.published) {
      const value: unknown =
        topic.endsWith('/state') || !payload.startsWith('{"value"') ? 0 : JSON.parse(payload).value;
      expect({ topic, value }).not.toEqual({ topic, value: null });
    }
  });

  it('loses one reading when its field is of another kind: null once, one warning, and the others as they were', async () => {
    const { bus, log } = await publishAll();
    const file = 'eu_kia_ev3_2025_ccs2.json';
    const car = carOf(file);
    const path = ['state', 'Vehicle', 'Green', 'BatteryManagement', 'BatteryRemain', 'Ratio'];
    world.cloud.on(`GET /api/v1/spa/vehicles/${car}/ccs2/carstatus/latest`, () =>
      ok(replaced(statusOf(file), path, '80')),
    );
    const states = () => bus.on(`hyundai/${car}/state`) as Record<string, unknown>[];
    const [before] = states();
    for (const id of ['1', '2']) {
      const known = states().length;
      bus.send(`hyundai/${car}/commands/refresh`, { action: 'cached', id });
      await bus.until(`the state after ${id}`, () => states()[known]);
    }
    const [, first, second] = states();
    const { fetched_at: _, ...rest } = before ?? {};
    for (const state of [first, second]) expect(state).toMatchObject({ ...rest, soc_pct: null });
    expect(bus.on(`hyundai/${car}/battery/level`)).toMatchObject([{ value: 80 }, { value: null }]);
    expect(bus.on(`hyundai/${car}/status/doors/locked`)).toHaveLength(1);
    expect(log.lines.filter(({ fields }) => 'expected' in fields)).toMatchObject([
      {
        level: 'warn',
        fields: {
          endpoint: '/api/v1/spa/vehicles/{car}/ccs2/carstatus/latest',
          path: `resMsg.${path.join('.')}`,
          expected: 'number',
          got: 'string',
        },
      },
    ]);
  });
});
