import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InboundMessage } from '../../src/actors/ports.ts';
import type { CloudCall } from '../../src/machines/domain/command.ts';
import type { Settings } from '../../src/machines/domain/settings.ts';
import { actorSystems, finals } from '../support/actor-system.ts';
import type { FakeBus } from '../support/fake-bus.ts';
import { FakeCloud } from '../support/fake-cloud.ts';

/** Commands that come before their car is listed, in a minute in which they may be sent. */

const start = actorSystems();
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** The cloud lists its cars when that is let go, and so it is with other calls that a test holds. */
async function withoutList(held: CloudCall['type'] | null = null, settings: Partial<Settings> = {}) {
  const cloud = new FakeCloud(['c1']);
  const doors = { list: () => {}, held: () => {} };
  const listed = new Promise<undefined>((resolve) => {
    doors.list = () => resolve(undefined);
  });
  const others = new Promise<undefined>((resolve) => {
    doors.held = () => resolve(undefined);
  });
  cloud.instead = ({ type }) => (type === 'list' ? listed : type === held ? others : undefined);
  const patient = { callTimeoutMs: 170_000, permitWaitMs: 170_000, ...settings };
  const run = start(['c1'], patient, {}, { cloud });
  let now = 0;
  const at = async (seconds: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(seconds * 1_000 - now);
    now = seconds * 1_000;
  };
  await at(1);
  return { ...run, at, letGo: doors };
}
const send = (bus: FakeBus, id: string, action = 'unlock', more: Partial<InboundMessage> = {}) =>
  bus.send('hyundai/c1/commands/lock', { action, id }, more);
const ends = (bus: FakeBus) => finals(bus, 'c1').map(({ id, status, reason }) => [id, status, reason]);
const expired = (id: string) => [id, 'expired', 'expired'];

describe('a command whose car is not listed', () => {
  it('is expired a minute after it came, whatever comes in between, and not sent when the car is listed then', async () => {
    const { bus, cloud, at, letGo } = await withoutList();
    send(bus, 'first');
    await at(20);
    send(bus, 'second');
    await at(50);
    send(bus, 'third');
    await at(60.999);
    expect(ends(bus)).toEqual([]);
    await at(61);
    expect(ends(bus)).toEqual([expired('first')]);
    await at(80);
    expect(ends(bus)).toEqual([expired('first'), expired('second')]);
    letGo.list();
    await at(85);
    expect(ends(bus).slice(2)).toEqual([['third', 'succeeded', undefined]]);
    expect(cloud.callsOf('control')).toBe(1);
  });

  it('is expired as soon as its sender no longer wants it', async () => {
    const { bus, at } = await withoutList();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'over', expires_at: '2001-01-01T00:00:00Z' });
    await at(2);
    expect(ends(bus)).toEqual([expired('over')]);
    send(bus, 'first');
    await at(50);
    send(bus, 'short', 'unlock', { messageExpiryS: 30 });
    await at(79.999);
    expect(ends(bus).slice(1)).toEqual([expired('first')]);
    await at(80);
    expect(ends(bus).slice(2)).toEqual([expired('short')]);
    await at(81);
    send(bus, 'shorter', 'lock', { messageExpiryS: 5 });
    await at(85.999);
    expect(ends(bus).slice(3)).toEqual([]);
    await at(86);
    expect(ends(bus).slice(3)).toEqual([expired('shorter')]);
  });

  it('is answered, however many there are', async () => {
    const { bus, at } = await withoutList();
    const ids = Array.from({ length: 40 }, (_, n) => `n${n}`);
    for (const id of ids) send(bus, id);
    await at(61);
    expect(ends(bus)).toEqual(ids.map(expired));
  });
});

describe('a command that has waited for its car to be listed', () => {
  it('has only the rest of its minute left', async () => {
    // The reading at the start has the only permit.
    const { bus, cloud, at, letGo } = await withoutList('read', { callsInFlight: 1 });
    send(bus, 'waited');
    await at(41);
    letGo.list();
    await at(60.999);
    expect(ends(bus)).toEqual([]);
    await at(61);
    expect(ends(bus)).toEqual([expired('waited')]);
    letGo.held();
    await at(103);
    expect(cloud.callsOf('control')).toBe(0);
  });

  it('has it left after those before it at its car', async () => {
    const { bus, cloud, at, letGo } = await withoutList('record');
    send(bus, 'first', 'lock');
    bus.send('hyundai/c1/commands/horn', { action: 'on', id: 'behind' });
    await at(41);
    letGo.list();
    await at(91);
    expect(cloud.callsOf('control')).toBe(1);
    letGo.held();
    await at(92);
    expect(cloud.callsOf('control')).toBe(2);
    expect(bus.on('hyundai/c1/commands/horn/result').at(-1)).toMatchObject({ id: 'behind', status: 'succeeded' });
  });

  it('shares its call with one that wants the same, and is as fresh as that', async () => {
    const { bus, cloud, at, letGo } = await withoutList('read', { callsInFlight: 1 });
    send(bus, 'other', 'lock');
    await at(20);
    send(bus, 'a', 'unlock');
    await at(50);
    send(bus, 'b', 'unlock');
    await at(55);
    letGo.list();
    await at(100);
    letGo.held();
    await at(101);
    expect(finals(bus, 'c1')).toMatchObject([
      { id: 'other', status: 'expired' },
      { id: 'a', status: 'succeeded' },
      { id: 'b', status: 'succeeded', joined: 'a' },
    ]);
    expect(cloud.callsOf('control')).toBe(1);
  });
});
