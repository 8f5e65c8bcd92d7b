import { describe, expect, test } from 'vitest';
import { type CallClass, type CloudFailure, verdictOf } from '../../../src/machines/domain/failure.ts';
import {
  ask,
  breaker,
  cancel,
  denied,
  fail,
  failTimes,
  granted,
  halfOpen,
  holderGone,
  ignore,
  open,
  PROBE_WANTED,
  probing,
  succeed,
} from './situations.ts';

const DAY_MS = 86_400_000;

describe('the breaker, closed', () => {
  test('counts consecutive failures and opens at the fifth', () => {
    const machine = breaker();
    failTimes(machine, 4);
    expect(machine.state).toBe('closed');
    failTimes(machine, 1);
    expect(machine.state).toBe('open');
  });

  test('begins anew after a success of the same class', () => {
    const machine = breaker();
    failTimes(machine, 4);
    ask(machine, 'good');
    succeed(machine, 'good');
    failTimes(machine, 4);
    expect(machine.state).toBe('closed');
  });

  test('counts per class: a read that works does not reset the count of controls', () => {
    const machine = breaker();
    failTimes(machine, 4, 'control');
    ask(machine, 'good', 'read');
    succeed(machine, 'good');
    failTimes(machine, 4, 'read');
    failTimes(machine, 4, 'token');
    expect(machine.state).toBe('closed');
    failTimes(machine, 1, 'control');
    expect(machine.state).toBe('open');
  });

  test('counts a call that waits for a car among the reads', () => {
    const machine = breaker();
    failTimes(machine, 4, 'read');
    failTimes(machine, 1, 'carRead');
    expect(machine.state).toBe('open');
  });

  test('neither counts nor forgets by what is ignored', () => {
    const machine = breaker();
    failTimes(machine, 4);
    ask(machine, 'expired');
    ignore(machine, 'expired', true);
    expect(machine.context.failures.control).toBe(4);
  });

  test('tells the token that the way is open', () => {
    expect(breaker().sent.map(({ to, event }) => [to, event.type])).toEqual([
      ['account', 'BREAKER_CHANGED'],
      ['token', 'BREAKER_CLOSED'],
    ]);
  });
});

describe('the breaker, open', () => {
  test('grants no permit while open, and denies the line at once when it opens', () => {
    const machine = breaker({ callsInFlight: 1, failureThreshold: 1 });
    ask(machine, 'a');
    ask(machine, 'b');
    ask(machine, 'c', 'carRead', 'b');
    ask(machine, 'd', 'carRead', 'b');
    expect(fail(machine, 'a')).toEqual(denied(60_000, 'b', 'd'));
    expect(ask(machine, 'e', 'token', null)).toEqual(denied(60_000, 'e'));
    expect(machine.context.line).toEqual([]);
  });

  test('opens for the time that the cloud told, at the first such answer, and says why', () => {
    const machine = breaker();
    ask(machine, 'a');
    fail(machine, 'a', 3_600_000);
    expect(ask(machine, 'b')).toEqual(['b PERMIT_DENIED r rateLimited 3600000']);
    machine.advance(3_599_999);
    expect(machine.state).toBe('open');
    machine.advance(1);
    expect(machine.state).toBe('halfOpen');
  });

  test('tells whoever it denies what is left of that time', () => {
    const machine = breaker();
    machine.advance(1_000);
    ask(machine, 'a');
    fail(machine, 'a', 3_600_000);
    machine.advance(3_590_000);
    expect(ask(machine, 'b')).toEqual(['b PERMIT_DENIED r rateLimited 10000']);
    machine.advance(10_000);
    ask(machine, 'probe');
    fail(machine, 'probe');
    machine.advance(100_000);
    expect(ask(machine, 'c')).toEqual(denied(20_000, 'c'));
  });

  test.each([
    ['an hour ahead', 3_600_000, 0],
    ['an hour back', -3_600_000, 60_000],
  ])('tells no wait that makes no sense when the clock was set %s', (_, byMs, leftMs) => {
    const machine = open();
    const at = machine.now + byMs;
    expect(machine.tell({ type: 'REQUEST_PERMIT', request: 'r', callClass: 'read', car: 'a', from: 'a', at })).toEqual(
      denied(leftMs, 'a'),
    );
  });

  test('stays open however far away the time is that the cloud told', () => {
    const machine = breaker();
    ask(machine, 'a');
    fail(machine, 'a', 40 * DAY_MS);
    machine.advance(24 * DAY_MS);
    expect(machine.state).toBe('open');
  });

  test('opens for longer each time, up to five minutes, until it has closed', () => {
    const machine = open();
    const times = [60_000, 120_000, 240_000, 300_000, 300_000];
    for (const time of times) {
      expect(machine.last('BREAKER_CHANGED')).toMatchObject({ state: 'open', openForMs: time });
      machine.advance(time - 1);
      expect(machine.state).toBe('open');
      machine.advance(1);
      ask(machine, 'probe');
      fail(machine, 'probe');
    }
    machine.advance(300_000);
    ask(machine, 'probe');
    succeed(machine, 'probe');
    failTimes(machine, 5);
    expect(machine.last('BREAKER_CHANGED')).toMatchObject({ state: 'open', openForMs: 60_000 });
  });
});

