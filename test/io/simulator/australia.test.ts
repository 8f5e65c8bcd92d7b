import { describe, expect, it } from 'vitest';
import type { SimAccount } from '../../../src/io/simulator/account.ts';
import { AUSTRALIAN_CLIENTS, BRANDS, isClientOf } from '../../../src/io/simulator/brands.ts';
import { localDigits } from '../../../src/io/simulator/local-time.ts';
import { type Answered, PlainClient, stampOf } from './support/plain-client.ts';
import { ACCOUNT, CAR, CCS2_CAR, simulators } from './support/world.ts';

const TOKEN = '/api/v1/user/oauth2/token';
const OWNER: SimAccount = {
  ...ACCOUNT,
  brand: 'kia',
  region: 'AU',
  refreshToken: 'AAADEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCDEFGHIJKL',
  cars: [
    { ...CAR, id: 'au-classic' },
    { ...CCS2_CAR, id: 'au-newer', state: { seats: { frontLeft: 3, frontRight: 8, backLeft: 0, backRight: 0 } } },
  ],
};
const OTHER: SimAccount = { ...OWNER, region: 'NZ', cars: [], refreshToken: `NZ${OWNER.refreshToken?.slice(2)}` };

/** A client that knows what the Australian apps know. */
class AustralianClient extends PlainClient {
  override readonly brand: PlainClient['brand'];
  override appId: string;

  constructor(url: string, account: SimAccount = OWNER) {
    super(url, account);
    const constants = AUSTRALIAN_CLIENTS.find((client) => isClientOf(client, account));
    this.brand = { ...BRANDS[account.brand], ...constants };
    this.appId = this.brand.appIds[0] ?? '';
  }

  static async logIn(url: string): Promise<AustralianClient> {
    const client = new AustralianClient(url);
    await client.refresh();
    await client.register();
    return client;
  }

  override async refresh(headers: Record<string, string> = this.app()): Promise<Answered> {
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: this.account.refreshToken ?? '' });
    const answer = await this.send('POST', TOKEN, {
      form,
      headers: { authorization: this.brand.basicToken, ...headers },
    });
    this.access = answer.body?.access_token ?? this.access;
    return answer;
  }
}

describe('the simulated Australian cloud', () => {
  const start = simulators();
  const accounts = [ACCOUNT, OWNER, OTHER];

  it('renews only for whoever stamps, and only its own accounts', async () => {
    const { url } = await start({ accounts });
    const client = new AustralianClient(url);
    expect(await client.refresh({})).toMatchObject({ status: 400, body: { errCode: '4002' } });
    const foreign = stampOf(client.appId, BRANDS.kia.stampKey, Date.now());
    expect(await client.refresh({ stamp: foreign })).toMatchObject({ status: 400, body: { errCode: '4002' } });
    const newZealand = new AustralianClient(url, { ...OTHER, refreshToken: OWNER.refreshToken ?? '' });
    expect(await newZealand.refresh()).toMatchObject({ status: 400 });
    expect(await client.refresh()).toMatchObject({ status: 200, body: { access_token: expect.any(String) } });
  });

  it('takes the stamps of the key that the account names, and no others', async () => {
    const stampKey = Buffer.alloc(50, 5).toString('base64');
    const { url } = await start({ accounts: [{ ...OWNER, stampKey }] });
    const client = new AustralianClient(url);
    expect(await client.register()).toMatchObject({ status: 401, body: { resCode: '4017' } });
    Object.assign(client, { brand: { ...client.brand, stampKey } });
    expect(await client.register()).toMatchObject({ status: 200 });
  });

  it('tells a status without anything around it, in the time of Sydney and in degrees from 17', async () => {
    const simulator = await start({ accounts });
    const client = await AustralianClient.logIn(simulator.url);
    const car = '/api/v1/spa/vehicles/au-classic';
    const time = localDigits('Australia/Sydney', simulator.car('au-classic').report.at);
    for (const path of ['status/latest', 'status']) {
      const { body } = await client.get(`${car}/${path}`);
      expect(body.resMsg).toMatchObject({
        doorLock: true,
        airTemp: { value: '08H' },
        odometer: { value: 15_234.5, unit: 1 },
        time: path === 'status' ? expect.stringMatching(/^\d{14}$/) : time,
      });
      expect(body.resMsg).not.toHaveProperty('vehicleLocation');
    }
    const { body } = await client.get(`${car}/location/park`);
    expect(body.resMsg).toMatchObject({ coord: { lat: 52.5163 }, time: expect.stringMatching(/^\d{14}$/) });
  });

  it('has newer cars whose driver sits on the right', async () => {
    const { url } = await start({ accounts });
    const client = await AustralianClient.logIn(url);
    const { body } = await client.get('/api/v1/spa/vehicles/au-newer/ccs2/carstatus/latest');
    expect(body.resMsg.state.Vehicle.Cabin.Seat.Row1).toMatchObject({
      Driver: { Climate: { State: 8 } },
      Passenger: { Climate: { State: 3 } },
    });
  });

  it.each([
    ['14H', 200],
    ['15H', 400],
  ])('answers a climate start at %s with %i', async (tempCode, status) => {
    const { url } = await start({ accounts });
    const client = await AustralianClient.logIn(url);
    const path = '/api/v1/spa/vehicles/au-classic/control/temperature';
    const headers = client.vehicle('access');
    expect(await client.send('POST', path, { headers, json: { action: 'start', tempCode } })).toMatchObject({ status });
  });
});
