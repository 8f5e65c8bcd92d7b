import { describe, expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../src/machines/domain/settings.ts';
import {
  ask,
  grant,
  grantRefused,
  HOUR_MS,
  listAccepted,
  listRefused,
  noSession,
  outage,
  refresh,
  renew,
  SITUATIONS,
  session,
  type Token,
  token,
  worked,
} from './situations.ts';

/** How long it stays failed each time, if every try ends like this. */
function pauses(machine: Token, tries: number, fail: (machine: Token) => void): readonly number[] {
  return Array.from({ length: tries }, () => {
    fail(machine);
    const since = machine.now;
    while (machine.state.startsWith('failed') && machine.now - since < 24 * HOUR_MS) machine.advance(1_000);
    return (machine.now - since) / 1000;
  });
}

describe('the token, failed', () => {
  test('tries again after an outage, 5 s later, doubling up to the open time of the breaker', () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    expect(pauses(machine, 6, (m) => renew(m, outage))).toEqual([5, 10, 20, 40, 60, 60]);
  });

  test('tries again at once after an outage when the breaker closes', () => {
    const machine = SITUATIONS['failed by an outage']();
    machine.tell({ type: 'BREAKER_CLOSED' });
    expect(machine.state).toBe('refreshing.awaitingPermit');
  });

  test('backs off after a refused answer, from 30 s to 30 min', () => {
    const machine = token({ visitLimit: 100 });
    renew(machine, session(2));
    refresh(machine, 'q', 2);
    const tries = pauses(machine, 8, (m) => renew(m, noSession('blocked', { answered: true })));
    expect(tries).toEqual([30, 60, 120, 240, 480, 960, 1800, 1800]);
  });

  test('backs off slowly when a login met an outage', () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    renew(machine, grantRefused);
    machine.finish('logIn', outage);
    machine.tell({ type: 'BREAKER_CLOSED' });
    expect(machine.state).toBe('failed.retrying');
    machine.advance(30_000);
    expect(machine.state).toBe('refreshing.awaitingPermit');
  });

  test('waits for the end of a used-up login budget', () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    refresh(machine, 'q', 2);
    renew(machine, grantRefused);
    expect(machine.finish('logIn', noSession('loginBudget', { retryAfterMs: 5 * HOUR_MS }))).toContain(
      `car TOKEN_FAILED q loginBudget ${5 * HOUR_MS}`,
    );
    machine.advance(5 * HOUR_MS - 1);
    expect(machine.state).toBe('failed.retrying');
    machine.advance(1);
    expect(machine.state).toBe('refreshing.awaitingPermit');
  });

  test.each([
    ['failed by a refusal', 'refreshFailed', 30_000],
    ['failed by the limit of visits', 'refreshLimit', 600_000],
    ['cooldown, suspect', 'freshTokenRejected', 30_000],
  ] as const)('%s: tells whoever asks what is left of the wait', (situation, reason, waitMs) => {
    const machine = SITUATIONS[situation]();
    machine.advance(20_000);
    expect(ask(machine, 'a')).toEqual([`car TOKEN_FAILED a ${reason} ${waitMs - 20_000}`]);
    machine.advance(9_000);
    expect(refresh(machine, 'b', 2)).toEqual([`car TOKEN_FAILED b ${reason} ${waitMs - 29_000}`]);
  });

  test.each([
    ['an hour ahead', HOUR_MS, 0],
    ['an hour back', -HOUR_MS, 30_000],
  ])('tells no wait that makes no sense when the clock was set %s', (_, byMs, leftMs) => {
    const machine = SITUATIONS['failed by a refusal']();
    const said = machine.tell({ type: 'REQUEST_TOKEN', request: 'q', from: 'car', at: machine.now + byMs });
    expect(said).toEqual([`car TOKEN_FAILED q refreshFailed ${leftMs}`]);
  });

  test('tells its account the same moment of the next try, however often it tells it', () => {
    const machine = SITUATIONS['failed by a refusal']();
    const retryAt = machine.now + 30_000;
    expect(machine.last('TOKEN_CHANGED')).toMatchObject({ state: 'failed', retryAt });
    machine.advance(30_000);
    expect(machine.last('TOKEN_CHANGED')).toMatchObject({ state: 'refreshing', retryAt });
    machine.advance(5_000);
    expect(machine.last('TOKEN_CHANGED')).toMatchObject({ state: 'failed', retryAt: machine.now + 10_000 });
  });

  test.each(['credentialsRejected', 'consentRequired', 'otpRequired'] as const)(
    'stays where only a person can help: %s',
    (kind) => {
      const machine = SITUATIONS['refreshing, the old session known bad']();
      ask(machine, 'q');
      expect(renew(machine, noSession(kind, { answered: true }))).toContain(`car TOKEN_FAILED q ${kind} null`);
      machine.advance(48 * HOUR_MS);
      machine.tell({ type: 'BREAKER_CLOSED' });
      expect(machine.state).toBe('failed.terminal');
    },
  );

  test('begins anew with its pauses when a session was obtained', () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    pauses(machine, 3, (m) => renew(m, outage));
    renew(machine, session(3));
    worked(machine, 3);
    refresh(machine, 'q', 3);
    expect(renew(machine, outage)).toContain('car TOKEN_FAILED q refreshFailed 5000');
  });
});

