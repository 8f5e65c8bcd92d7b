import { describe, expect, test } from 'vitest';
import {
  ask,
  grant,
  HOUR_MS,
  listRefused,
  refresh,
  renew,
  SITUATIONS,
  type Situation,
  session,
  type Token,
  worked,
} from './situations.ts';

/** A person logs in beside the daemon: the session that the gateway holds from now on is the next one. */
const logInBeside = (machine: Token, generation = 3, lifetimeMs = 10 * HOUR_MS) =>
  machine.tell({ type: 'SESSION_CHANGED', generation, lifetimeMs });

describe('the token, when somebody logs in beside it', () => {
  test.each(Object.keys(SITUATIONS) as Situation[])('%s: goes on with that session', (situation) => {
    const machine = SITUATIONS[situation]();
    logInBeside(machine);
    expect(machine.state).toBe('valid');
    expect(machine.calls).toEqual([]);
    expect(machine.context).toMatchObject({ generation: 3, failure: null, failures: 0, waiting: [], refused: [] });
    expect(ask(machine, 'later')).toEqual(['car TOKEN_READY later 3']);
    expect(machine.sent.at(-2)?.event).toMatchObject({ type: 'TOKEN_CHANGED', state: 'valid', reason: null });
  });

  test('renews it in its time, and not in that of the older one', () => {
    const machine = SITUATIONS.valid();
    machine.advance(HOUR_MS);
    logInBeside(machine);
    machine.advance(8 * HOUR_MS - 1);
    expect(machine.state).toBe('valid');
    machine.advance(1);
    expect(machine.state).toBe('refreshing.awaitingPermit');
  });

  test('answers everybody who waited for a refresh, which it ends and whose permit it gives back', () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    ask(machine, 'a');
    refresh(machine, 'b', 2);
    grant(machine);
    expect(machine.calls).toEqual(['renewSession']);
    expect(logInBeside(machine)).toEqual([
      'breaker CANCEL_PERMIT token2',
      'car TOKEN_READY a 3',
      'car TOKEN_READY b 3',
    ]);
    expect(machine.calls).toEqual([]);
  });

  test('answers those who were refused with the older token, too: they may repeat their call', () => {
    const machine = SITUATIONS['cooldown, verifying']();
    refresh(machine, 'refused', 2);
    ask(machine, 'waiting');
    grant(machine);
    expect(logInBeside(machine)).toEqual([
      'breaker CANCEL_PERMIT token3',
      'car TOKEN_READY waiting 3',
      'car TOKEN_READY refused 3',
    ]);
  });

  test('lets who names the new session as refused ask again', () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    refresh(machine, 'early', 3);
    expect(logInBeside(machine)).toEqual(['breaker CANCEL_PERMIT token2', 'breaker REQUEST_PERMIT token3 token null']);
    expect(machine.state).toBe('refreshing.awaitingPermit');
    expect(renew(machine, session(4))).toContain('car TOKEN_READY early 4');
  });

  test('drops a permit that comes afterwards, and has given it back already', () => {
    const machine = SITUATIONS['refreshing at the start']();
    logInBeside(machine);
    expect(machine.tell({ type: 'PERMIT_GRANTED', request: 'token1', permit: 'late', from: 'breaker' })).toEqual([]);
    expect(machine.state).toBe('valid');
  });

  test('ignores what is not newer than the session in hand', () => {
    const machine = SITUATIONS['failed, a person must act']();
    logInBeside(machine, 2);
    expect(machine.state).toBe('failed.terminal');
  });

  test('may refresh that session like any other', () => {
    const machine = SITUATIONS['failed by the limit of visits']();
    logInBeside(machine);
    machine.advance(600_000);
    refresh(machine, 'q', 3);
    expect(renew(machine, session(4))).toContain('car TOKEN_READY q 4');
    worked(machine, 4);
    expect(machine.state).toBe('valid');
  });

  test('still knows its visits', () => {
    const machine = SITUATIONS['failed by the limit of visits']();
    const { visits } = machine.context;
    logInBeside(machine);
    expect(machine.context.visits).toBe(visits);
    refresh(machine, 'q', 3);
    expect(machine.state).toBe('cooldown.verifying.awaitingPermit');
    grant(machine);
    expect(machine.finish('readList', listRefused)).toContain('car TOKEN_FAILED q refreshLimit 600000');
  });
});
