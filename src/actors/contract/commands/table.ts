import type { Command, CommandName } from '../../../machines/domain/command.ts';
import type { CommandDefinition } from './definition.ts';
import { lock } from './lock.ts';
import { refresh } from './refresh.ts';

type Definitions = { readonly [N in CommandName]: CommandDefinition<Extract<Command, { name: N }>> };

/** Every command, by the last level of its topic. */
export const COMMANDS: Definitions = { lock, refresh };

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
