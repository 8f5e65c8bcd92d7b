import { FORCED_READ, HORN, LOCK, NOTHING, READ, type Slice, SMALL, UNLOCK } from '../slice.ts';

/** What seldom happens, in slices that are small enough to have it happen at every moment. */
const slice: Slice = { ...NOTHING, leavesOut: ['the vehicle and its queue', 'the account'] };
const oneRead = [{ car: 'kona', command: READ }];
const twoReads = [...oneRead, { car: 'niro', command: READ }];
const threeReads = [...twoReads, { car: 'soul', command: READ }];
const lockAndRead = [
  { car: 'kona', command: LOCK },
  { car: 'niro', command: READ },
];
const narrow: Slice = {
  ...slice,
  leavesOut: ['the vehicle and its queue', 'how the account finds its cars'],
  settings: { ...SMALL, failureThreshold: 1, callsInFlight: 1 },
  withAccount: true,
};

export const RARE: readonly Slice[] = [
  {
    ...slice,
    name: 'two reads, and somebody who logs in beside the daemon',
    orders: twoReads,
    budgets: { login: 1, expiry: 1, poison: 1, refreshFault: 1, renewal: 1 },
  },
  {
    ...slice,
    name: 'three reads, and room for one at the token and in the line',
    settings: { ...SMALL, waiterLimit: 1, lineLimit: 1, callsInFlight: 1 },
    orders: threeReads,
    budgets: { expiry: 1, poison: 1, spuriousRefusal: 1 },
  },
  {
    ...slice,
    name: 'one read, two visits: answered refusals and visits that are forgotten',
    settings: { ...SMALL, visitLimit: 2 },
    orders: oneRead,
    budgets: { expiry: 2, grantRefused: 2, loginBudget: 2, forget: 1 },
  },
  {
    ...slice,
    name: 'one read, and a session whose grant is refused when it is renewed',
    orders: oneRead,
    budgets: { renewal: 2, grantRefused: 2, expiry: 1, loginBudget: 1, refreshFault: 1 },
  },
  {
    ...narrow,
    name: 'two reads at a narrow breaker, and a fresh token that is refused',
    orders: twoReads,
    through: 'vehicle',
    budgets: { expiry: 1, poison: 1, callFault: 1, restart: 1 },
  },
  {
    ...narrow,
    name: 'two reads, and reports that a bug has lost',
    orders: twoReads,
    budgets: { lostReport: 2, callFault: 1 },
  },
  {
    ...narrow,
    name: 'two reads, a breaker that opens while a call is under way',
    settings: { ...SMALL, failureThreshold: 1 },
    orders: threeReads,
    budgets: { callFault: 2, race: 1, crash: 1 },
  },
  {
    ...narrow,
    name: 'two reads in line behind a probe, asynchronous',
    mode: 'pair',
    orders: twoReads,
    budgets: { callFault: 2, race: 1 },
  },
  {
    ...slice,
    name: 'a read and a lock, and a token that forgets what was refused',
    orders: lockAndRead,
    budgets: { expiry: 1, spuriousRefusal: 1, misanswer: 1 },
  },
  {
    ...slice,
    name: 'a horn, without a record, and a car that is asked itself and sleeps',
    orders: [
      { car: 'kona', command: HORN },
      { car: 'niro', command: FORCED_READ },
    ],
    budgets: { word: 1, asleep: 1, stale: 1, lost: 1 },
  },
  {
    ...narrow,
    name: 'a lock and a read, and actors that die while it is confirmed',
    settings: { ...SMALL, failureThreshold: 1 },
    orders: lockAndRead,
    through: 'vehicle',
    budgets: { restart: 1, expiry: 1, race: 1 },
    atMost: 3,
  },
  {
    ...narrow,
    name: 'a lock and a read at a narrow breaker, and a cloud that forgets our device',
    orders: lockAndRead,
    through: 'vehicle',
    budgets: { device: 1, restart: 1, race: 1, callFault: 1 },
    atMost: 3,
  },
];

/** Cars with their queues, under an account that starts them anew. */
const cars: Slice = {
  ...NOTHING,
  leavesOut: ['how the account finds its cars', 'the bridge'],
  through: 'vehicle',
  withAccount: true,
};
const SENT = { calls: 1, joined: [] };
export const CARS: readonly Slice[] = [
  {
    ...cars,
    name: 'a lock and a read of two cars: one hangs, throws or dies',
    orders: lockAndRead,
    budgets: { hang: 1, crash: 1, death: 1, carDeath: 1 },
  },
  {
    ...cars,
    name: 'a lock and two reads, and the daemon closes',
    settings: { ...SMALL, callsInFlight: 1 },
    orders: [...lockAndRead, { car: 'niro', command: FORCED_READ }],
    budgets: { shutdown: 1, expiry: 1, hang: 1 },
  },
  {
    ...cars,
    name: 'two locks that an earlier run of the daemon has sent',
    orders: [
      { car: 'kona', command: LOCK, resume: { kind: 'confirm', actionId: 'action', acceptedAt: 0, ...SENT } },
      { car: 'kona', command: LOCK, resume: { kind: 'decide', sentAt: 0, ...SENT } },
    ],
    budgets: { shutdown: 1, expiry: 1, race: 1, word: 1 },
    atMost: 2,
  },
  {
    ...cars,
    name: 'a read and polls',
    settings: { ...SMALL, pollIntervalMs: 1_800_000 },
    orders: [
      { car: 'kona', command: READ },
      { car: 'kona', command: FORCED_READ },
    ],
    budgets: { poll: 2, callFault: 1, expiry: 1, stale: 1 },
  },
  {
    ...cars,
    name: 'a lock and an unlock, and a memory of the cloud that lags',
    orders: [
      { car: 'kona', command: LOCK },
      { car: 'kona', command: UNLOCK },
    ],
    budgets: { stale: 2, callFault: 1, race: 1, shutdown: 1 },
    atMost: 3,
  },
  {
    ...cars,
    name: 'an unlock and a horn, and a memory of the cloud that lags',
    orders: [
      { car: 'kona', command: UNLOCK },
      { car: 'kona', command: HORN },
    ],
    budgets: { stale: 2, busy: 1, race: 1 },
    atMost: 3,
  },
  {
    ...cars,
    name: 'the first start, at a breaker that opens at once',
    leavesOut: ['the bridge'],
    settings: { ...SMALL, failureThreshold: 1 },
    fromStart: true,
    orders: oneRead,
    budgets: { callFault: 1, refreshFault: 1, crash: 1, restart: 1, forget: 1 },
  },
];
