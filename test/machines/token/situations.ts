import { assign } from 'xstate';
import type { CloudFailure } from '../../../src/machines/domain/failure.ts';
import type { SessionOutcome } from '../../../src/machines/domain/outcome.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../src/machines/domain/settings.ts';
import type { TokenInput } from '../../../src/machines/token.glossary.ts';
import { tokenMachine } from '../../../src/machines/token.machine.ts';
import { failure } from '../../support/failures.ts';
import { drive, type Machine } from '../../support/machine-harness.ts';

export type Token = Machine<typeof tokenMachine>;
export const HOUR_MS = 3_600_000;

export function token(settings: Partial<Settings> = {}, input: Partial<TokenInput> = {}): Token {
  const machine: Token = drive(
    tokenMachine.provide({ actions: { dateFailure: assign({ failedAt: () => machine.now }) } }),
    { settings: { ...DEFAULT_SETTINGS, ...settings }, generation: 1, visitsForgottenInMs: [], ...input },
    ['TOKEN_CHANGED'],
  );
  return machine;
}

export const session = (generation: number, asked = true): SessionOutcome & { tookMs: number } => ({
  ok: true,
  generation,
  lifetimeMs: 24 * HOUR_MS,
  asked,
  tookMs: 100,
});
export const noSession = (
  kind: CloudFailure['kind'],
  more: Partial<CloudFailure> = {},
): SessionOutcome & { tookMs: number } => ({ ok: false, failure: failure(kind, more), tookMs: 100 });
export const outage = noSession('network');
export const grantRefused = noSession('grantRefused', { answered: true });

const used = { generation: 2, scope: 'access' } as const;
export const listAccepted = { ok: true, value: { type: 'list', cars: [] }, token: used } as const;
export const listRefused = { ok: false, failure: failure('tokenRefused', { answered: true }), token: used } as const;
export const listLost = { ok: false, failure: failure('network'), token: used } as const;

/** The breaker grants what the token asked for last. */
export function grant(machine: Token): readonly string[] {
  const { request } = machine.last('REQUEST_PERMIT');
  return machine.tell({ type: 'PERMIT_GRANTED', request, permit: `permit-${request}`, from: 'breaker' });
}
export function deny(machine: Token, reason: 'cloudUnavailable' | 'rateLimited' = 'cloudUnavailable') {
  const { request } = machine.last('REQUEST_PERMIT');
  return machine.tell({ type: 'PERMIT_DENIED', request, reason, retryAfterMs: 60_000, from: 'breaker' });
}
/** One whole visit to `refreshing` by the grant. */
export function renew(machine: Token, outcome: SessionOutcome & { tookMs: number }): readonly string[] {
  grant(machine);
  return machine.finish('renewSession', outcome);
}
export const ask = (machine: Token, request: string) => machine.tell({ type: 'REQUEST_TOKEN', request, from: 'car' });
export const refresh = (machine: Token, request: string, generation: number, scope: 'access' | 'control' = 'access') =>
  machine.tell({ type: 'REFRESH', request, generation, scope, from: 'car' });
export const worked = (machine: Token, generation: number, scope: 'access' | 'control' = 'access') =>
  machine.tell({ type: 'TOKEN_WORKED', generation, scope });

export type Situation =
  | 'refreshing at the start'
  | 'valid'
  | 'refreshing, renewing a good session'
  | 'refreshing, the old session known bad'
  | 'cooldown, proving'
  | 'cooldown, verifying'
  | 'cooldown, suspect'
  | 'failed by an outage'
  | 'failed by a refusal'
  | 'failed by the limit of visits'
  | 'failed, a person must act';

/** Every situation that the table of the protocol tells apart; the current generation is 2 in each. */
export const SITUATIONS: Record<Situation, () => Token> = {
  'refreshing at the start': () => token({}, { generation: 2 }),
  valid: () => {
    const machine = token();
    renew(machine, session(2));
    return machine;
  },
  'refreshing, renewing a good session': () => {
    const machine = SITUATIONS.valid();
    machine.advance(69_120_000);
    return machine;
  },
  'refreshing, the old session known bad': () => {
    const machine = SITUATIONS.valid();
    machine.tell({ type: 'TOKEN_REJECTED', generation: 2, scope: 'access' });
    return machine;
  },
  'cooldown, proving': () => {
    const machine = token({}, { generation: 1 });
    renew(machine, session(1, false));
    machine.tell({ type: 'TOKEN_REJECTED', generation: 1, scope: 'access' });
    renew(machine, session(2));
    return machine;
  },
  'cooldown, verifying': () => {
    const machine = SITUATIONS['cooldown, proving']();
    machine.tell({ type: 'TOKEN_REJECTED', generation: 2, scope: 'access' });
    return machine;
  },
  'cooldown, suspect': () => {
    const machine = SITUATIONS['cooldown, verifying']();
    grant(machine);
    machine.finish('readList', listRefused);
    return machine;
  },
  'failed by an outage': () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    renew(machine, outage);
    return machine;
  },
  'failed by a refusal': () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    renew(machine, grantRefused);
    machine.finish('logIn', noSession('blocked', { answered: true }));
    return machine;
  },
  'failed by the limit of visits': () => {
    const machine = token({ visitLimit: 1 });
    renew(machine, session(2));
    machine.tell({ type: 'TOKEN_REJECTED', generation: 2, scope: 'access' });
    grant(machine);
    machine.finish('readList', listRefused);
    return machine;
  },
  'failed, a person must act': () => {
    const machine = SITUATIONS['refreshing, the old session known bad']();
    renew(machine, noSession('credentialsRejected', { answered: true }));
    return machine;
  },
};
