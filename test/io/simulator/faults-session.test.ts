import { describe, expect, it } from 'vitest';
import { at, faultyWorlds, LIST } from './support/faulty-world.ts';
import { stampOf } from './support/plain-client.ts';
import { ACCOUNT, CAR } from './support/world.ts';

const { world } = faultyWorlds();

describe('faults of the session', () => {
  it('refuse every token, also a fresh one, until lifted', async () => {
    const { sim, client } = await world();
    const fault = sim.faults.add({ type: 'rejectFreshTokens' });
    await client.refresh();
    expect((await client.get(LIST)).body).toEqual({ error: 'Key not authorized: Token is expired' });
    expect((await client.enterPin()).status).toBe(401);
    fault.lift();
    expect((await client.get(LIST)).status).toBe(200);
  });

  it('can refuse only one kind of token, or only for one car, in other words', async () => {
    const { client } = await world({
      type: 'rejectFreshTokens',
      kinds: ['control'],
      text: 'Key not authorized: token has expired',
      match: { car: CAR.id },
    });
    expect((await client.get(at('status/latest'), 'control')).body.error).toBe('Key not authorized: token has expired');
    expect((await client.get(at('status/latest'), 'access')).status).toBe(200);
    expect((await client.get(LIST, 'control')).status).toBe(200);
  });

  it('word the refusal of an expired token differently', async () => {
    const { sim, client } = await world({ type: 'tokenErrorText', text: 'Key not authorized: token has expired' });
    expect((await client.get(LIST)).status).toBe(200);
    sim.expireTokens();
    expect((await client.get(LIST)).body.error).toBe('Key not authorized: token has expired');
  });

  it('refuse or break the refresh', async () => {
    const { sim, client } = await world({ type: 'refuseRefresh', times: 1 }, { type: 'breakRefresh', times: 1 });
    expect(await client.refresh()).toMatchObject({ status: 400, body: { errCode: '4002' } });
    expect(await client.refresh()).toMatchObject({ status: 500, body: null });
    expect((await client.refresh()).status).toBe(200);
    expect(sim.log.filter((call) => call.kind === 'token.refresh').map((call) => call.effect)).toEqual([
      'access#1',
      null,
      null,
      'access#2',
    ]);
  });

  it('revoke some kinds of tokens and not others', async () => {
    const { sim, client } = await world();
    expect(sim.revokeTokens({ kinds: ['control'] })).toBe(1);
    expect((await client.get(LIST, 'control')).status).toBe(401);
    expect((await client.get(LIST)).status).toBe(200);
    expect(sim.revokeTokens({ account: 1 })).toBe(0);
    expect(sim.revokeTokens({ account: 0 })).toBe(1);
    expect((await client.get(LIST)).status).toBe(401);
  });

  it('call the PIN wrong, in both ways', async () => {
    const { sim, client } = await world({ type: 'wrongPinAlways', times: 1 });
    expect(await client.enterPin()).toMatchObject({ status: 400, body: { errCode: '4003' } });
    sim.faults.add({ type: 'wrongPinAlways', variant: '200', times: 1 });
    const nasty = await client.enterPin();
    expect([nasty.status, nasty.body.controlToken]).toEqual([200, undefined]);
  });

  it('make the device id invalid, now or after a command', async () => {
    const { sim, client } = await world({ type: 'deviceIdInvalid', times: 1 });
    expect((await client.get(LIST)).body.resCode).toBe('4002');
    expect((await client.get(LIST)).body.resCode).toBe('4002');
    await client.register();
    sim.faults.add({ type: 'deviceIdInvalid', afterEffect: true, match: { kind: 'control' } });
    expect((await client.lock(CAR.id)).status).toBe(200);
    expect((await client.records(CAR.id)).body.resCode).toBe('4002');
  });
});

describe('strict behaviours', () => {
  it('refuse the retired application id', async () => {
    const { client } = await world({ type: 'retiredAppId' });
    expect((await client.get(LIST)).status).toBe(200);
    client.appId = client.brand.retiredAppIds[0] ?? '';
    expect(await client.get(LIST)).toMatchObject({ status: 401, body: { resCode: '4017' } });
  });

  it('refuse to register a Hyundai with the push type of Apple', async () => {
    const { client } = await world();
    expect((await client.register('APNS')).status).toBe(200);
    const strict = await world({ type: 'pushType' });
    expect(await strict.client.register('APNS')).toMatchObject({
      status: 400,
      body: { resMsg: 'Invalid request body - Invalid parameter.' },
    });
    expect((await strict.client.register('GCM')).status).toBe(200);
  });

  it('refuse a stamp of yesterday', async () => {
    const { sim, client } = await world();
    const stamp = stampOf(client.appId, client.brand.stampKey, Date.now() - 86_400_000);
    const old = () => client.send('GET', LIST, { headers: { ...client.vehicle('access'), stamp } });
    expect((await old()).status).toBe(200);
    sim.faults.add({ type: 'stampWindow' });
    expect((await old()).body.resCode).toBe('4017');
    expect((await client.get(LIST)).status).toBe(200);
  });

  it('let nobody in by the old logins', async () => {
    const { client } = await world({ type: 'oldLoginGone' });
    const answer = await client.send('POST', '/api/v1/user/signin', {
      json: { email: ACCOUNT.username, password: ACCOUNT.password },
    });
    expect(answer).toMatchObject({ status: 401, body: { retMsg: 'Received unexpected statusCode' } });
  });
});
