import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { it } from './stage.ts';

/** Unlocks, so that a car which is told twice would show it in the number of deliveries only. */
async function sent(stage: Stage): Promise<string> {
  return stage.mqtt.send(stage.car, 'lock', { action: 'unlock' });
}
const deliveries = (stage: Stage): number | undefined => stage.cloud.cloud.car(stage.car)?.deliveryCount;

/** `kill -9`, and a new daemon that has read its car. */
async function crash(stage: Stage, between: () => Promise<unknown> = async () => {}): Promise<void> {
  stage.daemon.signal('SIGKILL');
  expect(await stage.daemon.ended()).toEqual({ code: null, signal: 'SIGKILL' });
  stage.cloud.faults.clear();
  await between();
  const seen = stage.mqtt.seen.all.length;
  stage.start();
  await stage.ready(undefined, seen);
}

/** Every final record of the id, as it stands in the messages: all must be the same. */
async function onlyRecord(stage: Stage, id: string): Promise<object> {
  await stage.mqtt.result(id);
  // What is told late is seen late, too.
  await stage.mqtt.on(`${stage.car}/command`, (last: { id: string }) => last.id === id);
  await stage.mqtt.caughtUp();
  const texts = stage.mqtt.seen.all
    .filter(({ topic, json }) => topic.endsWith('/lock/result') && (json as { id: string }).id === id)
    .map(({ text }) => text)
    .filter((text) => !text.includes('"accepted"'));
  const [text] = texts;
  expect(new Set(texts).size).toBe(1);
  return JSON.parse(text ?? '') as object;
}

/** LevelDB cannot make the file that it makes when it opens a store; answers how it can again. */
function fill(journal: string): () => void {
  const names = Array.from({ length: 200 }, (_, n) => `MANIFEST-${String(n).padStart(6, '0')}`);
  const taken = names.map((name) => join(journal, name)).filter((path) => !existsSync(path));
  for (const path of taken) mkdirSync(path);
  return () => {
    for (const path of taken) rmSync(path, { recursive: true });
  };
}

describe.concurrent('kill -9', () => {
  it('between the dispatch and the answer: the car was told once, and decides', async ({ aStage }) => {
    const stage = await aStage();
    const before = deliveries(stage) ?? 0;
    stage.cloud.faults.add({ type: 'hang', afterEffect: true, match: { kind: 'control.door' } });
    const since = stage.mark;
    const id = await sent(stage);
    await stage.called('control.door', since);
    await crash(stage);
    expect(await onlyRecord(stage, id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(deliveries(stage)).toBe(before + 1);
    expect(stage.calls('control.door', since)).toHaveLength(1);
    const journal = join(stage.stateDir, 'journal');
    expect(statSync(journal).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(journal))
      expect([name, statSync(join(journal, name)).mode & 0o077]).toEqual([name, 0]);
  });

  it('after the cloud took it: its action is confirmed', async ({ aStage }) => {
    const stage = await aStage();
    const before = deliveries(stage) ?? 0;
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'records' } });
    const since = stage.mark;
    const id = await sent(stage);
    await stage.called('records', since);
    await crash(stage);
    const [control] = stage.calls('control.door', since);
    expect(await onlyRecord(stage, id)).toMatchObject({ status: 'succeeded', action_id: control?.actionId });
    expect(deliveries(stage)).toBe(before + 1);
  });

  it('before it was sent: it is carried out, once', async ({ aStage }) => {
    const stage = await aStage();
    const before = deliveries(stage) ?? 0;
    stage.cloud.revokeTokens();
    stage.cloud.faults.add({ type: 'hang', match: { kind: 'token.refresh,cci.refresh' } });
    const since = stage.mark;
    const id = await sent(stage);
    await stage.cloud.waitFor(({ kind }) => kind === 'token.refresh' || kind === 'cci.refresh', 30_000, since);
    // The broker has been told that we have it.
    await stage.mqtt.on(`${stage.car}/commands/lock/result`, (record: { id: string }) => record.id === id);
    await crash(stage);
    expect(await onlyRecord(stage, id)).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(deliveries(stage)).toBe(before + 1);
  });

  it('and a start where the journal cannot be written: told once, never sent again, and no new control', async ({
    aStage,
  }) => {
    const stage = await aStage();
    const before = deliveries(stage) ?? 0;
    stage.cloud.faults.add({ type: 'hang', afterEffect: true, match: { kind: 'control.door' } });
    const since = stage.mark;
    const id = await sent(stage);
    await stage.called('control.door', since);
    let makeRoom = (): void => {};
    await crash(stage, async () => {
      makeRoom = fill(join(stage.stateDir, 'journal'));
    });
    const first = await onlyRecord(stage, id);
    expect(first).toMatchObject({ status: 'succeeded', attempts: 1 });
    const refused = await stage.mqtt.send(stage.car, 'lock', { action: 'lock' });
    expect(await stage.mqtt.result(refused)).toMatchObject({ status: 'rejected', reason: 'journalUnavailable' });
    const read = await stage.mqtt.send(stage.car, 'refresh', { action: 'cached' });
    expect(await stage.mqtt.result(read)).toMatchObject({ status: 'succeeded' });
    makeRoom();
    await stage.daemon.log.next('the journal', ({ msg }) => msg.includes('can be written again'));
    const later = await stage.mqtt.send(stage.car, 'lock', { action: 'lock' });
    expect(await stage.mqtt.result(later)).toMatchObject({ status: 'succeeded' });
    await crash(stage);
    // The same message, for the daemon that died twice since.
    await stage.mqtt.send(stage.car, 'lock', { action: 'unlock', id });
    await stage.mqtt.on(
      `${stage.car}/commands/lock/result`,
      (record: { id: string; duplicate?: boolean }) => record.id === id && record.duplicate === true,
    );
    expect(deliveries(stage)).toBe(before + 2);
  });

  it('while nobody could be told: the same record is told when the broker is back', async ({ aStage }) => {
    const stage = await aStage();
    const before = deliveries(stage) ?? 0;
    const records = stage.hold('records');
    const since = stage.mark;
    const id = await sent(stage);
    await stage.called('records', since);
    await stage.broker.stop();
    records.letGo();
    await stage.daemon.log.next('the end', (line) => line.msg === 'command ended' && line.id === id);
    await crash(stage, () => stage.broker.restart());
    expect(await onlyRecord(stage, id)).toMatchObject({ status: 'succeeded' });
    expect(deliveries(stage)).toBe(before + 1);
  });
});
