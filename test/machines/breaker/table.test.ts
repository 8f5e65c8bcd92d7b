import { describe, expect, test } from 'vitest';
import type { BreakerEvent } from '../../../src/machines/breaker.glossary.ts';
import { breakerMachine } from '../../../src/machines/breaker.machine.ts';
import type { Told } from '../../support/machine-harness.ts';
import { ask, breaker, denied, granted, halfOpen, open, PROBE_WANTED, probing } from './situations.ts';

/** Every situation with every event. In all of them a call of `past` is under way; in `probing` also that of `probe`. */
const SITUATIONS = {
  closed: () => {
    const machine = breaker();
    ask(machine, 'past');
    return machine;
  },
  open: () => open(),
  halfOpen: () => halfOpen(),
  'halfOpen, probing': () => probing(),
} as const;
type Situation = keyof typeof SITUATIONS;

const EVENTS = {
  REQUEST_PERMIT: { type: 'REQUEST_PERMIT', request: 'r', callClass: 'control', car: 'new', from: 'new' },
  'REQUEST_PERMIT that waits for a car': {
    type: 'REQUEST_PERMIT',
    request: 'r',
    callClass: 'carRead',
    car: 'new',
    from: 'new',
  },
  'CANCEL_PERMIT of a stranger': { type: 'CANCEL_PERMIT', request: 'r', from: 'stranger' },
  'HOLDER_GONE of a stranger': { type: 'HOLDER_GONE', holder: 'stranger' },
  'REPORT_SUCCESS of a stranger': { type: 'REPORT_SUCCESS', permit: 'stranger#r' },
  'REPORT_FAILURE of a stranger': { type: 'REPORT_FAILURE', permit: 'stranger#r', openForMs: 1_000 },
  'REPORT_IGNORED of a stranger': { type: 'REPORT_IGNORED', permit: 'stranger#r', alive: true },
  'REPORT_SUCCESS of past': { type: 'REPORT_SUCCESS', permit: 'past#r' },
  'REPORT_FAILURE of past': { type: 'REPORT_FAILURE', permit: 'past#r', openForMs: null },
  'REPORT_FAILURE of past, rate-limited': { type: 'REPORT_FAILURE', permit: 'past#r', openForMs: 1_000 },
  'REPORT_IGNORED of past, alive': { type: 'REPORT_IGNORED', permit: 'past#r', alive: true },
  'CANCEL_PERMIT of past': { type: 'CANCEL_PERMIT', request: 'r', from: 'past' },
  'HOLDER_GONE of past': { type: 'HOLDER_GONE', holder: 'past' },
  'REPORT_SUCCESS of probe': { type: 'REPORT_SUCCESS', permit: 'probe#r' },
  'REPORT_FAILURE of probe': { type: 'REPORT_FAILURE', permit: 'probe#r', openForMs: null },
  'REPORT_FAILURE of probe, rate-limited': { type: 'REPORT_FAILURE', permit: 'probe#r', openForMs: 1_000 },
  'REPORT_IGNORED of probe': { type: 'REPORT_IGNORED', permit: 'probe#r', alive: false },
  'REPORT_IGNORED of probe, alive': { type: 'REPORT_IGNORED', permit: 'probe#r', alive: true },
  'CANCEL_PERMIT of probe': { type: 'CANCEL_PERMIT', request: 'r', from: 'probe' },
  'HOLDER_GONE of probe': { type: 'HOLDER_GONE', holder: 'probe' },
} satisfies Record<string, Told<BreakerEvent>>;
type EventName = keyof typeof EVENTS;

interface Cell {
  readonly to: 'closed' | 'open' | 'halfOpen';
  readonly says?: readonly string[];
  /** The permits that are out afterwards. */
  readonly out: readonly string[];
}
const PAST_BACK = ['REPORT_SUCCESS of past', 'REPORT_FAILURE of past', 'REPORT_IGNORED of past, alive'] as const;
const PAST_GONE = ['CANCEL_PERMIT of past', 'HOLDER_GONE of past'] as const;
const each = <K extends string>(keys: readonly K[], cell: Cell) =>
  Object.fromEntries(keys.map((key) => [key, cell])) as Record<K, Cell>;
const wantsProbe = [PROBE_WANTED];
const closes: Cell = { to: 'closed', says: ['token BREAKER_CLOSED'], out: ['past#r'] };
const reopens: Cell = { to: 'open', out: ['past#r'] };
const probeBack: Cell = { to: 'halfOpen', says: wantsProbe, out: ['past#r'] };

