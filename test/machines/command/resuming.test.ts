import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/machines/domain/command.ts';
import type { Resume } from '../../../src/machines/domain/events.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/machines/domain/settings.ts';
import {
  CACHED_READ,
  type CommandUnderTest,
  end,
  ending,
  FORCED_READ,
  LOCK,
  look,
  NOON,
  queued,
  RECORD,
  reading,
  record,
  says,
} from './situations.ts';

const CONFIRM: Resume = { kind: 'confirm', actionId: 'action', acceptedAt: NOON, calls: 2, joined: [] };
const DECIDE: Resume = { kind: 'decide', sentAt: NOON, calls: 1, joined: [] };

/** @param afterMs from the moment at which it was sent to its turn in this run. */
function resumed(resume: Resume, afterMs = 5_000, command: Command = LOCK, settings: Partial<Settings> = {}) {
  const machine = queued(command, settings, { resume });
  machine.tell({ type: 'START', at: NOON + afterMs });
  return machine;
}
const controls = (machine: CommandUnderTest) =>
  machine.sent.filter(({ event }) => event.type === 'COMMAND_DISPATCHED').length;

describe('a control that an earlier run sent', () => {
  test('waits for its turn, and asks nobody before', () => {
    const machine = queued(LOCK, {}, { resume: CONFIRM });
    expect(machine.state).toBe('resuming');
    expect(machine.sent).toEqual([]);
  });

  test('with an action: is confirmed by its record, and counts the calls that were made', () => {
    const machine = resumed(CONFIRM);
    expect(machine.state).toBe('confirming.pausing');
    expect(look(machine)).toEqual(RECORD);
    end(machine, record('success'));
    expect(ending(machine)).toMatchObject({ status: 'succeeded', attempts: 2, actionId: 'action' });
    expect(controls(machine)).toBe(0);
  });

  test('without one: is decided by a reading that is later than its sending', () => {
    const machine = resumed(DECIDE);
    expect(look(machine)).toEqual(CACHED_READ);
    end(machine, says(true, -1_000));
    expect(machine.state).toBe('confirming.pausing');
    look(machine);
    end(machine, says(true, 1_000));
    expect(ending(machine)).toMatchObject({ status: 'succeeded', attempts: 1, actionId: null });
    expect(controls(machine)).toBe(0);
  });

  test('without one, undecided: the car is woken once, and then it is unknown', () => {
    const machine = resumed(DECIDE, 5_000, LOCK, { lockConfirmMs: 10_000, callTimeoutMs: 1_000 });
    machine.advance(10_000);
    expect(look(machine)).toEqual(FORCED_READ);
    end(machine, reading({ locked: false }, 'forced', NOON + 20_000));
    expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation', attempts: 1 });
  });

  test('without one, and nothing that a reading could show: is unknown at once', () => {
    const machine = resumed(DECIDE, 5_000, { name: 'horn' });
    expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation' });
  });

  test('has only the rest of its time for looks', () => {
    const machine = resumed(CONFIRM, 30_000);
    machine.advance(DEFAULT_SETTINGS.lockConfirmMs - 30_000 - 1);
    expect(machine.context.look).toBe('record');
    machine.advance(1);
    expect(machine.context.look).toBe('forced');
  });

  test.each([
    ['however late it is', 86_400_000, DEFAULT_SETTINGS.callTimeoutMs + 2_000],
    ['and no more than all of it when the clock was set back', -86_400_000, DEFAULT_SETTINGS.lockConfirmMs],
  ])('has time for one look, %s', (_, afterMs, timeMs) => {
    const machine = resumed(CONFIRM, afterMs);
    expect(machine.pending).toContain(`confirmation at ${timeMs}`);
  });

  test('never ends rejected or expired: dropped, or never its turn, it is unknown', () => {
    const dropped = queued(LOCK, {}, { resume: CONFIRM });
    dropped.tell({ type: 'DROP', reason: 'shuttingDown', message: 'The daemon is shutting down.' });
    expect(ending(dropped)).toMatchObject({ status: 'unknown', reason: 'shuttingDown', attempts: 2 });
    const forgotten = queued(LOCK, {}, { resume: DECIDE, expiresInMs: 1_000 });
    forgotten.advance(DEFAULT_SETTINGS.queueWaitMs);
    expect(ending(forgotten)).toMatchObject({ status: 'unknown', reason: 'restarted', attempts: 1 });
  });
});