describe('the token, at the limit of visits', () => {
  /** Uses up all visits; the next rejection meets the limit. */
  const usedUp = (input = {}) => {
    const machine = token({}, input);
    renew(machine, session(2, false));
    for (let generation = 2; generation < 2 + DEFAULT_SETTINGS.visitLimit; generation += 1) {
      refresh(machine, 'q', generation);
      renew(machine, session(generation + 1));
      worked(machine, generation + 1);
    }
    return machine;
  };

  test('makes at most five visits that the server answered in any ten minutes', () => {
    const machine = usedUp();
    expect(machine.state).toBe('valid');
    refresh(machine, 'q', 7);
    expect(machine.state).toBe('cooldown.verifying.awaitingPermit');
  });

  test('stays valid when the verification shows that only that car is refused', () => {
    const machine = usedUp();
    refresh(machine, 'q', 7);
    grant(machine);
    expect(machine.finish('readList', listAccepted)).toContain('car TOKEN_FAILED q freshTokenRejected 30000');
    expect(machine.state).toBe('valid');
  });

  test('fails at a real refusal, and leaves when the oldest visit is forgotten', () => {
    const machine = usedUp();
    machine.advance(100_000);
    refresh(machine, 'q', 7);
    grant(machine);
    expect(machine.finish('readList', listRefused)).toContain('car TOKEN_FAILED q refreshLimit 600000');
    machine.advance(499_999);
    expect(machine.state).toBe('failed.limited');
    machine.advance(1);
    expect(machine.state).toBe('refreshing.awaitingPermit');
  });

  test('asks the server for a new session afterwards, since the one in hand was refused', () => {
    const machine = token({ visitLimit: 1 });
    renew(machine, session(2));
    refresh(machine, 'q', 2);
    grant(machine);
    machine.finish('readList', listRefused);
    machine.advance(600_000);
    grant(machine);
    expect(machine.inputOf('renewSession')).toEqual({ start: false });
    machine.finish('renewSession', session(3));
    expect(machine.state).toBe('cooldown.proving');
  });

  test('counts only visits that the server answered', () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    const before = machine.context.visits;
    pauses(machine, 10, (m) => renew(m, outage));
    expect([before, machine.context.visits]).toEqual([1, 1]);
  });

  test('counts the visits of an earlier run, until each is forgotten', () => {
    const machine = token({}, { generation: 7, visitsForgottenInMs: [100_000, 200_000, 300_000, 400_000, 500_000] });
    renew(machine, session(7, false));
    refresh(machine, 'q', 7);
    expect(machine.state).toBe('cooldown.verifying.awaitingPermit');
    machine.advance(90_000);
    machine.advance(10_000);
    expect(machine.context.visits).toBe(4);
    machine.advance(400_000);
    expect(machine.context.visits).toBe(0);
  });

  test('forgets every visit in the end, however often the daemon was started', () => {
    const visitsForgottenInMs = Array.from({ length: 12 }, (_, i) => 10_000 * (i + 1));
    const machine = token({}, { generation: 7, visitsForgottenInMs });
    renew(machine, session(8));
    machine.advance(600_000);
    expect(machine.context.visits).toBe(0);
  });

  test('leaves a suspect session alone until a visit is forgotten', () => {
    const machine = token({ visitLimit: 2 });
    renew(machine, session(2));
    refresh(machine, 'a', 2);
    renew(machine, session(3));
    refresh(machine, 'b', 3);
    grant(machine);
    machine.finish('readList', listRefused);
    expect(machine.state).toBe('failed.limited');
    machine.tell({ type: 'BREAKER_CLOSED' });
    expect(machine.state).toBe('failed.limited');
  });
});