/** What is not named here is ignored. A stranger's report makes a half-open breaker look for a probe once more. */
const TABLE: Record<Situation, Partial<Record<EventName, Cell>>> = {
  closed: {
    REQUEST_PERMIT: { to: 'closed', says: granted('new'), out: ['past#r', 'new#r'] },
    'REQUEST_PERMIT that waits for a car': { to: 'closed', says: granted('new'), out: ['past#r', 'new#r'] },
    ...each([...PAST_BACK, ...PAST_GONE], { to: 'closed', out: [] }),
    'REPORT_FAILURE of past, rate-limited': { to: 'open', out: [] },
  },
  open: {
    REQUEST_PERMIT: { to: 'open', says: denied(60_000, 'new'), out: ['past#r'] },
    'REQUEST_PERMIT that waits for a car': { to: 'open', says: denied(60_000, 'new'), out: ['past#r'] },
    ...each([...PAST_BACK, ...PAST_GONE, 'REPORT_FAILURE of past, rate-limited'], { to: 'open', out: [] }),
  },
  halfOpen: {
    REQUEST_PERMIT: { to: 'halfOpen', says: granted('new'), out: ['past#r', 'new#r'] },
    'REQUEST_PERMIT that waits for a car': { to: 'halfOpen', out: ['past#r'] },
    ...each(['REPORT_SUCCESS of past', 'REPORT_FAILURE of past', 'REPORT_FAILURE of past, rate-limited'], {
      to: 'halfOpen',
      out: [],
    }),
    ...each(['REPORT_IGNORED of past, alive', ...PAST_GONE], { to: 'halfOpen', says: wantsProbe, out: [] }),
    ...each(['CANCEL_PERMIT of a stranger', 'HOLDER_GONE of a stranger', 'REPORT_IGNORED of a stranger'], probeBack),
    ...each(['CANCEL_PERMIT of probe', 'HOLDER_GONE of probe'], probeBack),
    ...each(['REPORT_IGNORED of probe', 'REPORT_IGNORED of probe, alive'], probeBack),
  },
  'halfOpen, probing': {
    REQUEST_PERMIT: { to: 'halfOpen', out: ['past#r', 'probe#r'] },
    'REQUEST_PERMIT that waits for a car': { to: 'halfOpen', out: ['past#r', 'probe#r'] },
    ...each([...PAST_BACK, ...PAST_GONE, 'REPORT_FAILURE of past, rate-limited'], { to: 'halfOpen', out: ['probe#r'] }),
    'REPORT_SUCCESS of probe': closes,
    'REPORT_IGNORED of probe, alive': closes,
    'REPORT_FAILURE of probe': reopens,
    'REPORT_FAILURE of probe, rate-limited': reopens,
    ...each(['REPORT_IGNORED of probe', 'CANCEL_PERMIT of probe', 'HOLDER_GONE of probe'], probeBack),
  },
};

const situations = Object.keys(SITUATIONS) as Situation[];
const names = Object.keys(EVENTS) as EventName[];
const cells = situations.flatMap((situation) =>
  names.map((name) => ({ situation, name, cell: (TABLE[situation] as Partial<Record<EventName, Cell>>)[name] })),
);

describe('the table of the breaker', () => {
  test.each(cells.filter(({ cell }) => cell !== undefined))('$situation: takes $name', ({ situation, name, cell }) => {
    const machine = SITUATIONS[situation]();

    const says = machine.tell(EVENTS[name]);

    const out = machine.context.out.map(({ permit }) => permit);
    expect({ to: machine.state, says, out }).toEqual({ says: [], ...cell });
  });

  test.each(cells.filter(({ cell }) => cell === undefined))('$situation: ignores $name', ({ situation, name }) => {
    const machine = SITUATIONS[situation]();
    const before = {
      state: machine.state,
      out: machine.context.out,
      line: machine.context.line,
      pending: machine.pending,
    };

    const says = machine.tell(EVENTS[name]);

    const { state, pending, context } = machine;
    expect({ state, out: context.out, line: context.line, pending }).toEqual(before);
    expect(says).toEqual([]);
  });

  test('leaves no event out that comes from another actor', () => {
    const heard = breakerMachine.events.filter(
      (type) => /^[A-Z_]+$/.test(type) && type !== 'SERVE' && type !== 'PERMIT_OVERDUE',
    );
    expect(new Set(names.map((name) => EVENTS[name].type))).toEqual(new Set(heard));
  });
});
