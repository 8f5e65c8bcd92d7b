import { beforeEach, describe, expect, it } from 'vitest';
import { journeyOf } from '../../../../src/io/inspector/journey.ts';
import { aboutText } from '../../../../src/io/inspector/page/actor-words.ts';
import { addressesOfLine } from '../../../../src/io/inspector/page/log-address.ts';
import { readEntry } from '../../../../src/io/inspector/page/read-entry.ts';
import { World } from '../../../../src/io/inspector/page/world.ts';
import { final, ready } from '../../../support/actor-system.ts';
import type { LogLine } from '../../../support/quiet-log.ts';
import { observedSystems } from '../observed.ts';

const observed = observedSystems();
const CAR = 'account/main/vehicle/c1';

let world: World;
let lines: readonly LogLine[];

/** What real actors tell of a command that meets an expired token, with another one beside it, as the page takes it. */
beforeEach(async () => {
  const parts = await observed(['c1', 'c2']);
  await Promise.all(['c1', 'c2'].map((car) => ready(parts.bus, car)));
  parts.cloud.revoke();
  parts.bus.send('hyundai/c1/commands/lock', { action: 'lock', id: 'one' });
  parts.bus.send('hyundai/c2/commands/lock', { action: 'lock', id: 'other' });
  await Promise.all([final(parts.bus, 'c1', 'one'), final(parts.bus, 'c2', 'other')]);
  const { feed } = parts.inspector.inspection;
  world = new World();
  for (const kept of feed.newest(Number.POSITIVE_INFINITY)) {
    const entry = readEntry(feed.textOf(kept));
    if (entry !== null) world.apply(entry);
  }
  lines = parts.lines;
});

const shape = ({ from, to, what }: { readonly from: string; readonly to: string; readonly what: string }) =>
  `${from} > ${to}: ${what}`;

/** Those of `wanted` that are found in this order. */
function inOrder(found: readonly string[], wanted: readonly string[]): readonly string[] {
  let at = 0;
  return wanted.filter((one) => {
    const next = found.indexOf(one, at);
    if (next >= 0) at = next + 1;
    return next >= 0;
  });
}

describe('what real actors tell', () => {
  it('is shown with each state behind what led to it, and before what it led to itself', () => {
    const live = world.hops.items.filter(({ commandId }) => commandId === 'one').map(shape);
    const wanted = [
      'vehicle ev6 > command: START',
      'command > command: awaitingToken',
      'command > token: REQUEST_TOKEN',
      'token > command: TOKEN_READY',
      'command > command: awaitingPermit',
      'command > breaker: REQUEST_PERMIT',
      'breaker > command: PERMIT_GRANTED',
      'command > command: calling',
      'command > cloud: control',
      'cloud > command: tokenRefused',
      'command > command: refreshingToken',
      'command > token: REFRESH',
    ];
    expect(inOrder(live, wanted)).toEqual(wanted);
    const journey = journeyOf(world.entries.items, 'one').map(shape);
    expect(inOrder(journey, live)).toEqual(live);
  });

  it('has lines in the log that belong to the token, to commands and to the account, each to its own', () => {
    const of = (message: string) => {
      const line = lines.find((each) => each.message === message);
      return addressesOfLine(line?.fields ?? {}, (id) => world.actors.addressOfCommand(id));
    };
    expect(of('token expiry detected')).toEqual(['account/main/token']);
    expect(of('refresh done')).toEqual(['account/main/token']);
    expect(of('cars listed')).toEqual(['account/main']);
    const ends = lines.filter(({ message, fields }) => message === 'command ended' && fields?.id === 'one');
    const [address = ''] = addressesOfLine(ends[0]?.fields ?? {}, (id) => world.actors.addressOfCommand(id));
    expect(address).toMatch(new RegExp(`^${CAR}/command/\\d+$`));
    expect(of('command received')).toEqual(['bridge', expect.stringContaining('/command/')]);
  });

  it('tells of a command its id and what it heard last', () => {
    const command = world.actors.get(world.actors.addressOfCommand('one') ?? '');
    expect(command && aboutText(command)).toBe('one · call ended');
  });

  it('a command is known by its id when it is no longer shown', () => {
    const address = world.actors.addressOfCommand('one');
    world.actors.prune(world.at + 120_000);
    expect(world.actors.get(address ?? '')).toBeUndefined();
    expect(world.actors.addressOfCommand('one')).toBe(address);
  });
});
