import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeReadings } from '../../../src/machines/domain/merge.ts';
import type { Reading } from '../../../src/machines/domain/vehicle-state.ts';
import { FETCHED_AT, FULL, reading } from '../../actors/contract/cars.ts';

const EARLIER = '2026-11-07T10:00:00Z';
const LATER = '2026-11-07T11:00:00Z';

describe('readings of a car', () => {
  it('begin with the first', () => {
    expect(mergeReadings(null, reading())).toEqual(reading());
  });

  it('follow the newer one, unknown values included', () => {
    const next = reading({ last_updated_utc: LATER, locked: true, soc_pct: null }, { fetchedAt: FETCHED_AT + 1_000 });
    const merged = mergeReadings(reading(), next);
    expect(merged.state).toMatchObject({ locked: true, soc_pct: null, last_updated_utc: LATER });
    expect(merged.fetchedAt).toBe(FETCHED_AT + 1_000);
  });

  it('are not replaced by older ones, however late these are fetched', () => {
    const old = reading(
      { last_updated_utc: EARLIER, locked: true, soc_pct: 20, odometer_km: 5_100 },
      { fetchedAt: FETCHED_AT + 9_000 },
    );
    expect(mergeReadings(reading(), old)).toEqual(reading());
  });

  it('take the later fetch of the same moment', () => {
    const merged = mergeReadings(reading(), reading({ locked: true }, { fetchedAt: FETCHED_AT + 1 }));
    expect(merged).toMatchObject({ fetchedAt: FETCHED_AT + 1, state: { locked: true } });
  });

  it('of a forced read without odometer, location and time keep those groups as they were known', () => {
    const forced = reading(
      {
        last_updated_utc: null,
        odometer_km: null,
        location: null,
        locked: true,
        detail: { ...FULL.detail, speed_kmh: null, next_service_km: null, outside_temp_c: 3 },
      },
      { source: 'forced', fetchedAt: FETCHED_AT + 60_000 },
    );
    const { state, source } = mergeReadings(reading({ detail: { ...FULL.detail, speed_kmh: 4 } }), forced);
    expect(source).toBe('forced');
    expect(state).toMatchObject({ locked: true, odometer_km: 5_200, location: FULL.location });
    expect(state.detail).toMatchObject({ speed_kmh: 4, next_service_km: 12_000, outside_temp_c: 3 });
    // The older time would be a wrong time for the newer state.
    expect(state.last_updated_utc).toBeNull();
  });

  it('of a forced read without a time are not replaced by what the cloud remembers from before', () => {
    const forced = reading({ last_updated_utc: null, locked: true }, { source: 'forced', fetchedAt: FETCHED_AT });
    const remembered = reading(
      { last_updated_utc: '2026-11-07T10:30:04Z', locked: false },
      { fetchedAt: FETCHED_AT + 5_000 },
    );
    expect(mergeReadings(forced, remembered).state.locked).toBe(true);
    const sameSecond = reading(
      { last_updated_utc: '2026-11-07T10:30:05Z', locked: false },
      { fetchedAt: FETCHED_AT + 5_000 },
    );
    expect(mergeReadings(forced, sameSecond).state.locked).toBe(false);
  });

  it('without any time follow the order in which they were fetched', () => {
    const timeless = { last_updated_utc: null };
    const next = reading({ ...timeless, locked: true }, { fetchedAt: FETCHED_AT + 1 });
    expect(mergeReadings(reading(timeless), next).state.locked).toBe(true);
    expect(mergeReadings(next, reading(timeless)).state.locked).toBe(true);
  });

  it('have the location with the later time, whichever reading is newer', () => {
    const at = (time_utc: string | null) => ({ location: { lat: 1, lon: 2, time_utc } });
    const newerStateOlderPlace = reading({ last_updated_utc: LATER, ...at('2026-11-07T09:00:00Z') });
    expect(mergeReadings(reading(), newerStateOlderPlace).state.location).toEqual(FULL.location);
    const olderStateNewerPlace = reading({ last_updated_utc: EARLIER, ...at('2026-11-07T10:20:00Z') });
    expect(mergeReadings(reading(), olderStateNewerPlace).state.location?.lat).toBe(1);
    expect(mergeReadings(reading(), reading({ last_updated_utc: LATER, ...at(null) })).state.location?.lat).toBe(1);
    expect(mergeReadings(reading(), reading({ last_updated_utc: EARLIER, ...at(null) })).state.location?.lat).toBe(
      48.1,
    );
  });

  it('fill in from an older reading what only it tells: odometer, next service, location', () => {
    const bare = reading({ odometer_km: null, location: null, detail: { ...FULL.detail, next_service_km: null } });
    const old = reading({ last_updated_utc: EARLIER, soc_pct: 1 });
    const { state } = mergeReadings(bare, old);
    expect(state).toMatchObject({ odometer_km: 5_200, location: FULL.location, soc_pct: 71 });
    expect(state.detail.next_service_km).toBe(12_000);
  });

  it('never go back in time, lose a place or change when the same one comes again', () => {
    const second = fc.integer({ min: 0, max: 59 }).map((s) => `2026-11-07T10:00:${String(s).padStart(2, '0')}Z`);
    const anyReading: fc.Arbitrary<Reading> = fc
      .record({
        time: fc.option(second),
        place: fc.option(second),
        odometer: fc.option(fc.nat(100)),
        source: fc.constantFrom('cached' as const, 'forced' as const),
        offset: fc.nat(60_000),
      })
      .map(({ time, place, odometer, source, offset }) =>
        reading(
          {
            last_updated_utc: time,
            location: place === null ? null : { lat: 1, lon: 2, time_utc: place },
            odometer_km: odometer,
          },
          { source, fetchedAt: Date.parse('2026-11-07T10:00:00Z') + offset },
        ),
      );
    fc.assert(
      fc.property(anyReading, anyReading, (previous, next) => {
        const merged = mergeReadings(previous, next);
        expect(mergeReadings(merged, next)).toEqual(merged);
        const [before, after] = [previous.state.last_updated_utc, merged.state.last_updated_utc];
        if (before !== null && after !== null) expect(after >= before).toBe(true);
        if (previous.state.location !== null) expect(merged.state.location).not.toBeNull();
        if (previous.state.odometer_km !== null) expect(merged.state.odometer_km).not.toBeNull();
      }),
      { numRuns: 1_000 },
    );
  });
});
