import type { WindowPosition, Windows } from '../../../machines/domain/command.ts';
import { type JsonObject, refusal } from '../payload.ts';
import type { CommandDefinition, Parsed } from './definition.ts';
import { allOf, oneOf, option } from './options.ts';

const KEYS = ['front_left', 'front_right', 'back_left', 'back_right'] as const;
const HINT = 'Send {"front_left": 0, "front_right": 0, "back_left": 0, "back_right": 0}: 0 closed, 1 open, 2 vented.';

/** A window that is not named stays where the car last said that it is; the car's own actor knows where. */
export const windows: CommandDefinition<Windows> = {
  name: 'windows',
  keys: KEYS,
  hint: HINT,
  fromWord: () => refusal('malformed', 'The message is not a JSON object.', HINT),
  fromObject,
};

function fromObject(object: JsonObject): Parsed<Windows> {
  if (!KEYS.some((key) => Object.hasOwn(object, key))) {
    return refusal('malformed', 'The JSON names no window.', HINT);
  }
  const position = (key: (typeof KEYS)[number]) =>
    option<WindowPosition | null>(object, key, oneOf(0, 1, 2), null, '0 (closed), 1 (open) or 2 (vented)');
  const read = allOf({
    front_left: position('front_left'),
    front_right: position('front_right'),
    rear_left: position('back_left'),
    rear_right: position('back_right'),
  });
  return read.ok ? { ok: true, command: { name: 'windows', positions: read.values } } : read;
}
