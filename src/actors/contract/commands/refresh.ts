import type { Refresh } from '../../../machines/domain/command.ts';
import { refusal } from '../payload.ts';
import type { CommandDefinition, Parsed } from './definition.ts';

/** Seconds: a week. */
export const LONGEST_MAX_AGE_S = 604_800;

const HINT = 'Send cached, force, force! or smart:300 (1 to 604800 seconds), or {"action": "cached"} and so on.';
const SMART = /^smart:\s*([+-]?\d{1,15}(?:\.\d{1,15})?)$/;

export const refresh: CommandDefinition<Refresh> = {
  name: 'refresh',
  keys: ['action'],
  hint: HINT,
  fromWord: (word) =>
    fromText(word) ?? refusal('malformed', 'The message is none of cached, force, force! and smart:N.', HINT),
  fromObject: (object) => {
    if (object.action === undefined) return refusal('malformed', 'The JSON has no "action".', HINT);
    const command = typeof object.action === 'string' ? fromText(object.action.trim().toLowerCase()) : null;
    return command ?? refusal('invalidOption', 'The "action" is none of cached, force, force! and smart:N.', HINT);
  },
};

function fromText(word: string): Parsed<Refresh> | null {
  switch (word) {
    case 'cached':
      return { ok: true, command: { name: 'refresh', mode: 'cached', maxAgeS: null } };
    case 'force':
      return { ok: true, command: { name: 'refresh', mode: 'force', maxAgeS: null } };
    case 'force!':
      return { ok: true, command: { name: 'refresh', mode: 'force', maxAgeS: null, override: true } };
    default:
      return smart(word);
  }
}

function smart(word: string): Parsed<Refresh> | null {
  const digits = SMART.exec(word)?.[1];
  if (digits === undefined) return null;
  const maxAgeS = Number(digits);
  if (!Number.isInteger(maxAgeS) || maxAgeS < 1 || maxAgeS > LONGEST_MAX_AGE_S) {
    return refusal('invalidOption', 'The age of smart is not a whole number of seconds from 1 to 604800.', HINT);
  }
  return { ok: true, command: { name: 'refresh', mode: 'smart', maxAgeS } };
}
