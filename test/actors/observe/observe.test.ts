import { describe, expect, it } from 'vitest';
import type { DeliveredTo, Observation, Started, Stepped, Stopped } from '../../../src/actors/observe/observation.ts';
import type { System } from '../../../src/actors/system.ts';
import { actorSystems, final, ready } from '../../support/actor-system.ts';
import type { FakeBus } from '../../support/fake-bus.ts';
import { poison } from '../../support/poison.ts';

const start = actorSystems();
const CAR = 'account/main/vehicle/c1';

function observed(cars: readonly string[] = ['c1']) {
  const seen: Observation[] = [];
  const parts = start(cars, {}, {}, { observers: [(observation) => seen.push(observation)] });
  return { ...parts, seen };
}

const isFor = (address: string) => (observation: Observation) => observation.actor.address === address;
const steps = (seen: readonly Observation[], address: string) =>
  seen.filter((one): one is Stepped => one.type === 'stepped').filter(isFor(address));
const deliveries = (seen: readonly Observation[]) => seen.filter((one): one is DeliveredTo => one.type === 'delivered');

async function lock(bus: FakeBus, id: string): Promise<void> {
  bus.send('hyundai/c1/commands/lock', { action: 'lock', id });
  await final(bus, 'c1', id);
}

const inspectOf = ({ root }: System): unknown =>
  (root as unknown as { readonly options: { readonly inspect?: unknown } }).options.inspect;

describe('an actor system that nobody observes', () => {
  it('passes no inspect callback to XState at all', () => {
    expect(inspectOf(start(['c1']).system)).toBeUndefined();
    expect(inspectOf(start(['c1'], {}, {}, { observers: [] }).system)).toBeUndefined();
    expect(inspectOf(observed().system)).toBeTypeOf('function');
  });
});

