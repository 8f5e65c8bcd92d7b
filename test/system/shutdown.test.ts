import { describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { hosted, it } from './stage.ts';

const LIMIT_MS = 10_000;

async function offlineWasSaid(stage: Stage): Promise<void> {
  await stage.mqtt.on('bridge/state', (_, { text, retain }) => text === 'offline' && retain);
  const own = stage.mqtt.seen.all.filter(({ topic }) => topic === 'hyundai/bridge/state');
  expect(own.map(({ text }) => text)).toEqual(['online', 'offline']);
}

describe.concurrent('stopping the daemon', () => {
  it.for(['SIGTERM', 'SIGINT'] as const)('by %s: it says offline and exits with code 0', async (signal, { aStage }) => {
    const stage = await aStage();
    const begun = Date.now();
    stage.daemon.signal(signal);
    expect(await stage.daemon.ended(LIMIT_MS)).toEqual({ code: 0, signal: null });
    expect(Date.now() - begun).toBeLessThan(3_000);
    await offlineWasSaid(stage);
    expect(stage.daemon.stderr).toBe('');
  });

  hosted('lets a command in flight end, and tells its sender', async ({ aStage }) => {
    const stage = await aStage();
    stage.cloud.faults.add({ type: 'latency', ms: 800, match: { kind: 'control' } });
    const since = stage.mark;
    const id = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    await stage.cloud.waitFor(({ kind }) => kind === 'control.door', 5_000, since);
    stage.daemon.signal('SIGTERM');
    expect(await stage.mqtt.result(id)).toMatchObject({ status: 'succeeded' });
    expect(await stage.daemon.ended(LIMIT_MS)).toEqual({ code: 0, signal: null });
    await offlineWasSaid(stage);
  });

  it('tells everybody who waits, also when the cloud hangs, within ten seconds', async ({ aStage }) => {
    const stage = await aStage({ cars: 3 });
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'control,status.forced' } });
    const since = stage.mark;
    const hanging = await stage.mqtt.send('c0', 'lock', { action: 'unlock' });
    const waiting = await stage.mqtt.send('c0', 'lock', { action: 'lock' });
    const reading = await stage.mqtt.send('c1', 'refresh', { action: 'force' });
    await stage.cloud.waitFor(({ kind }) => kind === 'control.door', 5_000, since);
    await stage.cloud.waitFor(({ kind }) => kind === 'status.forced', 5_000, since);
    const begun = Date.now();
    stage.daemon.signal('SIGTERM');
    await stage.daemon.log.next('the word', ({ msg }) => /told to stop/.test(msg));
    const late = await stage.mqtt.send('c2', 'lock', { action: 'unlock' });
    expect(await stage.mqtt.result(waiting)).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    expect(await stage.mqtt.result(late)).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    const [sent, read] = await Promise.all([
      stage.mqtt.result(hanging, LIMIT_MS),
      stage.mqtt.result(reading, LIMIT_MS),
    ]);
    expect(sent).toMatchObject({ status: 'unknown', reason: 'shuttingDown' });
    expect(['failed', 'rejected']).toContain(read.status);
    expect(await stage.daemon.ended(LIMIT_MS)).toEqual({ code: 0, signal: null });
    expect(Date.now() - begun).toBeLessThan(LIMIT_MS + 500);
    await offlineWasSaid(stage);
    expect(stage.calls('control', since).map(({ car }) => car)).toEqual(['c0']);
  }, 30_000);

  hosted('answers a command that waits for its car to be listed', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'list' } });
    stage.start({ BLUELINKD_TIMING_SHUTDOWN_MS: '1500' });
    await stage.cloud.waitFor(({ kind }) => kind === 'list', 10_000);
    const id = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    // A question that is answered shows that the command before it has been looked at.
    await stage.mqtt.publish('hyundai/bridge/request/health', '');
    await stage.mqtt.on('bridge/response/health');
    stage.daemon.signal('SIGTERM');
    expect(await stage.mqtt.result(id)).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    expect(await stage.daemon.ended(LIMIT_MS)).toEqual({ code: 0, signal: null });
    expect(stage.calls('control')).toEqual([]);
  });

  it('exits at once at the second signal', async ({ aStage }) => {
    const stage = await aStage();
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'control' } });
    const since = stage.mark;
    await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    await stage.cloud.waitFor(({ kind }) => kind === 'control.door', 5_000, since);
    stage.daemon.signal('SIGTERM');
    await stage.daemon.log.next('the word', ({ msg }) => /told to stop/.test(msg));
    const begun = Date.now();
    stage.daemon.signal('SIGTERM');
    const { code } = await stage.daemon.ended(LIMIT_MS);
    expect(code).not.toBe(0);
    expect(Date.now() - begun).toBeLessThan(1_500);
    // The broker tells by the last will.
    await stage.mqtt.on('bridge/state', (_, { text }) => text === 'offline');
  });

  it('stops while neither broker nor cloud is there', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    await stage.broker.stop();
    await stage.cloud.goOffline();
    stage.start();
    await stage.daemon.log.next('a word about the broker', ({ level, msg }) => level === 'warn' && /broker/i.test(msg));
    stage.daemon.signal('SIGTERM');
    expect(await stage.daemon.ended(5_000)).toEqual({ code: 0, signal: null });
  });

  hosted('leaves the state folder free for the next one', async ({ aStage }) => {
    const stage = await aStage();
    await stage.daemon.stop();
    const seen = stage.mqtt.seen.all.length;
    const next = stage.start();
    await stage.ready(10_000, seen);
    expect(next.log.all.filter(({ level, msg }) => level === 'warn' && /lock|folder/.test(msg))).toEqual([]);
  });
});
