import type { Reading } from '../../machines/domain/vehicle-state.ts';
import { isoSeconds } from './iso-time.ts';
import { READING_ROWS, type ReadingRow, type ReadingValue } from './reading-rows.ts';

/** `live` publishes where the car is, not retained; `off` nothing; `retained` keeps it on the broker. */
export type LocationPolicy = 'live' | 'off' | 'retained';

export type UpdateMethod = 'cached' | 'force' | 'smart';

export interface ReadingPayload {
  readonly value: ReadingValue | null;
  readonly unit?: string;
  /** ISO 8601 UTC, seconds: the car's time for this reading, or that of the fetch. */
  readonly timestamp: string;
}

/** One message of a car's readings. */
export interface RenderedReading {
  /** Below the car's topic: `battery/level`. */
  readonly topic: string;
  readonly payload: ReadingPayload;
  readonly qos: 0 | 1;
  readonly retain: boolean;
  /** Published at every read, also when it says the same as before. */
  readonly isAlways: boolean;
}

export interface ReadingOptions {
  readonly method: UpdateMethod;
  readonly location: LocationPolicy;
}

/** Every reading that the car reports; what it does not report is left out. */
export function renderReadings(reading: Reading, options: ReadingOptions): readonly RenderedReading[] {
  const rendered: RenderedReading[] = [];
  for (const row of READING_ROWS) {
    if (row.isLocation === true && options.location === 'off') continue;
    const value = row.value(reading.state);
    if (value !== null) rendered.push(renderRow(row, value, reading, options.location));
  }
  return [...rendered, ...renderOrigin(reading, options.method)];
}

/**
 * What an earlier run may have left retained that this reading does not say, or does not retain: where the car is, after
 * `publish_location` has changed.
 */
export function leftUnsaid(rendered: readonly RenderedReading[]): readonly ReadingRow[] {
  const said = new Set(rendered.filter(({ retain }) => retain).map(({ topic }) => topic));
  return READING_ROWS.filter(({ topic, retain, isLocation }) => (retain || isLocation === true) && !said.has(topic));
}

function renderRow(row: ReadingRow, value: ReadingValue, reading: Reading, policy: LocationPolicy): RenderedReading {
  const isLocation = row.isLocation === true;
  const retain = row.retain || (isLocation && policy === 'retained');
  const ownTime = isLocation ? (reading.state.location?.time_utc ?? null) : null;
  return {
    topic: row.topic,
    payload: {
      value,
      ...(row.unit === undefined ? {} : { unit: row.unit }),
      timestamp: ownTime ?? timeOf(reading),
    },
    qos: row.qos,
    retain,
    isAlways: !retain,
  };
}

function renderOrigin(reading: Reading, method: UpdateMethod): readonly RenderedReading[] {
  const timestamp = timeOf(reading);
  const status = (topic: string, value: string, isAlways: boolean): RenderedReading => ({
    topic,
    payload: { value, timestamp },
    qos: 0,
    retain: true,
    isAlways,
  });
  return [
    status('status/last_updated', timestamp, true),
    status('status/data_source', reading.source === 'forced' ? 'fresh' : 'cached', false),
    status('status/update_method', method, false),
  ];
}

/** The car's own time for the state, else that of the fetch. */
export function timeOf(reading: Reading): string {
  return reading.state.last_updated_utc ?? isoSeconds(reading.fetchedAt);
}

export interface ReadError {
  /** One sentence for a person, without secrets. */
  readonly error: string;
  readonly errorType: string;
  readonly commandType: string;
}

/** Below the car's topic. */
export const ERROR_TOPIC = 'status/error';

/** @param error null when it is over. @param at epoch ms. */
export function renderError(error: ReadError | null, at: number): RenderedReading {
  const timestamp = isoSeconds(at);
  const value =
    error === null
      ? null
      : { error: error.error, error_type: error.errorType, command_type: error.commandType, timestamp };
  return { topic: ERROR_TOPIC, payload: { value, timestamp }, qos: 0, retain: true, isAlways: false };
}