describe('observations', () => {
  it('tell who starts under whom', async () => {
    const { bus, seen } = observed();
    await ready(bus, 'c1');
    const started = seen.filter((one): one is Started => one.type === 'started');
    expect(started.map(({ actor, again }) => [actor.kind, actor.account, actor.parent, again])).toEqual(
      expect.arrayContaining([
        ['fleet', null, null, false],
        ['bridge', null, 'fleet', false],
        ['account', 'main', 'fleet', false],
        ['breaker', 'main', 'account/main', false],
        ['token', 'main', 'account/main', false],
        ['list', 'main', 'account/main', false],
        ['vehicle', 'main', 'account/main', false],
        ['command', 'main', CAR, false],
      ]),
    );
  });

  it('tell the story of a command that meets an expired token, hop by hop', async () => {
    const { bus, cloud, seen } = observed();
    await ready(bus, 'c1');
    cloud.revoke();
    seen.length = 0;
    await lock(bus, 'one');
    const command = deliveries(seen).find(({ event }) => event.type === 'START')?.actor.address ?? 'nobody';
    const journey = seen.filter(
      (one): one is DeliveredTo =>
        one.type === 'delivered' &&
        one.from !== one.actor.address &&
        (one.actor.address === command || one.from === command),
    );
    expect(journey.map(({ event }) => event.type).slice(0, 12)).toEqual([
      'START',
      'REQUEST_TOKEN',
      'TOKEN_READY',
      'REQUEST_PERMIT',
      'PERMIT_GRANTED',
      'COMMAND_DISPATCHED',
      'REPORT_IGNORED',
      'REFRESH',
      'TOKEN_READY',
      'REQUEST_PERMIT',
      'PERMIT_GRANTED',
      'REPORT_SUCCESS',
    ]);
    expect(journey.find(({ event }) => event.type === 'REFRESH')).toMatchObject({
      actor: { address: 'account/main/token', kind: 'token' },
      event: { generation: 1, scope: 'access' },
    });
    const visited = steps(seen, 'account/main/token').filter(({ from, to }) => from !== to);
    expect(visited.map(({ from, to }) => [...from, ...to])).toEqual([
      ['valid', 'refreshing.awaitingPermit'],
      ['refreshing.awaitingPermit', 'refreshing.calling.renewing'],
      ['refreshing.calling.renewing', 'cooldown.proving'],
      ['cooldown.proving', 'valid'],
    ]);
    expect(visited[0]).toMatchObject({
      event: 'REFRESH',
      taken: [{ source: 'token.valid', event: 'REFRESH', targets: ['token.refreshing'] }],
      facts: { kind: 'token', why: 'rejection', waiting: 1, generation: 1 },
    });
  });

  it('tell how a command ends, with its facts, and that it is gone', async () => {
    const { bus, seen } = observed();
    await ready(bus, 'c1');
    seen.length = 0;
    await lock(bus, 'two');
    const started = seen.find((one): one is Started => one.type === 'started' && one.actor.kind === 'command');
    const address = started?.actor.address ?? 'nobody';
    const last = steps(seen, address).at(-1);
    expect(last).toMatchObject({
      to: ['succeeded'],
      facts: { id: 'two', command: 'lock', status: 'succeeded', calls: 1 },
    });
    expect(seen.filter((one): one is Stopped => one.type === 'stopped').filter(isFor(address))).toMatchObject([
      { how: 'done' },
    ]);
  });

  it('tell of an actor that dies and of the one that takes its place', async () => {
    const { bus, seen, system } = observed();
    await ready(bus, 'c1');
    seen.length = 0;
    poison(system, 'account/main/breaker', 'REQUEST_PERMIT');
    await lock(bus, 'three');
    const lives = seen
      .filter(isFor('account/main/breaker'))
      .filter(({ type }) => type === 'started' || type === 'stopped');
    expect(lives).toMatchObject([
      { type: 'stopped', how: 'died' },
      { type: 'started', again: true },
    ]);
  });

  it('count what waits at a car', async () => {
    const { bus, cloud, seen } = observed();
    await ready(bus, 'c1');
    let release: () => void = () => undefined;
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    cloud.instead = (call) => (call.type === 'control' ? isReleased.then(() => undefined) : undefined);
    bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'a' });
    bus.send('hyundai/c1/commands/charge', { action: 'stop', id: 'b' });
    bus.send('hyundai/c1/commands/horn', { action: 'on', id: 'c' });
    await bus.until('three to be accepted', () =>
      bus.published.filter(({ payload }) => payload.includes('"accepted"')).length >= 3 ? true : undefined,
    );
    expect(steps(seen, CAR).at(-1)?.facts).toMatchObject({ kind: 'vehicle', queue: 2, running: 'lock' });
    release();
    await bus.until('three ends', () =>
      bus.published.filter(({ topic, payload }) => topic.endsWith('/result') && payload.includes('"succeeded"'))
        .length === 3
        ? true
        : undefined,
    );
  });

  it('hold neither VIN, position nor sentences', async () => {
    const { bus, cloud, seen } = observed();
    await ready(bus, 'c1');
    await lock(bus, 'four');
    bus.send('hyundai/c1/commands/navigation', { lat: 52.123456, lon: 13.654321, name: 'Somebody’s home', id: 'five' });
    await bus.until('the end', () => bus.published.find(({ payload }) => /"five".*finished_at":"/.test(payload)));
    const all = JSON.stringify(seen);
    for (const { vin } of cloud.cars) expect(all).not.toContain(vin);
    expect(all).not.toMatch(/52\.123456|13\.654321|Somebody|odometer|"message"/);
    expect(all).toContain('"five"');
  });
});

describe('an observer that throws', () => {
  it('hurts neither the actors nor the other observers, and is complained of once', async () => {
    const heard: string[] = [];
    const { bus, lines } = start(
      ['c1'],
      {},
      {},
      {
        observers: [
          () => {
            throw new TypeError('broken on purpose');
          },
          ({ type }) => heard.push(type),
        ],
      },
    );
    await ready(bus, 'c1');
    await lock(bus, 'six');
    expect(heard).toContain('stepped');
    const complaints = lines.filter(({ message }) => message.startsWith('an observer of the actors failed'));
    expect(complaints).toMatchObject([{ level: 'error', fields: { error: 'TypeError' } }]);
  });

  it('neither does an event that cannot be looked at', async () => {
    const { bus, seen, system } = observed();
    await ready(bus, 'c1');
    poison(system, 'account/main/token', 'REQUEST_TOKEN');
    await lock(bus, 'seven');
    expect(seen.some(({ type }) => type === 'stepped')).toBe(true);
  });
});
