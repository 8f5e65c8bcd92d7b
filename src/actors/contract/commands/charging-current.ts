import type { ChargingCurrent } from '../../../machines/domain/command.ts';
import { refusal } from '../payload.ts';
import type { CommandDefinition } from './definition.ts';
import { notAllowed, oneOf } from './options.ts';

const HINT = 'Send {"level": 1} for 100 %, 2 for 90 %, 3 for 60 %.';
const read = oneOf(1, 2, 3);

export const chargingCurrent: CommandDefinition<ChargingCurrent> = {
  name: 'charging_current',
  keys: ['level'],
  hint: HINT,
  fromWord: () => refusal('malformed', 'The message is not a JSON object.', HINT),
  fromObject: ({ level }) => {
    if (level === undefined) return refusal('malformed', 'The JSON has no "level".', HINT);
    const value = read(level);
    if (value === undefined) return notAllowed('level', level, read, '1, 2 or 3', HINT);
    return { ok: true, command: { name: 'charging_current', level: value } };
  },
};
