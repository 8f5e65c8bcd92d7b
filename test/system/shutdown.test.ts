import { describe, expect } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/machines/domain/settings.ts';
import type { Stage } from '../support/stage.ts';
import { hosted, it } from './stage.ts';

const LIMIT_MS = 10_000;
/** With so much time for commands in flight, a daemon that has none ends before any deadline of a test or does not. */
const A_LONG_END = { BLUELINKD_TIMING_SHUTDOWN_MS: '300000' };

async function offlineWasSaid(stage: Stage): Promise<void> {
  await stage.mqtt.on('bridge/state', (_, { text, retain }) => text === 'offline' && retain);
  const own = stage.mqtt.seen.all.filter(({ topic }) => topic === 'hyundai/bridge/state');
  expect(own.map(({ text }) => text)).toEqual(['online', 'offline']);
}

describe.concurrent('stopping the daemon', () => {
  it.for(['SIGTERM', 'SIGINT'] as const)('by %s: it says offline and exits with code 0', async (signal, { aStage }) => {
    const stage = await aStage({ environment: A_LONG_END });
    stage.daemon.signal(signal);
    expect(await stage.daemon.ended()).toEqual({ code: 0, signal: null });
    await offlineWasSaid(stage);
    expect(stage.daemon.stderr).toBe('');
  });

  hosted('lets a command in flight end, and tells its sender', async ({ aStage }) => {
    const stage = await aStage();
    const control = stage.hold('control');
    const since = stage.mark;
    const id = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    await stage.called('control.door', since);
    const waiting = await stage.mqtt.send(stage.car, 'lock', { action: 'lock' });
    await stage.mqtt.answered(waiting);
    stage.daemon.signal('SIGTERM');
    // It has begun to stop when the other one is turned away.
    expect(await stage.mqtt.result(waiting)).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    control.letGo();
    expect(await stage.mqtt.result(id)).toMatchObject({ status: 'succeeded' });
    expect(await stage.daemon.ended()).toEqual({ code: 0, signal: null });
    await offlineWasSaid(stage);
  });

  it('tells everybody who waits, also when the cloud hangs, within ten seconds', async ({ aStage }) => {
    // Everybody is told within the time that is given, which is ten seconds by default. A third of it leaves the rest for
    // what holds this machine up.
    expect(DEFAULT_SETTINGS.shutdownMs).toBe(LIMIT_MS);
    const stage = await aStage({ cars: 3, environment: { BLUELINKD_TIMING_SHUTDOWN_MS: '3000' } });
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'control,status.forced' } });
    const since = stage.mark;
    const hanging = await stage.mqtt.send('c0', 'lock', { action: 'unlock' });
    await stage.called('control.door', since);
    const waiting = await stage.mqtt.send('c0', 'lock', { action: 'lock' });
    await stage.mqtt.answered(waiting);
    const reading = await stage.mqtt.send('c1', 'refresh', { action: 'force' });
    await stage.called('status.forced', since);
    const begun = Date.now();
    stage.daemon.signal('SIGTERM');
    await stage.daemon.log.next('the word', ({ msg }) => /told to stop/.test(msg));
    const late = await stage.mqtt.send('c2', 'lock', { action: 'unlock' });
    expect(await stage.mqtt.result(waiting)).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    expect(await stage.mqtt.result(late)).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    const [sent, read] = await Promise.all([stage.mqtt.result(hanging), stage.mqtt.result(reading)]);
    expect(sent).toMatchObject({ status: 'unknown', reason: 'shuttingDown' });
    expect(['failed', 'rejected']).toContain(read.status);
    expect(await stage.daemon.ended()).toEqual({ code: 0, signal: null });
    expect(Date.now() - begun).toBeLessThan(LIMIT_MS);
    await offlineWasSaid(stage);
    expect(stage.calls('control', since).map(({ car }) => car)).toEqual(['c0']);
  });

  hosted('answers a command that waits for its car to be listed', async ({ aStage }) => {
    const stage = await aStage({ start: false });
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'list' } });
    stage.start({ BLUELINKD_TIMING_SHUTDOWN_MS: '4000' });
    await stage.called('list', 0);
    const id = await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    // A question that is answered shows that the command before it has been looked at.
    await stage.mqtt.publish('hyundai/bridge/request/health', '');
    await stage.mqtt.on('bridge/response/health');
    stage.daemon.signal('SIGTERM');
    expect(await stage.mqtt.result(id)).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    expect(await stage.daemon.ended()).toEqual({ code: 0, signal: null });
    expect(stage.calls('control')).toEqual([]);
  });

  it('exits at once at the second signal', async ({ aStage }) => {
    const stage = await aStage({ environment: A_LONG_END });
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'control' } });
    const since = stage.mark;
    await stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
    await stage.called('control.door', since);
    stage.daemon.signal('SIGTERM');
    await stage.daemon.log.next('the word', ({ msg }) => /told to stop/.test(msg));
    stage.daemon.signal('SIGTERM');
    const { code } = await stage.daemon.ended();
    expect(code).not.toBe(0);
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
    expect(await stage.daemon.ended()).toEqual({ code: 0, signal: null });
  });

  hosted('leaves the state folder free for the next one', async ({ aStage }) => {
    const stage = await aStage();
    await stage.daemon.stop();
    const seen = stage.mqtt.seen.all.length;
    const next = stage.start();
    await stage.ready(undefined, seen);
    expect(next.log.all.filter(({ level, msg }) => level === 'warn' && /lock|folder/.test(msg))).toEqual([]);
  });
});
