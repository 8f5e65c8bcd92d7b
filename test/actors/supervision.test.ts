import { describe, expect, it } from 'vitest';
import type { System } from '../../src/actors/system.ts';
import type { CloudCall } from '../../src/machines/domain/command.ts';
import { actorSystems, final, finals, ready } from '../support/actor-system.ts';
import type { FakeBus } from '../support/fake-bus.ts';
import type { FakeCloud } from '../support/fake-cloud.ts';
import { poison } from '../support/poison.ts';

const start = actorSystems();
const CARS = ['c1', 'c2'];

const lock = (bus: FakeBus, car: string, id: string) =>
  bus.send(`hyundai/${car}/commands/lock`, { action: 'lock', id });
/** These calls get no answer before the function that is returned is called. */
function hold(cloud: FakeCloud, isHeld: (call: CloudCall) => boolean): () => void {
  let release: () => void = () => undefined;
  const isReleased = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  cloud.instead = (call) => (isHeld(call) ? isReleased : undefined);
  return release;
}
/** Of one car, if it is named. */
const holdControls = (cloud: FakeCloud, car: string | null = null) =>
  hold(cloud, (call) => call.type === 'control' && (car === null || call.car === car));
const accountOf = (bus: FakeBus) => bus.on('hyundai/bridge/account/main').at(-1);
/** Who of the account lives: itself (''), or below it. */
const living = (system: System, names: readonly string[]) =>
  names.filter((name) => system.root.system.get(`account/main${name}`) !== undefined);

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

  it('lets an actor that dies again and again stay down, says so, and still answers', async () => {
    const { bus, system } = start(CARS, { restartLimit: 2 });
    await Promise.all([ready(bus, 'c1'), ready(bus, 'c2')]);
    for (let deaths = 0; deaths < 3; deaths += 1) poison(system, 'account/main/vehicle/c1', 'COMMAND');
    expect(accountOf(bus)).toMatchObject({
      token: 'valid',
      reason: 'restarted',
      message: expect.stringContaining('no longer served'),
    });
    lock(bus, 'c1', 'nobody');
    expect(await final(bus, 'c1', 'nobody')).toMatchObject({ status: 'failed', reason: 'restarted' });
    lock(bus, 'c2', 'somebody');
    expect(await final(bus, 'c2', 'somebody')).toMatchObject({ status: 'succeeded' });
  });

  it('goes on when everybody has died once: each is counted for itself', async () => {
    const cars = ['c1', 'c2', 'c3', 'c4', 'c5', 'c6'];
    const { bus, lines, system } = start(cars);
    await Promise.all(cars.map((car) => ready(bus, car)));
    for (const car of cars) poison(system, `account/main/vehicle/${car}`, 'COMMAND');
    poison(system, 'account/main/token', 'REQUEST_TOKEN');
    poison(system, 'account/main/breaker', 'REQUEST_PERMIT');
    for (const car of cars) lock(bus, car, car);
    for (const car of cars) expect(await final(bus, car, car)).toMatchObject({ status: 'succeeded' });
    expect(lines.filter(({ message }) => message.includes('stays down'))).toEqual([]);
  });

  it.each([
    ['token', 'REQUEST_TOKEN'],
    ['breaker', 'REQUEST_PERMIT'],
  ])('ends at once what waits for a %s that stays down, and whatever comes after it', async (child, type) => {
    const { bus, cloud, system } = start(CARS, { restartLimit: 0, tokenWaitMs: 3_600_000, permitWaitMs: 3_600_000 });
    await ready(bus, 'c1');
    const release = holdControls(cloud);
    lock(bus, 'c1', 'sent');
    await cloud.called('control', 1);
    bus.send('hyundai/c1/commands/lock', { action: 'unlock', id: 'queued' });
    poison(system, `account/main/${child}`, type);
    expect(await final(bus, 'c1', 'sent')).toMatchObject({ status: 'unknown', reason: 'restarted' });
    expect(await final(bus, 'c1', 'queued')).toMatchObject({ status: 'failed', reason: 'restarted' });
    lock(bus, 'c2', 'late');
    expect(await final(bus, 'c2', 'late')).toMatchObject({ status: 'failed', reason: 'restarted', attempts: 0 });
    expect(accountOf(bus)).toMatchObject({ token: 'failed', reason: 'restarted', retry_at: null });
    release();
    expect(living(system, ['', '/token', '/breaker', '/vehicle/c1', '/vehicle/c2'])).toEqual(['']);
  });

  it('says of an account that stays down that it failed, and refuses what waits for its cars', async () => {
    const { bus, cloud, system } = start(CARS, { restartLimit: 0 });
    const release = hold(cloud, ({ type }) => type === 'list');
    await cloud.called('list', 1);
    lock(bus, 'c1', 'early');
    poison(system, 'account/main', 'TOKEN_CHANGED');
    expect(await final(bus, 'c1', 'early')).toMatchObject({ status: 'rejected', reason: 'restarted' });
    expect(accountOf(bus)).toMatchObject({ token: 'failed', reason: 'restarted', message: expect.any(String) });
    release();
  });

  it('starts an account anew with what its cloud knows by then of its session', async () => {
    const { bus, cloud, system } = start(CARS);
    await ready(bus, 'c1');
    cloud.revoke();
    lock(bus, 'c1', 'one');
    expect(await final(bus, 'c1', 'one')).toMatchObject({ status: 'succeeded' });
    cloud.visits = [Date.now() - 3_600_000, Date.now() - 60_000, Date.now()];
    const generation = cloud.generation();
    expect(generation).toBe(2);
    poison(system, 'account/main', 'TOKEN_CHANGED');
    const context: unknown = system.root.system.get('account/main/token')?.getSnapshot().context;
    expect(context).toMatchObject({ generation, visits: 2 });
  });

  it('ends when its bridge stays down, and nothing goes on', async () => {
    const { bus, lines, system } = start(CARS, { restartLimit: 1 });
    await ready(bus, 'c1');
    poison(system, 'bridge', 'ACCOUNT_CHANGED');
    lock(bus, 'c1', 'answered');
    expect(await final(bus, 'c1', 'answered')).toMatchObject({ status: 'succeeded' });
    poison(system, 'bridge', 'ACCOUNT_CHANGED');
    await system.ended;
    expect(lines.at(-1)).toMatchObject({
      level: 'error',
      message: expect.stringContaining('the bridge died too often'),
    });
    expect(living(system, ['', '/token', '/vehicle/c1'])).toEqual([]);
    await system.stop();
    expect(bus.on('hyundai/bridge/state')).toEqual(['online', 'offline']);
  });

  it('ends when its root breaks, and nothing goes on', async () => {
    const { bus, lines, system } = start(CARS);
    await ready(bus, 'c1');
    system.root.send({
      type: 'xstate.error.actor.bridge',
      get actorId(): never {
        throw new Error('poisoned on purpose');
      },
    });
    await system.ended;
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: 'the actor system broke, so everything ends' });
    expect(living(system, ['', '/token', '/vehicle/c1'])).toEqual([]);
    await system.stop();
    expect(bus.on('hyundai/bridge/state')).toEqual(['online', 'offline']);
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
