import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InboundMessage, Journal, Log } from '../../../src/actors/ports.ts';
import { openJournalOn } from '../../../src/io/journal/journal.ts';
import type { CloudCall } from '../../../src/machines/domain/command.ts';
import type { CloudFailure } from '../../../src/machines/domain/failure.ts';
import { actorSystems, type Final } from '../../support/actor-system.ts';
import type { FakeBus } from '../../support/fake-bus.ts';
import { FakeCloud, tokenRefused } from '../../support/fake-cloud.ts';
import { FakeDisk } from '../../support/fake-disk.ts';
import { clock } from '../../support/quiet.ts';
import { quietLog, recordingLog } from '../../support/quiet-log.ts';
import { turn } from '../../support/turn.ts';

/** One process dies in the middle of its work, and another one finds its disk. */
const start = actorSystems();
const dead: FakeCloud[] = [];
/** What a dead process waits for never comes. */
const never = () => new Promise<CloudFailure>(() => {});

afterEach(() => {
  // A system of the past is stopped with the others; nothing of it may hang.
  for (const cloud of dead.splice(0)) cloud.instead = () => undefined;
});

async function journalOn(disk: FakeDisk, log: Log = quietLog): Promise<Journal> {
  // A disk that is held back is not a broken one, however long this process is kept from going on.
  const timing = { writeTimeoutMs: 60_000, probeMs: 5, probeMaxMs: 20 };
  const opened = await openJournalOn(disk, { clock, log, timing });
  if (!opened.ok) throw new Error(opened.problem);
  return opened.journal;
}

