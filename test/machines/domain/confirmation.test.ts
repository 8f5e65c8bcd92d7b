import { describe, expect, it, test } from 'vitest';
import type { ChargeLimits, Control, WindowPosition } from '../../../src/machines/domain/command.ts';
import {
  confirmationMs,
  confirms,
  deservesForcedRead,
  showsInState,
  supersedes,
} from '../../../src/machines/domain/confirmation.ts';
import { DEFAULT_SETTINGS } from '../../../src/machines/domain/settings.ts';
import type { VehicleState } from '../../../src/machines/domain/vehicle-state.ts';
import { climateStart } from '../../support/climate.ts';
import { readingWith, stateWith } from '../../support/vehicle-states.ts';

const ACCEPTED_AT = Date.parse('2026-11-07T10:30:00.400Z');
const SAME_SECOND = '2026-11-07T10:30:00Z';
const START: Control = climateStart();
const windows = (...[front_left, front_right, rear_left, rear_right]: (WindowPosition | null)[]) => ({
  front_left: front_left ?? null,
  front_right: front_right ?? null,
  rear_left: rear_left ?? null,
  rear_right: rear_right ?? null,
});
const moved = (...positions: WindowPosition[]): Control => ({ name: 'windows', positions: windows(...positions) });
const shown = (...positions: (WindowPosition | null)[]): Partial<VehicleState> => ({
  detail: { ...stateWith({}).detail, window_positions: windows(...positions) },
});
const limits = (acPct: number | null, dcPct: number | null): ChargeLimits => ({ name: 'charge_limits', acPct, dcPct });

describe('a reading confirms', () => {
  it.each<[Control, Partial<VehicleState>, boolean]>([
    [{ name: 'lock', action: 'lock' }, { locked: true }, true],
    [{ name: 'lock', action: 'lock' }, { locked: false }, false],
    [{ name: 'lock', action: 'lock' }, { locked: null }, false],
    [{ name: 'lock', action: 'unlock' }, { locked: false }, true],
    [{ name: 'lock', action: 'unlock' }, { locked: null }, false],
    [START, { climate_on: true, set_temp_c: 21 }, true],
    [START, { climate_on: true, set_temp_c: 21.1 }, true],
    [START, { climate_on: true, set_temp_c: 21.5 }, false],
    [START, { climate_on: true, set_temp_c: null }, true],
    [START, { climate_on: false, set_temp_c: 21 }, false],
    [START, { climate_on: null }, false],
    [{ name: 'climate', action: 'stop' }, { climate_on: false }, true],
    [{ name: 'climate', action: 'stop' }, { climate_on: true }, false],
    [{ name: 'climate', action: 'stop' }, { climate_on: null }, false],
    [{ name: 'charge', action: 'start' }, { charging: true }, true],
    [{ name: 'charge', action: 'start' }, { charging: false }, false],
    [{ name: 'charge', action: 'stop' }, { charging: false }, true],
    [{ name: 'charge', action: 'stop' }, { charging: null }, false],
    [{ name: 'charge_port', action: 'open' }, { charge_port_open: true }, true],
    [{ name: 'charge_port', action: 'open' }, { charge_port_open: false }, false],
    [{ name: 'charge_port', action: 'close' }, { charge_port_open: false }, true],
    [{ name: 'charge_port', action: 'close' }, { charge_port_open: null }, false],
    [{ name: 'charging_current', level: 2 }, { charging_current_level: 2 }, true],
    [{ name: 'charging_current', level: 2 }, { charging_current_level: 1 }, false],
    [{ name: 'charging_current', level: 2 }, {}, false],
    [limits(80, 90), { charge_limit_ac_pct: 80, charge_limit_dc_pct: 90 }, true],
    [limits(80, 90), { charge_limit_ac_pct: 80, charge_limit_dc_pct: 80 }, false],
    [limits(80, 90), { charge_limit_ac_pct: 80 }, false],
    [limits(80, null), { charge_limit_ac_pct: 80 }, true],
    [limits(null, 90), { charge_limit_ac_pct: 80, charge_limit_dc_pct: 90 }, true],
    [limits(null, 90), { charge_limit_ac_pct: 90, charge_limit_dc_pct: 80 }, false],
    [moved(0, 1, 2, 0), shown(0, 1, 2, 0), true],
    [moved(0, 1, 2, 0), shown(0, 1, 1, 0), false],
    [moved(0, 1, 2, 0), shown(0, 1, 0, 0), false],
    [moved(0, 1, 2, 0), shown(0, 2, 2, 0), false],
    [moved(0, 1, 2, 0), shown(0, 1, 2, 1), false],
    [moved(0, 0, 0, 0), shown(0, 0, 0, null), false],
    [{ name: 'hazard_lights' }, { locked: true }, false],
    [{ name: 'horn' }, { locked: true }, false],
    [{ name: 'valet', action: 'activate' }, { locked: true }, false],
  ])('%j with %j: %s', (command, known, expected) => {
    expect(confirms(readingWith({ ...known, last_updated_utc: SAME_SECOND }), command, ACCEPTED_AT)).toBe(expected);
  });

  it('only if the car said it after the cloud took the command', () => {
    const at = (last_updated_utc: string | null, source: 'cached' | 'forced' = 'cached') =>
      confirms(
        readingWith({ climate_on: true, set_temp_c: 21, last_updated_utc }, { source, fetchedAt: ACCEPTED_AT + 10 }),
        START,
        ACCEPTED_AT,
      );
    expect(at('2026-11-07T10:29:59Z')).toBe(false);
    expect(at('2026-11-07T10:30:01Z')).toBe(true);
    expect(at(null)).toBe(false);
    expect(at(null, 'forced')).toBe(true);
  });
});

