import type { Control } from './command.ts';
import type { Reading } from './vehicle-state.ts';

/** What the car's state must show when a control has been carried out; null where no reading can show it. */
function wanted(command: Control): ((reading: Reading) => boolean) | null {
  switch (command.name) {
    case 'lock':
      return ({ state }) => state.locked === (command.action === 'lock');
  }
}

/**
 * Whether a reading proves that the car did what was asked. It counts only if the car's own time in it is not before
 * the moment at which the cloud took our call (both in whole seconds: cars give no finer time). A forced read that
 * carries no time of its own is the car's answer of just now, so the moment of the fetch stands for it.
 */
export function confirms(reading: Reading, command: Control, acceptedAt: number): boolean {
  const shows = wanted(command);
  if (shows === null) return false;
  const carTime = reading.state.last_updated_utc;
  const at = carTime === null ? (reading.source === 'forced' ? reading.fetchedAt : null) : Date.parse(carTime);
  if (at === null || Math.floor(at / 1000) < Math.floor(acceptedAt / 1000)) return false;
  return shows(reading);
}

/** Undecided after all looks, these are worth waking the car once. */
export function deservesForcedRead(command: Control): boolean {
  return command.name === 'lock';
}

/** Controls of one group replace each other while they wait. */
export function groupOf(command: Control): string {
  return command.name;
}

/** Equal controls, arguments included, may be joined. */
export function argumentsOf(command: Control): string {
  return JSON.stringify(command);
}
