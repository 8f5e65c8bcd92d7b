import type { Command } from './command.ts';

/**
 * What may be done to the cars of an account: every control, those that leave the car closed, or none. `withoutPin` is
 * `safe` that nobody chose: there an unlock goes on, to be told that it is the PIN that is missing.
 */
export type Controls = 'all' | 'safe' | 'withoutPin' | 'none';

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
  if (controls === 'all' || !needsArming(command)) return null;
  return controls === 'withoutPin' && command.name === 'lock' ? null : 'notArmed';
}
