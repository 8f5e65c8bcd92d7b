import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Answer, ShapeReports } from '../../../../src/io/bluelink/shape-reports.ts';
import { translateCarStatus } from '../../../../src/io/bluelink/translate/ccs2.ts';
import { translateBareStatus, translateCachedStatus } from '../../../../src/io/bluelink/translate/classic.ts';
import type { VehicleState } from '../../../../src/machines/domain/vehicle-state.ts';
import { createMemoryLog } from '../support/account.ts';
import { CCS2_FILES, CLASSIC_FILES, hasFixtures, statusOf } from '../support/fixtures.ts';
import { otherKinds, type Path, pathsOf, replaced, textOf, valueAt } from '../support/mutations.ts';

const NOW = Date.UTC(2026, 10, 7);
type Translate = typeof translateCarStatus;

/** Without them there is no status at all. */
const REQUIRED = new Set(['vehicleStatusInfo', 'vehicleStatusInfo.vehicleStatus', 'state', 'state.Vehicle']);
/** Null is what these say when there is none. */
const NULLABLE = /\.GeoCoord\.(Latitude|Longitude)$/;
/** Has a second source, which is taken when the first cannot be read. */
const SECOND_SOURCE = new Set(['last_updated_utc', 'location.time_utc']);

function read(translate: Translate, resMsg: unknown, reports: ShapeReports) {
  return translate(resMsg, NOW, reports.answer('status').at('resMsg'));
}

/** The readings of a state by their keys. */
function readingsOf(state: VehicleState): Map<string, unknown> {
  const isBranch = (value: unknown) => typeof value === 'object' && value !== null;
  return new Map(
    pathsOf(state)
      .filter((path) => !isBranch(valueAt(state, path)))
      .map((path) => [path.join('.'), valueAt(state, path)]),
  );
}

function differences(state: VehicleState, other: VehicleState): string[] {
  const others = readingsOf(other);
  return [...readingsOf(state)].filter(([key, value]) => others.get(key) !== value).map(([key]) => key);
}

function readWhole(translate: Translate, good: unknown): VehicleState {
  const log = createMemoryLog();
  const state = read(translate, good, new ShapeReports(log));
  expect(log.lines).toEqual([]);
  if (state === null) throw new Error('The fixture itself is read.');
  return state;
}

function check(translate: Translate, good: unknown, before: VehicleState, path: Path, by: unknown): void {
  const log = createMemoryLog();
  const reports = new ShapeReports(log);
  const missing = (gap: Path) => translate(replaced(good, gap, undefined), NOW, Answer.silent());
  const without = missing(path);
  const after = read(translate, replaced(good, path, by), reports);
  const told = log.lines.map(({ fields }) => fields.path);
  const name = textOf(path);
  if (REQUIRED.has(name)) {
    expect(after).toBeNull();
    expect(told).toEqual([`resMsg.${name}`]);
    return;
  }
  if (after === null || without === null) throw new Error(`Everything is lost with ${name}.`);

  const changed = differences(before, after);
  // What it says now is what it said before, or that it does not know.
  const left = readingsOf(after);
  expect(changed.filter((key) => (left.get(key) ?? null) !== null && !SECOND_SOURCE.has(key))).toEqual([]);
  // Nothing is lost but what comes from this field, and from what it belongs to.
  const last = path.at(-1);
  const isQualifier = last === 'unit' || last === 'Unit' || last === 'OpenLevel' || last === 'SensorReliability';
  const enclosing = isQualifier ? missing(path.slice(0, -1)) : null;
  const own = differences(before, without);
  const dependent = new Set([...own, ...(enclosing ? differences(before, enclosing) : [])]);
  expect(
    changed.filter((key) => !dependent.has(key) && !last?.toString().match(/^(evStatus|Green|BatteryManagement)$/)),
  ).toEqual([]);
  // What matters is told, and only that it is this field.
  const isUsed = own.length > 0;
  if (isUsed && !(by === null && NULLABLE.test(name))) expect(told).toEqual([`resMsg.${name}`]);
  else expect(told.filter((told) => told !== `resMsg.${name}`)).toEqual([]);

  const lines = log.lines.length;
  read(translate, replaced(good, path, by), reports);
  expect(log.lines).toHaveLength(lines);
}

describe.skipIf(!hasFixtures)('a status with a field of another kind', () => {
  const bare = (file: string) => (statusOf(file).vehicleStatusInfo as { vehicleStatus: unknown }).vehicleStatus;
  it.each([
    ...CLASSIC_FILES.map((file) => ({
      name: `${file}, cached`,
      translate: translateCachedStatus,
      good: () => statusOf(file),
    })),
    ...CLASSIC_FILES.slice(0, 1).map((file) => ({
      name: `${file}, forced`,
      translate: translateBareStatus,
      good: () => bare(file),
    })),
    ...CCS2_FILES.map((file) => ({
      name: file,
      translate: translateCarStatus,
      good: () => ({ lastUpdateTime: '1745180843000', ...statusOf(file) }),
    })),
  ])('loses that field only, and tells it once: $name', ({ translate, good }) => {
    const value = good();
    const before = readWhole(translate, value);
    const paths = pathsOf(value);
    const change = fc
      .constantFrom(...paths)
      .chain((path) => fc.tuple(fc.constant(path), fc.constantFrom(...otherKinds(value, path))));
    fc.assert(
      fc.property(change, ([path, by]) => check(translate, value, before, path, by)),
      { numRuns: 40 },
    );
  });

  it('is read, whatever comes in it', () => {
    const log = createMemoryLog();
    const reports = new ShapeReports(log);
    const anything = fc.oneof(
      fc.json().map((text) => JSON.parse(text) as unknown),
      fc.constant({}),
    );
    const files = fc.constantFrom<{ translate: Translate; value: unknown }>(
      { translate: translateCachedStatus, value: statusOf('iobroker_vehicle.json') },
      { translate: translateCarStatus, value: statusOf('eu_kia_ev3_2025_ccs2.json') },
    );
    const changes = fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(files, changes, ({ translate, value }, replacements) => {
        const changed = replacements.reduce<unknown>((current, [at, by]) => {
          const paths = pathsOf(current);
          const path = paths[at % Math.max(1, paths.length)];
          return path === undefined ? current : replaced(current, path, by);
        }, value);
        const state = translate(changed, NOW, reports.answer('status').at('resMsg'));
        expect(state === null || Object.keys(state).length === 37).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
