import { describe, expect, test } from 'vitest';
import type { CloudFailure } from '../../../src/machines/domain/failure.ts';

import { type Account, account, breaker } from './situations.ts';

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
      expect(machine.context.restarts).toEqual([]);
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
