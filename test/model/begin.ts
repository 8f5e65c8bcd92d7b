import { carNamed } from '../support/vehicle-states.ts';
import { ACCOUNT, BREAKER, TOKEN, vehicleAddress } from './addresses.ts';
import { DISTURBANCES } from './cloud.ts';
import type { Local, Locals } from './local.ts';
import type { Slice } from './slice.ts';
import type { Steps } from './steps.ts';
import { type Budgets, budgetKeyOf, type Observer, type World } from './world.ts';

/** The first state: the actors of the slice and, unless it begins before that, a valid session. */
export function begin(slice: Slice, locals: Locals, steps: Steps, observe: Observer, ghosts: number): World {
  const { settings } = slice;
  const cars = [...new Set(slice.orders.map((order) => order.car))].map(carNamed);
  const draft = steps.draft(
    { ...nothing(slice), actors: placedAccount(slice, locals), ghosts: Array<string>(ghosts).fill('') },
    observe,
  );
  if (slice.withAccount && slice.fromStart) {
    draft.spawn(ACCOUNT, accountInput(slice));
    return draft.done(null);
  }
  draft.spawn(BREAKER, { settings });
  draft.spawn(TOKEN, { settings, generation: 1, visitsForgottenInMs: [] });
  if (slice.through === 'vehicle') {
    for (const car of cars) draft.spawn(vehicleAddress(car.id), { settings, car, readAtStart: false });
  }
  const world = draft.done(null);
  return slice.fromStart ? world : settled(world, steps, observe);
}

function nothing(slice: Slice): World {
  const budgets = Object.fromEntries(DISTURBANCES.map((name) => [name, slice.budgets[name] ?? 0])) as Budgets;
  return {
    actors: new Map(),
    channels: new Map(),
    flights: [],
    cloud: {
      generation: 1,
      good: 0b10,
      done: [],
      cars: [...new Set(slice.orders.map((order) => order.car))].map(carNamed),
    },
    issued: 0,
    budgets,
    budgetKey: budgetKeyOf(budgets),
    ghosts: [],
  };
}

const accountInput = ({ settings, readAtStart }: Slice) => ({
  settings,
  account: 'main',
  generation: 1,
  visitsForgottenInMs: [],
  readAtStart,
  onlyCars: null,
});

/** An account that knows its cars already. */
function placedAccount(slice: Slice, locals: Locals): ReadonlyMap<string, Local> {
  if (!slice.withAccount || slice.fromStart) return new Map();
  const value = { supervision: {}, cars: 'known', probe: 'idle' };
  const cars = slice.through === 'vehicle' ? nothing(slice).cloud.cars : [];
  return new Map([[ACCOUNT, locals.placed('account', accountInput(slice), value, { cars })]]);
}

/** As the daemon is after a moment in which nothing went wrong. */
function settled(first: World, steps: Steps, observe: Observer): World {
  for (let world = first; ; ) {
    const [step] = steps.of(world).filter(({ cost }) => cost === null);
    if (step === undefined) return world;
    world = step.take(observe);
  }
}
