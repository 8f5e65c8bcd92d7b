import { assign, setup } from 'xstate';

/**
 * What the actor system must look like from outside, in a few words: cars that lock, one token, one expiry. An abstract
 * machine of its own (`createTestModel` refuses `invoke` and `after`), so the two can disagree, and then one is wrong.
 */
export type Car = 'idle' | 'asking' | 'calling' | 'refused' | 'retrying' | 'locked';

interface Lock {
  readonly state: Car;
  /** The generation that its call in flight was made with. */
  readonly generation: number;
}

export interface Model {
  readonly cars: readonly Lock[];
  /** The token in use, and the one that the cloud accepts. */
  readonly generation: number;
  readonly accepted: number;
  readonly isRefreshing: boolean;
  readonly refreshes: number;
}

export type ModelEvent =
  | { readonly type: 'LOCK'; readonly car: number }
  /** The cloud answers the call in flight of this car. */
  | { readonly type: 'ANSWER'; readonly car: number }
  | { readonly type: 'EXPIRE' }
  /** The cloud answers the refresh. */
  | { readonly type: 'RENEW' };

const withCar = (cars: readonly Lock[], at: number, lock: Lock) => cars.map((car, n) => (n === at ? lock : car));
const isInFlight = ({ state }: Lock) => state === 'calling' || state === 'retrying';

function locked(model: Model, at: number): Partial<Model> {
  const state = model.isRefreshing ? 'asking' : 'calling';
  return { cars: withCar(model.cars, at, { state, generation: model.generation }) };
}

function answered(model: Model, at: number): Partial<Model> {
  const lock = model.cars[at];
  if (lock === undefined) return {};
  if (lock.generation >= model.accepted) return { cars: withCar(model.cars, at, { ...lock, state: 'locked' }) };
  // Somebody has refreshed since: the retry begins at once. Else it waits for the one refresh.
  if (lock.generation < model.generation) {
    return { cars: withCar(model.cars, at, { state: 'retrying', generation: model.generation }) };
  }
  return {
    cars: withCar(model.cars, at, { ...lock, state: 'refused' }),
    isRefreshing: true,
    refreshes: model.isRefreshing ? model.refreshes : model.refreshes + 1,
  };
}

function renewed(model: Model): Partial<Model> {
  const generation = model.generation + 1;
  const next: Partial<Record<Car, Car>> = { asking: 'calling', refused: 'retrying' };
  const cars = model.cars.map((lock) => {
    const state = next[lock.state];
    return state === undefined ? lock : { state, generation };
  });
  return { generation, isRefreshing: false, cars };
}

export function abstractMachine(cars: number) {
  return setup({
    types: { context: {} as Model, events: {} as ModelEvent },
    guards: {
      isIdle: ({ context }, { car }: { readonly car: number }) => context.cars[car]?.state === 'idle',
      isInFlight: ({ context }, { car }: { readonly car: number }) => {
        const lock = context.cars[car];
        return lock !== undefined && isInFlight(lock);
      },
      canExpire: ({ context }) => context.accepted === 1,
      isRefreshing: ({ context }) => context.isRefreshing,
    },
  }).createMachine({
    context: {
      cars: Array.from({ length: cars }, () => ({ state: 'idle', generation: 0 })),
      generation: 1,
      accepted: 1,
      isRefreshing: false,
      refreshes: 0,
    },
    on: {
      LOCK: {
        guard: { type: 'isIdle', params: ({ event }) => event },
        actions: assign(({ context, event }) => locked(context, event.car)),
      },
      ANSWER: {
        guard: { type: 'isInFlight', params: ({ event }) => event },
        actions: assign(({ context, event }) => answered(context, event.car)),
      },
      EXPIRE: { guard: 'canExpire', actions: assign({ accepted: 2 }) },
      RENEW: { guard: 'isRefreshing', actions: assign(({ context }) => renewed(context)) },
    },
  });
}