describe('the breaker, half-open', () => {
  test('grants one permit at most, the probe, and keeps the others in line', () => {
    const machine = probing();
    expect(ask(machine, 'b')).toEqual([]);
    expect(ask(machine, 'c', 'token', null)).toEqual([]);
    expect(machine.context.line.map(({ holder }) => holder)).toEqual(['b', 'c']);
  });

  test('serves the whole line when the probe worked, a refresh first', () => {
    const machine = probing();
    ask(machine, 'b');
    ask(machine, 'c', 'token', null);
    expect(succeed(machine, 'probe')).toEqual(['token BREAKER_CLOSED', ...granted('c', 'b')]);
  });

  test('denies the whole line when the probe failed', () => {
    const machine = probing();
    ask(machine, 'b');
    ask(machine, 'c', 'carRead');
    expect(fail(machine, 'probe')).toEqual(denied(120_000, 'b', 'c'));
  });

  test('takes the head of the line as the next probe when one decided nothing, a refresh before all', () => {
    const machine = probing();
    ask(machine, 'b');
    ask(machine, 'c', 'token', null);
    expect(ignore(machine, 'probe')).toEqual(granted('c'));
    expect(cancel(machine, 'c')).toEqual(granted('b'));
    expect(holderGone(machine, 'b')).toEqual([PROBE_WANTED]);
  });

  test('never takes a call that waits for a car as the probe', () => {
    const machine = halfOpen();
    expect(ask(machine, 'forced', 'carRead')).toEqual([]);
    expect(ask(machine, 'b', 'read')).toEqual(granted('b'));
    expect(succeed(machine, 'b')).toEqual(['token BREAKER_CLOSED', ...granted('forced')]);
  });

  test('asks the account for a probe when nobody else asks', () => {
    const machine = open();
    expect(machine.advance(60_000)).toEqual([PROBE_WANTED]);
    expect(ask(machine, 'account', 'read', null)).toEqual(['account PERMIT_GRANTED r account#r']);
  });

  test('lets only the probe decide: a late report of a past permit decides nothing', () => {
    const machine = probing();
    succeed(machine, 'past');
    fail(machine, 'past');
    expect(machine.state).toBe('halfOpen');
    succeed(machine, 'probe');
    expect(machine.state).toBe('closed');
  });

  test('lets a past permit count for nothing after it has closed again', () => {
    const machine = probing({ failureThreshold: 1 });
    succeed(machine, 'probe');
    fail(machine, 'past');
    expect(machine.state).toBe('closed');
    expect(machine.context.out).toEqual([]);
  });

  test('closes by any answer that proves the cloud alive', () => {
    const machine = probing();
    ignore(machine, 'probe', true);
    expect(machine.state).toBe('closed');
  });

  test('looks for another probe when the permit of one is overdue', () => {
    const machine = probing();
    ask(machine, 'b');
    machine.tell({ type: 'CANCEL_PERMIT', request: 'r', from: 'b' });
    expect(machine.advance(150_000)).toEqual([PROBE_WANTED]);
    succeed(machine, 'probe');
    expect(machine.state).toBe('halfOpen');
  });
});

describe('what the breaker counts', () => {
  const failure = (kind: CloudFailure['kind'], answered = false): CloudFailure => ({
    kind,
    message: 'x',
    cause: 'x',
    reached: 'no',
    answered,
    retryAfterMs: kind === 'rateLimited' && answered ? 7_000 : null,
  });
  const counts = { type: 'failure', openForMs: null };
  const alive = { type: 'ignored', alive: true };
  const nothing = { type: 'ignored', alive: false };
  test.each<[string, CloudFailure, CallClass, object]>([
    ['a cut connection', failure('network'), 'control', counts],
    ['a cloud that does not answer a read', failure('timeout'), 'read', counts],
    ['a refresh that times out', failure('timeout'), 'token', counts],
    ['an answer without a code', failure('cloudUnavailable'), 'control', counts],
    ['an HTML page', failure('invalidResponse'), 'read', counts],
    ['5031 on the list or on the latest state', failure('carUnreachable', true), 'read', counts],
    ['an expired token', failure('tokenRefused', true), 'control', alive],
    ['a refused grant', failure('grantRefused', true), 'token', alive],
    ['a refused request', failure('unsupported', true), 'control', alive],
    ['our own budget', failure('loginBudget'), 'token', nothing],
    ['5031 on a call to the car', failure('carUnreachable', true), 'control', alive],
    ['a control that times out after sending', failure('timeout'), 'control', nothing],
    ['a car that hangs', failure('timeout'), 'carRead', nothing],
    ['a call that we ended', failure('aborted'), 'read', nothing],
    ['what another call reports', { ...failure('network'), shared: true }, 'control', nothing],
    ['a rate limit with a time', failure('rateLimited', true), 'read', { type: 'failure', openForMs: 7_000 }],
    ['a rate limit without one', failure('rateLimited'), 'read', { type: 'failure', openForMs: 3_600_000 }],
  ])('%s', (_, given, callClass, verdict) => {
    expect(verdictOf(given, callClass)).toEqual(verdict);
  });
});
