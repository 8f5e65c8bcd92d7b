import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallOutcome } from '../../../../src/actors/ports.ts';
import { createGateway, type Gateway } from '../../../../src/io/bluelink/gateway.ts';
import type { CloudCall } from '../../../../src/machines/domain/command.ts';
import { gatewayOptions, never } from '../support/account.ts';
import { FakeCloud } from '../support/fake-cloud.ts';
import { OWNER } from './support.ts';

/** What goes over the line, to the letter: against a scripted cloud, because the simulated one is ours too. */

const TOKEN = 'POST /v2/ac/oauth/token';
const LIST = `GET /ac/v2/enrollment/details/${OWNER.username}`;
const STATUS = 'GET /ac/v2/rcs/rvs/vehicleStatus';
const RECORD = 'GET /ac/v2/rmt/getRunningStatus';
const ID = 'H00001234567';
const VIN = 'KM8TEST0000000001';

let cloud: FakeCloud;
let gateway: Gateway;
const call = (made: CloudCall): Promise<CallOutcome> =>
  gateway.call(made, { signal: never, commandId: 'c-1', attempt: 1 });

const details = { regid: ID, vin: VIN, nickName: 'Blue', modelCode: 'IONIQ 5', vehicleGeneration: '3', evStatus: 'E' };

beforeEach(async () => {
  cloud = await FakeCloud.start();
  cloud
    .on(TOKEN, (_, times) => ({
      body: { access_token: `access-${times}`, refresh_token: `refresh-${times}`, expires_in: '1799' },
    }))
    .on(LIST, () => ({ body: { enrolledVehicleDetails: [{ vehicleDetails: details }] } }))
    .on(STATUS, () => ({ body: { vehicleStatus: { doorLock: true } } }))
    .on(RECORD, () => ({ body: { status: 'SUCCESS' } }))
    .on('POST /ac/v2/rcs/rdo/off', () => ({ headers: { transactionId: 'tid-1' } }))
    .on('POST /ac/v2/rcs/rhl/hnl', () => ({ headers: { Xid: 'tid-2' } }));
  gateway = await createGateway(gatewayOptions(cloud.url, { ...OWNER, region: 'US' }));
  await gateway.login(never);
});

afterEach(async () => {
  await gateway.close();
  await cloud.close();
});

describe('a request to the US cloud', () => {
  it('logs in with two fields and refreshes with four', async () => {
    await gateway.refreshSession(never);
    const { username, password } = OWNER;
    expect(cloud.seen(TOKEN).map(({ body }) => JSON.parse(body))).toEqual([
      { username, password },
      { username, password, grant_type: 'refresh_token', refresh_token: 'refresh-1' },
    ]);
    for (const { headers } of cloud.seen(TOKEN)) {
      expect(headers).toMatchObject({
        client_id: 'm66129Bb-em93-SPAHYN-bZ91-am4540zp19920',
        from: 'SPA',
        to: 'ISS',
        language: '0',
        encryptflag: 'false',
        brandindicator: 'H',
        offset: expect.stringMatching(/^-?\d+$/),
        'user-agent': expect.stringMatching(/^Mozilla/),
      });
      expect(headers.clientsecret).toBe(headers.client_secret);
      expect(headers.clientsecret).toMatch(/.+/);
      expect(headers.accesstoken).toBeUndefined();
      expect(headers.bluelinkservicepin).toBeUndefined();
    }
  });

  it('carries token and secret in both spellings, the owner, the PIN and the car', async () => {
    await call({ type: 'read', car: ID, source: 'cached' });
    const [list] = cloud.seen(LIST);
    expect(list?.headers.registrationid).toBeUndefined();
    const [status] = cloud.seen(STATUS);
    expect(status?.headers).toMatchObject({
      accesstoken: 'access-1',
      access_token: 'access-1',
      username: OWNER.username,
      bluelinkservicepin: OWNER.pin,
      registrationid: ID,
      gen: '3',
      vin: VIN,
      refresh: 'false',
    });
    expect(status?.headers.authorization).toBeUndefined();
  });

  it('says when the car itself is asked', async () => {
    await call({ type: 'read', car: ID, source: 'forced' });
    expect(cloud.seen(STATUS).map(({ headers }) => headers.refresh)).toEqual(['true']);
  });

  it('names the owner in the body and the VIN twice where the car carries it out, and asks after it by its own service', async () => {
    const locked = await call({ type: 'control', car: ID, command: { name: 'lock', action: 'lock' } });
    const sounded = await call({ type: 'control', car: ID, command: { name: 'horn' } });
    expect(
      [locked, sounded].map((outcome) => outcome.ok && 'actionId' in outcome.value && outcome.value.actionId),
    ).toEqual(['tid-1', 'tid-2']);
    const [door] = cloud.seen('POST /ac/v2/rcs/rdo/off');
    expect(JSON.parse(door?.body ?? '')).toEqual({ userName: OWNER.username, vin: VIN });
    expect(door?.headers).toMatchObject({ 'appcloud-vin': VIN, 'content-type': 'application/json' });
    for (const actionId of ['tid-1', 'tid-2', 'tid-of-an-earlier-run'])
      await call({ type: 'record', car: ID, actionId });
    expect(cloud.seen(RECORD).map(({ headers }) => [headers.tid, headers.login_id, headers.service_type])).toEqual([
      ['tid-1', OWNER.username, 'REMOTE_POLL'],
      ['tid-2', OWNER.username, 'HORN_AND_LIGHTS'],
      ['tid-of-an-earlier-run', OWNER.username, 'REMOTE_POLL'],
    ]);
  });

  it.each(['hang', 'cut', 'cutInside'] as const)('is made once, also when its answer is a %s', async (answer) => {
    const givenUp = new AbortController();
    cloud.on(STATUS, () => answer);
    const outcome = gateway.call(
      { type: 'read', car: ID, source: 'forced' },
      { signal: givenUp.signal, commandId: 'c-1', attempt: 1 },
    );
    await cloud.arrived(STATUS);
    if (answer === 'hang') givenUp.abort();
    expect((await outcome).ok).toBe(false);
    expect(cloud.seen(STATUS)).toHaveLength(1);
  });

  it('follows no redirect, and reads no endless answer', async () => {
    cloud.on(STATUS, () => ({ status: 302, headers: { location: `${cloud.url}/elsewhere` } }));
    expect(await call({ type: 'read', car: ID, source: 'cached' })).toMatchObject({
      ok: false,
      failure: { kind: 'invalidResponse' },
    });
    cloud.on(STATUS, () => ({ body: { text: 'x'.repeat(5 * 1024 * 1024) } }));
    expect(await call({ type: 'read', car: ID, source: 'cached' })).toMatchObject({
      ok: false,
      failure: { kind: 'invalidResponse' },
    });
    expect(cloud.seen('GET /elsewhere')).toHaveLength(0);
  });

  it('does not leave for the cloud of Hyundai with the password of a Kia account', async () => {
    const ofKia = gatewayOptions(cloud.url, { ...OWNER, brand: 'kia', region: 'US' });
    await expect(createGateway(ofKia)).rejects.toThrow(/only the cloud of Hyundai/);
  });
});
