import type { RenderedReading } from './readings.ts';

/** What the topics of a car say already. A value: it is never changed, only replaced. */
export type ReadingsMemory = ReadonlyMap<string, Published>;

interface Published {
  /** Value and unit, as JSON: a new time alone is no news. */
  readonly said: string;
  /** The last message, from which the "unknown now" is made. */
  readonly reading: RenderedReading;
}

export function emptyMemory(): ReadingsMemory {
  return new Map();
}

/**
 * What must be published, given what was: on retained topics only what changed, on the others everything, and once
 * `null` for what was known and no longer is.
 *
 * @param at timestamp for what is unknown now; ISO 8601 UTC.
 * @param unchangedToo publishes also what has not changed.
 */
export function selectReadings(
  memory: ReadingsMemory,
  rendered: readonly RenderedReading[],
  at: string,
  unchangedToo = false,
): { readonly memory: ReadingsMemory; readonly publish: readonly RenderedReading[] } {
  const next = new Map<string, Published>();
  const publish: RenderedReading[] = [];
  for (const reading of rendered) {
    const said = JSON.stringify([reading.payload.value, reading.payload.unit]);
    if (unchangedToo || reading.isAlways || memory.get(reading.topic)?.said !== said) publish.push(reading);
    next.set(reading.topic, { said, reading });
  }
  for (const [topic, { reading }] of memory) {
    if (!next.has(topic)) publish.push({ ...reading, payload: { ...reading.payload, value: null, timestamp: at } });
  }
  return { memory: next, publish };
}
