import type { ChargeLimits } from '../../../machines/domain/command.ts';
import { type JsonObject, refusal } from '../payload.ts';
import type { CommandDefinition, Parsed } from './definition.ts';
import { allOf, option, within } from './options.ts';

const HINT = 'Send {"ac": 80, "dc": 90}, or only one of them.';

export const chargeLimits: CommandDefinition<ChargeLimits> = {
  name: 'charge_limits',
  keys: ['ac', 'dc'],
  hint: HINT,
  fromWord: () => refusal('malformed', 'The message is not a JSON object.', HINT),
  fromObject,
};

function fromObject(object: JsonObject): Parsed<ChargeLimits> {
  if (!Object.hasOwn(object, 'ac') && !Object.hasOwn(object, 'dc')) {
    return refusal('malformed', 'The JSON has neither "ac" nor "dc".', HINT);
  }
  const limit = (key: 'ac' | 'dc') =>
    option<number | null>(object, key, within(50, 100, 10), null, '50, 60, 70, 80, 90 or 100');
  const read = allOf({ acPct: limit('ac'), dcPct: limit('dc') });
  return read.ok ? { ok: true, command: { name: 'charge_limits', ...read.values } } : read;
}
