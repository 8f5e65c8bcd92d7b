import { describe, expect, test } from 'vitest';
import { confirms } from '../../../src/machines/domain/confirmation.ts';
import type { Reading } from '../../../src/machines/domain/vehicle-state.ts';
import {
  accepted,
  CACHED_READ,
  type CommandUnderTest,
  calling,
  confirming,
  deny,
  end,
  ending,
  expired,
  FORCED_READ,
  grant,
  LOCK,
  look,
  lost,
  NOON,
  notOk,
  RECORD,
  ready,
  record,
  says,
  tokenFails,
} from './situations.ts';

/** When the looks begin, in ms after acceptance, if each brings nothing. */
function looksAt(machine: CommandUnderTest, times: number): readonly number[] {
  return Array.from({ length: times }, () => {
    look(machine);
    const at = machine.now;
    end(machine, record('pending'));
    if (machine.state === 'confirming.awaitingToken') {
      ready(machine);
      grant(machine);
      end(machine, says(false, 0));
    }
    return at;
  });
}

describe('the confirmation of a control', () => {
  test('looks first after 2 s, then at 4, 7 and 10 s, then every 5 s', () => {
    expect(looksAt(confirming(), 6)).toEqual([2_000, 4_000, 7_000, 10_000, 15_000, 20_000]);
  });

  test('makes every look an attempt of its own, with token and permit', () => {
    const machine = confirming();
    expect(machine.advance(2_000)).toEqual(['token REQUEST_TOKEN r3']);
    expect(ready(machine)).toEqual(['breaker REQUEST_PERMIT r4 read car']);
    expect(grant(machine)).toEqual([]);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: RECORD });
    expect(end(machine, record('pending'))).toEqual(['breaker REPORT_SUCCESS p', 'token TOKEN_WORKED 1 access']);
    expect(machine.state).toBe('confirming.pausing');
  });

  test('succeeds by the word of the record', () => {
    const machine = confirming();
    look(machine);
    expect(end(machine, record('success'))).toContain('owner COMMAND_ENDED 7 succeeded record');
    expect(ending(machine)).toMatchObject({ reason: null, actionId: 'action', attempts: 1 });
  });

  test('fails by the word of the record: the car refused it', () => {
    const machine = confirming();
    look(machine);
    expect(end(machine, record('fail'))).toContain('owner COMMAND_ENDED 7 failed carRefused record');
  });

  test('reads the state once when the record says that the car did not answer, and then ends', () => {
    const machine = confirming();
    look(machine);
    end(machine, record('nonResponse'));
    ready(machine);
    grant(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: CACHED_READ });
    expect(end(machine, says(false, 5_000))).toEqual([
      'breaker REPORT_SUCCESS p',
      'token TOKEN_WORKED 1 access',
      'owner STATE_READ cached',
      'owner COMMAND_ENDED 7 unknown carUnreachable null',
    ]);
  });

  test('succeeds by the state when no record has the action', () => {
    const machine = confirming();
    look(machine);
    end(machine, record('missing'));
    ready(machine);
    grant(machine);
    expect(end(machine, says(true, 1_000))).toContain('owner COMMAND_ENDED 7 succeeded reading');
  });

  test('reads the state besides, from the third look on', () => {
    const machine = confirming();
    for (let i = 0; i < 2; i += 1) {
      expect(look(machine)).toEqual(RECORD);
      end(machine, record('pending'));
      expect(machine.state).toBe('confirming.pausing');
    }
    look(machine);
    end(machine, record('pending'));
    expect(machine.state).toBe('confirming.awaitingToken');
    ready(machine);
    grant(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: CACHED_READ });
  });

  test('looks at the state alone when the cloud gave no action id', () => {
    const machine = confirming({}, null);
    expect(machine.sent.some(({ event }) => event.type === 'COMMAND_TAKEN')).toBe(false);
    expect(look(machine)).toEqual(CACHED_READ);
    end(machine, says(true, 0));
    expect(ending(machine)).toMatchObject({ status: 'succeeded' });
  });

  test('wakes the car once when nothing was decided in time, and ends by what it says', () => {
    const machine = confirming();
    machine.advance(2_000);
    machine.advance(58_000);
    expect(machine.state).toBe('confirming.awaitingToken');
    ready(machine);
    expect(machine.last('REQUEST_PERMIT')).toMatchObject({ callClass: 'carRead', car: 'car' });
    grant(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: FORCED_READ });
    expect(end(machine, says(true, 70_000))).toContain('owner COMMAND_ENDED 7 succeeded reading');
  });

  test('ends unknown when the woken car shows the opposite', () => {
    const machine = confirming();
    machine.advance(60_000);
    ready(machine);
    grant(machine);
    expect(end(machine, says(false, 70_000))).toContain('owner COMMAND_ENDED 7 unknown noConfirmation null');
  });

  test('ends unknown when not even the woken car answers', () => {
    const machine = confirming();
    machine.advance(60_000);
    ready(machine);
    grant(machine);
    expect(machine.advance(122_000)).toEqual([
      'breaker REPORT_IGNORED p false',
      'owner COMMAND_ENDED 7 unknown noConfirmation null',
    ]);
  });

  test.each<[string, (machine: CommandUnderTest) => unknown]>([
    ['no token', (m) => tokenFails(m)],
    ['no token in time', (m) => m.advance(30_000)],
    ['no permit', (m) => [ready(m), deny(m)]],
    ['no permit in time', (m) => [ready(m), m.advance(30_000)]],
    ['a call that fails', (m) => [ready(m), grant(m), end(m, notOk('cloudUnavailable'))]],
    ['a call that never ends', (m) => [ready(m), grant(m), m.advance(22_000)]],
    ['a call that throws', (m) => [ready(m), grant(m), m.crash('callCloud')]],
    ['a token refused twice', (m) => [ready(m), grant(m), end(m, expired), ready(m, 2), grant(m), end(m, expired)]],
    ['a refresh that fails', (m) => [ready(m), grant(m), end(m, expired), tokenFails(m)]],
    ['a refresh that never ends', (m) => [ready(m), grant(m), end(m, expired), m.advance(30_000)]],
    ['a token that is not newer', (m) => [ready(m), grant(m), end(m, expired), ready(m, 1)]],
  ])('costs one look and not the command: %s', (_, misfortune) => {
    const machine = confirming();
    machine.advance(2_000);
    misfortune(machine);
    expect(machine.state).toBe('confirming.pausing');
    look(machine);
    end(machine, record('success'));
    expect(ending(machine)).toMatchObject({ status: 'succeeded' });
  });

  test('repeats a look once for a refused token', () => {
    const machine = confirming();
    look(machine);
    expect(end(machine, expired)).toContain('token REFRESH r5 1 access');
    ready(machine, 2);
    grant(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: RECORD, attempt: 2 });
    expect(end(machine, record('success'))).toContain('owner COMMAND_ENDED 7 succeeded record');
  });

  test('has a retry of its own for every look', () => {
    const machine = calling(LOCK);
    end(machine, expired);
    ready(machine, 2);
    grant(machine);
    end(machine, accepted(machine));
    look(machine);
    end(machine, expired);
    expect(machine.state).toBe('confirming.refreshingToken');
  });

  test('never calls it failed after it may have reached the car, however long the cloud is away', () => {
    const machine = calling(LOCK);
    end(machine, lost);
    for (
      let i = 0;
      i < 1_000 && machine.calls.length === 0 && machine.sent.at(-1)?.event.type !== 'COMMAND_ENDED';
      i += 1
    ) {
      machine.advance(500);
      if (machine.state.endsWith('awaitingToken')) tokenFails(machine);
    }
    expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation', attempts: 1 });
    expect(machine.context.calls).toBe(1);
  });

  test('counts from the beginning of the call when nobody knows when the cloud took it', () => {
    const machine = calling(LOCK);
    machine.advance(5_000);
    end(machine, lost);
    expect(look(machine)).toEqual(CACHED_READ);
    end(machine, says(true, 1_000));
    expect(ending(machine)).toMatchObject({ status: 'succeeded' });
  });

  test('gives everything back when the time for looks is over in the middle of one', () => {
    const line = (state: string, given: string) => {
      const machine = confirming({ lockConfirmMs: 2_500 });
      machine.advance(2_000);
      if (state !== 'awaitingToken') ready(machine);
      if (state === 'looking' || state === 'refreshingToken') grant(machine);
      if (state === 'refreshingToken') end(machine, expired);
      expect(machine.state).toBe(`confirming.${state}`);
      expect(machine.advance(500)[0]).toBe(given);
      expect(machine.calls).toEqual([]);
    };
    line('awaitingToken', 'token CANCEL_TOKEN r3');
    line('awaitingPermit', 'breaker CANCEL_PERMIT r4');
    line('looking', 'breaker REPORT_IGNORED p false');
    line('refreshingToken', 'token CANCEL_TOKEN r5');
  });
});

describe('what a reading proves', () => {
  const at = (locked: boolean | null, carTimeMs: number | null, rest: Partial<Reading> = {}): Reading =>
    ({
      state: { locked, last_updated_utc: carTimeMs === null ? null : new Date(carTimeMs).toISOString() },
      source: 'cached',
      fetchedAt: NOON + 60_000,
      ...rest,
    }) as Reading;
  test.each([
    ['the car says so, later', at(true, NOON + 1_000), true],
    ['the car says so, in the same second', at(true, NOON), true],
    ['the car said so before', at(true, NOON - 1_000), false],
    ['the car says the opposite', at(false, NOON + 1_000), false],
    ['the car does not say', at(null, NOON + 1_000), false],
    ['the cloud gives no time of the car', at(true, null), false],
    ['a woken car gives no time', at(true, null, { source: 'forced' }), true],
    ['a woken car gave no time, before', at(true, null, { source: 'forced', fetchedAt: NOON - 1_000 }), false],
  ])('%s', (_, reading, proves) => {
    expect(confirms(reading, { name: 'lock', action: 'lock' }, NOON + 700)).toBe(proves);
  });
});
