import { describe, expect, it } from 'vitest';
import type { Actor, Observation } from '../../../src/actors/observe/observation.ts';
import { Health } from '../../../src/io/inspector/health.ts';

const actorAt = (kind: Actor['kind'], address: string): Actor => ({ address, kind, account: 'main', parent: null });
const CAR = actorAt('vehicle', 'account/main/vehicle/c1');
const TOKEN = actorAt('token', 'account/main/token');
const BREAKER = actorAt('breaker', 'account/main/breaker');
const COMMAND = actorAt('command', 'account/main/vehicle/c1/command/1');

const stepped = (actor: Actor, facts: object): Observation =>
  ({ type: 'stepped', actor, at: 0, from: [], to: ['closed'], facts }) as unknown as Observation;
const line = (length: number) => stepped(BREAKER, { kind: 'breaker', line: length });
const queue = (depth: number) => stepped(CAR, { kind: 'vehicle', queue: depth });
const started = (actor: Actor) => ({ type: 'started', actor, at: 0, again: false }) as unknown as Observation;
const stopped = (actor: Actor) => ({ type: 'stopped', actor, at: 0, how: 'done' }) as unknown as Observation;

describe('the health that is told once a second', () => {
  it('tells the most that there was since the last time, and then what there is', () => {
    const health = new Health(['main']);
    for (const by of [1, 1, 1, -1, -1] as const) health.callsChanged('main', by);
    for (const length of [2, 5, 0]) health.observe(line(length));
    for (const depth of [3, 0]) health.observe(queue(depth));
    health.observe(started(COMMAND));
    health.observe(stopped(COMMAND));
    expect(health.told(0, 1)).toMatchObject({
      queue: 3,
      commandsOpen: 1,
      accounts: [{ callsInFlight: 3, line: 5 }],
    });
    expect(health.told(1_000, 1)).toMatchObject({
      queue: 0,
      commandsOpen: 0,
      accounts: [{ callsInFlight: 1, line: 0 }],
    });
  });

  it('tells how many waited for token and breaker together at a time', () => {
    const health = new Health(['main']);
    const waits = (waiting: number) => stepped(TOKEN, { kind: 'token', generation: 1, lifetimeMs: 0, waiting });
    health.observe(waits(3));
    health.observe(line(1));
    health.observe(waits(0));
    health.observe(line(2));
    health.observe(line(0));
    expect(health.told(0, 1).accounts).toMatchObject([{ waiting: 4, line: 2 }]);
    expect(health.told(1_000, 1).accounts).toMatchObject([{ waiting: 0, line: 0 }]);
  });

  it('nobody waits for a token or a breaker that is gone', () => {
    const health = new Health(['main']);
    health.observe(stepped(TOKEN, { kind: 'token', generation: 1, lifetimeMs: 0, waiting: 3 }));
    health.observe(line(2));
    health.observe(stopped(TOKEN));
    health.observe(stopped(BREAKER));
    expect(health.told(0, 1).accounts).toMatchObject([{ waiting: 5 }]);
    expect(health.told(1_000, 1).accounts).toMatchObject([{ waiting: 0, line: 0 }]);
  });

  it('adds up what waits at all cars, and forgets a car that is gone', () => {
    const health = new Health(['main']);
    const other = actorAt('vehicle', 'account/main/vehicle/c2');
    health.observe(queue(2));
    health.observe(stepped(other, { kind: 'vehicle', queue: 1 }));
    expect(health.told(0, 1).queue).toBe(3);
    health.observe(stopped(CAR));
    health.told(1_000, 1);
    expect(health.told(2_000, 1).queue).toBe(1);
  });
});
