import type { ActorKind, Observer } from '../../actors/observe/observation.ts';
import type { CloudPort, Log, MessageBus } from '../../actors/ports.ts';
import { ActorMetrics } from './actor-metrics.ts';
import { type Page, servePages } from './http-server.ts';
import { createInstruments, type Instruments } from './instruments.ts';
import { measuredBus } from './measured-bus.ts';
import { measuredCloud } from './measured-cloud.ts';
import { watchProcess } from './process-metrics.ts';
import { Readiness } from './readiness.ts';

export interface MetricsOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Names of all accounts, as in the configuration. */
  readonly accounts: readonly string[];
  readonly baseTopic: string;
  readonly version: string;
  readonly log: Log;
}

/** Metrics and health of one daemon, served over HTTP. The daemon is measured from outside: at its ports and its actors. */
export interface Metrics {
  readonly url: string;
  /** For `createSystem`. */
  readonly observer: Observer;
  /** The same cloud, measured; its budget is shown from now on. */
  cloud(account: string, cloud: CloudPort): CloudPort;
  bus(bus: MessageBus): MessageBus;
  /** Whether the journal can be written. */
  journal(isUsable: boolean): void;
  /** From now on the daemon is not ready. */
  stopping(): void;
  close(): Promise<void>;
}

/** Those that a supervisor starts anew when they die. */
const STARTED_ANEW: readonly ActorKind[] = ['bridge', 'account', 'token', 'breaker', 'vehicle'];

const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * Serves `/metrics`, `/healthz` and `/readyz`.
 *
 * @throws Error with a sentence for a person when the port cannot be had.
 */
export async function startMetrics(options: MetricsOptions): Promise<Metrics> {
  const { host, port, accounts, baseTopic, version, log } = options;
  const instruments = createInstruments();
  const readiness = new Readiness(accounts);
  const actors = new ActorMetrics(instruments, readiness);
  const watch = watchProcess(instruments);
  const clouds = new Map<string, CloudPort>();
  instruments.info.set({ version, node: process.version }, 1);
  for (const account of accounts) zero(instruments, account);
  for (const kind of STARTED_ANEW) instruments.restarts.inc({ kind }, 0);
  const { registry } = instruments;

  const scrape = async (): Promise<Page> => {
    watch.collect();
    actors.collect();
    for (const [account, cloud] of clouds) showBudget(instruments, account, cloud);
    return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
  };
  const health = (): Page => {
    const body = { status: 'ok', version, uptime_s: Math.floor(process.uptime()) };
    return { status: 200, contentType: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
  };
  const ready = (): Page => {
    const reasons = readiness.obstacles();
    const isReady = reasons.length === 0;
    const body = { status: isReady ? 'ready' : 'notReady', reasons };
    return { status: isReady ? 200 : 503, contentType: JSON_TYPE, body: `${JSON.stringify(body)}\n` };
  };

  const pages = { '/metrics': scrape, '/healthz': health, '/readyz': ready };
  const server = await servePages({ host, port, pages }).catch((error: unknown) => {
    watch.stop();
    throw error;
  });
  log.write('info', 'metrics and health are served', { url: `${server.url}/metrics` });
  return {
    url: server.url,
    observer: actors.observe,
    cloud: (account, cloud) => {
      clouds.set(account, cloud);
      return measuredCloud(cloud, account, instruments, () => performance.now());
    },
    bus: (bus) => measuredBus(bus, baseTopic, instruments, readiness),
    journal: (isUsable) => {
      instruments.journalUsable.set(isUsable ? 1 : 0);
      readiness.journalIs(isUsable);
    },
    stopping: () => readiness.stopping(),
    close: async () => {
      watch.stop();
      await server.close();
    },
  };
}

/** A series that is there from the start makes `rate()` and `absent()` right. */
function zero(instruments: Instruments, account: string): void {
  const { retries, retriedCommands, retriedSucceeded, vehicleQueue, vehicleQueueMax } = instruments;
  for (const counter of [retries, retriedCommands, retriedSucceeded]) counter.inc({ account }, 0);
  for (const gauge of [vehicleQueue, vehicleQueueMax]) gauge.set({ account }, 0);
  for (const to of ['closed', 'open', 'halfOpen']) instruments.breakerChanges.inc({ account, to }, 0);
}

function showBudget(instruments: Instruments, account: string, cloud: CloudPort): void {
  const { budgetUsed, budgetLeft, forcedReads, serverLeft } = instruments;
  const { calls, callsPerDay, forcedReads: woken, server } = cloud.budget();
  budgetUsed.set({ account }, calls);
  if (callsPerDay !== null) budgetLeft.set({ account }, Math.max(0, callsPerDay - calls));
  forcedReads.set(
    { account },
    Object.values(woken).reduce((sum, count) => sum + count, 0),
  );
  if (server.remaining === null) serverLeft.remove({ account });
  else serverLeft.set({ account }, server.remaining);
}
