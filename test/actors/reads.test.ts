import { describe, expect, it } from 'vitest';
import type { CallOptions, CallOutcome } from '../../src/actors/ports.ts';
import type { CloudCall } from '../../src/machines/domain/command.ts';
import { actorSystems, type Final, final, ready } from '../support/actor-system.ts';
import type { FakeBus } from '../support/fake-bus.ts';
import { FakeCloud } from '../support/fake-cloud.ts';

const start = actorSystems();

const readCars = (cloud: FakeCloud) => cloud.calls.flatMap(({ call }) => (call.type === 'read' ? [call.car] : []));
const finalRead = (bus: FakeBus, car: string, id: string) =>
  bus.until(`the end of ${id}`, () =>
    (bus.on(`hyundai/${car}/commands/refresh/result`) as Final[]).find(
      (record) => record.id === id && record.status !== 'accepted',
    ),
  );

/** Its memory takes the word of a car after so many more reads only. */
class LaggingCloud extends FakeCloud {
  lag = 0;
  readonly #remembered = new Map<string, CallOutcome>();

  override async call(call: CloudCall, options: CallOptions): Promise<CallOutcome> {
    const outcome = await super.call(call, options);
    if (call.type !== 'read' || !outcome.ok) return outcome;
    const remembered = this.#remembered.get(call.car);
    if (remembered === undefined || this.lag === 0) {
      this.#remembered.set(call.car, outcome);
      return outcome;
    }
    this.lag -= 1;
    return remembered;
  }
}

describe('a cloud whose memory lags behind the car', () => {
  it('is read until it shows what the car has confirmed, and what it shows is published', async () => {
    const cloud = new LaggingCloud(['c1']);
    cloud.locked.set('c1', true);
    cloud.reportedAt = () => Date.now() - 60_000;
    const { bus } = start(['c1'], { readPauseMs: 1, lookEveryMs: 20 }, {}, { cloud });
    expect(await ready(bus, 'c1')).toMatchObject({ locked: true });
    cloud.lag = 2;
    cloud.reportedAt = () => Date.now();
    bus.send('hyundai/c1/commands/lock', { action: 'unlock', id: 'one' });
    expect(await final(bus, 'c1', 'one')).toMatchObject({ status: 'succeeded', message: 'The car confirmed it.' });
    await bus.until('the new state', () =>
      bus.on('hyundai/c1/state').find((state) => (state as { locked: boolean }).locked === false),
    );
    expect(readCars(cloud)).toHaveLength(4);
  });
});

describe('a read that somebody asks for', () => {
  it('goes before the reads at the start that stand in line, also before that of its own car', async () => {
    const cloud = new FakeCloud(['c1', 'c2', 'c3']);
    let release = () => {};
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    cloud.instead = (call) => (call.type === 'read' && call.car === 'c1' ? held : undefined);
    const { bus } = start(['c1', 'c2', 'c3'], { callsInFlight: 1 }, {}, { cloud });
    await cloud.called('read', 1);
    bus.send('hyundai/c3/commands/refresh', { action: 'cached', id: 'asked' });
    await bus.until('the command to be accepted', () => bus.on('hyundai/c3/commands/refresh/result')[0]);
    release();
    expect(await finalRead(bus, 'c3', 'asked')).toMatchObject({ status: 'succeeded', attempts: 1 });
    await ready(bus, 'c2');
    expect(readCars(cloud)).toEqual(['c1', 'c3', 'c2']);
  });

  it('waits as long as its sender wants, whoever else waits for the same call', async () => {
    const cloud = new FakeCloud(['c1']);
    const { bus } = start(['c1'], {}, {}, { cloud });
    await ready(bus, 'c1');
    let release = () => {};
    const held = new Promise<undefined>((resolve) => {
      release = () => resolve(undefined);
    });
    cloud.instead = (call) => (call.type === 'read' ? held : undefined);
    bus.send('hyundai/c1/commands/refresh', { action: 'cached', id: 'running' });
    await cloud.called('read', 2);
    const expires_at = new Date(Date.now() + 300).toISOString();
    bus.send('hyundai/c1/commands/refresh', { action: 'cached', id: 'short', expires_at });
    bus.send('hyundai/c1/commands/refresh', { action: 'cached', id: 'patient' });
    expect(await finalRead(bus, 'c1', 'short')).toMatchObject({ status: 'expired', reason: 'expired', attempts: 0 });
    release();
    expect(await finalRead(bus, 'c1', 'patient')).toMatchObject({ status: 'succeeded' });
    expect(readCars(cloud)).toHaveLength(3);
  });
});
