import { describe, expect, it } from 'vitest';
import type { System } from '../../src/actors/system.ts';
import { actorSystems, final, finals, ready } from '../support/actor-system.ts';
import type { FakeBus } from '../support/fake-bus.ts';
import type { FakeCloud } from '../support/fake-cloud.ts';
import { poison } from '../support/poison.ts';

const start = actorSystems();
const CARS = ['c1', 'c2'];

const lock = (bus: FakeBus, car: string, id: string) =>
  bus.send(`hyundai/${car}/commands/lock`, { action: 'lock', id });
/** Controls (of one car, if it is named) get no answer before the function that is returned is called. */
function holdControls(cloud: FakeCloud, car: string | null = null): () => void {
  let release: () => void = () => undefined;
  const isReleased = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  cloud.instead = (asked) => (asked.type === 'control' && (car === null || asked.car === car) ? isReleased : undefined);
  return release;
}

describe('supervision', () => {
  it.each([
    ['token', 'REQUEST_TOKEN'],
    ['breaker', 'REQUEST_PERMIT'],
    ['vehicle/c1', 'COMMAND'],
  ])('starts a %s that throws anew, alone, and commands go on', async (child, type) => {
    const { bus, cloud, lines, system } = start(CARS);
    await Promise.all([ready(bus, 'c1'), ready(bus, 'c2')]);
    poison(system, `account/main/${child}`, type);
    await bus.until('the restart', () =>
      lines.some(({ message }) => message === 'an actor died and is started anew') ? true : undefined,
    );
    lock(bus, 'c1', 'after');
    lock(bus, 'c2', 'other');
    expect(await final(bus, 'c1', 'after')).toMatchObject({ status: 'succeeded' });
    expect(await final(bus, 'c2', 'other')).toMatchObject({ status: 'succeeded' });
    expect(cloud.logins + cloud.refreshes).toBeLessThanOrEqual(1);
  });

  it('starts a bridge that throws anew, and what it owed is still answered', async () => {
    const { bus, cloud, system } = start(CARS);
    await ready(bus, 'c1');
    const release = holdControls(cloud);
    lock(bus, 'c1', 'owed');
    await cloud.called('control', 1);
    poison(system, 'bridge', 'ACCOUNT_CHANGED');
    release();
    expect(await final(bus, 'c1', 'owed')).toMatchObject({ status: 'succeeded' });
    expect(finals(bus, 'c1')).toHaveLength(1);
  });

  it('answers for a vehicle that dies: unknown for what was sent, failed for what was not', async () => {
    const { bus, cloud, system } = start(CARS);
    await ready(bus, 'c1');
    const release = holdControls(cloud);
    lock(bus, 'c1', 'sent');
    await cloud.called('control', 1);
    bus.send('hyundai/c1/commands/lock', { action: 'unlock', id: 'queued' });
    poison(system, 'account/main/vehicle/c1', 'COMMAND_TAKEN');
    expect(await final(bus, 'c1', 'sent')).toMatchObject({ status: 'unknown', reason: 'restarted' });
    expect(await final(bus, 'c1', 'queued')).toMatchObject({ status: 'failed', reason: 'restarted' });
    release();
    lock(bus, 'c1', 'again');
    expect(await final(bus, 'c1', 'again')).toMatchObject({ status: 'succeeded' });
    expect(finals(bus, 'c1').map(({ id }) => id)).toEqual(['sent', 'queued', 'again']);
  });

  it('answers for a command that dies, and gives its permit back', async () => {
    const { bus, cloud, system } = start(CARS, { callsInFlight: 1 });
    await Promise.all([ready(bus, 'c1'), ready(bus, 'c2')]);
    const release = holdControls(cloud, 'c1');
    lock(bus, 'c1', 'dying');
    await cloud.called('control', 1);
    const address = commandAddress(system, 'account/main/vehicle/c1');
    const command = system.root.system.get(address);
    command?.send({
      type: 'CALL_ENDED',
      get outcome(): never {
        throw new Error('poisoned on purpose');
      },
    });
    expect(await final(bus, 'c1', 'dying')).toMatchObject({ status: 'unknown', reason: 'restarted' });
    // With one call in flight allowed, this one needs the dead command's permit.
    lock(bus, 'c2', 'next');
    expect(await final(bus, 'c2', 'next')).toMatchObject({ status: 'succeeded' });
    release();
  });

  it('ends what lived under a vehicle or an account that dies: nothing goes on twice', async () => {
    const { bus, cloud, system } = start(CARS);
    await Promise.all([ready(bus, 'c1'), ready(bus, 'c2')]);
    const release = holdControls(cloud);
    lock(bus, 'c1', 'sent');
    await cloud.called('control', 1);
    const refOf = (address: string) => {
      const actor = system.root.system.get(address);
      if (actor === undefined) throw new Error(`Nobody lives at ${address}.`);
      return actor;
    };
    const statusOf = (address: string) => refOf(address).getSnapshot().status;
    const command = refOf(commandAddress(system, 'account/main/vehicle/c1'));
    poison(system, 'account/main/vehicle/c1', 'COMMAND_TAKEN');
    expect(await final(bus, 'c1', 'sent')).toMatchObject({ status: 'unknown', reason: 'restarted' });
    expect(command.getSnapshot().status).toBe('stopped');
    expect(statusOf('account/main/vehicle/c1')).toBe('active');

    lock(bus, 'c2', 'also sent');
    await cloud.called('control', 2);
    const below = ['token', 'breaker', 'vehicle/c1', 'vehicle/c2'].map((child) => `account/main/${child}`);
    const old = [...below, commandAddress(system, 'account/main/vehicle/c2')].map(refOf);
    poison(system, 'account/main', 'TOKEN_CHANGED');
    expect(await final(bus, 'c2', 'also sent')).toMatchObject({ status: 'unknown', reason: 'restarted' });
    expect(old.map((actor) => actor.getSnapshot().status)).toEqual(old.map(() => 'stopped'));
    release();
    lock(bus, 'c1', 'again');
    expect(await final(bus, 'c1', 'again')).toMatchObject({ status: 'succeeded' });
    expect(below.map(statusOf)).toEqual(below.map(() => 'active'));
    expect(below.map(refOf).filter((actor) => old.includes(actor))).toEqual([]);
  });

  it('lets an actor that dies again and again stay down, and still answers', async () => {
    const { bus, lines, system } = start(CARS, { restartLimit: 2 });
    await Promise.all([ready(bus, 'c1'), ready(bus, 'c2')]);
    for (const deaths of [1, 2, 3]) {
      poison(system, 'account/main/vehicle/c1', 'COMMAND');
      const said = ['an actor died and is started anew', 'an actor died too often and stays down'];
      await bus.until(`death ${deaths}`, () =>
        lines.filter(({ message }) => said.includes(message)).length === deaths ? true : undefined,
      );
    }
    lock(bus, 'c1', 'nobody');
    expect(await final(bus, 'c1', 'nobody')).toMatchObject({ status: 'failed', reason: 'restarted' });
    lock(bus, 'c2', 'somebody');
    expect(await final(bus, 'c2', 'somebody')).toMatchObject({ status: 'succeeded' });
  });

  it('keeps the generation over a restart of the token', async () => {
    const { bus, cloud, system } = start(CARS);
    await ready(bus, 'c1');
    cloud.revoke();
    lock(bus, 'c1', 'one');
    expect(await final(bus, 'c1', 'one')).toMatchObject({ status: 'succeeded' });
    const before = cloud.generation();
    poison(system, 'account/main/token', 'REQUEST_TOKEN');
    lock(bus, 'c1', 'two');
    expect(await final(bus, 'c1', 'two')).toMatchObject({ status: 'succeeded' });
    expect(cloud.generation()).toBeGreaterThanOrEqual(before);
  });
});

/** The command under way at a vehicle. */
function commandAddress(system: System, vehicle: string): string {
  const children = Object.keys(system.root.system.get(vehicle)?.getSnapshot().children ?? {});
  const [child] = children;
  if (child === undefined) throw new Error('There is no command under way.');
  return `${vehicle}/${child}`;
}
