import type { Control } from '../../../machines/domain/command.ts';
import { refusal } from '../payload.ts';
import type { CommandDefinition } from './definition.ts';

type Lock = Extract<Control, { name: 'lock' }>;

const HINT = 'Send lock or unlock, or {"action": "lock"} or {"action": "unlock"}.';

export const lock: CommandDefinition<Lock> = {
  name: 'lock',
  keys: ['action'],
  fromWord: (word) => {
    const action = actionOf(word);
    if (action === null) return refusal('malformed', 'The message is neither lock nor unlock.', HINT);
    return { ok: true, command: { name: 'lock', action } };
  },
  fromObject: (object) => {
    if (object.action === undefined) return refusal('malformed', 'The JSON has no "action".', HINT);
    const action = actionOf(object.action);
    if (action === null) return refusal('invalidOption', 'The "action" is neither lock nor unlock.', HINT);
    return { ok: true, command: { name: 'lock', action } };
  },
};

function actionOf(value: unknown): Lock['action'] | null {
  if (typeof value !== 'string') return null;
  const word = value.toLowerCase();
  return word === 'lock' || word === 'unlock' ? word : null;
}