async function aRun(disk: FakeDisk, cloud = new FakeCloud(['c1', 'c2']), settings = {}, account = 'main') {
  const { log, said } = recordingLog();
  const journal = await journalOn(disk, log);
  // A run that was killed has nobody left to wait for when the test is over.
  const run = start(['c1', 'c2'], { shutdownMs: 60, ...settings }, { name: account }, { journal, cloud });
  return { ...run, journal, disk, journalSaid: said };
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
const controls = (cloud: FakeCloud) => cloud.callsOf('control');

/** A run that knows its cars. */
async function aReadyRun(): Promise<Run> {
  const run = await aRun(new FakeDisk());
  await ready(run.bus);
  return run;
}
/** A run that has lock `a`, and waits in vain for a token to send it with. */
async function waitingForToken(more: Partial<InboundMessage> = {}): Promise<Run> {
  const run = await aReadyRun();
  run.cloud.revoke();
  run.cloud.refreshInstead = never;
  send(run.bus, 'a', 'lock', more);
  await run.cloud.called('control', 1);
  await run.bus.kept.at(-1);
  return run;
}
/** A run whose lock the cloud took; it looks in vain for what the car says. */
async function waitingForRecord(id: string | null = 'a'): Promise<Run> {
  const run = await aReadyRun();
  run.cloud.instead = (call) => (call.type === 'record' ? never() : undefined);
  send(run.bus, id);
  await run.cloud.called('record', 1);
  return run;
}
/** A run that has a message for a car which is not listed yet. */
async function waitingForCars(...messages: readonly (readonly [id: string, more?: Partial<InboundMessage>])[]) {
  const run = await aRun(new FakeDisk());
  run.cloud.instead = never;
  await run.bus.until('online', () => run.bus.on('hyundai/bridge/state')[0]);
  for (const [id, more] of messages) send(run.bus, id, 'lock', more);
  await run.bus.kept.at(-1);
  return run;
}
/** The process dies: nothing of it is heard any more, its cloud answers nobody, and the next one finds its disk. */
async function successorOf(run: Run, cloud?: FakeCloud, settings = {}, account?: string): Promise<Run> {
  // What it has done is out of its hands.
  await turn();
  const disk = run.disk.afterProcessDied();
  dead.push(run.cloud);
  run.cloud.instead = never;
  return aRun(disk, cloud, settings, account);
}

describe('after a crash', () => {
  it('a command that was not sent, and is still fresh, is carried out once', async () => {
    const first = await waitingForToken();
    await first.bus.until('that it is accepted', () => results(first.bus)[0]);
    const next = await successorOf(first);
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(controls(next.cloud)).toBe(1);
  });

  it('a command that is no longer fresh expires', async () => {
    const next = await successorOf(await waitingForToken({ receivedAt: Date.now() - 60_000 }));
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'expired' });
    expect(controls(next.cloud)).toBe(0);
  });

  it('a control that the cloud took is confirmed by its action, and not sent again', async () => {
    const next = await successorOf(await waitingForRecord());
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
    const first = await aReadyRun();
    first.cloud.instead = (call) => (call.type === 'control' ? never() : undefined);
    send(first.bus, 'a');
    await first.cloud.called('control', 1);
    const cloud = new FakeCloud(['c1', 'c2']);
    cloud.locked.set('c1', locked);
    const next = await successorOf(first, cloud, { lockConfirmMs: 30, callTimeoutMs: 10 });
    expect(await final(next.bus, 'a')).toMatchObject({ status, attempts: 1 });
    expect(controls(next.cloud)).toBe(0);
  });

  it('a control that was still being prepared was not sent: it is carried out, and so is who joined it', async () => {
    const first = await aReadyRun();
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
    const next = await successorOf(first);
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(await final(next.bus, 'b')).toMatchObject({ status: 'succeeded' });
    expect(controls(next.cloud)).toBe(2);
  });

  it('what ended and was not told is told, byte by byte the same', async () => {
    const first = await aReadyRun();
    first.bus.delivers = false;
    send(first.bus, 'a');
    await final(first.bus, 'a');
    const next = await successorOf(first);
    await final(next.bus, 'a');
    expect(rawFinals(next.bus)).toEqual(rawFinals(first.bus));
    expect(next.bus.on('hyundai/c1/command')).toEqual(first.bus.on('hyundai/c1/command'));
    const third = await successorOf(next);
    await ready(third.bus);
    expect(finalsOf(third.bus, 'a')).toEqual([]);
  });

  it('those who joined a call share its fate', async () => {
    const first = await aReadyRun();
    first.cloud.instead = (call) => (call.type === 'record' && controls(first.cloud) > 1 ? never() : undefined);
    // Something that runs, so that the others wait and join.
    send(first.bus, 'u', 'unlock');
    send(first.bus, 'a');
    send(first.bus, 'b');
    await final(first.bus, 'u');
    await first.cloud.called('record', 2);
    const next = await successorOf(first);
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded' });
    expect(await final(next.bus, 'b')).toMatchObject({ status: 'succeeded', joined: 'a' });
    expect(controls(next.cloud)).toBe(0);
  });

  it('a repetition within ten minutes is still one execution', async () => {
    const first = await aReadyRun();
    send(first.bus, 'a');
    await final(first.bus, 'a');
    const next = await successorOf(first);
    await ready(next.bus);
    send(next.bus, 'a');
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'succeeded', duplicate: true });
    send(next.bus, 'a', 'unlock');
    await next.bus.until('the refusal', () => results(next.bus).find(({ reason }) => reason === 'idReused'));
    expect(controls(next.cloud)).toBe(0);
  });

  it('a redelivery of what was kept but not acknowledged is the same message: one execution, one record', async () => {
    const first = await waitingForRecord(null);
    const next = await successorOf(first);
    send(next.bus, null, 'lock', { dup: true });
    await next.bus.kept.at(-1);
    const id = results(first.bus)[0]?.id ?? '';
    await final(next.bus, id);
    expect(results(next.bus).map((record) => record.id)).toEqual([id]);
    expect(controls(next.cloud)).toBe(0);
  });

  it('a message whose car was not listed yet waits for it in the next run', async () => {
    const next = await successorOf(await waitingForCars(['early']));
    expect(await final(next.bus, 'early')).toMatchObject({ status: 'succeeded' });
    const third = await successorOf(next);
    await ready(third.bus);
    expect(finalsOf(third.bus, 'early')).toEqual([]);
  });

  it('a message that waited for its car for longer than its sender wants it is not carried out', async () => {
    const receivedAt = Date.now() - 6_000;
    const first = await waitingForCars(
      ['late', { messageExpiryS: 5, receivedAt }],
      ['soon', { messageExpiryS: 50, receivedAt }],
    );
    const next = await successorOf(first);
    expect(await final(next.bus, 'late')).toMatchObject({ status: 'expired', reason: 'expired' });
    expect(await final(next.bus, 'soon')).toMatchObject({ status: 'succeeded' });
    expect(controls(next.cloud)).toBe(1);
  });

  it('a car that is not in the list any more leaves it unknown', async () => {
    const next = await successorOf(await waitingForRecord(), new FakeCloud(['c2']));
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'unknown', reason: 'restarted', attempts: 1 });
  });

  it('an account that is not configured any more leaves it unknown', async () => {
    const next = await successorOf(await waitingForRecord(), new FakeCloud(['c1']), {}, 'another');
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'unknown', reason: 'restarted', attempts: 1 });
  });

  it('a car whose account does not come waits for it, but not for ever', async () => {
    const cloud = new FakeCloud(['c1']);
    cloud.instead = never;
    dead.push(cloud);
    const next = await successorOf(await waitingForRecord(), cloud, { freshnessMs: 50 });
    expect(await final(next.bus, 'a')).toMatchObject({ status: 'unknown', reason: 'restarted' });
  });

  it.each([
    ['a', false],
    [null, true],
  ])('a repetition (id %s, DUP %s) is known also while its car is not listed', async (id, dup) => {
    const cloud = new FakeCloud(['c1']);
    cloud.instead = never;
    dead.push(cloud);
    const first = await waitingForRecord(id);
    const next = await successorOf(first, cloud, { freshnessMs: 50 });
    await next.bus.until('online', () => next.bus.on('hyundai/bridge/state')[0]);
    send(next.bus, id, 'lock', { dup });
    const own = results(first.bus)[0]?.id ?? '';
    expect(await final(next.bus, own)).toMatchObject({ status: 'unknown', reason: 'restarted' });
    await next.bus.kept.at(-1);
    // What would be told of it as a message that nobody knows, for a car that nobody has listed.
    send(next.bus, 'other');
    await final(next.bus, 'other');
    const unknown = results(next.bus).filter(({ status }) => status === 'rejected' || status === 'expired');
    expect(unknown).toMatchObject([{ id: 'other', status: 'expired' }]);
  });

  it('an orderly end owes nothing', async () => {
    const first = await waitingForRecord();
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

describe('a command that is taken up again', () => {
  afterEach(() => {
    vi.useRealTimers();
  });
  /** The next run, in whose time nothing happens by itself. */
  const laterThan = (run: Run, cloud: FakeCloud, settings = {}) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    return successorOf(run, cloud, settings);
  };
  /** What waits for a moment only comes to its end. */
  const aSecond = async () => {
    for (let step = 0; step < 20; step += 1) {
      await vi.advanceTimersByTimeAsync(50);
      await turn();
    }
  };

  /** A cloud that refuses the token of this control, and renews it when it is let. */
  function refusingOnce(action: string) {
    const cloud = new FakeCloud(['c1', 'c2']);
    const isThis = (call: CloudCall) =>
      call.type === 'control' && 'action' in call.command && call.command.action === action;
    const refused = new Promise<void>((resolve) => {
      cloud.instead = (call) => {
        if (!isThis(call) || cloud.refreshes > 0) return undefined;
        resolve();
        return tokenRefused;
      };
    });
    let renew = (): void => {};
    const renewed = new Promise<undefined>((resolve) => {
      renew = () => resolve(undefined);
    });
    cloud.refreshInstead = () => renewed;
    return { cloud, refused, renew };
  }

  it('and was sent within its minute is repeated for a refused token also when that is over', async () => {
    const first = await waitingForToken({ receivedAt: Date.now() - 50_000 });
    const { cloud, refused, renew } = refusingOnce('lock');
    const next = await laterThan(first, cloud);
    await refused;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(finalsOf(next.bus, 'a')).toEqual([]);
    renew();
    await aSecond();
    expect(finalsOf(next.bus, 'a')).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
  });

  it('has only the rest of its minute to be sent', async () => {
    const first = await waitingForToken({ receivedAt: Date.now() - 30_000 });
    const cloud = new FakeCloud(['c1', 'c2']);
    // The reading at the start has the only permit.
    cloud.instead = (call) => (call.type === 'read' ? never() : undefined);
    dead.push(cloud);
    const next = await laterThan(first, cloud, { callsInFlight: 1, callTimeoutMs: 170_000 });
    await cloud.called('read', 1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(finalsOf(next.bus, 'a')).toEqual([]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(finalsOf(next.bus, 'a')).toMatchObject([{ status: 'expired', attempts: 0 }]);
  });

  it('has its minute from its turn on if it stands behind another control of its car', async () => {
    const first = await waitingForRecord();
    send(first.bus, 'b', 'unlock', { receivedAt: Date.now() - 290_000 });
    await first.bus.kept.at(-1);
    const { cloud, refused, renew } = refusingOnce('unlock');
    const next = await laterThan(first, cloud);
    await aSecond();
    await refused;
    await vi.advanceTimersByTimeAsync(15_000);
    expect(finalsOf(next.bus, 'b')).toEqual([]);
    renew();
    await aSecond();
    expect(finalsOf(next.bus, 'b')).toMatchObject([{ status: 'succeeded', attempts: 2 }]);
  });

  it('has no more time of its sender left than it had, if the clock was set back', async () => {
    const first = await waitingForToken({ receivedAt: Date.now() + 3_600_000, messageExpiryS: 5 });
    const { cloud, refused, renew } = refusingOnce('lock');
    const next = await laterThan(first, cloud);
    await refused;
    await vi.advanceTimersByTimeAsync(5_000);
    renew();
    await aSecond();
    expect(finalsOf(next.bus, 'a')).toMatchObject([{ status: 'expired', attempts: 1 }]);
  });
});

describe('the journal as it goes', () => {
  it('has a command before the broker may forget it, and before its sender hears that it is accepted', async () => {
    const run = await aReadyRun();
    run.disk.hold();
    send(run.bus, 'a');
    let isKept = false;
    void run.bus.kept.at(-1)?.then(() => {
      isKept = true;
    });
    await turn();
    expect([isKept, results(run.bus), controls(run.cloud)]).toEqual([false, [], 0]);
    run.disk.goOn();
    expect(await final(run.bus, 'a')).toMatchObject({ status: 'succeeded' });
    expect(isKept).toBe(true);
    expect(results(run.bus).map(({ status }) => status)).toEqual(['accepted', 'succeeded']);
  });

  it('puts the taking of a command and its dispatch into one synced batch', async () => {
    const run = await aReadyRun();
    const begun = run.disk.batches.length;
    send(run.bus, 'a');
    await run.cloud.called('control', 1);
    const before = run.disk.batches.slice(begun);
    expect(before.map(({ sync }) => sync)).toEqual([true]);
    expect(before[0]?.operations[0]?.value).toContain('"dispatch":{"first":"a"');
    await final(run.bus, 'a');
  });

  it('refuses controls while it cannot be written, goes on reading, and recovers', async () => {
    const run = await aReadyRun();
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
    await run.journalSaid.next('that it can be written again', ({ message }) => message.includes('written again'));
    send(run.bus, 'b');
    expect(await final(run.bus, 'b')).toMatchObject({ status: 'succeeded' });
  });
});
