import { describe, expect, test } from 'vitest';
import {
  ask,
  deny,
  grant,
  grantRefused,
  HOUR_MS,
  noSession,
  refresh,
  renew,
  SITUATIONS,
  session,
  token,
} from './situations.ts';

const valid = SITUATIONS.valid;
const visits = (machine: ReturnType<typeof token>) =>
  machine.log.filter(({ message }) => message === 'refresh begun').length;

describe('the token, refreshing', () => {
  test('answers everybody who asked, once', () => {
    const machine = token();
    ask(machine, 'a');
    ask(machine, 'b');
    expect(renew(machine, session(2))).toEqual([
      'breaker REPORT_SUCCESS permit-token1',
      'car TOKEN_READY a 2',
      'car TOKEN_READY b 2',
    ]);
    expect(machine.advance(HOUR_MS)).toEqual([]);
  });

  test('makes one refresh, however many commands meet the expiry', () => {
    const machine = valid();
    const requests = Array.from({ length: 10 }, (_, i) => `r${i}`);
    for (const request of requests) refresh(machine, request, 2);
    const said = renew(machine, session(3));
    expect(said).toEqual(['breaker REPORT_SUCCESS permit-token2', ...requests.map((r) => `car TOKEN_READY ${r} 3`)]);
    expect(visits(machine)).toBe(2);
    expect(machine.log.filter(({ message }) => message === 'token expiry detected')).toHaveLength(1);
  });

  test('does not refresh again for a generation that somebody has already replaced', () => {
    const machine = valid();
    refresh(machine, 'first', 2);
    renew(machine, session(3));
    expect(refresh(machine, 'late', 2)).toEqual(['car TOKEN_READY late 3']);
    expect(visits(machine)).toBe(2);
  });

  test('does not answer who has cancelled', () => {
    const machine = token();
    ask(machine, 'a');
    ask(machine, 'b');
    machine.tell({ type: 'CANCEL_TOKEN', request: 'a', from: 'car' });
    machine.tell({ type: 'CANCEL_TOKEN', request: 'a', from: 'car' });
    expect(renew(machine, session(2))).toEqual(['breaker REPORT_SUCCESS permit-token1', 'car TOKEN_READY b 2']);
  });

  test('answers at its bound that too many wait', () => {
    const machine = token({ waiterLimit: 2 });
    ask(machine, 'a');
    refresh(machine, 'b', 1);
    expect(ask(machine, 'c')).toEqual(['car TOKEN_FAILED c queueFull null']);
    expect(refresh(machine, 'd', 1)).toEqual(['car TOKEN_FAILED d queueFull null']);
    expect(renew(machine, session(2))).toHaveLength(3);
  });

  test('makes one refresh call, and after a refused grant one login, under the same permit', () => {
    const machine = valid();
    refresh(machine, 'q', 2);
    grant(machine);
    expect(machine.calls).toEqual(['renewSession']);
    expect(machine.finish('renewSession', grantRefused)).toEqual([]);
    expect(machine.calls).toEqual(['logIn']);
    expect(machine.finish('logIn', session(3))).toEqual([
      'breaker REPORT_SUCCESS permit-token2',
      'car TOKEN_READY q 3',
    ]);
    expect(machine.state).toBe('cooldown.proving');
  });

  test('adopts a stored session without counting a visit or a success of the cloud', () => {
    const machine = token();
    expect(machine.state).toBe('refreshing.awaitingPermit');
    grant(machine);
    expect(machine.inputOf('renewSession')).toEqual({ start: true });
    expect(machine.finish('renewSession', session(1, false))).toEqual(['breaker REPORT_IGNORED permit-token1 false']);
    expect(machine.state).toBe('valid');
    expect(machine.context.visits).toBe(0);
  });

  test('logs in at the start if there is no session to renew', () => {
    const machine = token();
    renew(machine, noSession('grantRefused'));
    expect(machine.calls).toEqual(['logIn']);
    machine.finish('logIn', session(2));
    expect(machine.state).toBe('valid');
  });

  test('lets who names the new generation as refused ask again in the new state', () => {
    const machine = valid();
    refresh(machine, 'old', 2);
    refresh(machine, 'early', 3);
    expect(renew(machine, session(3))).toEqual([
      'breaker REPORT_SUCCESS permit-token2',
      'car TOKEN_READY old 3',
      'breaker REQUEST_PERMIT token3 read null',
    ]);
    expect(machine.state).toBe('cooldown.verifying.awaitingPermit');
  });

  test('lets who is refused while a good session is renewed wait for that refresh, and then prove it', () => {
    const machine = SITUATIONS['refreshing, renewing a good session']();
    refresh(machine, 'q', 2);
    expect(ask(machine, 'r')).toEqual([]);
    expect(renew(machine, session(3))).toEqual([
      'breaker REPORT_SUCCESS permit-token2',
      'car TOKEN_READY q 3',
      'car TOKEN_READY r 3',
    ]);
    expect(machine.state).toBe('cooldown.proving');
  });

  test('ends within its deadlines: the one for the permit', () => {
    const machine = valid();
    refresh(machine, 'q', 2);
    expect(machine.advance(4_999)).toEqual([]);
    expect(machine.advance(1)).toEqual(['breaker CANCEL_PERMIT token2', 'car TOKEN_FAILED q refreshFailed 5000']);
    expect(machine.state).toBe('failed.retrying');
  });

  test('ends within its deadlines: the one for the calls, which ends the call and reports it once', () => {
    const machine = valid();
    refresh(machine, 'q', 2);
    grant(machine);
    machine.advance(15_000);
    machine.finish('renewSession', grantRefused);
    expect(machine.advance(4_999)).toEqual([]);
    expect(machine.advance(1)).toEqual([
      'breaker REPORT_FAILURE permit-token2 null',
      'car TOKEN_FAILED q refreshFailed 30000',
    ]);
    expect(machine.calls).toEqual([]);
  });

  test('treats a call of its own that throws as a failure, not as its own end', () => {
    const machine = valid();
    refresh(machine, 'q', 2);
    grant(machine);
    expect(machine.crash('renewSession')).toContain('car TOKEN_FAILED q refreshFailed 30000');
  });

  test('fails at once when the breaker is open, with the wait that the cloud named', () => {
    const machine = valid();
    refresh(machine, 'q', 2);
    expect(deny(machine, 'rateLimited')).toContain('car TOKEN_FAILED q rateLimited 60000');
  });

  test('drops the answer to a permit that it no longer asks for', () => {
    const machine = valid();
    refresh(machine, 'q', 2);
    const late = machine.last('REQUEST_PERMIT').request;
    machine.advance(10_000);
    expect(machine.state).toBe('refreshing.awaitingPermit');
    machine.tell({ type: 'PERMIT_GRANTED', request: late, permit: 'late' });
    expect(machine.state).toBe('refreshing.awaitingPermit');
  });

  test('reports a refused grant as an answer that proves the cloud alive', () => {
    const machine = SITUATIONS['refreshing, renewing a good session']();
    expect(renew(machine, grantRefused)).toContain('breaker REPORT_IGNORED permit-token2 true');
  });
});
