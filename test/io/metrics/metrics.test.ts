import { readFileSync } from 'node:fs';
import { register } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { metricsPage } from '../../../scripts/docs-metrics.ts';
import { createInstruments } from '../../../src/io/metrics/instruments.ts';
import type { Metrics } from '../../../src/io/metrics/metrics.ts';
import type { Settings } from '../../../src/machines/domain/settings.ts';
import { actorSystems, final, ready } from '../../support/actor-system.ts';
import { outage } from '../../support/fake-cloud.ts';
import { poison } from '../../support/poison.ts';
import { openMetrics, scrape } from './scrape.ts';

const start = actorSystems();
const open: Metrics[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((metrics) => metrics.close()));
});

async function measured(cars: readonly string[], settings: Partial<Settings> = {}) {
  const metrics = await openMetrics();
  open.push(metrics);
  const parts = start(cars, settings, {}, { observers: [metrics.observer], measured: metrics });
  await Promise.all(cars.map((car) => ready(parts.bus, car)));
  return { ...parts, url: metrics.url, metrics };
}

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: (await response.json()) as unknown };
};

describe('metrics', () => {
  it('show one refresh for ten commands that met the expiry, ten retries, and ten that succeeded', async () => {
    const cars = Array.from({ length: 10 }, (_, n) => `c${n}`);
    const { bus, cloud, url } = await measured(cars, { callsInFlight: 16 });
    cloud.revoke();
    for (const car of cars) bus.send(`hyundai/${car}/commands/lock`, { action: 'lock', id: car });
    await Promise.all(cars.map((car) => final(bus, car, car)));
    const { value } = await scrape(url);
    expect(value('bluelinkd_refreshes_total{account="main",why="rejection",outcome="succeeded"}')).toBe(1);
    expect(value('bluelinkd_refresh_duration_seconds_count{why="rejection"}')).toBe(1);
    // The start is the other one.
    expect(value('bluelinkd_refresh_waiters_count')).toBe(2);
    expect(value('bluelinkd_refresh_waiters_sum')).toBeGreaterThanOrEqual(10);
    expect(value('bluelinkd_retries_total{account="main"}')).toBe(10);
    expect(value('bluelinkd_retried_commands_total{account="main"}')).toBe(10);
    expect(value('bluelinkd_retried_commands_succeeded_total{account="main"}')).toBe(10);
    expect(value('bluelinkd_calls_total{account="main",kind="control",outcome="tokenRefused"}')).toBe(10);
    expect(value('bluelinkd_calls_total{account="main",kind="control",outcome="ok"}')).toBe(10);
    expect(value('bluelinkd_calls_total{account="main",kind="sessionRefresh",outcome="ok"}')).toBe(1);
    expect(value('bluelinkd_call_duration_seconds_count{kind="control"}')).toBe(20);
    expect(value('bluelinkd_calls_in_flight{account="main"}')).toBe(0);
    expect(value('bluelinkd_commands_accepted_total{command="lock"}')).toBe(10);
    expect(value('bluelinkd_commands_total{command="lock",status="succeeded",reason="none"}')).toBe(10);
    expect(value('bluelinkd_command_duration_seconds_count{command="lock"}')).toBe(10);
    expect(value('bluelinkd_token_state{account="main",state="valid"}')).toBe(1);
    expect(value('bluelinkd_token_state{account="main",state="refreshing"}')).toBe(0);
    expect(value('bluelinkd_token_generation{account="main"}')).toBe(2);
    expect(value('bluelinkd_token_expiry_timestamp_seconds{account="main"}')).toBeGreaterThan(Date.now() / 1000);
    expect(value('bluelinkd_cars{account="main"}')).toBe(10);
    expect(value('bluelinkd_mqtt_connected')).toBe(1);
    expect(value('bluelinkd_mqtt_messages_total{direction="in"}')).toBe(10);
  });

  it('show the breaker open, and why calls failed', async () => {
    const cars = Array.from({ length: 5 }, (_, n) => `c${n}`);
    const { bus, cloud, url } = await measured(cars);
    cloud.instead = (call) => (call.type === 'control' ? outage : undefined);
    for (const car of cars) {
      bus.send(`hyundai/${car}/commands/lock`, { action: 'lock', id: car });
      await final(bus, car, car);
    }
    const { value } = await scrape(url);
    expect(value('bluelinkd_breaker_state{account="main",state="open"}')).toBe(1);
    expect(value('bluelinkd_breaker_state{account="main",state="closed"}')).toBe(0);
    expect(value('bluelinkd_breaker_changes_total{account="main",to="open"}')).toBe(1);
    expect(value('bluelinkd_calls_total{account="main",kind="control",outcome="cloudUnavailable"}')).toBe(5);
    expect(value('bluelinkd_commands_total{command="lock",status="failed",reason="cloudUnavailable"}')).toBe(5);
  });

  it('show what waits: at cars, for permits and in flight', async () => {
    const { bus, cloud, url } = await measured(['c1', 'c2'], { callsInFlight: 1 });
    let release: () => void = () => undefined;
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    cloud.instead = (call) => (call.type === 'control' ? isReleased.then(() => undefined) : undefined);
    const names = ['lock', 'charge', 'horn'] as const;
    const actions = { lock: 'lock', charge: 'stop', horn: 'on' };
    for (const car of ['c1', 'c2']) {
      for (const name of names)
        bus.send(`hyundai/${car}/commands/${name}`, { action: actions[name], id: `${car}-${name}` });
    }
    await bus.until('all to be accepted', () =>
      bus.published.filter(({ payload }) => payload.includes('"accepted"')).length === 6 ? true : undefined,
    );
    const { value } = await scrape(url);
    expect(value('bluelinkd_vehicle_queue{account="main"}')).toBe(4);
    expect(value('bluelinkd_vehicle_queue_max{account="main"}')).toBe(2);
    expect(value('bluelinkd_permits{account="main"}')).toBe(1);
    expect(value('bluelinkd_breaker_line{account="main"}')).toBe(1);
    expect(value('bluelinkd_calls_in_flight{account="main"}')).toBe(1);
    release();
    await bus.until('six ends', () => (bus.published.filter(isFinal).length === 6 ? true : undefined));
    const after = await scrape(url);
    expect(after.value('bluelinkd_vehicle_queue{account="main"}')).toBe(0);
    expect(after.value('bluelinkd_vehicle_queue_max{account="main"}')).toBe(0);
  });

  it('count an actor that died, and those that live', async () => {
    const { bus, system, url } = await measured(['c1']);
    const kinds = ['bridge', 'account', 'token', 'breaker', 'vehicle'];
    const restarts = (scraped: Awaited<ReturnType<typeof scrape>>) =>
      kinds.map((kind) => scraped.value(`bluelinkd_actor_restarts_total{kind="${kind}"}`));
    expect(restarts(await scrape(url))).toEqual([0, 0, 0, 0, 0]);
    const poison = {
      type: 'REQUEST_PERMIT',
      get from(): string {
        throw new Error('poisoned on purpose');
      },
    };
    system.root.system.get('account/main/breaker')?.send(poison);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'after' });
    await final(bus, 'c1', 'after');
    const after = await scrape(url);
    const { value } = after;
    expect(restarts(after)).toEqual([0, 0, 0, 1, 0]);
    expect(value('bluelinkd_actors{kind="breaker"}')).toBe(1);
    expect(value('bluelinkd_actors{kind="vehicle"}')).toBe(1);
  });

  it('show the budget, where there is one', async () => {
    const { cloud, url } = await measured(['c1']);
    expect((await scrape(url)).value('bluelinkd_budget_calls_left{account="main"}')).toBeUndefined();
    cloud.budget = () => ({
      calls: 12,
      callsPerDay: 200,
      forcedReads: { c1: 2, c2: 3 },
      forcedReadsPerDay: 6,
      server: { limit: 200, remaining: 150, resetAt: null },
    });
    const { value } = await scrape(url);
    expect(value('bluelinkd_budget_calls{account="main"}')).toBe(12);
    expect(value('bluelinkd_budget_calls_left{account="main"}')).toBe(188);
    expect(value('bluelinkd_budget_forced_reads{account="main"}')).toBe(5);
    expect(value('bluelinkd_cloud_calls_left{account="main"}')).toBe(150);
  });

  it('make no series of what strangers say, and name neither car nor command', async () => {
    const { bus, cloud, url } = await measured(['c1']);
    bus.send('hyundai/c1/commands/selfdestruct', { action: 'now', id: 'secret-id' });
    bus.send('hyundai/c1/commands/lock', { action: 'dance', id: 'other-id' });
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'third-id' });
    await final(bus, 'c1', 'third-id');
    const { text, value } = await scrape(url);
    expect(value('bluelinkd_commands_total{command="other",status="rejected",reason="unknownCommand"}')).toBe(1);
    expect(value('bluelinkd_commands_total{command="lock",status="rejected",reason="invalidOption"}')).toBe(1);
    for (const { vin } of cloud.cars) expect(text).not.toContain(vin);
    expect(text).not.toMatch(/selfdestruct|secret-id|third-id|"c1"|vehicle\//);
  });

  it('count a repeated command once', async () => {
    const { bus, url } = await measured(['c1']);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'twice' });
    await final(bus, 'c1', 'twice');
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'twice' });
    await bus.until('the second answer', () =>
      bus.published.find(({ payload }) => payload.includes('"duplicate":true')),
    );
    const { value } = await scrape(url);
    expect(value('bluelinkd_commands_total{command="lock",status="succeeded",reason="none"}')).toBe(1);
  });

  it('tell of the process and its event loop', async () => {
    const { url } = await measured(['c1']);
    const { text, value } = await scrape(url);
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(value('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(value('nodejs_heap_size_used_bytes')).toBeGreaterThan(1e6);
    expect(value('bluelinkd_event_loop_delay_seconds{percentile="99"}')).toBeGreaterThanOrEqual(0);
    expect(text).toContain('bluelinkd_info{version="1.2.3"');
    expect(text).not.toMatch(/\bnan\b/i);
    // Only summaries and histograms may have these.
    expect(text).not.toMatch(/\bquantile=/);
  });

  it('live in a registry of their own', async () => {
    await measured(['c1']);
    expect(register.getMetricsAsArray()).toEqual([]);
    expect(createInstruments().registry.getMetricsAsArray().length).toBeGreaterThan(30);
  });
});

