import { describe, expect, it } from 'vitest';
import { actorSystems, final, ready } from '../support/actor-system.ts';
import type { FakeBus } from '../support/fake-bus.ts';
import { outage } from '../support/fake-cloud.ts';

const start = actorSystems();
const overBudget = { ...outage, kind: 'budget', message: 'No calls are left.', retryAfterMs: 60_000 } as const;
const ended = (bus: FakeBus, command: string, id: string) =>
  bus.until(`the end of ${id}`, () =>
    (bus.on(`hyundai/c1/commands/${command}/result`) as { id: string; status: string; retry_at?: string }[]).find(
      (record) => record.id === id && record.status !== 'accepted',
    ),
  );

describe('our own limits', () => {
  it('refuse a read that was asked for, with the time to try again, and no control', async () => {
    const { bus, cloud } = start(['c1']);
    await ready(bus, 'c1');
    cloud.instead = (_, { purpose }) => (purpose === 'needed' ? undefined : overBudget);
    const askedAt = Date.now();
    bus.send('hyundai/c1/commands/refresh', { action: 'cached', id: 'read' });
    const refused = await ended(bus, 'refresh', 'read');
    expect(refused).toMatchObject({ status: 'rejected', reason: 'budget', message: 'No calls are left.' });
    expect(Date.parse(refused.retry_at ?? '')).toBeGreaterThanOrEqual(askedAt + 60_000);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'lock' });
    expect(await final(bus, 'c1', 'lock')).toMatchObject({ status: 'succeeded' });
    expect(cloud.calls.length).toBeGreaterThan(0);
  });

  it('never touch what the daemon itself needs: the list of the cars', async () => {
    const { bus, cloud } = start(['c1'], {});
    cloud.instead = (_, { purpose }) => (purpose === 'needed' ? undefined : overBudget);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'lock' });
    expect(await final(bus, 'c1', 'lock')).toMatchObject({ status: 'succeeded' });
  });
});

describe('what the configuration allows', () => {
  it('is asked before anything is accepted or sent', async () => {
    const { bus, cloud } = start(['c1'], {}, { controls: 'none' });
    await ready(bus, 'c1');
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'lock' });
    expect(await final(bus, 'c1', 'lock')).toMatchObject({ status: 'rejected', reason: 'readOnly', attempts: 0 });
    expect(bus.on('hyundai/c1/commands/lock/result')).toHaveLength(1);
    expect(cloud.callsOf('control')).toBe(0);
  });
});
