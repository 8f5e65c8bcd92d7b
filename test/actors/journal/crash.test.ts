import { afterEach, describe, expect, it } from 'vitest';
import type { InboundMessage, Journal } from '../../../src/actors/ports.ts';
import { openJournalOn } from '../../../src/io/journal/journal.ts';
import type { CloudCall } from '../../../src/machines/domain/command.ts';
import type { CloudFailure } from '../../../src/machines/domain/failure.ts';
import { actorSystems, type Final } from '../../support/actor-system.ts';
import type { FakeBus } from '../../support/fake-bus.ts';
import { FakeCloud } from '../../support/fake-cloud.ts';
import { FakeDisk } from '../../support/fake-disk.ts';
import { clock } from '../../support/quiet.ts';
import { quietLog } from '../../support/quiet-log.ts';

/** One process dies in the middle of its work, and another one finds its disk. */
const start = actorSystems();
const dead: FakeCloud[] = [];
/** What a dead process waits for never comes. */
const never = () => new Promise<CloudFailure>(() => {});

afterEach(() => {
  // A system of the past is stopped with the others; nothing of it may hang.
  for (const cloud of dead.splice(0)) cloud.instead = () => undefined;
});

async function journalOn(disk: FakeDisk): Promise<Journal> {
  const timing = { writeTimeoutMs: 200, probeMs: 5, probeMaxMs: 20 };
  const opened = await openJournalOn(disk, { clock, log: quietLog, timing });
  if (!opened.ok) throw new Error(opened.problem);
  return opened.journal;
}

async function aRun(disk: FakeDisk, cloud = new FakeCloud(['c1', 'c2']), settings = {}) {
  const journal = await journalOn(disk);
  // A run that was killed has nobody left to wait for when the test is over.
  const run = start(['c1', 'c2'], { shutdownMs: 60, ...settings }, {}, { journal, cloud });
  return { ...run, journal, disk };
}
type Run = Awaited<ReturnType<typeof aRun>>;

const ready = (bus: FakeBus) => bus.until('the state of c1', () => bus.on('hyundai/c1/state')[0]);
const send = (bus: FakeBus, id: string | null, action = 'lock', more: Partial<InboundMessage> = {}) =>
  bus.send('hyundai/c1/commands/lock', id === null ? { action } : { action, id }, more);
const results = (bus: FakeBus) => bus.on('hyundai/c1/commands/lock/result') as Final[];
const finalsOf = (bus: FakeBus, id: string) => results(bus).filter((r) => r.id === id && r.status !== 'accepted');
const final = (bus: FakeBus, id: string) => bus.until(`the end of ${id}`, () => finalsOf(bus, id)[0]);
const rawFinals = (bus: FakeBus) =>
  bus.published
    .filter(({ topic, payload }) => topic.endsWith('/lock/result') && !payload.includes('"accepted"'))
    .map(({ payload }) => payload);
const controls = (cloud: FakeCloud) => cloud.calls.filter(({ call }) => call.type === 'control').length;
const until = (run: Run, type: CloudCall['type']) =>
  new Promise<void>((resolve) => {
    const { cloud } = run;
    const { instead } = cloud;
    cloud.instead = (call, options) => {
      if (call.type === type) resolve();
      return instead(call, options);
    };
  });
/** The process dies: nothing of it is heard any more, and its cloud answers nobody. */
async function kill(run: Run): Promise<FakeDisk> {
  // What it has done is out of its hands.
  await new Promise((resolve) => setTimeout(resolve, 10));
  const disk = run.disk.afterProcessDied();
  dead.push(run.cloud);
  run.cloud.instead = never;
  return disk;
}

