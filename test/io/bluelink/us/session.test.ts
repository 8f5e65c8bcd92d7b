import { describe, expect, it } from 'vitest';
import type { Simulator } from '../../../../src/io/simulator/simulator.ts';
import { never } from '../support/account.ts';
import { failureOf, OWNER, resultOf, usWorlds } from './support.ts';

const world = usWorlds();
const kinds = (log: Simulator['log'], kind: string) => log.filter((call) => call.kind === kind);

describe('a session of the US cloud', () => {
  it('begins with one login, lasts half an hour, and is stored before it is answered', async () => {
    const { gateway, store, simulator } = await world({}, {}, false);
    const outcome = await gateway.login(never);
    expect(outcome).toMatchObject({ ok: true, generation: 1, lifetimeMs: 1_799_000, asked: true });
    expect(store.saved.at(-1)?.session).toMatchObject({ flow: 'signIn', grant: { kind: 'hata' } });
    expect(simulator.log.map(({ kind, status }) => [kind, status])).toEqual([['idp.signin', 200]]);
    expect(gateway.recentVisits()).toHaveLength(1);
  });

  it('is renewed with the password beside the refresh token, whose successor is stored', async () => {
    const { gateway, store, simulator } = await world();
    const grants = () => store.saved.at(-1)?.session?.grant;
    const first = grants();
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 2 });
    expect(grants()).not.toEqual(first);
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: true, generation: 3 });
    expect(kinds(simulator.log, 'token.refresh').map(({ status }) => status)).toEqual([200, 200]);
    expect(resultOf(await gateway.call({ type: 'list' }, { signal: never, commandId: null, attempt: 1 })).type).toBe(
      'list',
    );
  });

  it('goes on after a restart, without a login or a refresh', async () => {
    const { again, simulator } = await world();
    const gateway = await again();
    expect(await gateway.startSession(never)).toMatchObject({ ok: true, generation: 1, asked: false });
    expect(resultOf(await gateway.call({ type: 'list' }, { signal: never, commandId: null, attempt: 1 })).type).toBe(
      'list',
    );
    expect(kinds(simulator.log, 'idp.signin')).toHaveLength(1);
    expect(kinds(simulator.log, 'token.refresh')).toHaveLength(0);
  });

  it('is renewed once for all who ask at the same time', async () => {
    const { gateway, simulator } = await world();
    const outcomes = await Promise.all([1, 2, 3].map(() => gateway.refreshSession(never)));
    expect(outcomes.map((outcome) => outcome.ok && outcome.generation)).toEqual([2, 2, 2]);
    expect(kinds(simulator.log, 'token.refresh')).toHaveLength(1);
  });

  it('needs a login when its refresh token was taken back', async () => {
    const { gateway, simulator } = await world();
    simulator.revokeTokens({ kinds: ['refresh'] });
    expect(failureOf(await gateway.refreshSession(never))).toMatchObject({ kind: 'grantRefused', answered: true });
    expect(await gateway.login(never)).toMatchObject({ ok: true, generation: 2 });
  });

  it('is not begun with a wrong password, and the login budget counts the attempt', async () => {
    const account = { ...OWNER, name: 'main', brand: 'hyundai', region: 'US', language: 'en', loginFlows: [] } as const;
    const { gateway, simulator } = await world(
      {},
      { account: { ...account, password: 'wrong' }, loginBudgetPerDay: 1 },
      false,
    );
    expect(failureOf(await gateway.login(never))).toMatchObject({ kind: 'credentialsRejected', answered: true });
    expect(failureOf(await gateway.login(never)).kind).toBe('loginBudget');
    expect(kinds(simulator.log, 'idp.signin')).toHaveLength(1);
  });

  it('of another region is never used', async () => {
    const { gateway, again } = await world();
    expect(gateway.generation()).toBe(1);
    const european = await again({
      account: { ...OWNER, name: 'main', brand: 'hyundai', region: 'EU', language: 'en', loginFlows: [] },
    });
    expect(failureOf(await european.startSession(never)).kind).toBe('grantRefused');
  });

  it('is an outage when the token endpoint is broken, not a refusal', async () => {
    const { gateway, simulator } = await world();
    simulator.faults.add({ type: 'breakRefresh', code: 502 });
    expect(failureOf(await gateway.refreshSession(never))).toMatchObject({ kind: 'cloudUnavailable', answered: false });
  });
});
