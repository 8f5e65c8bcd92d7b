import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../src/machines/domain/settings.ts';

import { account, births, buried, dies, listed, listing, token } from './situations.ts';

describe('an account and its dead', () => {
  const withCars = (settings: Partial<Settings> = {}) => {
    const machine = account(settings);
    listed(machine, 'a', 'b');
    return machine;
  };

  test('starts a dead car anew, alone, after everything it held has come back', () => {
    const machine = withCars();
    expect(dies(machine, 'vehicle/a')).toEqual(['breaker HOLDER_GONE vehicle/a', 'bridge VEHICLE_RESTARTED main a']);
    expect(births(machine).at(-1)).toMatchObject({ id: 'vehicle/a' });
    expect(buried(machine).at(-1)).toBe('vehicle/a');
    expect(births(machine)).toHaveLength(6);
  });

  test('starts a dead token anew with the generation that it had, and lets everybody ask again', () => {
    const machine = withCars();
    token(machine, 'valid', 9);
    expect(dies(machine, 'token')).toEqual([
      'breaker HOLDER_GONE token',
      'child vehicle/a TOKEN_RESTARTED',
      'child vehicle/b TOKEN_RESTARTED',
      'child list/1 TOKEN_RESTARTED',
    ]);
    expect(births(machine).at(-1)).toMatchObject({ id: 'token', input: { generation: 9 } });
  });

  test('does not let a token that dies forget how often it was renewed', () => {
    const machine = withCars({ visitWindowMs: 600_000 });
    token(machine, 'valid', 9, 3);
    dies(machine, 'token');
    expect(births(machine).at(-1)).toMatchObject({ input: { visitsForgottenInMs: [600_000, 600_000, 600_000] } });
  });

  test('starts a dead breaker anew, and lets everybody ask again, the token too', () => {
    const machine = withCars();
    expect(dies(machine, 'breaker')).toEqual([
      'child vehicle/a BREAKER_RESTARTED',
      'child vehicle/b BREAKER_RESTARTED',
      'child list/1 BREAKER_RESTARTED',
      'token BREAKER_RESTARTED',
    ]);
    expect(births(machine).at(-1)).toMatchObject({ id: 'breaker' });
  });

  test('tells that a holder is gone before its successor, which has the same name, can ask for anything', () => {
    const machine = withCars();
    const before = machine.done.length;
    dies(machine, 'vehicle/a');
    expect(machine.done.slice(before)).toEqual(['bury', 'send HOLDER_GONE', 'spawn', 'send VEHICLE_RESTARTED']);
  });

  test('reads the list again later when its reading dies', () => {
    const machine = account();
    expect(dies(machine, 'list/1')).toContain('breaker HOLDER_GONE list/1');
    expect(listing(machine)).toBe(false);
    machine.advance(30_000);
    expect(births(machine).at(-1)).toMatchObject({ id: 'list/2' });
  });

  test('starts anew up to a limit, and again when that is forgotten', () => {
    const machine = withCars({ restartLimit: 2, restartWindowMs: 1_000 });
    for (let i = 0; i < 3; i += 1) dies(machine, 'vehicle/a');
    expect(births(machine)).toHaveLength(7);
    expect(machine.log.at(-1)).toMatchObject({ level: 'error', message: 'an actor died too often and stays down' });
    expect(machine.last('VEHICLE_RESTARTED')).toMatchObject({ car: 'a' });
    machine.advance(1_000);
    dies(machine, 'vehicle/b');
    expect(births(machine)).toHaveLength(8);
  });
});