describe('after a crash', () => {
  it('a command that was not sent, and is still fresh, is carried out once', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.cloud.revoke();
    first.cloud.refreshInstead = never;
    const refused = until(first, 'control');
    send(first.bus, 'a');
    await refused;
    await first.bus.until('that it is accepted', () => results(first.bus)[0]);
    await first.bus.kept.at(-1);
    await new Promise((resolve) => setImmediate(resolve));
    const next = await aRun(await kill(first));
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(controls(next.cloud)).toBe(1);
  });

  it('a command that is no longer fresh expires', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.cloud.revoke();
    first.cloud.refreshInstead = never;
    const refused = until(first, 'control');
    send(first.bus, 'a', 'lock', { receivedAt: Date.now() - 59_990 });
    await refused;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = await aRun(await kill(first));
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'expired' });
    expect(controls(next.cloud)).toBe(0);
  });

  it('a control that the cloud took is confirmed by its action, and not sent again', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.cloud.instead = (call) => (call.type === 'record' ? never() : undefined);
    const asked = until(first, 'record');
    send(first.bus, 'a');
    await asked;
    const next = await aRun(await kill(first));
    expect(await final(next.bus, 'a')).toMatchObject({
      status: 'succeeded',
      attempts: 1,
      action_id: expect.any(String),
    });
    expect(controls(next.cloud)).toBe(0);
    const looks = next.cloud.calls.filter(({ call }) => call.type === 'record').map(({ call }) => call);
    expect(looks).toMatchObject([{ actionId: expect.stringMatching(/^a\d+$/) }]);
  });

  it.each([
    [true, 'succeeded'],
    [false, 'unknown'],
  ])('a control that was sent and never answered is decided by the car (locked: %s)', async (locked, status) => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    const sent = until(first, 'control');
    first.cloud.instead = ((inner) => (call, options) => {
      void inner(call, options);
      return call.type === 'control' ? never() : undefined;
    })(first.cloud.instead);
    send(first.bus, 'a');
    await sent;
    const cloud = new FakeCloud(['c1', 'c2']);
    cloud.locked.set('c1', locked);
    const next = await aRun(await kill(first), cloud, { lockConfirmMs: 30, callTimeoutMs: 10 });
    expect(await final(next.bus, 'a')).toMatchObject({ status, attempts: 1 });
    expect(controls(next.cloud)).toBe(0);
  });

  it('a control that was still being prepared was not sent: it is carried out, and so is who joined it', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    const prepared = new Promise<void>((resolve) => {
      first.cloud.preparing = async () => {
        if (controls(first.cloud) === 0) return;
        resolve();
        await never();
      };
    });
    // Something that runs, so that the others wait and join.
    send(first.bus, 'u', 'unlock');
    send(first.bus, 'a');
    send(first.bus, 'b');
    await final(first.bus, 'u');
    await prepared;
    const next = await aRun(await kill(first));
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(await final(next.bus, 'b')).toMatchObject({ status: 'succeeded' });
    expect(controls(next.cloud)).toBe(2);
  });

  it('what ended and was not told is told, byte by byte the same', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.bus.delivers = false;
    send(first.bus, 'a');
    await final(first.bus, 'a');
    const next = await aRun(await kill(first));
    await final(next.bus, 'a');
    expect(rawFinals(next.bus)).toEqual(rawFinals(first.bus));
    expect(next.bus.on('hyundai/c1/command')).toEqual(first.bus.on('hyundai/c1/command'));
    const third = await aRun(await kill(next));
    await ready(third.bus);
    expect(finalsOf(third.bus, 'a')).toEqual([]);
  });

  it('those who joined a call share its fate', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    let goOn = (_: undefined) => {};
    const held = new Promise<undefined>((resolve) => {
      goOn = resolve;
    });
    let asked = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    first.cloud.instead = (call) => {
      if (call.type === 'control' && controls(first.cloud) === 1) return held;
      if (call.type !== 'record' || controls(first.cloud) === 1) return undefined;
      asked();
      return never();
    };
    // Something that runs, so that the others wait and join.
    send(first.bus, 'u', 'unlock');
    send(first.bus, 'a');
    send(first.bus, 'b');
    goOn(undefined);
    await isAsked;
    const next = await aRun(await kill(first));
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded' });
    expect(await final(next.bus, 'b')).toMatchObject({ status: 'succeeded', joined: 'a' });
    expect(controls(next.cloud)).toBe(0);
  });

  it('a repetition within ten minutes is still one execution', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    send(first.bus, 'a');
    await final(first.bus, 'a');
    const next = await aRun(await kill(first));
    await ready(next.bus);
    send(next.bus, 'a');
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded', duplicate: true });
    send(next.bus, 'a', 'unlock');
    await next.bus.until('the refusal', () => results(next.bus).find(({ reason }) => reason === 'idReused'));
    expect(controls(next.cloud)).toBe(0);
  });

  it('a redelivery of what was kept but not acknowledged is the same message: one execution, one record', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.cloud.instead = (call) => (call.type === 'record' ? never() : undefined);
    const asked = until(first, 'record');
    send(first.bus, null);
    await asked;
    const next = await aRun(await kill(first));
    send(next.bus, null, 'lock', { dup: true });
    await next.bus.kept.at(-1);
    const id = results(first.bus)[0]?.id ?? '';
    await final(next.bus, id);
    expect(results(next.bus).map((record) => record.id)).toEqual([id]);
    expect(controls(next.cloud)).toBe(0);
  });

  it('a message whose car was not listed yet waits for it in the next run', async () => {
    const first = await aRun(new FakeDisk());
    first.cloud.instead = never;
    await first.bus.until('online', () => first.bus.on('hyundai/bridge/state')[0]);
    send(first.bus, 'early');
    await first.bus.kept.at(-1);
    const next = await aRun(await kill(first));
    expect(await final(next.bus, 'early')).toMatchObject({ status: 'succeeded' });
    const third = await aRun(await kill(next));
    await ready(third.bus);
    expect(finalsOf(third.bus, 'early')).toEqual([]);
  });

  it('a message that waited for its car for longer than its sender wants it is not carried out', async () => {
    const first = await aRun(new FakeDisk());
    first.cloud.instead = never;
    await first.bus.until('online', () => first.bus.on('hyundai/bridge/state')[0]);
    send(first.bus, 'late', 'lock', { messageExpiryS: 5, receivedAt: Date.now() - 6_000 });
    send(first.bus, 'soon', 'lock', { messageExpiryS: 50, receivedAt: Date.now() - 6_000 });
    await first.bus.kept.at(-1);
    const next = await aRun(await kill(first));
    expect(await final(next.bus, 'late')).toMatchObject({ status: 'expired', reason: 'expired' });
    expect(await final(next.bus, 'soon')).toMatchObject({ status: 'succeeded' });
    expect(controls(next.cloud)).toBe(1);
  });

  it('a car that is not in the list any more leaves it unknown', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.cloud.instead = (call) => (call.type === 'record' ? never() : undefined);
    const asked = until(first, 'record');
    send(first.bus, 'a');
    await asked;
    const next = await aRun(await kill(first), new FakeCloud(['c2']));
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'unknown', reason: 'restarted', attempts: 1 });
  });

  it('a car whose account does not come waits for it, but not for ever', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.cloud.instead = (call) => (call.type === 'record' ? never() : undefined);
    const asked = until(first, 'record');
    send(first.bus, 'a');
    await asked;
    const cloud = new FakeCloud(['c1']);
    cloud.instead = never;
    dead.push(cloud);
    const next = await aRun(await kill(first), cloud, { freshnessMs: 50 });
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'unknown', reason: 'restarted' });
  });

  it('an orderly end owes nothing', async () => {
    const first = await aRun(new FakeDisk());
    await ready(first.bus);
    first.cloud.instead = (call) => (call.type === 'record' ? never() : undefined);
    const asked = until(first, 'record');
    send(first.bus, 'a');
    await asked;
    send(first.bus, 'b', 'unlock');
    dead.push(first.cloud);
    await first.system.stop();
    await first.journal.close();
    expect(finalsOf(first.bus, 'a')).toMatchObject([{ status: 'unknown', reason: 'shuttingDown' }]);
    const left = (await journalOn(first.disk.afterPowerFailure())).left;
    expect(left).toMatchObject([
      { id: 'a', isTold: true, payload: null },
      { id: 'b', isTold: true, payload: null },
    ]);
  }, 15_000);
});

