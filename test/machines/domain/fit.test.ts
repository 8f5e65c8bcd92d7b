import { describe, expect, it } from 'vitest';
import type { WindowPosition, Windows } from '../../../src/machines/domain/command.ts';
import { completeWindows, WINDOWS_KNOWN_FOR_MS } from '../../../src/machines/domain/fit.ts';
import { optionsOf } from '../../../src/machines/domain/options.ts';
import type { Reading } from '../../../src/machines/domain/vehicle-state.ts';
import { readingWith, stateWith } from '../../support/vehicle-states.ts';

const NOW = Date.parse('2026-11-07T10:30:00Z');
const four = <T>(front_left: T, front_right: T, rear_left: T, rear_right: T) => ({
  front_left,
  front_right,
  rear_left,
  rear_right,
});
const asked = (...positions: [W, W, W, W]): Windows => ({ name: 'windows', positions: four(...positions) });
type W = WindowPosition | null;

function known(ageMs: number, positions: [W, W, W, W] = [0, 1, 2, 0], more: Partial<Reading> = {}): Reading {
  const detail = { ...stateWith({}).detail, window_positions: four(...positions) };
  return readingWith(
    { detail, last_updated_utc: new Date(NOW - ageMs).toISOString() },
    { fetchedAt: NOW - ageMs, ...more },
  );
}
const undated = (source: 'cached' | 'forced'): Reading => {
  const { state, ...rest } = known(1_000, [0, 1, 2, 0], { source });
  return { ...rest, state: { ...state, last_updated_utc: null } };
};

describe('windows that the sender did not name', () => {
  it('stay where the car last said that they are', () => {
    expect(completeWindows(asked(1, null, null, null), known(1_000), 0, NOW)).toEqual(asked(1, 1, 2, 0));
    expect(completeWindows(asked(null, 0, null, 2), known(1_000), 0, NOW)).toEqual(asked(0, 0, 2, 2));
  });

  it('are not asked for when all four are named', () => {
    expect(completeWindows(asked(0, 0, 0, 0), null, 0, NOW)).toEqual(asked(0, 0, 0, 0));
  });

  it.each<[string, Reading | null, number, boolean]>([
    ['nothing is known', null, 0, false],
    ['one of them is not known', known(1_000, [0, 1, null, 0]), 0, false],
    ['the one that is not known is named', known(1_000, [null, 1, 2, 0]), 0, true],
    ['the state is nearly too old', known(WINDOWS_KNOWN_FOR_MS - 1_000), 0, true],
    ['the state is too old', known(WINDOWS_KNOWN_FOR_MS), 0, false],
    ['a fresh fetch brought an old state', { ...known(WINDOWS_KNOWN_FOR_MS), fetchedAt: NOW }, 0, false],
    ['the state is of a clock that was set back', known(-WINDOWS_KNOWN_FOR_MS), 0, false],
    ['they were moved since', known(10_000), NOW - 5_000, false],
    ['they were moved before', known(5_000), NOW - 10_000, true],
    ['the state has no time, and they have not been moved', undated('cached'), 0, true],
    ['the state has no time, and they have been moved', undated('cached'), NOW - 60_000, false],
    ['the car itself answered after they were moved', undated('forced'), NOW - 60_000, true],
  ])('if %s: possible %4$s', (_, reading, movedAt, isPossible) => {
    expect(completeWindows(asked(1, null, null, null), reading, movedAt, NOW) !== null).toBe(isPossible);
  });
});

describe('what a result repeats', () => {
  it('is what was sent, under the names of the contract', () => {
    expect(
      optionsOf({
        name: 'climate',
        action: 'start',
        setTempC: 20.5,
        durationMin: 10,
        defrost: false,
        steeringWheel: 1,
        rearWindow: null,
        sideMirrors: null,
        seats: four<number | null>(6, null, null, 0),
      }),
    ).toEqual({
      action: 'start',
      set_temp: 20.5,
      duration: 10,
      defrost: false,
      steering_wheel: 1,
      front_left_seat: 6,
      rear_right_seat: 0,
    });
    expect(optionsOf(asked(0, 1, 2, 0))).toEqual({ front_left: 0, front_right: 1, back_left: 2, back_right: 0 });
    expect(optionsOf({ name: 'charge_limits', acPct: 80, dcPct: null })).toEqual({ ac: 80 });
    expect(optionsOf({ name: 'charging_current', level: 2 })).toEqual({ level: 2 });
    expect(optionsOf({ name: 'lock', action: 'unlock' })).toEqual({ action: 'unlock' });
    expect(optionsOf({ name: 'horn' })).toEqual({ action: 'on' });
  });

  it('never tells where somebody is going', () => {
    const destination = { lat: 52.5, lon: 13.4, name: 'Secret', address: 'Street', zip: '1', phone: '2' };
    expect(JSON.stringify(optionsOf({ name: 'navigation', destination }))).toBe('{"destinations":1}');
  });
});
