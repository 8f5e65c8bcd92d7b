import type { Lock } from '../../../machines/domain/command.ts';
import { actionCommand } from './action-command.ts';

export const lock = actionCommand<Lock>('lock', {
  lock: { name: 'lock', action: 'lock' },
  unlock: { name: 'lock', action: 'unlock' },
});
