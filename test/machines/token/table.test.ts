import { describe, expect, test } from 'vitest';
import type { TokenEvent } from '../../../src/machines/token.glossary.ts';
import { tokenMachine } from '../../../src/machines/token.machine.ts';
import type { Told } from '../../support/machine-harness.ts';
import { SITUATIONS, type Situation } from './situations.ts';

/** The table of the protocol: every situation with every event, also those to be ignored. The generation is 2. */

const permit = { type: 'PERMIT_GRANTED', request: 'not asked', permit: 'p' } as const;
const denial = { type: 'PERMIT_DENIED', request: 'not asked', reason: 'cloudUnavailable', retryAfterMs: 1 } as const;
const EVENTS = {
  REQUEST_TOKEN: { type: 'REQUEST_TOKEN', request: 'q', from: 'car' },
  'REFRESH of an older one': { type: 'REFRESH', request: 'q', generation: 1, scope: 'access', from: 'car' },
  'REFRESH of the current one': { type: 'REFRESH', request: 'q', generation: 2, scope: 'access', from: 'car' },
  'REFRESH of a newer one': { type: 'REFRESH', request: 'q', generation: 3, scope: 'access', from: 'car' },
  'TOKEN_REJECTED of an older one': { type: 'TOKEN_REJECTED', generation: 1, scope: 'access' },
  'TOKEN_REJECTED of the current one': { type: 'TOKEN_REJECTED', generation: 2, scope: 'access' },
  'TOKEN_WORKED with an older one': { type: 'TOKEN_WORKED', generation: 1, scope: 'access' },
  'TOKEN_WORKED with the other scope': { type: 'TOKEN_WORKED', generation: 2, scope: 'control' },
  'TOKEN_WORKED with the current one': { type: 'TOKEN_WORKED', generation: 2, scope: 'access' },
  'CANCEL_TOKEN of a stranger': { type: 'CANCEL_TOKEN', request: 'q', from: 'stranger' },
  BREAKER_CLOSED: { type: 'BREAKER_CLOSED' },
  BREAKER_RESTARTED: { type: 'BREAKER_RESTARTED' },
  'SESSION_CHANGED to the current one': { type: 'SESSION_CHANGED', generation: 2, lifetimeMs: 3_600_000 },
  'SESSION_CHANGED to a newer one': { type: 'SESSION_CHANGED', generation: 3, lifetimeMs: 3_600_000 },
  'PERMIT_GRANTED that was not asked': permit,
  'PERMIT_DENIED that was not asked': denial,
} satisfies Record<string, Told<TokenEvent>>;
type EventName = keyof typeof EVENTS;

/** Where the token is afterwards, and what it says; `same` where it stays. */
type Cell = readonly [string, ...string[]];
type Row = Partial<Record<EventName, Cell>>;
const same = 'same';
const READY: Cell = [same, 'car TOKEN_READY q 2'];
const WAITS: Cell = [same];
const refused = (reason: string, retryAfterMs: number | null): Row => {
  const answer: Cell = [same, `car TOKEN_FAILED q ${reason} ${retryAfterMs}`];
  return {
    REQUEST_TOKEN: answer,
    'REFRESH of an older one': answer,
    'REFRESH of the current one': answer,
    'REFRESH of a newer one': answer,
  };
};
const everybodyWaits: Row = {
  REQUEST_TOKEN: WAITS,
  'REFRESH of an older one': WAITS,
  'REFRESH of the current one': WAITS,
  'REFRESH of a newer one': WAITS,
};
const asksTheBreaker = (n: number, callClass: string, to: string): Cell => [
  to,
  `breaker REQUEST_PERMIT token${n} ${callClass} null`,
];
const begins = asksTheBreaker(2, 'token', 'refreshing.awaitingPermit');
/** Whatever a late answer to the first ask may be, it is given back. */
const asksAnew = (n: number, callClass: string, to: string): Cell => [
  to,
  `breaker CANCEL_PERMIT token${n - 1}`,
  `breaker REQUEST_PERMIT token${n} ${callClass} null`,
];
const verifies = asksTheBreaker(3, 'read', 'cooldown.verifying.awaitingPermit');

/** A session that a person brought ends all that the token was doing. */
const adopts = (...says: string[]): Row => ({ 'SESSION_CHANGED to a newer one': ['valid', ...says] });
const adoptsAtOnce = adopts();