describe('readiness', () => {
  it('names everything that is in the way, until there is nothing', async () => {
    const metrics = await openMetrics();
    open.push(metrics);
    expect(await readiness(metrics.url)).toEqual({
      status: 503,
      body: {
        status: 'notReady',
        reasons: [
          { part: 'broker', reason: 'disconnected', message: 'The broker is not connected.' },
          {
            part: 'account',
            account: 'main',
            reason: 'refreshing',
            message: 'The token of the account main cannot be used (refreshing).',
          },
        ],
      },
    });
    const { bus } = start(['c1'], {}, {}, { observers: [metrics.observer], measured: metrics });
    await ready(bus, 'c1');
    expect(await readiness(metrics.url)).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
    metrics.journal(false);
    expect(await readiness(metrics.url)).toMatchObject({
      status: 503,
      body: { reasons: [{ part: 'journal', reason: 'journalUnavailable' }] },
    });
    expect((await scrape(metrics.url)).value('bluelinkd_journal_usable')).toBe(0);
    metrics.journal(true);
    expect(await readiness(metrics.url)).toMatchObject({ status: 200 });
    metrics.stopping();
    expect(await readiness(metrics.url)).toMatchObject({ status: 503, body: { reasons: [{ reason: 'stopping' }] } });
  });

  it('names the reason when a token cannot be had', async () => {
    const { bus, cloud, url } = await measured(['c1']);
    cloud.refreshInstead = () => ({ ...outage, kind: 'consentRequired', answered: true });
    cloud.revoke();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    expect(await final(bus, 'c1', 'one')).toMatchObject({ status: 'failed', reason: 'consentRequired' });
    expect(await readiness(url)).toMatchObject({
      status: 503,
      body: { reasons: [{ part: 'account', account: 'main', reason: 'consentRequired' }] },
    });
    const { value } = await scrape(url);
    expect(value('bluelinkd_refreshes_total{account="main",why="rejection",outcome="consentRequired"}')).toBe(1);
    expect(value('bluelinkd_retries_total{account="main"}')).toBe(0);
  });

  it.each([
    ['vehicle/c1', 'COMMAND'],
    ['token', 'REQUEST_TOKEN'],
  ])('is lost for as long as a %s that died too often stays down', async (child, type) => {
    const { system, url } = await measured(['c1'], { restartLimit: 1 });
    poison(system, `account/main/${child}`, type);
    expect(await readiness(url)).toMatchObject({ status: 200 });
    poison(system, `account/main/${child}`, type);
    expect(await readiness(url)).toMatchObject({
      status: 503,
      body: {
        reasons: [
          { part: 'account', account: 'main', reason: 'restarted', message: expect.stringContaining('stays down') },
        ],
      },
    });
    const { value } = await scrape(url);
    expect(value(`bluelinkd_actor_restarts_total{kind="${child.split('/')[0]}"}`)).toBe(1);
  });

  it('comes back with an account that is started anew', async () => {
    const { bus, cloud, system, url } = await measured(['c1'], { restartLimit: 1 });
    for (let deaths = 0; deaths < 2; deaths += 1) poison(system, 'account/main/vehicle/c1', 'COMMAND');
    expect(await readiness(url)).toMatchObject({ status: 503 });
    poison(system, 'account/main', 'TOKEN_CHANGED');
    // At the start, of the car that was started anew, and of its account.
    await cloud.called('read', 3);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    expect(await final(bus, 'c1', 'one')).toMatchObject({ status: 'succeeded' });
    expect(await readiness(url)).toEqual({ status: 200, body: { status: 'ready', reasons: [] } });
  });
});

it('docs/metrics.md is fresh', () => {
  expect(readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')).toBe(metricsPage());
});

function isFinal({ topic, payload }: { readonly topic: string; readonly payload: string }): boolean {
  return topic.endsWith('/result') && !payload.includes('"accepted"');
}
