import type { Navigation } from '../../../machines/domain/command.ts';
import { type JsonObject, refusal } from '../payload.ts';
import type { CommandDefinition, Parsed } from './definition.ts';
import { allOf, option, type ReadOption, textUpTo } from './options.ts';

const HINT = 'Send {"lat": 52.5163, "lon": 13.3777, "name": "Brandenburger Tor"}.';
const LONGEST_TEXT = 128;

/** Sends one destination to the car's navigation. */
export const navigation: CommandDefinition<Navigation> = {
  name: 'navigation',
  keys: ['lat', 'lon', 'name', 'address', 'zip', 'phone'],
  hint: HINT,
  fromWord: () => refusal('malformed', 'The message is not a JSON object.', HINT),
  fromObject,
};

function fromObject(object: JsonObject): Parsed<Navigation> {
  for (const key of ['lat', 'lon'] as const) {
    if (!Object.hasOwn(object, key)) return refusal('malformed', `The JSON has no "${key}".`, HINT);
  }
  const text = (key: 'name' | 'address' | 'zip' | 'phone', fallback: string) =>
    option(object, key, textUpTo(LONGEST_TEXT), fallback, `text of at most ${LONGEST_TEXT} characters`);
  const read = allOf({
    lat: option(object, 'lat', degrees(90), 0, 'a number of degrees from -90 to 90'),
    lon: option(object, 'lon', degrees(180), 0, 'a number of degrees from -180 to 180'),
    name: text('name', 'Destination'),
    address: text('address', ''),
    zip: text('zip', ''),
    phone: text('phone', ''),
  });
  return read.ok ? { ok: true, command: { name: 'navigation', destination: read.values } } : read;
}

function degrees(most: number): ReadOption<number> {
  return (value) => (typeof value === 'number' && Math.abs(value) <= most ? value : undefined);
}