/** What is not named here is ignored. */
const TABLE: Record<Situation, Row> = {
  'refreshing at the start': {
    ...everybodyWaits,
    ...adopts('breaker CANCEL_PERMIT token1'),
    BREAKER_RESTARTED: asksAnew(2, 'token', 'refreshing.awaitingPermit'),
  },
  valid: {
    ...adoptsAtOnce,
    REQUEST_TOKEN: READY,
    'REFRESH of an older one': READY,
    'REFRESH of the current one': begins,
    'REFRESH of a newer one': begins,
    'TOKEN_REJECTED of the current one': begins,
  },
  'refreshing, renewing a good session': {
    ...adopts('breaker CANCEL_PERMIT token2'),
    REQUEST_TOKEN: READY,
    'REFRESH of an older one': READY,
    'REFRESH of the current one': WAITS,
    'REFRESH of a newer one': WAITS,
    'TOKEN_REJECTED of the current one': WAITS,
    BREAKER_RESTARTED: asksAnew(3, 'token', 'refreshing.awaitingPermit'),
  },
  'refreshing, the old session known bad': {
    ...everybodyWaits,
    ...adopts('breaker CANCEL_PERMIT token2'),
    BREAKER_RESTARTED: asksAnew(3, 'token', 'refreshing.awaitingPermit'),
  },
  'cooldown, proving': {
    ...adoptsAtOnce,
    REQUEST_TOKEN: READY,
    'REFRESH of an older one': READY,
    'REFRESH of the current one': verifies,
    'REFRESH of a newer one': verifies,
    'TOKEN_REJECTED of the current one': verifies,
    'TOKEN_WORKED with the current one': ['valid'],
  },
  'cooldown, verifying': {
    ...everybodyWaits,
    ...adopts('breaker CANCEL_PERMIT token3'),
    'TOKEN_WORKED with the current one': ['valid', 'breaker CANCEL_PERMIT token3'],
    BREAKER_RESTARTED: asksAnew(4, 'read', 'cooldown.verifying.awaitingPermit'),
  },
  'cooldown, suspect': {
    ...adoptsAtOnce,
    ...refused('freshTokenRejected', 30_000),
    'TOKEN_WORKED with the current one': ['valid'],
  },
  'failed by an outage': {
    ...adoptsAtOnce,
    ...refused('refreshFailed', 5_000),
    BREAKER_CLOSED: asksTheBreaker(3, 'token', 'refreshing.awaitingPermit'),
  },
  'failed by a refusal': { ...adoptsAtOnce, ...refused('refreshFailed', 30_000) },
  'failed by the limit of visits': { ...adoptsAtOnce, ...refused('refreshLimit', 600_000) },
  'failed, a person must act': { ...adoptsAtOnce, ...refused('credentialsRejected', null) },
};

const situations = Object.keys(SITUATIONS) as Situation[];
const names = Object.keys(EVENTS) as EventName[];
const cells = situations.flatMap((situation) =>
  names.map((name) => ({ situation, name, cell: TABLE[situation][name] })),
);

describe('the table of the token', () => {
  test.each(cells.filter(({ cell }) => cell !== undefined))('$situation: takes $name', ({ situation, name, cell }) => {
    const token = SITUATIONS[situation]();
    const [before, context] = [token.state, token.context];

    const said = token.tell(EVENTS[name]);

    const [to = same, ...expected] = cell ?? [];
    expect(token.state).toBe(to === same ? before : to);
    expect(said).toEqual(expected);
    if (cell === WAITS) expect(token.context).not.toEqual(context);
  });

  test.each(cells.filter(({ cell }) => cell === undefined))('$situation: ignores $name', ({ situation, name }) => {
    const token = SITUATIONS[situation]();
    const before = { state: token.state, context: token.context, pending: token.pending, sent: token.sent.length };

    token.tell(EVENTS[name]);

    expect({ state: token.state, context: token.context, pending: token.pending, sent: token.sent.length }).toEqual(
      before,
    );
  });

  test('leaves no event out that comes from another actor', () => {
    const heard = new Set(tokenMachine.events.filter((type) => /^[A-Z_]+$/.test(type)));
    for (const own of ['REFRESH_ENDED', 'VERIFY_ENDED', 'VISIT_FORGOTTEN']) heard.delete(own as never);
    expect(new Set(names.map((name) => EVENTS[name].type))).toEqual(heard);
  });
});
