import { describe, expect, test } from 'vitest';
import { accountMachine } from '../../../src/machines/account.machine.ts';

import { account, births, breaker, buried, listed, listFails, listing, token } from './situations.ts';

describe('an account and its cars', () => {
  test('raises its breaker, its token and the reading of its list', () => {
    const machine = account({}, { visitsForgottenInMs: [7] });
    expect(births(machine).map(({ kind, id }) => [kind, id])).toEqual([
      ['breaker', 'breaker'],
      ['token', 'token'],
      ['command', 'list/1'],
    ]);
    expect(births(machine)[1]?.input).toMatchObject({ generation: 3, visitsForgottenInMs: [7] });
    expect(births(machine)[2]?.input).toMatchObject({ command: { name: 'list' }, car: null, n: 1 });
    expect(machine.sent.map(({ to, event }) => [to, event.type])).toEqual([[{ child: 'list/1' }, 'START']]);
  });

  test('raises every car of the list, and tells the bridge', () => {
    const machine = account();
    expect(listed(machine, 'a', 'b')).toEqual(['bridge CARS_LISTED main']);
    expect(
      births(machine)
        .slice(3)
        .map(({ id }) => id),
    ).toEqual(['vehicle/a', 'vehicle/b']);
    expect(births(machine)[3]?.input).toMatchObject({ readAtStart: true });
    expect(buried(machine)).toEqual(['list/1']);
    expect(machine.last('ACCOUNT_CHANGED').status.cars).toBe(2);
  });

  test('raises only the cars that the configuration allows, by id or VIN', () => {
    const machine = account({}, { onlyCars: ['a', 'VINb'] });
    listed(machine, 'a', 'b', 'c');
    expect(machine.context.cars.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('says where a person looks that there is no car', () => {
    const machine = account();
    listed(machine);
    expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject({ cars: 0, reason: 'unknownCar' });
    expect(machine.log.at(-1)).toMatchObject({ level: 'warn', message: 'the account has no car' });
  });

  test('finds its cars by itself, however long the cloud is away', () => {
    const machine = account();
    const pauses = Array.from({ length: 8 }, () => {
      listFails(machine);
      const since = machine.now;
      while (!listing(machine)) machine.advance(1_000);
      return (machine.now - since) / 1_000;
    });
    expect(pauses).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800]);
    listed(machine, 'a');
    expect(machine.state).toContain('cars.known');
  });

  test('reads the list at once when the token or the breaker is well again, and keeps both in its status', () => {
    const byToken = account();
    listFails(byToken);
    token(byToken, 'failed');
    expect(listing(byToken)).toBe(false);
    token(byToken, 'valid');
    expect(listing(byToken)).toBe(true);
    expect(byToken.last('ACCOUNT_CHANGED').status.token).toEqual({ state: 'valid', generation: 4 });
    const byBreaker = account();
    listFails(byBreaker);
    breaker(byBreaker, 'open');
    expect(listing(byBreaker)).toBe(false);
    breaker(byBreaker, 'closed');
    expect(listing(byBreaker)).toBe(true);
    expect(byBreaker.last('ACCOUNT_CHANGED').status.breaker).toEqual({ state: 'closed' });
  });

  test('reads the list once, whatever changes while it is read or known', () => {
    const machine = account();
    token(machine, 'valid');
    breaker(machine, 'closed');
    listed(machine, 'a');
    token(machine, 'valid');
    breaker(machine, 'closed');
    machine.advance(3_600_000);
    expect(machine.context.lists).toBe(1);
  });

  test('shows why it does not work', () => {
    const machine = account();
    const why = { reason: 'credentialsRejected', message: 'The password is wrong.', retryAt: null } as const;
    machine.tell({ type: 'TOKEN_CHANGED', state: 'failed', generation: 3, visits: 0, ...why });
    expect(machine.last('ACCOUNT_CHANGED')).toMatchObject({
      account: 'main',
      status: { ...why, token: { state: 'failed' } },
    });
  });

  test('shows the same moment of the next try, whatever else changes meanwhile', () => {
    const machine = account();
    const failed = { state: 'failed', generation: 3, visits: 0, reason: 'refreshFailed', message: 'x' } as const;
    machine.tell({ type: 'TOKEN_CHANGED', ...failed, retryAt: 1_800_000 });
    machine.advance(1_700_000);
    machine.tell({ type: 'BREAKER_CHANGED', state: 'halfOpen', openForMs: null });
    expect(machine.last('ACCOUNT_CHANGED').status.retryAt).toBe(1_800_000);
  });

  test('shows until when the breaker is open, counted from when it opened', () => {
    const machine = account();
    machine.advance(5_000);
    machine.tell({ type: 'BREAKER_CHANGED', state: 'open', openForMs: 60_000 });
    machine.advance(50_000);
    token(machine, 'valid');
    expect(machine.last('ACCOUNT_CHANGED').status).toMatchObject({ reason: 'cloudUnavailable', retryAt: 65_000 });
  });

  test('passes the end of the daemon on to its cars', () => {
    const machine = account();
    listed(machine, 'a', 'b');
    expect(machine.tell({ type: 'SHUT_DOWN' })).toEqual(['child vehicle/a SHUT_DOWN', 'child vehicle/b SHUT_DOWN']);
  });
});

test('an account hears nothing else from other actors', () => {
  const heard = accountMachine.events.filter((type) => /^[A-Z_]+$/.test(type)).sort();
  expect(heard).toEqual([
    'BREAKER_CHANGED',
    'CARS_READ',
    'COMMAND_ENDED',
    'PERMIT_DENIED',
    'PERMIT_GRANTED',
    'PROBE_ENDED',
    'PROBE_WANTED',
    'RESTART_FORGOTTEN',
    'SHUT_DOWN',
    'TOKEN_CHANGED',
  ]);
});
