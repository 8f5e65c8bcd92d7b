import { describe, expect, it } from 'vitest';
import { actorSystems, type Final, final, finals, ready } from '../support/actor-system.ts';
import { outage } from '../support/fake-cloud.ts';

const start = actorSystems();

describe('the actor system', () => {
  it('locks a car and tells the sender once', async () => {
    const { bus, cloud } = start(['c1']);
    await ready(bus, 'c1');
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    expect(await final(bus, 'c1', 'one')).toMatchObject({ status: 'succeeded', attempts: 1 });
    expect(finals(bus, 'c1')).toHaveLength(1);
    expect(cloud.callsOf('control')).toBe(1);
  });

  it('recovers ten commands on ten cars with one refresh', async () => {
    const cars = Array.from({ length: 10 }, (_, n) => `c${n}`);
    const { bus, cloud, lines } = start(cars);
    await Promise.all(cars.map((car) => ready(bus, car)));
    for (const round of [1, 2, 3]) {
      cloud.revoke();
      for (const car of cars) bus.send(`hyundai/${car}/commands/lock`, { action: 'lock', id: `${car}-${round}` });
      const ends = await Promise.all(cars.map((car) => final(bus, car, `${car}-${round}`)));
      expect(ends.map(({ status }) => status)).toEqual(cars.map(() => 'succeeded'));
      expect(Math.max(...ends.map(({ attempts }) => attempts))).toBeLessThanOrEqual(2);
      expect(cloud.refreshes).toBe(round);
    }
    expect(lines.filter(({ message }) => message === 'breaker opened')).toEqual([]);
  });

  it('opens the breaker after five failed controls and says so', async () => {
    const cars = Array.from({ length: 6 }, (_, n) => `c${n}`);
    const { bus, cloud } = start(cars);
    await Promise.all(cars.map((car) => ready(bus, car)));
    cloud.instead = (call) => (call.type === 'control' ? outage : undefined);
    for (const car of cars) {
      bus.send(`hyundai/${car}/commands/lock`, { action: 'lock', id: car });
      expect(await final(bus, car, car)).toMatchObject({ status: 'failed', reason: 'cloudUnavailable' });
    }
    expect(cloud.callsOf('control')).toBe(5);
    await bus.until('the breaker to be shown open', () =>
      bus.on('hyundai/bridge/account/main').find((status) => (status as { breaker: string }).breaker === 'open'),
    );
  });

  it('answers a repetition that comes while it shuts down with the end of the command, and refuses what is new', async () => {
    const { bus, cloud, system } = start(['c1'], { settleMs: 20 });
    await ready(bus, 'c1');
    let release = (_: undefined) => {};
    const held = new Promise<undefined>((resolve) => {
      release = resolve;
    });
    cloud.instead = (call) => (call.type === 'control' ? held : undefined);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    await cloud.called('control', 1);
    const stopped = system.stop();
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'new' });
    expect(await final(bus, 'c1', 'new')).toMatchObject({ status: 'rejected', reason: 'shuttingDown' });
    release(undefined);
    await stopped;
    const ends = finals(bus, 'c1').filter(({ id }) => id === 'one');
    expect(ends).toMatchObject([{ status: 'succeeded' }, { status: 'succeeded', duplicate: true }]);
    expect(cloud.callsOf('control')).toBe(1);
  });

  it('never executes a retained command, nor the same id twice', async () => {
    const { bus, cloud } = start(['c1']);
    await ready(bus, 'c1');
    bus.send('hyundai/c1/commands/lock', { action: 'unlock', id: 'old' }, { retain: true });
    expect(await final(bus, 'c1', 'old')).toMatchObject({ status: 'rejected', reason: 'retained' });
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'twice' });
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'twice' });
    bus.send('hyundai/c1/commands/lock', { action: 'unlock', id: 'twice' });
    await bus.until('three answers', () => {
      const records = finals(bus, 'c1').filter(({ id }) => id === 'twice');
      return records.length === 3 ? records : undefined;
    });
    expect(cloud.callsOf('control')).toBe(1);
    expect(finals(bus, 'c1').filter(({ id }) => id === 'twice')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ status: 'succeeded' }),
        expect.objectContaining({ status: 'succeeded', duplicate: true }),
        expect.objectContaining({ status: 'rejected', reason: 'idReused' }),
      ]),
    );
  });

  it.each([
    ['car', 'hyundai/c2/commands/charge'],
    ['command', 'hyundai/c1/commands/climate'],
  ])('refuses an id that another %s has had', async (_, topic) => {
    const { bus, cloud } = start(['c1', 'c2']);
    await Promise.all([ready(bus, 'c1'), ready(bus, 'c2')]);
    bus.send('hyundai/c1/commands/charge', { action: 'start', id: 'mine' });
    bus.send(topic, { action: 'start', id: 'mine' });
    const refusal = await bus.until('the refusal', () => (bus.on(`${topic}/result`) as Final[]).at(-1));
    expect(refusal).toMatchObject({ id: 'mine', status: 'rejected', reason: 'idReused' });
    await bus.until('the end of the first', () =>
      (bus.on('hyundai/c1/commands/charge/result') as Final[]).find(({ status }) => status === 'succeeded'),
    );
    expect(cloud.callsOf('control')).toBe(1);
  });
});
