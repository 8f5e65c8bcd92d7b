import { describe, expect, test } from 'vitest';
import type { Settings } from '../../../src/machines/domain/settings.ts';

import { account, births, breaker, buried, dies, listed, listFails, listing, token } from './situations.ts';

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
    const bornAnew = () => births(machine).length - 5;
    dies(machine, 'vehicle/a');
    machine.advance(600);
    dies(machine, 'vehicle/a');
    machine.advance(600);
    dies(machine, 'vehicle/a');
    expect(bornAnew()).toBe(3);
    machine.advance(1_000);
    expect(machine.context.restarts).toEqual([]);
    for (let i = 0; i < 3; i += 1) dies(machine, 'vehicle/a');
    expect(bornAnew()).toBe(5);
    expect(machine.log.at(-1)).toMatchObject({ level: 'error', message: 'an actor died too often and stays down' });
    expect(machine.last('VEHICLE_RESTARTED')).toMatchObject({ car: 'a' });
  });

  test('counts the restarts of each child for itself: one that dies on what all get takes nothing from the others', () => {
    const machine = account({ restartLimit: 1 });
    const cars = ['a', 'b', 'c', 'd', 'e', 'f'];
    listed(machine, ...cars);
    for (const child of [...cars.map((car) => `vehicle/${car}`), 'token', 'breaker']) dies(machine, child);
    expect(
      births(machine)
        .slice(9)
        .map(({ id }) => id),
    ).toEqual([...cars.map((car) => `vehicle/${car}`), 'token', 'breaker']);
    expect(machine.log.filter(({ message }) => message.includes('stays down'))).toEqual([]);
  });

  test('says how many cars stay down, also after the token and the breaker have had their say', () => {
    const machine = withCars({ restartLimit: 0 });
    expect(dies(machine, 'vehicle/a')).toEqual(['breaker HOLDER_GONE vehicle/a', 'bridge VEHICLE_RESTARTED main a']);
    dies(machine, 'vehicle/b');
    expect(buried(machine).slice(-2)).toEqual(['vehicle/a', 'vehicle/b']);
    const down = { reason: 'restarted', message: expect.stringContaining(': 2.') };
    expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject(down);
    breaker(machine, 'open');
    expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject({ reason: 'cloudUnavailable' });
    breaker(machine, 'closed');
    token(machine, 'valid');
    expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject({ ...down, token: { state: 'valid' } });
  });

  test.each(['token', 'breaker'])(
    'ends everything that cannot work without a %s that stays down, and says so',
    (child) => {
      const machine = withCars({ restartLimit: 0 });
      expect(dies(machine, child)).toEqual(['bridge VEHICLE_RESTARTED main null']);
      expect(births(machine)).toHaveLength(5);
      expect(buried(machine).slice(1)).toEqual(['token', 'breaker', 'list/1', 'vehicle/a', 'vehicle/b']);
      const failed = { token: { state: 'failed' }, reason: 'restarted', retryAt: null };
      expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject(failed);
      // What happened before, and is heard afterwards.
      token(machine, 'valid');
      breaker(machine, 'closed');
      dies(machine, 'vehicle/a');
      dies(machine, 'list/1');
      expect(births(machine)).toHaveLength(5);
      expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject(failed);
    },
  );

  test('reads the list no more when nobody can', () => {
    const machine = account({ restartLimit: 0 });
    listFails(machine);
    dies(machine, 'token');
    token(machine, 'valid');
    breaker(machine, 'closed');
    machine.advance(86_400_000);
    expect(births(machine).map(({ id }) => id)).toEqual(['breaker', 'token', 'list/1']);
  });

  test('reads the list again and again, however often its reading dies', () => {
    const machine = account({ restartLimit: 0 });
    for (const n of [1, 2, 3]) {
      dies(machine, `list/${n}`);
      machine.advance(1_800_000);
      expect(births(machine).at(-1)).toMatchObject({ id: `list/${n + 1}` });
    }
    expect(machine.log.filter(({ message }) => message.includes('stays down'))).toEqual([]);
  });
});
