import type { AnyStateMachine } from 'xstate';
import { Ear } from '../../scripts/diagrams/traffic.ts';
import { bridgeMachine } from '../../src/machines/bridge.machine.ts';
import type { Settings } from '../../src/machines/domain/settings.ts';
import { fleetMachine } from '../../src/machines/fleet.machine.ts';
import { type Alone, closings } from './closing.ts';
import { Coverage } from './coverage.ts';
import { type Exploration, explore } from './explore.ts';
import type { Invariant } from './invariants/kit.ts';
import { INVARIANTS } from './invariants.ts';
import { Locals } from './local.ts';
import { PRODUCTION, type Slice } from './slice.ts';
import { BREAKER_SLICES, COMMANDS, CONFIRMING, REGISTRATIONS } from './slices/commands.ts';
import { ASYNCHRONOUS, DEEP } from './slices/deep.ts';
import { CARS, RARE } from './slices/rare.ts';
import { RESTARTS, VEHICLE } from './slices/vehicle.ts';

/** What every run of the tests explores; see slice.ts for what a slice is. */
export const SUITES: Readonly<Record<string, readonly Slice[]>> = {
  'token, breaker and commands': COMMANDS,
  'the breaker and its line': BREAKER_SLICES,
  'a device that is registered again': REGISTRATIONS,
  'a control until it is confirmed': CONFIRMING,
  'a car and its queue': VEHICLE,
  'actors that are started anew': RESTARTS,
  'what seldom happens': RARE,
  'several cars': CARS,
};

/** The same, in a file of its own that another processor works on meanwhile: it takes as long as all others together. */
export const OVERTAKING: Readonly<Record<string, readonly Slice[]>> = {
  'messages that overtake each other': ASYNCHRONOUS,
};

/** What `npm run test:deep` explores besides. */
export const DEEP_SUITES: Readonly<Record<string, readonly Slice[]>> = { 'more of everything': DEEP };

/** Explores slices; those with the same settings share what each machine does. */
export class Explorer {
  readonly coverage = new Coverage();
  readonly done: Exploration[] = [];
  readonly alone: Alone[] = [];
  /** Everything that was said. */
  readonly ear = new Ear();
  private readonly remembered = new Map<Settings, Locals>();
  /** Promises nothing: it hears what is said. */
  private readonly listening: Invariant = {
    name: 'listening',
    promise: '',
    onEvent: ({ address, sends, started }, ghost) => {
      for (const outgoing of sends) this.ear.sent(outgoing);
      for (const call of started) this.ear.called(address, call);
      return ghost;
    },
  };

  explore(slice: Slice, stateLimit?: number): Exploration {
    const locals = this.remembered.get(slice.settings) ?? new Locals(PRODUCTION, this.coverage);
    this.remembered.set(slice.settings, locals);
    const invariants = [...INVARIANTS, this.listening];
    const exploration = explore(slice, { locals, invariants, ...(stateLimit === undefined ? {} : { stateLimit }) });
    this.done.push(exploration);
    return exploration;
  }

  /** The machines for which no other waits. */
  exploreClosing(): readonly Alone[] {
    const explored = closings(this.coverage);
    this.alone.push(...explored);
    for (const { address, says } of explored) for (const envelope of says) this.ear.told(address, envelope);
    return explored;
  }

  /** Which transitions of each machine were taken. */
  transitions(): readonly Taken[] {
    return Object.entries(MACHINES).map(([machine, logic]) => {
      const { total, untaken } = this.coverage.missing(logic);
      const excused = untaken.filter((name) => UNTAKEN[name] !== undefined);
      return { machine, total, missing: untaken.filter((name) => UNTAKEN[name] === undefined), excused };
    });
  }
}

export interface Taken {
  readonly machine: string;
  readonly total: number;
  /** Neither taken nor listed with a reason. */
  readonly missing: readonly string[];
  readonly excused: readonly string[];
}

const MACHINES: Readonly<Record<string, AnyStateMachine>> = {
  ...PRODUCTION,
  bridge: bridgeMachine,
  fleet: fleetMachine,
};

/** Transitions that no exploration takes, with the reason. At most one in ten of a machine. */
export const UNTAKEN: Readonly<Record<string, string>> = {};
