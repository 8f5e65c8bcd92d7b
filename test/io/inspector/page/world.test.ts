import { describe, expect, it } from 'vitest';
import { treeRows } from '../../../../src/io/inspector/page/tree.ts';
import { World } from '../../../../src/io/inspector/page/world.ts';
import { CAR, expiry, household, recovery, type Script, TOKEN } from '../../../browser/support/scenario.ts';

function worldOf({ entries }: Script): World {
  const world = new World();
  for (const entry of entries) world.apply(entry);
  return world;
}

const addresses = (world: World, wanted = '', closed: readonly string[] = []) =>
  treeRows(world.actors, new Set(closed), wanted).map(({ actor, depth }) => `${depth} ${actor.address}`);

describe('the world of the page', () => {
  it('has a tree in the order of the work', () => {
    const world = worldOf(expiry(household(), 1, 'lock-1'));
    expect(addresses(world)).toEqual([
      '0 fleet',
      '1 bridge',
      '1 account/demo',
      '2 account/demo/token',
      '2 account/demo/breaker',
      '2 account/demo/vehicle/c1',
      '3 account/demo/vehicle/c1/command/1',
    ]);
    expect(addresses(world, 'lock-1')).toEqual([
      '0 fleet',
      '1 account/demo',
      '2 account/demo/vehicle/c1',
      '3 account/demo/vehicle/c1/command/1',
    ]);
    expect(addresses(world, '', ['account/demo'])).toHaveLength(3);
    expect(addresses(world, 'nothing like it')).toEqual([]);
  });

  it('keeps who ended for a minute, and no longer', () => {
    const script = recovery(expiry(household(), 1, 'lock-1'), 1, 'lock-1');
    const world = worldOf(script);
    const command = world.actors.get(`${CAR}/command/1`);
    expect(command?.endedAt).not.toBeNull();
    world.actors.prune(script.at + 59_000);
    expect(world.actors.get(`${CAR}/command/1`)).toBe(command);
    world.actors.prune(script.at + 61_000);
    expect(world.actors.get(`${CAR}/command/1`)).toBeUndefined();
    expect(world.actors.get(TOKEN)).toBeDefined();
  });

  it('keeps every step of an actor, however soon the next one came', () => {
    const world = worldOf(recovery(expiry(household(), 1, 'lock-1'), 1, 'lock-1'));
    expect(world.actors.get(TOKEN)?.trail.map(({ states }) => states.join())).toEqual([
      'valid',
      'refreshing.awaitingPermit',
      'refreshing.calling.renewing',
      'cooldown.proving',
    ]);
  });

  it('knows an actor that it meets in the middle of its life by its address', () => {
    const world = new World();
    const [step] = expiry(household(), 1, 'lock-1')
      .entries.filter((entry) => entry.type === '@xstate.snapshot')
      .slice(-1);
    if (step === undefined) throw new Error('no step');
    world.apply(step);
    expect(world.actors.get(TOKEN)).toMatchObject({ kind: 'token', account: 'demo', parent: 'account/demo' });
    expect(addresses(world)).toEqual(['0 account/demo/token']);
  });

  it('holds at most an eighth more than its bounds', () => {
    const world = new World();
    const script = household();
    for (let n = 0; n < 12_000; n += 1) script.log('info', `line ${n}`);
    for (const entry of script.entries) world.apply(entry);
    expect(world.log.items.length).toBeLessThanOrEqual(5_625);
    expect(world.entries.items.length).toBeLessThanOrEqual(11_250);
    expect(world.log.newest?.message).toBe('line 11999');
  });
});