describe('the journal as it goes', () => {
  it('has a command before the broker may forget it, and before its sender hears that it is accepted', async () => {
    const run = await aRun(new FakeDisk());
    await ready(run.bus);
    run.disk.hold();
    send(run.bus, 'a');
    let isKept = false;
    void run.bus.kept.at(-1)?.then(() => {
      isKept = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([isKept, results(run.bus), controls(run.cloud)]).toEqual([false, [], 0]);
    run.disk.goOn();
    expect(await final(run.bus, 'a')).toMatchObject({ status: 'succeeded' });
    expect(isKept).toBe(true);
    expect(results(run.bus).map(({ status }) => status)).toEqual(['accepted', 'succeeded']);
  });

  it('puts the taking of a command and its dispatch into one synced batch', async () => {
    const run = await aRun(new FakeDisk());
    await ready(run.bus);
    const begun = run.disk.batches.length;
    const sent = until(run, 'control');
    send(run.bus, 'a');
    await sent;
    const before = run.disk.batches.slice(begun);
    expect(before.map(({ sync }) => sync)).toEqual([true]);
    expect(before[0]?.operations[0]?.value).toContain('"dispatch":{"first":"a"');
    await final(run.bus, 'a');
  });

  it('refuses controls while it cannot be written, goes on reading, and recovers', async () => {
    const run = await aRun(new FakeDisk());
    await ready(run.bus);
    run.disk.failsWith = new Error('No space left on device');
    send(run.bus, 'a');
    // The broker keeps what we could not, until its sender knows.
    const acknowledged = run.bus.kept.at(-1)?.then(() => finalsOf(run.bus, 'a').length);
    expect(await final(run.bus, 'a')).toMatchObject({ status: 'rejected', reason: 'journalUnavailable', attempts: 0 });
    expect(await acknowledged).toBe(1);
    run.bus.send('hyundai/c1/commands/refresh', 'cached');
    await run.bus.until('the reading', () =>
      (run.bus.on('hyundai/c1/commands/refresh/result') as Final[]).find(({ status }) => status === 'succeeded'),
    );
    expect(controls(run.cloud)).toBe(0);
    run.disk.failsWith = null;
    await expect
      .poll(() => {
        send(run.bus, `try-${run.bus.kept.length}`);
        return results(run.bus).some(({ status }) => status === 'succeeded');
      })
      .toBe(true);
  });
});
