import { describe, expect, test } from 'vitest';
import type { CallOutcome } from '../../../src/machines/domain/outcome.ts';
import {
  accepted,
  CACHED,
  CACHED_READ,
  calling,
  end,
  ending,
  expired,
  FORCED,
  grant,
  LOCK,
  NOON,
  notOk,
  ready,
} from './situations.ts';

const IGNORED = 'breaker REPORT_IGNORED p';
const FAILED = 'breaker REPORT_FAILURE p';

describe('the outcomes of a call', () => {
  /** For each outcome on a control and on a cached read: what is reported, and where it leads. */
  const maybe = { reached: 'maybe' } as const;
  const answered = { answered: true } as const;
  const counts = `${FAILED} null`;
  const alive = `${IGNORED} true`;
  const nothing = `${IGNORED} false`;
  test.each<[string, CallOutcome, [string, string], [string, string]]>([
    ['an expired token', expired, [alive, 'refreshingToken'], [alive, 'refreshingToken']],
    ['a wrong PIN', notOk('wrongPin', answered), [alive, 'rejected wrongPin'], [alive, 'rejected wrongPin']],
    [
      'an unsupported request',
      notOk('unsupported', answered),
      [alive, 'rejected unsupported'],
      [alive, 'rejected unsupported'],
    ],
    ['a duplicate request', notOk('carBusy', answered), [alive, 'awaitingCar'], [alive, 'failed carBusy']],
    ['a refusal', notOk('carRefused', answered), [alive, 'failed carRefused'], [alive, 'failed carRefused']],
    [
      'a car that cannot be reached',
      notOk('carUnreachable', answered),
      [alive, 'failed carUnreachable'],
      [counts, 'failed carUnreachable'],
    ],
    [
      'a 503 of the cloud itself',
      notOk('cloudUnavailable'),
      [counts, 'failed cloudUnavailable'],
      [counts, 'failed cloudUnavailable'],
    ],
    [
      'a 504, which may have reached the car',
      notOk('cloudUnavailable', maybe),
      [counts, 'confirming.pausing'],
      [counts, 'failed cloudUnavailable'],
    ],
    [
      'a cut connection before sending',
      notOk('network'),
      [counts, 'failed cloudUnavailable'],
      [counts, 'failed cloudUnavailable'],
    ],
    [
      'a cut connection after sending',
      notOk('network', maybe),
      [counts, 'confirming.pausing'],
      [counts, 'failed cloudUnavailable'],
    ],
    [
      'a time-out after sending',
      notOk('timeout', maybe),
      [nothing, 'confirming.pausing'],
      [counts, 'timedOut cloudUnavailable'],
    ],
    [
      'a time-out before sending',
      notOk('timeout'),
      [nothing, 'timedOut cloudUnavailable'],
      [counts, 'timedOut cloudUnavailable'],
    ],
    [
      'an unreadable answer',
      notOk('invalidResponse', maybe),
      [counts, 'confirming.pausing'],
      [counts, 'failed invalidResponse'],
    ],
    [
      'a refused application id',
      notOk('misconfigured', answered),
      [alive, 'failed invalidResponse'],
      [alive, 'failed invalidResponse'],
    ],
    [
      'a rate limit',
      notOk('rateLimited', { answered: true, retryAfterMs: 9 }),
      [`${FAILED} 9`, 'failed rateLimited'],
      [`${FAILED} 9`, 'failed rateLimited'],
    ],
  ])('%s', (_, outcome, onControl, onRead) => {
    for (const [command, [report, leadsTo]] of [
      [LOCK, onControl],
      [CACHED, onRead],
    ] as const) {
      const machine = calling(command);
      const [reported] = end(machine, outcome);
      const ended = machine.sent.find(({ event }) => event.type === 'COMMAND_ENDED');
      const to = ended === undefined ? machine.state : `${ending(machine).status} ${ending(machine).reason}`;
      expect([reported, to]).toEqual([report, leadsTo]);
    }
  });

  test('a car that hangs: a forced read times out and counts for nothing', () => {
    const machine = calling(FORCED);
    expect(end(machine, notOk('timeout'))).toEqual([
      `${IGNORED} false`,
      'owner COMMAND_ENDED 7 timedOut carUnreachable null',
    ]);
  });

  test.each(['tokenRefused', 'deviceIdInvalid', 'carBusy', 'unsupported', 'rateLimited'] as const)(
    'a control that may have reached the car is confirmed, and never sent again: %s',
    (kind) => {
      const machine = calling(LOCK);
      end(machine, notOk(kind, { answered: true, ...maybe }));
      expect(machine.state).toBe('confirming.pausing');
      machine.advance(600_000);
      expect(machine.context.calls).toBe(1);
      expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation' });
    },
  );

  test('the token hears of a refusal that may have reached the car, so that no look meets it again', () => {
    const machine = calling(LOCK);
    expect(end(machine, notOk('tokenRefused', { answered: true, ...maybe }))).toEqual([
      `${IGNORED} true`,
      'token TOKEN_REJECTED 1 access',
    ]);
    machine.advance(2_000);
    ready(machine, 2);
    grant(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: CACHED_READ });
  });

  test('accepted: confirms, and tells under which action id and since when', () => {
    const machine = calling(LOCK);
    machine.advance(300);
    expect(end(machine, accepted(machine))).toEqual([
      'breaker REPORT_SUCCESS p',
      'token TOKEN_WORKED 1 access',
      `owner COMMAND_TAKEN 7 action ${NOON + 300}`,
    ]);
    expect(machine.state).toBe('confirming.pausing');
  });

  test('a call of our own that throws: a read fails, a control may have reached the car', () => {
    const read = calling(CACHED);
    expect(read.crash('callCloud')).toEqual([`${IGNORED} false`, 'owner COMMAND_ENDED 7 failed invalidResponse null']);
    const control = calling(LOCK);
    expect(control.crash('callCloud')).toEqual([`${IGNORED} false`]);
    expect(control.state).toBe('confirming.pausing');
  });
});
