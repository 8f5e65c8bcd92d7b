import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/machines/domain/command.ts';
import type { RegistrationOutcome } from '../../../src/machines/domain/outcome.ts';
import {
  accepted,
  CACHED,
  type CommandUnderTest,
  calling,
  confirming,
  deny,
  end,
  ending,
  grant,
  LOCK,
  look,
  notOk,
  RECORD,
  record,
  says,
} from './situations.ts';

const forgotten = { ...notOk('deviceIdInvalid', { answered: true }), device: 3 };
const register = (machine: CommandUnderTest, outcome: RegistrationOutcome = { ok: true, asked: true }) =>
  machine.finish('registerDevice', outcome);
const failed = (asked: boolean): RegistrationOutcome => {
  const outcome = notOk('misconfigured');
  if (outcome.ok) throw new Error('It failed.');
  return { ok: false, failure: outcome.failure, asked };
};
const registering = (command: typeof LOCK = LOCK) => {
  const machine = calling(command);
  end(machine, forgotten);
  grant(machine);
  return machine;
};

describe('a command whose device the cloud has forgotten', () => {
  test('gives back its permit, asks for one to register with, and names the id that was refused', () => {
    const machine = calling(LOCK);
    expect(end(machine, forgotten)).toEqual(['breaker REPORT_IGNORED p true', 'breaker REQUEST_PERMIT r3 read null']);
    expect(machine.state).toBe('reregistering.awaitingPermit');
    grant(machine);
    expect(machine.inputOf('registerDevice')).toEqual({ device: 3 });
  });

  test('repeats its call once, under a permit of its own', () => {
    const machine = registering();
    expect(register(machine)).toEqual(['breaker REPORT_SUCCESS p', 'breaker REQUEST_PERMIT r4 control car']);
    grant(machine);
    end(machine, accepted(machine));
    expect(machine.state).toBe('confirming.pausing');
    expect(machine.context.calls).toBe(2);
  });

  test('fails when the new id is refused, too', () => {
    const machine = registering();
    register(machine);
    grant(machine);
    end(machine, forgotten);
    expect(ending(machine)).toMatchObject({ status: 'failed', reason: 'invalidResponse', attempts: 2 });
  });

  test('may still repeat once for a refused token', () => {
    const machine = registering(CACHED);
    register(machine);
    grant(machine);
    end(machine, notOk('tokenRefused', { answered: true }));
    expect(machine.state).toBe('refreshingToken');
  });

  test('reports only the call that was really made: who shared it has nothing to report', () => {
    expect(register(registering(), { ok: true, asked: false })[0]).toBe('breaker REPORT_IGNORED p false');
    expect(register(registering(), failed(false))[0]).toBe('breaker REPORT_IGNORED p false');
  });

  test('fails with what the registration failed for', () => {
    const machine = registering();
    register(machine, failed(true));
    expect(ending(machine)).toMatchObject({ status: 'failed', message: 'It was misconfigured.', attempts: 1 });
  });

  test('fails when no permit comes, or is denied', () => {
    const waiting = calling(LOCK);
    end(waiting, forgotten);
    expect(waiting.advance(30_000)).toContain('breaker CANCEL_PERMIT r3');
    expect(ending(waiting)).toMatchObject({ status: 'failed', reason: 'cloudUnavailable' });
    const denied = calling(LOCK);
    end(denied, forgotten);
    deny(denied);
    expect(ending(denied)).toMatchObject({ status: 'failed', reason: 'cloudUnavailable' });
  });

  test('asks for its permit again when the breaker was started anew', () => {
    const machine = calling(LOCK);
    end(machine, forgotten);
    expect(machine.tell({ type: 'BREAKER_RESTARTED' })).toEqual([
      'breaker CANCEL_PERMIT r3',
      'breaker REQUEST_PERMIT r4 read null',
    ]);
  });

  test('gives a registration that hangs its time, and no more', () => {
    const machine = registering();
    expect(machine.advance(22_000)[0]).toBe('breaker REPORT_IGNORED p false');
    expect(ending(machine)).toMatchObject({ status: 'timedOut', attempts: 1 });
    const crashed = registering();
    crashed.crash('registerDevice');
    expect(ending(crashed)).toMatchObject({ status: 'failed', reason: 'invalidResponse' });
  });

  test.each(['awaitingPermit', 'registering'])('ends in time while it is %s', (state) => {
    const machine = calling(LOCK, { wholeMs: 5_000 });
    end(machine, forgotten);
    if (state === 'registering') grant(machine);
    expect(machine.state).toBe(`reregistering.${state}`);
    machine.advance(5_000);
    expect(ending(machine)).toMatchObject({ status: 'timedOut' });
  });
});

