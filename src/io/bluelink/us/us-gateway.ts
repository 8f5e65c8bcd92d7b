import { randomUUID } from 'node:crypto';
import { loadBluelinky } from '../bluelinky-surface.ts';
import { Budget, NO_LIMITS } from '../budget.ts';
import { CallRun } from '../call-run.ts';
import { CloudClient } from '../cloud-client.ts';
import { CloudClock } from '../cloud-clock.ts';
import { cloudPort } from '../cloud-port.ts';
import type { CallName } from '../failure-rows.ts';
import type { Gateway, GatewayOptions } from '../gateway.ts';
import { RateLimit } from '../rate-limit.ts';
import { SessionKeeper } from '../session-keeper.ts';
import { ownerOf, recordFor } from '../session-record.ts';
import { SessionWork } from '../session-work.ts';
import { ShapeReports } from '../shape-reports.ts';
import { EnrolledCars } from './enrolled-cars.ts';
import { HataCalls } from './hata-calls.ts';
import { HataClient } from './hata-client.ts';
import { nodeHttpService } from './http-service.ts';
import { Pin } from './pin.ts';
import { hataSessions } from './sessions.ts';

/**
 * The US cloud of Hyundai, of one account. Of bluelinky only the constants are used: its American client swallows errors
 * and calls other addresses (ADR 6). Rejects only for another brand, or if bluelinky cannot be loaded.
 *
 * @param cloudUrl without a slash at the end; null for the vendor's host.
 */
export async function openUsGateway(options: GatewayOptions, cloudUrl: string | null): Promise<Gateway> {
  const { account, store, clock, log, timeouts, onSecret = () => {}, transport = (service) => service } = options;
  const { username } = account;
  // The password would go to somebody else's cloud.
  if (account.brand !== 'hyundai') throw new Error('In the US only the cloud of Hyundai is known.');
  const { BlueLinky } = await loadBluelinky();
  const { environment: app } = new BlueLinky({
    username,
    password: '',
    pin: undefined,
    region: 'US',
    brand: 'hyundai',
    language: 'en',
    autoLogin: false,
  }).controller;
  const baseUrl = cloudUrl ?? `https://${app.host}`;
  const service = transport(nodeHttpService(baseUrl));

  const now = () => clock.now();
  const record = recordFor(ownerOf(account), await store.load(), randomUUID());
  const keeper = new SessionKeeper(record, { store, controller: null, log, onSecret });
  const rateLimit = new RateLimit();
  const budget = await Budget.open({
    ...(options.budget ?? { limits: NO_LIMITS, store: null }),
    rateLimit,
    clock,
    log,
  });
  const onCall = (name: CallName) => {
    if (isRemote(name)) budget.count();
  };
  const cloudClock = new CloudClock(clock, log);
  const client = new CloudClient(
    { environment: { baseUrl }, getApiHttpService: async () => service },
    { clock, cloudClock, rateLimit, shapes: new ShapeReports(log), onCall },
  );
  const hata = new HataClient({ client, app, username, now });
  const pin = new Pin(account.pin, keeper);
  const cars = new EnrolledCars({ client, hata, pin, username, clock: cloudClock, log, onSecret });
  const work = new SessionWork({
    flows: hataSessions({ client, hata, username, password: account.password }),
    loginBudgetPerDay: options.loginBudgetPerDay,
    refreshTimeoutMs: timeouts.refreshTimeoutMs,
    keeper,
    clock,
    log,
  });
  const closing = new AbortController();
  const calls = new CallRun(
    { keeper, budget, isRationed: isRemote, clock: cloudClock, log, timeouts, closing: closing.signal },
    new HataCalls({ client, hata, cars, pin, username, now: () => cloudClock.now(), onSecret }),
  );
  return cloudPort({
    calls,
    work,
    keeper,
    budget,
    client,
    cloudClock,
    closing,
    onNewSession: () => {},
    // This cloud knows no devices.
    registerDevice: async () => ({ ok: true, asked: false }),
  });
}

/** What the vendor counts: requests that go to the car. Everything else is as good as free, token refreshes above all. */
function isRemote(name: CallName): boolean {
  return name === 'control' || name === 'forcedRead';
}
