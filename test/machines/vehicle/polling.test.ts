import { describe, expect, test } from 'vitest';
import { born, ended, lock, NOON, read, refresh, settled, type Vehicle, vehicle } from './situations.ts';

const HALF_AN_HOUR = 1_800_000;
const NOTHING_KNOWN = { battery_12v_pct: null };
const purposes = (machine: Vehicle) =>
  machine.sent.flatMap(({ event }) => (event.type === 'START' ? [event.purpose ?? 'needed'] : []));

describe('the polling of a vehicle', () => {
  test('reads the cloud when nothing was read for the interval, again and again', () => {
    const machine = vehicle();
    expect(machine.advance(HALF_AN_HOUR - 1)).toEqual([]);
    expect(machine.advance(1)).toEqual(['child command/1 START poll true']);
    ended(machine, 1);
    expect(machine.advance(HALF_AN_HOUR)).toEqual(['child command/2 START poll true']);
    expect(born(machine).map(({ input }) => input.command)).toEqual([
      { name: 'refresh', mode: 'cached', maxAgeS: null },
      { name: 'refresh', mode: 'cached', maxAgeS: null },
    ]);
  });

  test('is put off by every reading, and says when it comes', () => {
    const machine = vehicle();
    expect(machine.last('POLL_PLANNED')).toEqual({ type: 'POLL_PLANNED', car: 'car', inMs: HALF_AN_HOUR });
    machine.advance(HALF_AN_HOUR - 1);
    read(machine, { locked: true }, 0);
    expect(machine.advance(HALF_AN_HOUR - 1)).toEqual([]);
    expect(machine.advance(1)).toEqual(['child command/1 START poll true']);
  });

  test('comes every ten minutes while the car charges, if that is sooner', () => {
    const machine = vehicle();
    read(machine, { charging: true }, 0);
    expect(machine.last('POLL_PLANNED').inMs).toBe(600_000);
    expect(machine.advance(600_000)).toEqual(['child command/1 START poll true']);
    const eager = vehicle({ pollIntervalMs: 60_000 });
    read(eager, { charging: true }, 0);
    expect(eager.last('POLL_PLANNED').inMs).toBe(60_000);
  });

  test('comes sooner, and then ever more seldom, to a car that could not be read at the start', () => {
    const machine = vehicle({}, true);
    expect(machine.last('POLL_PLANNED').inMs).toBe(60_000);
    const minutes = [1, 2, 4, 8, 16, 30, 30].map((pause, n) => {
      ended(machine, n + 1);
      expect(machine.advance(pause * 60_000 - 1)).toEqual([]);
      expect(machine.advance(1)).toEqual([`child command/${n + 2} START poll true`]);
      return machine.last('POLL_PLANNED').inMs / 60_000;
    });
    expect(minutes).toEqual([2, 4, 8, 16, 30, 30, 30]);
    read(machine, { charging: false }, 0);
    expect(machine.last('POLL_PLANNED').inMs).toBe(HALF_AN_HOUR);
    expect(vehicle({ pollIntervalMs: 45_000 }, true).last('POLL_PLANNED').inMs).toBe(45_000);
  });

  test('does nothing while a read is under way, or when the daemon shuts down', () => {
    const machine = vehicle();
    refresh(machine, 'a');
    expect(machine.advance(HALF_AN_HOUR)).toEqual([]);
    expect(born(machine)).toHaveLength(1);
    const closing = vehicle();
    closing.tell({ type: 'SHUT_DOWN' });
    closing.advance(HALF_AN_HOUR);
    expect(born(closing)).toEqual([]);
  });

  test('is switched off by an interval of 0', () => {
    const machine = vehicle({ pollIntervalMs: 0 });
    read(machine, { charging: true }, 0);
    expect(machine.state).toContain('polling.off');
    machine.advance(24 * 3_600_000);
    expect(born(machine)).toEqual([]);
  });
});

describe('what a read is for', () => {
  test('is told when its turn comes: asked for, of our own, or belonging to a control', () => {
    expect(purposes(vehicle({}, true))).toEqual(['own']);
    const machine = vehicle();
    refresh(machine, 'a');
    expect(purposes(machine)).toEqual(['asked']);
    lock(machine, 'b');
    expect(purposes(machine)).toEqual(['asked', 'needed']);
  });

  test('is the strongest of all who wait for it', () => {
    const machine = vehicle();
    refresh(machine, 'running', 'force');
    refresh(machine, 'a', 'force');
    machine.tell({
      type: 'COMMAND',
      id: 'b',
      command: { name: 'refresh', mode: 'force', maxAgeS: null, override: true },
      receivedAt: 0,
      expiresInMs: null,
    });
    ended(machine, 1);
    expect(purposes(machine)).toEqual(['asked', 'needed']);
  });
});

describe('a vehicle whose 12 V battery is low', () => {
  const low = (battery: number | null, settings = {}) => {
    const machine = vehicle(settings);
    read(machine, { ...NOTHING_KNOWN, battery_12v_pct: battery }, 0);
    return machine;
  };

  test('is not woken', () => {
    const machine = low(59);
    expect(refresh(machine, 'a', 'force')).toEqual(['bridge COMMAND_SETTLED a rejected budget']);
    expect(settled(machine)[0]?.ending.message).toMatch(/59 %/);
  });

  test.each([60, 100, null])('is woken with %s %% all the same', (battery) => {
    expect(refresh(low(battery), 'a', 'force')).toEqual([`child command/1 START asked ${NOON}`]);
  });

  test.each([
    [30, 29, 'rejected'],
    [30, 30, 'woken'],
    [0, 0, 'woken'],
  ])('has a floor that the configuration sets: %i %%, at %i %% it is %s', (minBattery12vPct, battery, what) => {
    const said = refresh(low(battery, { minBattery12vPct }), 'a', 'force');
    expect(said[0]).toContain(what === 'woken' ? 'START' : 'COMMAND_SETTLED a rejected budget');
  });

  test('is woken by who insists, and read from the memory of the cloud by everybody', () => {
    const machine = low(20);
    expect(refresh(machine, 'a')).toEqual(['child command/1 START asked']);
    const insisting = machine.tell({
      type: 'COMMAND',
      id: 'b',
      command: { name: 'refresh', mode: 'force', maxAgeS: null, override: true },
      receivedAt: 0,
      expiresInMs: null,
    });
    expect(insisting).toEqual([`child command/2 START needed ${NOON}`]);
  });
});