describe('a confirmation whose device the cloud has forgotten', () => {
  const lookingAgain = () => {
    const machine = confirming();
    look(machine);
    end(machine, forgotten);
    return machine;
  };

  test('registers once, and makes the same look again', () => {
    const machine = lookingAgain();
    expect(machine.state).toBe('confirming.reregistering.awaitingPermit');
    grant(machine);
    register(machine);
    grant(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: RECORD });
    end(machine, record('success'));
    expect(ending(machine)).toMatchObject({ status: 'succeeded' });
  });

  test('may register although the call itself needed it as well', () => {
    const machine = registering();
    register(machine);
    grant(machine);
    end(machine, accepted(machine));
    look(machine);
    end(machine, forgotten);
    expect(machine.state).toBe('confirming.reregistering.awaitingPermit');
  });

  test('registers once only: the second time the look brought nothing', () => {
    const machine = lookingAgain();
    grant(machine);
    register(machine);
    grant(machine);
    end(machine, forgotten);
    expect(machine.state).toBe('confirming.pausing');
  });

  test('takes a record that stays missing for one of a forgotten device, once, then looks at the state', () => {
    const machine = confirming();
    for (let early = 0; early < 2; early += 1) {
      look(machine);
      end(machine, record('missing'));
      expect(machine.state).toBe('confirming.awaitingToken');
      look(machine);
      end(machine, says(null, -10_000));
    }
    expect(look(machine)).toEqual(RECORD);
    end(machine, record('missing'));
    expect(machine.state).toBe('confirming.reregistering.awaitingPermit');
    grant(machine);
    register(machine);
    grant(machine);
    expect(machine.inputOf('callCloud')).toMatchObject({ call: RECORD });
    end(machine, record('missing'));
    expect(machine.state).toBe('confirming.awaitingToken');
  });

  test.each<Command>([
    { name: 'charge_limits', acPct: 80, dcPct: 90 },
    { name: 'charging_current', level: 2 },
  ])('takes a missing record for nothing where the cloud lists none: $name', (command) => {
    const machine = calling(command);
    end(machine, accepted(machine));
    let records = 0;
    for (let looks = 0; looks < 400 && machine.state !== 'unknown'; looks += 1) {
      if (machine.state === 'confirming.pausing') machine.advance(500);
      if (machine.state !== 'confirming.awaitingToken') continue;
      const asked = look(machine);
      if (JSON.stringify(asked) === JSON.stringify(RECORD)) records += 1;
      end(machine, JSON.stringify(asked) === JSON.stringify(RECORD) ? record('missing') : says(null, -10_000));
      expect(machine.state).not.toContain('reregistering');
    }
    expect(records).toBeGreaterThan(5);
    expect(ending(machine)).toMatchObject({ status: 'unknown', reason: 'noConfirmation' });
    expect(machine.sent.filter(({ event }) => event.type === 'REQUEST_PERMIT' && event.car === null)).toEqual([]);
  });

  test('registers for a limit, too, when the cloud says that it does not know our device', () => {
    const machine = calling({ name: 'charge_limits', acPct: 80, dcPct: 90 });
    end(machine, accepted(machine));
    look(machine);
    end(machine, forgotten);
    expect(machine.state).toBe('confirming.reregistering.awaitingPermit');
  });

  test.each(['awaitingPermit', 'registering'])('goes on by the state of the car when its time is over: %s', (state) => {
    const machine = lookingAgain();
    if (state === 'registering') grant(machine);
    machine.advance(state === 'registering' ? 22_000 : 30_000);
    expect(machine.state).toBe('confirming.pausing');
    const late = confirming({ lockConfirmMs: 3_000 });
    look(late);
    end(late, forgotten);
    if (state === 'registering') grant(late);
    late.advance(3_000);
    expect(late.state).toBe('confirming.awaitingToken');
    expect(late.context.look).toBe('forced');
  });

  test('never ends failed because of it', () => {
    const machine = lookingAgain();
    grant(machine);
    register(machine, failed(true));
    expect(machine.state).toBe('confirming.pausing');
    const denied = lookingAgain();
    deny(denied);
    expect(denied.state).toBe('confirming.pausing');
    const crashed = lookingAgain();
    grant(crashed);
    crashed.crash('registerDevice');
    expect(crashed.state).toBe('confirming.pausing');
  });
});
