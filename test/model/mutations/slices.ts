import { LOCK, NOTHING, READ, type Slice, SMALL, UNLOCK } from '../slice.ts';

/** The small slices in which seeded bugs show. */
export const read = (car: string) => ({ car, command: READ });
export const expiries: Slice = {
  ...NOTHING,
  name: 'two reads, two expiries',
  orders: [read('kona'), read('niro')],
  budgets: { expiry: 2 },
};
export const hanging: Slice = { ...NOTHING, name: 'one read that hangs', orders: [read('kona')], budgets: { hang: 1 } };
export const narrow: Slice = {
  ...NOTHING,
  name: 'four reads at a breaker that opens at the first failure',
  settings: { ...SMALL, failureThreshold: 1 },
  orders: [read('kona'), read('niro'), read('soul'), read('ioniq')],
  budgets: { callFault: 2 },
};
export const late: Slice = {
  ...narrow,
  name: 'a report from before the breaker opened',
  budgets: { callFault: 1, race: 1 },
};
export const lost: Slice = {
  ...NOTHING,
  name: 'one lock whose answer is lost',
  orders: [{ car: 'kona', command: LOCK }],
  budgets: { lost: 1 },
};
export const doubted: Slice = {
  ...lost,
  name: 'one lock that is refused, and may have reached its car',
  budgets: { doubt: 1 },
};
export const shortLived: Slice = {
  ...NOTHING,
  name: 'one lock that is not wanted for long',
  orders: [{ car: 'kona', command: LOCK, expiresInMs: 1_000 }],
  budgets: { expiry: 1, race: 1 },
};
export const queue: Slice = {
  ...NOTHING,
  name: 'lock, unlock, lock, unlock for one car',
  through: 'vehicle',
  orders: [LOCK, UNLOCK, LOCK, UNLOCK].map((command) => ({ car: 'kona', command })),
  budgets: { death: 1 },
};

export const polled: Slice = {
  ...NOTHING,
  name: 'a read, behind a poll',
  through: 'vehicle',
  settings: { ...SMALL, pollIntervalMs: 1_800_000 },
  orders: [read('kona')],
  budgets: { poll: 1, expiry: 1 },
};

export const refusals: Slice = {
  ...NOTHING,
  name: 'two reads, and a car that is refused',
  orders: [read('kona'), read('niro')],
  budgets: { expiry: 1, spuriousRefusal: 1 },
};
export const restarts: Slice = {
  ...NOTHING,
  name: 'one read, asynchronous, and an actor that is started anew',
  mode: 'pair',
  through: 'vehicle',
  withAccount: true,
  orders: [read('kona')],
  budgets: { restart: 1 },
};
