import { describe, expect, test } from 'vitest';
import { forbidden } from '../../../src/machines/domain/arming.ts';
import type { Command, WindowPosition } from '../../../src/machines/domain/command.ts';

const windows = (front_left: WindowPosition | null): Command => ({
  name: 'windows',
  positions: { front_left, front_right: 0, rear_left: null, rear_right: 0 },
});
const OPENS: readonly Command[] = [
  { name: 'lock', action: 'unlock' },
  windows(1),
  { name: 'charge_port', action: 'open' },
  { name: 'valet', action: 'activate' },
  { name: 'valet', action: 'deactivate' },
];
const CLOSES: readonly Command[] = [
  { name: 'lock', action: 'lock' },
  windows(0),
  windows(2),
  windows(null),
  { name: 'charge_port', action: 'close' },
  { name: 'charge', action: 'start' },
  { name: 'climate', action: 'stop' },
  { name: 'horn' },
];
const READ: Command = { name: 'refresh', mode: 'force', maxAgeS: null };

describe('what may be done to a car', () => {
  test.each(OPENS)('needs arming: %j', (command) => {
    expect(forbidden(command, 'safe')).toBe('notArmed');
    expect(forbidden(command, 'all')).toBeNull();
  });

  test.each(CLOSES)('needs no arming: %j', (command) => {
    expect(forbidden(command, 'safe')).toBeNull();
    expect(forbidden(command, 'withoutPin')).toBeNull();
  });

  test('is nothing but reading when it is read only', () => {
    for (const command of [...OPENS, ...CLOSES]) expect(forbidden(command, 'none')).toBe('readOnly');
    expect(forbidden(READ, 'none')).toBeNull();
  });

  test('leaves it to the missing PIN to refuse an unlock', () => {
    expect(OPENS.map((command) => forbidden(command, 'withoutPin'))).toEqual([
      null,
      'notArmed',
      'notArmed',
      'notArmed',
      'notArmed',
    ]);
  });
});
