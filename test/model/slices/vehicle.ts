import { FORCED_READ, LOCK, NOTHING, READ, type Slice, SMALL, UNLOCK } from '../slice.ts';

/** A car with its queue of controls and its reads, on top of token, breaker and commands. */
const slice: Slice = {
  ...NOTHING,
  leavesOut: ['the account', 'other cars', 'the bridge'],
  through: 'vehicle',
};
const controls = [
  { car: 'kona', command: LOCK },
  { car: 'kona', command: UNLOCK },
  { car: 'kona', command: LOCK },
];
const reads = [
  { car: 'kona', command: READ },
  { car: 'kona', command: FORCED_READ },
  { car: 'kona', command: READ },
];

const POLLING = { ...SMALL, pollIntervalMs: 1_800_000 };

export const VEHICLE: readonly Slice[] = [
  {
    ...slice,
    name: 'lock, unlock, lock for one car',
    orders: controls,
    budgets: { expiry: 1, lost: 1 },
  },
  {
    ...slice,
    name: 'lock, unlock, lock for one car that is shut down',
    orders: controls,
    budgets: { shutdown: 1, hang: 1, death: 1 },
  },
  {
    ...slice,
    name: 'lock, lock, unlock, lock in a queue of one',
    settings: { ...SMALL, queueLimit: 1, joinLimit: 2 },
    orders: [{ car: 'kona', command: LOCK }, ...controls],
    budgets: { callFault: 1 },
  },
  {
    ...slice,
    name: 'reads of two kinds and a lock for one car',
    orders: [...reads, { car: 'kona', command: LOCK }],
    budgets: { callFault: 1, death: 1 },
  },
  {
    ...slice,
    name: 'lock, unlock, lock for one car, asynchronous',
    mode: 'pair',
    orders: controls,
    budgets: {},
  },
  {
    ...slice,
    name: 'reads that are wanted for different times, behind polls',
    settings: POLLING,
    orders: [
      { car: 'kona', command: READ, expiresInMs: 1_000 },
      { car: 'kona', command: READ },
      { car: 'kona', command: READ, expiresInMs: 2_000 },
    ],
    budgets: { poll: 1, race: 2, expiry: 1, callFault: 1, death: 1 },
    atMost: 3,
  },
  {
    ...slice,
    name: 'a read that is wanted for a short time, behind a poll, asynchronous',
    mode: 'pair',
    settings: POLLING,
    orders: [{ car: 'kona', command: READ, expiresInMs: 1_000 }],
    budgets: { poll: 1, race: 1, expiry: 1, hang: 1 },
    atMost: 2,
  },
];

/** The token or the breaker dies, and the account starts it anew. */
const supervised: Slice = {
  ...slice,
  leavesOut: ['how the account finds its cars', 'a refresh of a dead token that goes on in the gateway', 'the bridge'],
  withAccount: true,
};
export const RESTARTS: readonly Slice[] = [
  {
    ...supervised,
    name: 'two reads, and the token or the breaker dies twice',
    settings: { ...SMALL, failureThreshold: 1 },
    orders: [
      { car: 'kona', command: READ },
      { car: 'niro', command: READ },
    ],
    budgets: { restart: 2, expiry: 1, callFault: 1 },
  },
  {
    ...supervised,
    name: 'a lock, a read, and the token or the breaker dies',
    orders: [
      { car: 'kona', command: LOCK },
      { car: 'niro', command: READ },
    ],
    budgets: { restart: 1, expiry: 1, poison: 1 },
  },
  {
    ...supervised,
    name: 'a lock, a read, and whoever dies stays down',
    settings: { ...SMALL, restartLimit: 0 },
    orders: [
      { car: 'kona', command: LOCK },
      { car: 'niro', command: READ },
    ],
    budgets: { restart: 1, carDeath: 1, expiry: 1 },
  },
  {
    ...supervised,
    name: 'the first start: list, first read, one lock',
    leavesOut: ['the bridge', 'terminal failures of the login'],
    fromStart: true,
    readAtStart: true,
    orders: [{ car: 'kona', command: LOCK }],
    budgets: { expiry: 1, callFault: 1, refreshFault: 1, death: 1 },
  },
  {
    ...supervised,
    name: 'the first start, and whoever dies stays down',
    leavesOut: ['the bridge', 'terminal failures of the login'],
    settings: { ...SMALL, restartLimit: 0 },
    fromStart: true,
    orders: [{ car: 'kona', command: LOCK }],
    budgets: { restart: 1, callFault: 1, refreshFault: 1, death: 1 },
  },
];