test.each<[Control, shows: boolean, wakes: boolean, ms: number]>([
  [{ name: 'lock', action: 'lock' }, true, true, 60_000],
  [START, true, false, 120_000],
  [{ name: 'climate', action: 'stop' }, true, false, 120_000],
  [moved(0, 0, 0, 0), true, true, 90_000],
  [{ name: 'charge_port', action: 'open' }, true, true, 60_000],
  [{ name: 'charge', action: 'start' }, true, false, 60_000],
  [limits(80, 80), true, false, 60_000],
  [{ name: 'charging_current', level: 1 }, true, false, 120_000],
  [{ name: 'hazard_lights' }, false, false, 60_000],
  [{ name: 'horn' }, false, false, 60_000],
  [{ name: 'valet', action: 'activate' }, false, false, 60_000],
])('%j: visible in the state %s, worth a forced read %s, looked for %i ms', (command, shows, wakes, ms) => {
  expect(showsInState(command)).toBe(shows);
  expect(deservesForcedRead(command)).toBe(wakes);
  expect(confirmationMs(command, DEFAULT_SETTINGS)).toBe(ms);
});

describe('a newer control makes an older one pointless', () => {
  it.each<[Control, Control, boolean]>([
    [{ name: 'lock', action: 'lock' }, { name: 'lock', action: 'unlock' }, true],
    [{ name: 'climate', action: 'stop' }, START, true],
    [{ name: 'charge', action: 'stop' }, { name: 'charge', action: 'start' }, true],
    [{ name: 'charge', action: 'stop' }, { name: 'charge_port', action: 'open' }, false],
    [{ name: 'lock', action: 'lock' }, moved(1, 1, 1, 1), false],
    [moved(0, 0, 0, 0), moved(1, 1, 1, 1), true],
    [limits(80, 80), limits(70, 70), true],
    [limits(80, 80), limits(70, null), true],
    [limits(80, null), limits(70, null), true],
    [limits(80, null), limits(null, 70), false],
    [limits(80, null), limits(70, 70), false],
    [limits(null, 80), limits(70, 70), false],
  ])('%j over %j: %s', (newer, older, expected) => {
    expect(supersedes(newer, older)).toBe(expected);
  });
});
