import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Answer, ShapeReports } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateEnrollment } from '../../../../src/io/bluelink/translate/enrollment.ts';
import { translateHataStatus } from '../../../../src/io/bluelink/translate/hata.ts';
import { kilometres } from '../../../../src/io/bluelink/translate/scalars.ts';
import type { VehicleState } from '../../../../src/machines/domain/vehicle-state.ts';
import { createMemoryLog } from '../support/account.ts';
import { otherKinds, type Path, pathsOf, replaced, textOf, valueAt } from '../support/mutations.ts';

const FIXTURES = process.env.BLUELINKD_FIXTURES ?? join(import.meta.dirname, '../../../../../shared/fixtures');
const FILES = ['bluelinky_americanStatus.json', 'us_hyundai_ioniq_5_2024_cached.json'] as const;
const NOW = Date.UTC(2026, 10, 7);

const hasFixtures = FILES.every((file) => existsSync(join(FIXTURES, file)));
if (!hasFixtures) console.warn(`${FILES.length} tests skipped: no fixtures in ${FIXTURES} (set BLUELINKD_FIXTURES).`);

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));
}

/** The odometer comes with the list. */
function odometerKm(vehicleDetails: unknown): number | null {
  const details = { regid: 'a', ...(vehicleDetails as object | undefined) };
  const list = translateEnrollment({ enrolledVehicleDetails: [{ vehicleDetails: details }] }, Answer.silent());
  return kilometres({ value: list?.cars[0]?.odometerMiles ?? null, unit: 3 });
}

describe.skipIf(!hasFixtures)('the captured status of cars in the US', () => {
  it.each(FILES)('%s reads as expected', (file) => {
    const { expected } = readJson('expected.json')[file] as { expected: Record<string, unknown> };
    const { _fixture_meta: _, vehicleDetails, ...content } = readJson(file);
    const body = 'vehicleStatus' in content ? content : { vehicleStatus: content };
    const state = translateHataStatus(body, NOW, Answer.silent());
    const read = { ...state, odometer_km: odometerKm(vehicleDetails) };
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, read[key as keyof typeof read]]))).toEqual(
      expected,
    );
  });
});

describe.skipIf(!hasFixtures)('a captured status with a field of another kind', () => {
  it.each(FILES)('%s loses what the field told, and says so once', (file) => {
    const { _fixture_meta: _, vehicleDetails: __, ...content } = readJson(file);
    const good = 'vehicleStatus' in content ? content : { vehicleStatus: content };
    const read = (body: unknown) => {
      const log = createMemoryLog();
      const state = translateHataStatus(body, NOW, new ShapeReports(log).answer('status'));
      return { state, told: log.lines.map(({ fields }) => fields.path) };
    };
    const before = read(good);
    expect(before.told).toEqual([]);
    const lost = (kept: VehicleState | null) =>
      pathsOf(before.state).filter((path) => {
        const [was, is] = [valueAt(before.state, path), kept === null ? null : found(kept, path)];
        return (was === null || typeof was !== 'object') && was !== is && is !== null;
      });
    for (const path of pathsOf(good)) {
      for (const by of otherKinds(good, path)) {
        const { state, told } = read(replaced(good, path, by));
        const name = textOf(path);
        expect({ name, isLost: state === null }).toEqual({ name, isLost: name === 'vehicleStatus' });
        // What it says now is what it said before, or that it does not know.
        expect({ name, by, lost: lost(state) }).toEqual({ name, by, lost: [] });
        expect(told.filter((at) => at !== name)).toEqual([]);
        expect(told.length).toBeLessThanOrEqual(1);
        if (/\.(dateTime|doorLock|airTemp|batSoc)$/.test(name)) expect(told).toEqual([name]);
      }
    }
  });
});

/** Null where something on the way is. */
function found(state: VehicleState, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | null)?.[key] ?? null, state);
}

const status = (vehicleStatus: unknown) => translateHataStatus({ vehicleStatus }, NOW, Answer.silent());

describe('a status of the US cloud', () => {
  it.each([
    ['72', 22.2],
    ['62', 16.7],
    ['LO', null],
    ['HI', null],
    ['0EH', null],
  ])('reads a set temperature of %s as %s °C', (value, expected) => {
    expect(status({ engine: false, airTemp: { value, unit: 1 } })?.set_temp_c).toBe(expected);
  });

  it.each([
    ['2026-11-06T23:20:39Z', '2026-11-06T23:20:39Z'],
    ['20261106232039', '2026-11-06T23:20:39Z'],
    // The clock of the car is ahead.
    ['2031-01-01T00:00:00Z', '2026-11-07T00:00:00Z'],
    ['yesterday', null],
  ])('reads the time %s as UTC', (dateTime, expected) => {
    expect(status({ engine: false, dateTime })?.last_updated_utc).toBe(expected);
  });

  it('has a position only where the car has one', () => {
    const at = (lat: unknown, lon: unknown) =>
      status({ engine: false, vehicleLocation: { coord: { lat, lon } } })?.location ?? null;
    expect(at(34.05, -118.24)).toEqual({ lat: 34.05, lon: -118.24, time_utc: null });
    expect([at(0, 0), at('34', -118), at(34.05, 500)]).toEqual([null, null, null]);
  });

  it('tells the power that flows', () => {
    expect(status({ evStatus: { realTimePower: 7.2 } })?.charge_power_kw).toBe(7.2);
  });

  it.each([[null], ['<html>'], [{}], [{ vehicleStatus: 5 }], [{ vehicleStatus: { doorLock: 'no' } }]])(
    'is not read from %j',
    (body) => {
      expect(translateHataStatus(body, NOW, Answer.silent())).toBeNull();
    },
  );
});
