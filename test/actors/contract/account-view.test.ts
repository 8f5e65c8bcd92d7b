import { describe, expect, it } from 'vitest';
import { type AccountFacts, renderAccount } from '../../../src/actors/contract/account-view.ts';

const FACTS: AccountFacts = {
  status: {
    token: { state: 'valid', generation: 3 },
    breaker: { state: 'closed' },
    cars: 2,
    reason: null,
    message: null,
    retryAt: null,
  },
  budget: {
    calls: 120,
    callsPerDay: 200,
    forcedReads: { one: 7 },
    forcedReadsPerDay: 6,
    server: { limit: 200, remaining: 80, resetAt: 0 },
  },
  cars: new Map([
    ['one', 'ioniq'],
    ['two', 'kona'],
  ]),
  nextPollAt: 1_000,
  simulated: false,
};

describe('the document of an account', () => {
  it('says what was used and what is left', () => {
    expect(renderAccount(FACTS)).toEqual({
      token: 'valid',
      generation: 3,
      breaker: 'closed',
      cars: 2,
      reason: null,
      message: null,
      retry_at: null,
      calls_used: 120,
      calls_limit: 200,
      calls_left: 80,
      server_calls_limit: 200,
      server_calls_left: 80,
      server_reset_at: '1970-01-01T00:00:00.000Z',
      forced_reads_left: { ioniq: 0, kona: 6 },
      next_poll_at: '1970-01-01T00:00:01.000Z',
      simulated: false,
    });
  });

  it('has null for limits that do not exist, and for times that nobody knows or that are none', () => {
    const budget = {
      calls: 500,
      callsPerDay: null,
      forcedReads: {},
      forcedReadsPerDay: null,
      server: { limit: null, remaining: null, resetAt: 1e300 },
    };
    expect(renderAccount({ ...FACTS, budget, nextPollAt: null })).toMatchObject({
      calls_used: 500,
      calls_limit: null,
      calls_left: null,
      server_calls_left: null,
      server_reset_at: null,
      forced_reads_left: null,
      next_poll_at: null,
    });
  });

  it('says when it is tried again', () => {
    const status = { ...FACTS.status, retryAt: 15_000 };
    expect(renderAccount({ ...FACTS, status }).retry_at).toBe('1970-01-01T00:00:15.000Z');
  });
});
