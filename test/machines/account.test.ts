import { describe, expect, test } from 'vitest';
import type { AccountInput, Birth } from '../../src/machines/account.glossary.ts';
import { accountMachine } from '../../src/machines/account.machine.ts';
import type { Ending } from '../../src/machines/domain/command.ts';
import type { CloudFailure } from '../../src/machines/domain/failure.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';
import { drive, type Machine } from '../support/machine-harness.ts';
import { carNamed } from '../support/vehicle-states.ts';

type Account = Machine<typeof accountMachine>;

function account(settings: Partial<Settings> = {}, input: Partial<AccountInput> = {}): Account {
  return drive(
    accountMachine,
    {
      settings: { ...DEFAULT_SETTINGS, ...settings },
      account: 'main',
      generation: 3,
      visitsForgottenInMs: [],
      readAtStart: true,
      onlyCars: null,
      ...input,
    },
    ['ACCOUNT_CHANGED'],
  );
}
const births = (machine: Account) =>
  machine.effects.filter(({ type }) => type === 'spawn').flatMap(({ params }) => params as readonly Birth[]);
const buried = (machine: Account) =>
  machine.effects.filter(({ type }) => type === 'bury').flatMap(({ params }) => params as readonly string[]);
const ENDING: Ending = { status: 'succeeded', reason: null, message: 'Read.', attempts: 1, actionId: null };
const FAILED: Ending = { ...ENDING, status: 'failed', reason: 'cloudUnavailable' };
const listed = (machine: Account, ...ids: readonly string[]) => {
  machine.tell({ type: 'CARS_READ', cars: ids.map(carNamed) });
  return machine.tell({ type: 'COMMAND_ENDED', n: machine.context.lists, ending: ENDING, confirmed: null });
};
const listFails = (machine: Account) =>
  machine.tell({ type: 'COMMAND_ENDED', n: machine.context.lists, ending: FAILED, confirmed: null });
const token = (machine: Account, state: 'valid' | 'failed', generation = 4) =>
  machine.tell({ type: 'TOKEN_CHANGED', state, generation, reason: null, message: null, retryAfterMs: null });
const breaker = (machine: Account, state: 'closed' | 'open') =>
  machine.tell({ type: 'BREAKER_CHANGED', state, openForMs: null });
const dies = (machine: Account, actorId: string) => machine.tell({ type: `xstate.error.actor.${actorId}`, actorId });
const listing = (machine: Account) => machine.state.includes('cars.listing');

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
    const why = { reason: 'credentialsRejected', message: 'The password is wrong.', retryAfterMs: null } as const;
    machine.tell({ type: 'TOKEN_CHANGED', state: 'failed', generation: 3, ...why });
    expect(machine.last('ACCOUNT_CHANGED')).toMatchObject({
      account: 'main',
      status: { ...why, token: { state: 'failed' } },
    });
  });

  test('passes the end of the daemon on to its cars', () => {
    const machine = account();
    listed(machine, 'a', 'b');
    expect(machine.tell({ type: 'SHUT_DOWN' })).toEqual(['child vehicle/a SHUT_DOWN', 'child vehicle/b SHUT_DOWN']);
  });
});

describe('the probe of an account', () => {
  const wanted = (machine: Account) => machine.tell({ type: 'PROBE_WANTED' });
  const granted = (machine: Account, request = 'probe1') =>
    machine.tell({ type: 'PERMIT_GRANTED', request, permit: 'p', from: 'breaker' });
  const failure = (kind: CloudFailure['kind'], answered: boolean): CloudFailure => ({
    kind,
    message: 'x',
    cause: 'x',
    reached: 'no',
    answered,
    retryAfterMs: null,
  });
  const used = { generation: 3, scope: 'access' } as const;

  test('opens the way again before somebody needs it: reads the list when nobody else asks', () => {
    const machine = account();
    expect(wanted(machine)).toEqual(['breaker REQUEST_PERMIT probe1 read null']);
    expect(granted(machine)).toEqual([]);
    expect(machine.calls).toEqual(['readList']);
    expect(machine.finish('readList', { ok: true, value: { type: 'list', cars: [] }, token: used })).toEqual([
      'breaker REPORT_SUCCESS p',
    ]);
    expect(machine.state).toContain('probe.idle');
  });

  test.each([
    ['a refused token, which it does not refresh', failure('tokenRefused', true), 'breaker REPORT_IGNORED p true'],
    ['a cloud that is still away', failure('network', false), 'breaker REPORT_FAILURE p null'],
  ])('reports %s', (_, given, report) => {
    const machine = account();
    wanted(machine);
    granted(machine);
    expect(machine.finish('readList', { ok: false, failure: given, token: used })).toEqual([report]);
  });

  test('gives its permit back when the call throws or does not end', () => {
    for (const misfortune of [(m: Account) => m.crash('readList'), (m: Account) => m.advance(22_000)]) {
      const machine = account();
      wanted(machine);
      granted(machine);
      expect(misfortune(machine)).toEqual(['breaker REPORT_IGNORED p false']);
      expect([machine.calls, machine.state.includes('probe.idle')]).toEqual([[], true]);
      expect(machine.context.restarts).toBe(0);
    }
  });

  test('stops asking when it is denied, has waited too long, or the breaker has closed', () => {
    const denied = account();
    wanted(denied);
    denied.tell({ type: 'PERMIT_DENIED', request: 'probe1', reason: 'cloudUnavailable', retryAfterMs: 1 });
    const late = account();
    wanted(late);
    expect(late.advance(30_000)).toEqual(['breaker CANCEL_PERMIT probe1']);
    const closed = account();
    wanted(closed);
    expect(breaker(closed, 'closed')).toEqual(['breaker CANCEL_PERMIT probe1']);
    expect(closed.context.status.breaker).toEqual({ state: 'closed' });
    for (const machine of [denied, late, closed]) expect(machine.state).toContain('probe.idle');
  });

  test('asks once, and ignores answers to what it no longer asks', () => {
    const machine = account();
    wanted(machine);
    expect(wanted(machine)).toEqual([]);
    expect(granted(machine, 'probe0')).toEqual([]);
    expect(machine.calls).toEqual([]);
    granted(machine);
    expect(wanted(machine)).toEqual([]);
  });
});

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
