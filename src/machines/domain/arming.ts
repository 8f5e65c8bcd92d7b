import type { Command } from './command.ts';

/** What may be done to the cars of an account: every control, those that leave the car closed, or none. */
export type Controls = 'all' | 'safe' | 'none';

/** A control that opens the car to others. A vented window is not an open one. */
export function needsArming(command: Command): boolean {
  switch (command.name) {
    case 'lock':
      return command.action === 'unlock';
    case 'windows':
      return Object.values(command.positions).includes(1);
    case 'charge_port':
      return command.action === 'open';
    case 'valet':
      return true;
    default:
      return false;
  }
}

/** Why the configuration does not allow it; null if it does. */
export function forbidden(command: Command, controls: Controls): 'readOnly' | 'notArmed' | null {
  if (command.name === 'refresh') return null;
  if (controls === 'none') return 'readOnly';
  return controls === 'safe' && needsArming(command) ? 'notArmed' : null;
}
