import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGateway } from '../../../src/io/bluelink/gateway.ts';
import type { SessionRecord } from '../../../src/io/bluelink/session-record.ts';
import { createMemoryStore } from '../../../src/io/store/memory-store.ts';
import { hasOpenssl, type Identity, selfSigned } from '../../support/self-signed.ts';
import { configOf, load } from '../config/load.harness.ts';
import { createMemoryLog, gatewayOptions, how, list, never, storedRecord } from './support/account.ts';

/** bluelinky's Canadian client turns the verification off for the whole process; ours must stay on whatever is configured. */

if (!hasOpenssl) process.stdout.write('Skipped: the tests of TLS to the cloud, which need openssl.\n');

/** A cloud that would answer everything, if anybody trusted it. */
async function untrustedCloud(identity: Identity) {
  const requests: string[] = [];
  const server = createServer(identity, (request, response) => {
    requests.push(request.url ?? '');
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const REGIONS = ['EU', 'CA', 'US', 'CN', 'AU', 'IN', 'NZ', 'BR'];
const SUPPORTED = ['EU', 'AU', 'NZ'];
const isSupported = (region: string, brand: string) =>
  SUPPORTED.includes(region) || (region === 'US' && brand === 'hyundai');
const BRANDS = ['hyundai', 'kia'];

describe.skipIf(!hasOpenssl)('TLS to the cloud', () => {
  const identity = hasOpenssl ? selfSigned('127.0.0.1') : { key: '', cert: '' };

  it.each(REGIONS.flatMap((region) => BRANDS.map((brand) => [region, brand] as const)))(
    'is verified when the region %s is configured, %s',
    async (region, brand) => {
      const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      const cloud = await untrustedCloud(identity);
      const env = {
        HYUNDAI_USERNAME: 'driver@example.org',
        HYUNDAI_PASSWORD: 'correct horse',
        MQTT_BROKER_HOST: 'broker.example',
        BLUELINKD_CLOUD_URL: cloud.url,
        HYUNDAI_BRAND: brand,
      };
      const asked = load({ env: { ...env, HYUNDAI_REGION: region } });
      expect(asked.ok).toBe(isSupported(region, brand));
      // What is refused is never constructed; whoever runs beside it in this process still verifies.
      const [account] = configOf(asked.ok ? asked : load({ env })).accounts;
      if (account === undefined) throw new Error('There is no account.');
      const gateway = await createGateway({
        account: { ...account, loginFlows: account.login },
        cloudUrl: cloud.url,
        store: createMemoryStore<SessionRecord>(),
        clock: { now: () => Date.now(), elapsed: () => performance.now() },
        log: createMemoryLog(),
        timeouts: { callTimeoutMs: 15_000, forcedReadTimeoutMs: 15_000, refreshTimeoutMs: 15_000 },
        loginBudgetPerDay: 3,
      });
      onTestFinished(() => gateway.close());

      const outcome = await gateway.login(never);

      expect(outcome).toMatchObject({ ok: false, failure: { kind: 'network' } });
      expect(outcome.ok ? '' : outcome.failure.cause).toMatch(/SELF_SIGNED/);
      expect(cloud.requests).toEqual([]);
      expect(process.env.NODE_TLS_REJECT_UNAUTHORIZED).toBe(before);
      expect(before).toBeUndefined();
    },
  );

  it('is verified for calls with a session, too: no token leaves', async () => {
    const cloud = await untrustedCloud(identity);
    const gateway = await createGateway({
      ...gatewayOptions(cloud.url, { username: 'driver@example.org', password: 'x', pin: null }),
      store: createMemoryStore<SessionRecord>(storedRecord()),
      timeouts: { callTimeoutMs: 15_000, forcedReadTimeoutMs: 15_000, refreshTimeoutMs: 15_000 },
    });
    onTestFinished(() => gateway.close());
    expect(await gateway.call(list, how())).toMatchObject({ ok: false, failure: { kind: 'network' } });
    expect(await gateway.refreshSession(never)).toMatchObject({ ok: false, failure: { kind: 'network' } });
    expect(cloud.requests).toEqual([]);
  });
});
