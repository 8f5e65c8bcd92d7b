import type { Address } from '../../src/machines/domain/events.ts';
import { carNamed } from '../support/vehicle-states.ts';
import type { Acts } from './acts.ts';
import { ACCOUNT, BREAKER, TOKEN, vehicleAddress } from './addresses.ts';
import { type Cloud, DISTURBANCES } from './cloud.ts';
import type { Draft } from './draft.ts';
import type { Local, Locals } from './local.ts';
import type { Parts } from './parts.ts';
import type { Slice } from './slice.ts';
import type { Steps } from './steps.ts';
import type { Budgets, Observer, World } from './world.ts';

/** Before anybody lives, but for an account that knows its cars already. */
export function nothing(slice: Slice, locals: Locals, parts: Parts, ghosts: number): World {
  const budgets = Object.fromEntries(DISTURBANCES.map((name) => [name, slice.budgets[name] ?? 0])) as Budgets;
  const cars = [...new Set(slice.orders.map((order) => order.car))].map(carNamed);
  return {
    actors: placedAccount(slice, locals, cars),
    channels: [],
    flights: [],
    cloud: parts.cloud({ generation: 1, good: 0b10, done: [], cars }),
    issued: 0,
    budgets,
    purse: parts.purse(budgets, 0),
    memory: parts.memory(Array<string>(ghosts).fill('')),
  };
}

/** The first state: the actors of the slice and, unless it begins before that, a valid session. */
export function begin(slice: Slice, world: World, steps: Steps, acts: Acts, draft: Draft, observe: Observer): World {
  const { settings } = slice;
  draft.begin(world, observe);
  if (slice.withAccount && slice.fromStart) {
    draft.spawn(ACCOUNT, accountInput(slice));
    return draft.done();
  }
  draft.spawn(BREAKER, { settings });
  draft.spawn(TOKEN, { settings, generation: 1, visitsForgottenInMs: [] });
  if (slice.through === 'vehicle') {
    for (const car of world.cloud.cars) draft.spawn(vehicleAddress(car.id), { settings, car, readAtStart: false });
  }
  const first = draft.done();
  return slice.fromStart ? first : settled(first, steps, acts, draft, observe);
}

const accountInput = ({ settings, readAtStart }: Slice) => ({
  settings,
  account: 'main',
  generation: 1,
  visitsForgottenInMs: [],
  readAtStart,
  onlyCars: null,
});

function placedAccount(slice: Slice, locals: Locals, known: Cloud['cars']): ReadonlyMap<Address, Local> {
  if (!slice.withAccount || slice.fromStart) return new Map();
  const value = { supervision: {}, cars: 'known', probe: 'idle' };
  const cars = slice.through === 'vehicle' ? known : [];
  return new Map([[ACCOUNT, locals.placed('account', accountInput(slice), value, { cars })]]);
}

/** As the daemon is after a moment in which nothing went wrong. */
function settled(first: World, steps: Steps, acts: Acts, draft: Draft, observe: Observer): World {
  for (let world = first; ; ) {
    const [step] = steps.of(world).filter(({ cost }) => cost === null);
    if (step === undefined) return world;
    draft.begin(world, observe);
    acts.do(step, world, draft);
    world = draft.done();
  }
}
