import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { VehicleState } from '../../../../src/machines/domain/vehicle-state.ts';

/** Captured answers of the vendor's cloud; they are not part of the repository. */
const FIXTURES = process.env.BLUELINKD_FIXTURES ?? join(import.meta.dirname, '../../../../../shared/fixtures');

export const CLASSIC_FILES = [
  'eu_kia_ev6_2023_with_soc.json',
  'bluelinky_europeStatus.json',
  'iobroker_vehicle.json',
] as const;
export const CCS2_FILES = [
  'eu_kia_ev3_2025_ccs2.json',
  'eu_kia_ev6_2024_ccs2_off.json',
  'eu_kia_ev6_2024_ccs2_target_priority.json',
  'eu_kia_ev9_2024_ccs2.json',
] as const;

export const hasFixtures = [...CLASSIC_FILES, ...CCS2_FILES, 'expected.json'].every((file) =>
  existsSync(join(FIXTURES, file)),
);
if (!hasFixtures) console.warn(`Tests skipped: no fixtures in ${FIXTURES} (set BLUELINKD_FIXTURES).`);

export function readFixture(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));
}

/** `resMsg` of the cached status that a file holds, whole or in part. */
export function statusOf(file: string): Record<string, unknown> {
  const { _fixture_meta: _, ...content } = readFixture(file);
  if ('resMsg' in content) return content.resMsg as Record<string, unknown>;
  return file.includes('ccs2') ? { state: { Vehicle: content } } : { vehicleStatusInfo: content };
}

/** What of a state stands in `expected.json`, which is older than the rest. */
export function expectedFieldsOf(state: VehicleState | null): Partial<VehicleState> {
  const {
    detail: _detail,
    extra: _extra,
    charging_current_level: _level,
    tyre_pressure_kpa: _pressure,
    ...read
  } = state ?? ({} as Partial<VehicleState>);
  return read;
}

export function expectedOf(file: string): Record<string, unknown> {
  return (readFixture('expected.json')[file] as { readonly expected: Record<string, unknown> }).expected;
}
