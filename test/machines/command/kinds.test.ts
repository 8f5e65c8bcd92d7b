import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/machines/domain/command.ts';
import {
  accepted,
  CACHED,
  CACHED_READ,
  calling,
  end,
  ending,
  FORCED,
  FORCED_READ,
  grant,
  LOCK,
  look,
  lost,
  NOON,
  notOk,
  queued,
  RECORD,
  reading,
  ready,
  record,
} from './situations.ts';

const HORN: Command = { name: 'horn' };
const STOP: Command = { name: 'climate', action: 'stop' };
const WINDOWS: Command = {
  name: 'windows',
  positions: { front_left: 0, front_right: 0, rear_left: 0, rear_right: 0 },
};

function taken(command: Command, actionId: string | null = 'action') {
  const machine = calling(command);
  end(machine, accepted(machine, actionId));
  return machine;
}

describe('what no reading can show', () => {
  test('is decided by its record alone', () => {
    const machine = taken(HORN);
    for (const word of ['missing', 'pending', 'pending', 'pending', 'pending'] as const) {
      expect(look(machine)).toEqual(RECORD);
      end(machine, record(word));
    }
    expect(look(machine)).toEqual(RECORD);
    end(machine, record('success'));
    expect(ending(machine)).toMatchObject({ status: 'succeeded' });
  });

  test('is unknown when its record never comes', () => {
    const machine = taken(HORN);
    for (let looks = 0; machine.state !== 'unknown' && looks < 200; looks += 1) {
      machine.advance(500);
      if (machine.state !== 'confirming.awaitingToken') continue;
      expect(look(machine)).toEqual(RECORD);
      end(machine, record('pending'));
    }
    expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation', attempts: 1 });
  });

  test('is unknown, because the car did not answer, when the record says so', () => {
    const machine = taken(HORN);
    look(machine);
    end(machine, record('nonResponse'));
    expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'carUnreachable' });
  });

  test.each([
    ['its answer is lost', lost],
    ['it gets no action id', null],
  ])('is unknown at once when %s', (_, outcome) => {
    const machine = calling(HORN);
    end(machine, outcome ?? accepted(machine, null));
    expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation', attempts: 1 });
  });
});

describe('the time for looks', () => {
  test.each<[string, Command, number, boolean]>([
    ['lock', LOCK, 60_000, true],
    ['windows', WINDOWS, 90_000, true],
    ['climate', STOP, 120_000, false],
    ['horn', HORN, 60_000, false],
  ])('of %s is over in time, and then the car is woken if that is worth it', (_, command, ms, wakes) => {
    const machine = taken(command);
    const pass = (until: number) => {
      while (machine.now < until) machine.advance(Math.min(500, until - machine.now));
    };
    // Nobody answers: the look that waits for its token is still there when the time is over.
    pass(ms - 1);
    expect(machine.state.startsWith('confirming.')).toBe(true);
    expect(machine.context.look).not.toBe('forced');
    pass(ms);
    if (wakes) expect(look(machine)).toEqual(FORCED_READ);
    else expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation' });
  });
});

test('a control that the records do not list is confirmed by the state', () => {
  const machine = taken({ name: 'charge_limits', acPct: 80, dcPct: null });
  expect(look(machine)).toEqual(RECORD);
  end(machine, record('missing'));
  expect(look(machine)).toEqual(CACHED_READ);
  end(machine, reading({ charge_limit_ac_pct: 80, last_updated_utc: '2026-11-07T12:00:01Z' }));
  expect(ending(machine)).toMatchObject({ status: 'succeeded' });
});

describe('a forced read that brings nothing new', () => {
  const wakenWith = (knownAt: number | null) => {
    const machine = queued(FORCED);
    machine.advance(10_000);
    machine.tell({ type: 'START', purpose: 'asked', ...(knownAt === null ? {} : { knownAt }) });
    ready(machine);
    grant(machine);
    return machine;
  };
  const answer = (at: string | null) => reading({ last_updated_utc: at }, 'forced', NOON + 12_000);

  test.each([
    ['older than what was known', '2026-11-07T11:00:00Z'],
    ['just what was known', '2026-11-07T12:00:00Z'],
  ])('because its state is %s, is unknown and tells no state', (_, at) => {
    const machine = wakenWith(NOON);
    expect(end(machine, answer(at))).toEqual([
      'breaker REPORT_SUCCESS p',
      'token TOKEN_WORKED 1 access',
      'owner COMMAND_ENDED 7 unknown carUnreachable null',
    ]);
    expect(ending(machine)).toMatchObject({ message: 'The car did not answer.', attempts: 1 });
  });

  test.each<[string, number | null, string | null]>([
    ['its state is newer than what was known', NOON, '2026-11-07T12:00:01Z'],
    ['nothing was known', null, '2026-11-07T11:00:00Z'],
    ['it carries no time, so the car has said it just now', NOON + 60_000, null],
    ['the car gave that time since it was woken', NOON + 10_000, '2026-11-07T12:00:10Z'],
  ])('is not that one: %s', (_, knownAt, at) => {
    const machine = wakenWith(knownAt);
    expect(end(machine, answer(at))).toContain('owner STATE_READ force');
    expect(ending(machine)).toMatchObject({ status: 'succeeded' });
  });

  test('of the memory of the cloud is no forced read: it succeeds with what was known', () => {
    const machine = queued(CACHED);
    machine.tell({ type: 'START', purpose: 'asked', knownAt: NOON });
    ready(machine);
    grant(machine);
    end(machine, reading({ last_updated_utc: '2026-11-07T12:00:00Z' }, 'cached', NOON + 12_000));
    expect(ending(machine)).toMatchObject({ status: 'succeeded' });
  });

  test('is unknown: the car did not answer', () => {
    const machine = calling(FORCED);
    end(machine, notOk('carUnreachable', { message: 'The car did not answer.', answered: true }));
    expect(ending(machine)).toMatchObject({
      status: 'unknown',
      reason: 'carUnreachable',
      message: 'The car did not answer.',
    });
  });

  test('counts for nothing at the breaker', () => {
    const machine = calling(FORCED);
    expect(end(machine, notOk('carUnreachable', { answered: true }))[0]).toBe('breaker REPORT_IGNORED p true');
  });
});
