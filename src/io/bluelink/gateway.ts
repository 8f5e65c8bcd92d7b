import { randomUUID } from 'node:crypto';
import type { Clock, CloudPort, Log } from '../../actors/ports.ts';
import { parseCloudUrl } from '../../machines/domain/cloud-url.ts';
import type { Brand, Transport } from './bluelinky-surface.ts';
import { loadBluelinky } from './bluelinky-surface.ts';
import { Budget, type BudgetOptions, NO_LIMITS } from './budget.ts';
import { Calls } from './calls.ts';
import { CloudClient } from './cloud-client.ts';
import { CloudClock } from './cloud-clock.ts';
import { failureOf } from './cloud-error.ts';
import { cloudPort } from './cloud-port.ts';
import { ControlTokenDesk } from './control-token.ts';
import { Device } from './device.ts';
import { buildEnvironment } from './environment.ts';
import { hostsOf } from './hosts.ts';
import type { LoginFlowName } from './login/login-flow.ts';
import { OneApp } from './one-app.ts';
import { RateLimit } from './rate-limit.ts';
import { REGIONS, type SpaRegion } from './regions.ts';
import type { OnSecret } from './secrets.ts';
import { europeanSessions } from './session-flows.ts';
import { SessionKeeper } from './session-keeper.ts';
import { ownerOf, recordFor, type SessionStore } from './session-record.ts';
import { SessionWork } from './session-work.ts';
import { ShapeReports } from './shape-reports.ts';
import { takeOver } from './take-over.ts';
import { openUsGateway } from './us/us-gateway.ts';

export interface GatewayAccount {
  /** For the log. */
  readonly name: string;
  readonly brand: Brand;
  readonly region: SpaRegion | 'US';
  readonly username: string;
  readonly password: string;
  readonly pin: string | null;
  /** Two letters. */
  readonly language: string;
  /** Empty: the default order. */
  readonly loginFlows: readonly LoginFlowName[];
}

export interface GatewayOptions {
  readonly account: GatewayAccount;
  /** As `parseCloudUrl` answers it; null for the vendor's hosts. */
  readonly cloudUrl: string | null;
  readonly store: SessionStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly timeouts: {
    /** Of a call as a whole, what it needs beforehand (device, PIN) included. */
    readonly callTimeoutMs: number;
    readonly forcedReadTimeoutMs: number;
    readonly refreshTimeoutMs: number;
    /** How often a woken CCS2 car is looked after; default 3 s. */
    readonly wakePollMs?: number;
  };
  readonly loginBudgetPerDay: number;
  /** Absent: no limits, and no memory. */
  readonly budget?: BudgetOptions;
  /** Hears every secret that we learn (tokens, VINs, positions) before it is used, so that a log can know it. */
  readonly onSecret?: OnSecret;
  /** Absent: bluelinky's own, over the network. */
  readonly transport?: Transport;
}

export type Gateway = CloudPort;

/** The cloud of one account, over bluelinky. Rejects only for a bad cloud URL, or if bluelinky cannot be loaded. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { account, store, clock, timeouts, onSecret = () => {} } = options;
  // Passwords go there: whoever made the options, this is checked where they leave.
  const cloudUrl = options.cloudUrl === null ? null : parseCloudUrl(options.cloudUrl);
  if (cloudUrl?.ok === false) throw new Error(`The cloud URL ${cloudUrl.problem}.`);
  const log = options.log.child({ account: account.name });
  const { region } = account;
  if (region === 'US') return openUsGateway({ ...options, log }, cloudUrl?.value ?? null);
  const { BlueLinky } = await loadBluelinky();
  // bluelinky gets no secret and never logs in: its session object, environment and HTTP service are what we use.
  const { controller } = takeOver(
    new BlueLinky({
      username: account.username,
      password: '',
      pin: undefined,
      region: 'EU',
      brand: account.brand,
      language: 'en',
      autoLogin: false,
      stampMode: 'LOCAL',
    }),
    options.transport,
  );
  const now = () => clock.now();
  const record = recordFor(ownerOf(account), await store.load(), randomUUID());
  const keeper = new SessionKeeper(record, { store, controller, log, onSecret });
  const regional = REGIONS[region];
  const constants = regional.brands[account.brand];
  const hosts = hostsOf(constants, cloudUrl?.value ?? null);
  const stampKey = () => keeper.record.stampKey ?? 0;
  const environment = buildEnvironment(controller.environment, { constants, hosts, stampKey, now });
  controller._environment = environment;
  controller.authStrategies.main.environment = environment;
  controller.authStrategies.fallback.environment = environment;

  const rateLimit = new RateLimit();
  const budget = await Budget.open({
    ...(options.budget ?? { limits: NO_LIMITS, store: null }),
    rateLimit,
    clock,
    log,
  });
  const cloudClock = new CloudClock(clock, log);
  const client = new CloudClient(controller, {
    clock,
    cloudClock,
    rateLimit,
    shapes: new ShapeReports(log),
    onCall: () => budget.count(),
  });
  const device = new Device({ constants, environment, client, keeper, now });
  const controlToken = new ControlTokenDesk({ pin: account.pin, client, keeper, clock, onSecret });
  const oneApp = new OneApp({ brand: account.brand, language: account.language, hosts, client, now });
  const work = new SessionWork({
    flows: europeanSessions({ ...account, regional, environment, hosts, client, oneApp, device, keeper, clock }),
    loginBudgetPerDay: options.loginBudgetPerDay,
    refreshTimeoutMs: timeouts.refreshTimeoutMs,
    keeper,
    clock,
    log,
  });
  const closing = new AbortController();
  const calls = new Calls({
    regional,
    client,
    keeper,
    device,
    controlToken,
    budget,
    clock: cloudClock,
    log,
    timeouts,
    closing: closing.signal,
    onSecret,
  });

  return cloudPort({
    calls,
    work,
    keeper,
    budget,
    client,
    cloudClock,
    closing,
    onNewSession: () => controlToken.drop(),
    async registerDevice(named, signal) {
      // Somebody else has registered since, or does so now: one call for all who named the same id.
      if (named !== null && named < device.count) return { ok: true, asked: false };
      const asked = !device.isRegistering;
      try {
        await device.register({ timeoutMs: timeouts.callTimeoutMs, signal: AbortSignal.any([signal, closing.signal]) });
        return { ok: true, asked };
      } catch (error) {
        return { ok: false, failure: failureOf(error, { call: 'register', now: now() }), asked };
      }
    },
  });
}
