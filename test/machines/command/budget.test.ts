import { describe, expect, test } from 'vitest';
import type { Purpose } from '../../../src/machines/domain/command.ts';
import { accepted, CACHED, end, ending, FORCED, grant, LOCK, look, notOk, queued, ready } from './situations.ts';

const callingFor = (purpose: Purpose, command = CACHED) => {
  const machine = queued(command);
  machine.tell({ type: 'START', purpose });
  ready(machine);
  grant(machine);
  return machine;
};
const overBudget = notOk('budget', { retryAfterMs: 5_000 });

describe('a command and our own limits', () => {
  test.each(['needed', 'asked', 'own', 'poll'] as const)('tells what its call is for: %s', (purpose) => {
    expect(callingFor(purpose).inputOf('callCloud')).toMatchObject({ purpose });
  });

  test('needs its confirmation, whatever the command was for', () => {
    const machine = callingFor('needed', LOCK);
    end(machine, accepted(machine));
    look(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ purpose: 'needed' });
  });

  test.each([
    ['a cached read', CACHED],
    ['a forced read', FORCED],
  ])('is rejected with the time to try again when they refuse it: %s', (_, command) => {
    const machine = callingFor('asked', command);
    expect(end(machine, overBudget)).toEqual([
      'breaker REPORT_IGNORED p false',
      'owner COMMAND_ENDED 7 rejected budget null',
    ]);
    expect(ending(machine)).toMatchObject({ reason: 'budget', retryAfterMs: 5_000, attempts: 0 });
  });

  test('says of a poll in a low voice what it says of others aloud', () => {
    const poll = callingFor('poll');
    end(poll, overBudget);
    expect(poll.log.map(({ level }) => level)).toEqual(['debug']);
    const asked = callingFor('asked');
    end(asked, overBudget);
    expect(asked.log.map(({ level }) => level)).toEqual(['warn']);
  });
});
