import type { AnyStateMachine } from 'xstate';
import { accountMachine } from '../../src/machines/account.machine.ts';
import { breakerMachine } from '../../src/machines/breaker.machine.ts';
import { commandMachine } from '../../src/machines/command.machine.ts';
import type { Command } from '../../src/machines/domain/command.ts';
import type { Resume } from '../../src/machines/domain/events.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/machines/domain/settings.ts';
import { tokenMachine } from '../../src/machines/token.machine.ts';
import { vehicleMachine } from '../../src/machines/vehicle.machine.ts';
import type { Kind } from './addresses.ts';
import type { Disturbance } from './cloud.ts';
import type { Outgoing } from './mail.ts';

export type Machines = Readonly<Record<Kind, AnyStateMachine>>;

/** The machines that run in production. */
export const PRODUCTION: Machines = {
  token: tokenMachine,
  breaker: breakerMachine,
  account: accountMachine,
  vehicle: vehicleMachine,
  command: commandMachine,
};

/** A part of the system, small enough to be explored to the end. */
export interface Slice {
  readonly name: string;
  readonly leavesOut: readonly string[];
  /**
   * `cascade`: all messages are delivered, in the order in which XState delivers them within a process, before anything
   * else happens. `pair`: one queue for each sender and receiver, and nothing else is promised.
   */
  readonly mode: 'cascade' | 'pair';
  readonly settings: Settings;
  /** Whether the account lives, and reads the list as the probe when nobody else does. */
  readonly withAccount: boolean;
  /** Commands by themselves, or through the vehicle that queues them. */
  readonly through: 'command' | 'vehicle';
  /** Issued at any time; those of one car in this order. */
  readonly orders: readonly Order[];
  readonly budgets: Readonly<Partial<Record<Disturbance, number>>>;
  /** How many of the disturbances may come together in one run; absent: all. */
  readonly atMost?: number;
  /** Begins before the first session (and, with an account, before the cars are known), else with a valid one. */
  readonly fromStart: boolean;
  /** Vehicles read their state when they are born. */
  readonly readAtStart: boolean;
}

export interface Order {
  readonly car: string;
  readonly command: Command;
  readonly expiresInMs?: number;
  /** It was sent, and took effect, in an earlier run of the daemon. */
  readonly resume?: Resume;
}

export const READ: Command = { name: 'refresh', mode: 'cached', maxAgeS: null };
export const FORCED_READ: Command = { name: 'refresh', mode: 'force', maxAgeS: null };
export const LOCK: Command = { name: 'lock', action: 'lock' };
export const HORN: Command = { name: 'horn' };
export const VALET: Command = { name: 'valet', action: 'activate' };
export const UNLOCK: Command = { name: 'lock', action: 'unlock' };

/**
 * Small limits, and waits of which the shorter one is over first also when it is repeated: time is not counted in the
 * model, the shortest class of timers fires first.
 */
export const SMALL: Settings = {
  ...DEFAULT_SETTINGS,
  failureThreshold: 2,
  visitLimit: 3,
  outageRetryMs: 45_000,
  outageRetryMaxMs: 600_000,
  carBusyRepeats: 1,
  lookAfterMs: [2_000],
  lookEveryMs: 90_000,
  pollIntervalMs: 0,
};

/** What slices are made of: everything off. */
export const NOTHING: Slice = {
  name: '',
  leavesOut: [],
  mode: 'cascade',
  settings: SMALL,
  withAccount: false,
  through: 'command',
  orders: [],
  budgets: {},
  fromStart: false,
  readAtStart: false,
};

/** A seeded bug: some machine with a guard or action replaced, or messages tampered with on their way. */
export interface Mutation {
  readonly machines?: Partial<Machines>;
  readonly tamper?: (outgoing: Outgoing) => readonly Outgoing[];
}

/** Names an order towards its sender, with the name of its car in it: the renaming of cars needs that. */
export function orderId({ orders }: Slice, at: number): string {
  const car = orders[at]?.car ?? '';
  return `${car}-${orders.slice(0, at + 1).filter((order) => order.car === car).length}`;
}
