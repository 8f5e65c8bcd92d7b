import { describe, expect, test } from 'vitest';
import {
  ask,
  deny,
  grant,
  grantRefused,
  HOUR_MS,
  listAccepted,
  listLost,
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

const RENEWAL_MS = 69_120_000;

describe('the token, renewing', () => {
  const renewing = SITUATIONS['refreshing, renewing a good session'];

  test('renews a good session in time', () => {
    const machine = SITUATIONS.valid();
    expect(machine.advance(RENEWAL_MS - 1)).toEqual([]);
    expect(machine.advance(1)).toEqual(['breaker REQUEST_PERMIT token2 token null']);
    expect(renew(machine, session(3))).toEqual(['breaker REPORT_SUCCESS permit-token2']);
    expect(machine.state).toBe('valid');
  });

  test('never logs in while the session is good', () => {
    const machine = renewing();
    renew(machine, grantRefused);
    expect([machine.state, machine.calls]).toEqual(['valid', []]);
  });

  test('returns to valid when a renewal fails, and tries again later', () => {
    const machine = renewing();
    renew(machine, outage);
    expect(machine.state).toBe('valid');
    expect(ask(machine, 'q')).toEqual(['car TOKEN_READY q 2']);
    machine.advance(299_999);
    expect(machine.state).toBe('valid');
    machine.advance(1);
    expect(machine.state).toBe('refreshing.awaitingPermit');
    renew(machine, session(3));
    machine.advance(RENEWAL_MS - 1);
    expect(machine.state).toBe('valid');
  });

  test('returns to valid when a renewal is denied', () => {
    const machine = renewing();
    deny(machine);
    expect([machine.state, machine.context.failure]).toEqual(['valid', null]);
  });

  /** Lets each renewal that begins within so many hours end like this, and counts them. */
  const renewalsIn = (machine: Token, hours: number, outcome: ReturnType<typeof noSession>): number => {
    const end = machine.now + hours * HOUR_MS;
    let renewals = 0;
    while (machine.now < end) {
      machine.advance(1_000);
      if (machine.state !== 'refreshing.awaitingPermit') continue;
      renew(machine, outcome);
      renewals += 1;
    }
    return renewals;
  };
  const ofAnHour = () => {
    const machine = token();
    renew(machine, { ...session(2), lifetimeMs: HOUR_MS } as never);
    return machine;
  };

  test('tries again as long as the session is good, and leaves it alone afterwards', () => {
    const machine = ofAnHour();
    expect(renewalsIn(machine, 0.999, outage)).toBe(3);
    expect(renewalsIn(machine, 48, outage)).toBe(0);
    expect([machine.state, machine.log.at(-1)?.message]).toEqual(['valid', expect.stringContaining('not renewed any')]);
  });

  test('leaves the session alone when its grant was refused', () => {
    const machine = ofAnHour();
    expect(renewalsIn(machine, 48, grantRefused)).toBe(1);
    expect([machine.state, machine.calls]).toEqual(['valid', []]);
    expect(ask(machine, 'q')).toEqual(['car TOKEN_READY q 2']);
  });

  test('replaces a session that it left alone when a call shows that it is over, by login if need be', () => {
    const machine = ofAnHour();
    renewalsIn(machine, 48, grantRefused);
    refresh(machine, 'q', 2);
    renew(machine, grantRefused);
    expect(machine.calls).toEqual(['logIn']);
    expect(machine.finish('logIn', session(3))).toContain('car TOKEN_READY q 3');
    worked(machine, 3);
    expect(renewalsIn(machine, 24, outage)).toBeGreaterThan(1);
  });

  test('counts a renewal for which no visit is left among those that failed', () => {
    const machine = token({ visitLimit: 1, visitWindowMs: 48 * HOUR_MS });
    renew(machine, { ...session(2), lifetimeMs: HOUR_MS } as never);
    machine.advance(47 * HOUR_MS);
    expect([machine.state, machine.context.failures]).toEqual(['valid', 3]);
    expect(machine.pending.filter((timer) => timer.includes('renewal'))).toEqual([]);
  });

  test('stays in valid when a renewal meets the limit of visits', () => {
    const machine = token({ visitLimit: 1, visitWindowMs: 48 * HOUR_MS });
    renew(machine, session(2));
    machine.advance(RENEWAL_MS);
    expect(machine.state).toBe('valid');
    expect(machine.pending).toContain(`xstate.after.renewal.token.valid at ${RENEWAL_MS + 300_000}`);
  });

  test('renews a session of a month without a timer that fires at once', () => {
    const machine = token();
    renew(machine, { ...session(2), lifetimeMs: 40 * 24 * HOUR_MS } as never);
    expect(machine.advance(2 ** 31 - 2)).toEqual([]);
    expect(machine.state).toBe('valid');
  });

  test('learns during a renewal that the session is bad, and may then log in', () => {
    const machine = renewing();
    refresh(machine, 'q', 2);
    renew(machine, grantRefused);
    expect(machine.calls).toEqual(['logIn']);
  });
});

describe('the token, in cooldown', () => {
  const proving = SITUATIONS['cooldown, proving'];
  const suspect = SITUATIONS['cooldown, suspect'];
  const verifying = (): Token => {
    const machine = proving();
    refresh(machine, 'refused', 2);
    ask(machine, 'waiting');
    grant(machine);
    return machine;
  };

  test('is valid again when nothing was refused for the time of the cooldown', () => {
    const machine = proving();
    machine.advance(29_999);
    expect(machine.state).toBe('cooldown.proving');
    machine.advance(1);
    expect(machine.state).toBe('valid');
  });

  test('refreshes a genuine second expiry at once when the new token has worked', () => {
    const machine = proving();
    worked(machine, 2);
    refresh(machine, 'q', 2);
    expect(machine.state).toBe('refreshing.awaitingPermit');
  });

  test('takes only the scope that was refused as a proof', () => {
    const machine = SITUATIONS.valid();
    refresh(machine, 'q', 2, 'control');
    renew(machine, session(3));
    worked(machine, 3, 'access');
    expect(machine.state).toBe('cooldown.proving');
    worked(machine, 3, 'control');
    expect(machine.state).toBe('valid');
  });

  test('verifies a refused fresh token before it blames the session: accepted, only that car is refused', () => {
    const machine = verifying();
    expect(machine.calls).toEqual(['readList']);
    expect(machine.finish('readList', listAccepted)).toEqual([
      'breaker REPORT_SUCCESS permit-token3',
      'car TOKEN_READY waiting 2',
      'car TOKEN_FAILED refused freshTokenRejected 30000',
    ]);
    expect(machine.state).toBe('valid');
  });

  test('verifies a refused fresh token before it blames the session: refused, it is suspect', () => {
    const machine = verifying();
    expect(machine.finish('readList', listRefused)).toEqual([
      'breaker REPORT_IGNORED permit-token3 true',
      'car TOKEN_FAILED waiting freshTokenRejected 30000',
      'car TOKEN_FAILED refused freshTokenRejected 30000',
    ]);
    expect(machine.state).toBe('cooldown.suspect');
  });

  test('proves on when the verification itself gets lost', () => {
    const machine = verifying();
    machine.finish('readList', listLost);
    expect(machine.state).toBe('cooldown.proving');
    expect(ask(machine, 'q')).toEqual(['car TOKEN_READY q 2']);
  });

  test('ends a verification in time, and gives its permit back', () => {
    const machine = verifying();
    expect(machine.advance(25_000)).toContain('breaker REPORT_FAILURE permit-token3 null');
    expect([machine.state, machine.calls]).toEqual(['cooldown.proving', []]);
  });

  test('ends a verification without a permit: denied, or none in time', () => {
    for (const end of [(m: Token) => deny(m), (m: Token) => m.advance(25_000)]) {
      const machine = proving();
      refresh(machine, 'refused', 2);
      expect(end(machine)).toEqual([
        'breaker CANCEL_PERMIT token3',
        'car TOKEN_FAILED refused freshTokenRejected 30000',
      ]);
      expect(machine.state).toBe('cooldown.proving');
    }
  });

  test('stops verifying when the token is accepted meanwhile', () => {
    const machine = verifying();
    expect(worked(machine, 2)[0]).toBe('breaker CANCEL_PERMIT token3');
    expect([machine.state, machine.calls]).toEqual(['valid', []]);
  });

  test('bounds those who wait for a verification', () => {
    const machine = token({ waiterLimit: 1 });
    renew(machine, session(2, false));
    refresh(machine, 'a', 2);
    renew(machine, session(3));
    refresh(machine, 'b', 3);
    expect(ask(machine, 'c')).toEqual(['car TOKEN_FAILED c queueFull null']);
    expect(refresh(machine, 'd', 2)).toEqual(['car TOKEN_FAILED d queueFull null']);
    expect(refresh(machine, 'e', 3)).toEqual(['car TOKEN_FAILED e queueFull null']);
  });

  test('renews a suspect session by login when the cooldown is over', () => {
    const machine = suspect();
    machine.advance(30_000);
    grant(machine);
    expect(machine.calls).toEqual(['logIn']);
    machine.finish('logIn', session(3));
    expect(machine.state).toBe('cooldown.proving');
  });

  test('renews a suspect session by its grant when the login budget is used up', () => {
    const machine = suspect();
    machine.advance(30_000);
    grant(machine);
    machine.finish('logIn', noSession('loginBudget', { retryAfterMs: HOUR_MS }));
    expect(machine.calls).toEqual(['renewSession']);
    machine.finish('renewSession', grantRefused);
    expect([machine.state, machine.calls]).toEqual(['failed.retrying', []]);
  });
});

describe('the token, towards its account', () => {
  test('tells every change, with the reason when it does not work', () => {
    const machine = SITUATIONS['failed by an outage']();
    const told = machine.sent.flatMap(({ event }) => (event.type === 'TOKEN_CHANGED' ? [event] : []));
    expect(told.map(({ state, reason }) => [state, reason])).toEqual([
      ['refreshing', null],
      ['valid', null],
      ['refreshing', null],
      ['failed', 'refreshFailed'],
    ]);
  });

  test('tells that the session is suspect, and that the limit of visits is met', () => {
    expect(suspectReason('cooldown, suspect')).toEqual(['cooldown', 'freshTokenRejected']);
    expect(suspectReason('failed by the limit of visits')).toEqual(['failed', 'refreshLimit']);
  });

  test('tells that it is limited also when it comes from another failure', () => {
    const machine = token({ visitLimit: 1 });
    renew(machine, noSession('blocked', { answered: true }));
    machine.advance(30_000);
    expect(machine.state).toBe('failed.limited');
    expect(machine.last('TOKEN_CHANGED')).toMatchObject({ state: 'failed', reason: 'refreshLimit' });
  });
});

function suspectReason(situation: 'cooldown, suspect' | 'failed by the limit of visits') {
  const { state, reason } = SITUATIONS[situation]().last('TOKEN_CHANGED');
  return [state, reason];
}
