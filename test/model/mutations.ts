import { type AnyStateMachine } from 'xstate';
import { BREAKER } from './addresses.ts';
import { type Mutation, PRODUCTION } from './slice.ts';
import type { Outgoing } from './world.ts';

/**
 * Seeded bugs: a checker that never fails proves nothing. They are made here, from the outside; the sources know nothing
 * of them.
 */
export const MUTATIONS = {
  'forgets to compare generations: every waiter gets a refresh of its own': {
    machines: { token: withGuard(PRODUCTION.token, 'isOlder', () => false) },
  },
  'retries for ever when the token is refused': {
    machines: { command: withGuard(PRODUCTION.command, 'canRetry', isTokenError) },
  },
  'retries without waiting for a newer token': {
    machines: { command: withGuard(PRODUCTION.command, 'isNewerToken', () => true) },
  },
  'keeps the permit of a call whose token was refused': {
    tamper: (sent) => (isReport(sent, 'REPORT_IGNORED') && sent.event.alive === true ? [] : [sent]),
  },
  'loses a permit on its way to the command': {
    tamper: (sent) => (sent.event.type === 'PERMIT_GRANTED' && sent.to.includes('/command/') ? [] : [sent]),
  },
  'counts an expired token as a failure of the cloud': {
    tamper: (sent) =>
      isReport(sent, 'REPORT_IGNORED') && sent.event.alive === true
        ? [{ ...sent, event: { type: 'REPORT_FAILURE', permit: sent.event.permit, openForMs: null } }]
        : [sent],
  },
  "takes a late report for the probe's": {
    machines: { breaker: withGuard(PRODUCTION.breaker, 'isProbe', () => true) },
  },
  'grants while a probe is out': {
    machines: { breaker: withGuard(PRODUCTION.breaker, 'canProbe', () => true) },
  },
  'answers those who wait for a refresh only when it succeeds': {
    tamper: (sent) => (sent.event.type === 'TOKEN_FAILED' ? [] : [sent]),
  },
  'stops waiting for a permit without a word': {
    tamper: (sent) => (sent.event.type === 'CANCEL_PERMIT' ? [] : [sent]),
  },
  'forgets who died': {
    tamper: (sent) => (sent.event.type === 'HOLDER_GONE' ? [] : [sent]),
  },
  'calls a control that may have arrived failed': {
    machines: { command: withGuard(PRODUCTION.command, 'mayHaveReachedCar', () => false) },
  },
} satisfies Record<string, Mutation>;
export type MutationName = keyof typeof MUTATIONS;

/** The machine with one guard replaced. */
function withGuard(machine: AnyStateMachine, name: string, guard: (given: unknown, params: never) => boolean): AnyStateMachine {
  if (!(name in machine.implementations.guards)) throw new Error(`The ${machine.id} has no guard ${name}.`);
  return machine.provide({ guards: { [name]: guard } } as Parameters<typeof machine.provide>[0]);
}

function isTokenError(_: unknown, outcome: { readonly ok: boolean; readonly failure?: { readonly kind: string } }): boolean {
  return !outcome.ok && outcome.failure?.kind === 'tokenRefused';
}

const isReport = ({ to, event }: Outgoing, type: string): boolean => to === BREAKER && event.type === type;
