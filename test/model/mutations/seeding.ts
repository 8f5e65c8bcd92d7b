import { type AnyStateMachine, createMachine } from 'xstate';
import type { Settings } from '../../../src/machines/domain/settings.ts';
import { BREAKER } from '../addresses.ts';
import type { Outgoing } from '../mail.ts';
import { type Machines, type Mutation, PRODUCTION, type Slice } from '../slice.ts';

/**
 * How bugs are seeded: from the outside, by a guard, a state or a bound that is replaced, or a message that is tampered
 * with; the sources know nothing of them.
 */
export interface Seeded extends Mutation {
  /** What it does, in the words of somebody who reads `catches a machine that …`. */
  readonly bug: string;
  /** The smallest slice in which it shows, and the invariant that it breaks. */
  readonly slice: Slice;
  readonly breaks: string;
}

type Guard = (given: unknown, params: never) => boolean;

/** The production machines, one of them with guards replaced. */
export function withGuard(
  kind: keyof Machines,
  name: string,
  guard: Guard,
  others: Readonly<Record<string, Guard>> = {},
): Partial<Machines> {
  const machine: AnyStateMachine = PRODUCTION[kind];
  const guards = { [name]: guard, ...others };
  for (const replaced of Object.keys(guards)) {
    if (!(replaced in machine.implementations.guards)) throw new Error(`The ${kind} has no guard ${replaced}.`);
  }
  return { [kind]: machine.provide({ guards } as Parameters<typeof machine.provide>[0]) };
}

/** The production machines, one of them with other bounds than everybody thinks. */
export function withSettings(kind: keyof Machines, settings: Partial<Settings>): Partial<Machines> {
  return withState(kind, [], (state) => {
    const context = state.context as (given: { readonly input: unknown }) => { readonly settings: Settings };
    return {
      ...state,
      context: (given: { readonly input: unknown }) => {
        const before = context(given);
        return { ...before, settings: { ...before.settings, ...settings } };
      },
    };
  });
}

type State = Readonly<Record<string, unknown>>;

/** The production machines, one of them with a state of its story replaced. */
export function withState(
  kind: keyof Machines,
  path: readonly string[],
  change: (state: State) => State,
): Partial<Machines> {
  const machine: AnyStateMachine = PRODUCTION[kind];
  const within = (state: State, [name, ...rest]: readonly string[]): State => {
    if (name === undefined) return change(state);
    const states = state.states as Readonly<Record<string, State>>;
    const inner = states[name];
    if (inner === undefined) throw new Error(`The ${kind} has no state ${path.join('.')}.`);
    return { ...state, states: { ...states, [name]: within(inner, rest) } };
  };
  const config = within(machine.config as State, path);
  const changed: AnyStateMachine = createMachine(config as Parameters<typeof createMachine>[0]);
  return { [kind]: changed.provide(machine.implementations as Parameters<typeof changed.provide>[0]) };
}

export interface Ended {
  readonly ok: boolean;
  readonly failure?: { readonly kind: string; readonly reached: string };
}
export function isTokenError(_: unknown, { ok, failure }: Ended): boolean {
  return !ok && failure?.kind === 'tokenRefused';
}
export function isInvalidDevice(_: unknown, { ok, failure }: Ended): boolean {
  return !ok && failure?.kind === 'deviceIdInvalid';
}
export function isTimeout(_: unknown, { ok, failure }: Ended): boolean {
  return !ok && failure?.kind === 'timeout';
}
export function mayHaveReached({ failure }: Ended): boolean {
  return failure?.reached === 'maybe';
}
export const isReport = ({ to, event }: Outgoing, type: string): boolean => to === BREAKER && event.type === type;
