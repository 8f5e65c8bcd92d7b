import { FORCED_READ, LOCK, NOTHING, READ, type Slice, SMALL } from '../slice.ts';

/** Token, breaker and commands that begin at once: what an expired token, an outage or a lost answer does to them. */
const slice: Slice = {
  ...NOTHING,
  leavesOut: ['the vehicle and its queue', 'the account', 'confirming'],
};
const oneRead = [{ car: 'kona', command: READ }];
const twoReads = [...oneRead, { car: 'niro', command: READ }];
const threeReads = [...twoReads, { car: 'soul', command: READ }];

export const COMMANDS: readonly Slice[] = [
  {
    ...slice,
    name: 'one read, and almost everything that can happen',
    orders: oneRead,
    budgets: { expiry: 1, spuriousRefusal: 1, poison: 1, callFault: 1, refreshFault: 1, hang: 1, race: 1, renewal: 1 },
  },
  {
    ...slice,
    name: 'one read at the first start',
    fromStart: true,
    orders: oneRead,
    budgets: {
      expiry: 1,
      poison: 1,
      refreshFault: 1,
      grantRefused: 1,
      credentials: 1,
      crash: 1,
      timeout: 1,
      refusal: 1,
    },
  },
  {
    ...slice,
    name: 'two reads, two expiries, and faults',
    orders: twoReads,
    budgets: { expiry: 2, poison: 1, callFault: 2, refreshFault: 1, hang: 1 },
  },
  {
    ...slice,
    name: 'two reads that race with their deadlines',
    orders: twoReads,
    budgets: { expiry: 2, race: 1, callFault: 1, death: 1 },
  },
  {
    ...slice,
    name: 'three reads, two expiries, and two faults',
    orders: threeReads,
    budgets: { expiry: 2, callFault: 1, refreshFault: 1 },
  },
  {
    ...slice,
    name: 'two reads, and more refused tokens than visits',
    settings: { ...SMALL, visitLimit: 2 },
    orders: twoReads,
    budgets: { expiry: 2, poison: 2, spuriousRefusal: 1, loginBudget: 1, renewal: 1 },
  },
  {
    ...slice,
    name: 'two reads, asynchronous: expiry, outage, failed refresh',
    mode: 'pair',
    orders: twoReads,
    budgets: { expiry: 1, callFault: 1, refreshFault: 1 },
  },
  {
    ...slice,
    name: 'one read, asynchronous: a renewal that meets an expiry and fails',
    mode: 'pair',
    orders: oneRead,
    budgets: { expiry: 1, renewal: 2, refreshFault: 1, spuriousRefusal: 1 },
  },
];

/** With room for one call at a time, and a breaker that opens at the first failure. */
const narrow: Slice = {
  ...slice,
  leavesOut: ['the vehicle and its queue', 'how the account finds its cars', 'confirming'],
  settings: { ...SMALL, failureThreshold: 1, callsInFlight: 1 },
  withAccount: true,
};
export const BREAKER_SLICES: readonly Slice[] = [
  {
    ...narrow,
    name: 'reads and a forced read in line at a narrow breaker',
    orders: [...twoReads, { car: 'soul', command: FORCED_READ }],
    budgets: { expiry: 1, callFault: 1, race: 1 },
  },
  {
    ...narrow,
    name: 'a late report, a probe, and a line behind it',
    settings: { ...SMALL, failureThreshold: 1 },
    orders: threeReads,
    budgets: { callFault: 2, expiry: 1 },
  },
  {
    ...narrow,
    name: 'two reads at a narrow breaker, asynchronous',
    mode: 'pair',
    orders: twoReads,
    budgets: { expiry: 1, callFault: 1 },
  },
];

export const REGISTRATIONS: readonly Slice[] = [
  {
    ...narrow,
    name: 'two reads of a cloud that forgets our device, at a narrow breaker',
    orders: twoReads,
    budgets: { device: 2, callFault: 1, hang: 1 },
  },
  {
    ...slice,
    name: 'two reads of a cloud that forgets our device, asynchronous',
    mode: 'pair',
    orders: twoReads,
    budgets: { device: 2, expiry: 1 },
  },
];

export const CONFIRMING: readonly Slice[] = [
  {
    ...slice,
    name: 'one lock until it is confirmed, and almost everything that can happen',
    leavesOut: ['the vehicle and its queue', 'the account', 'more than one look at the record'],
    orders: [{ car: 'kona', command: LOCK }],
    budgets: { expiry: 1, lost: 1, word: 1, stale: 1, busy: 1, race: 1, hang: 1 },
  },
  {
    ...slice,
    name: 'one lock, and calls that fail',
    leavesOut: ['the vehicle and its queue', 'the account', 'more than one look at the record'],
    orders: [{ car: 'kona', command: LOCK }],
    budgets: { expiry: 2, callFault: 1, refreshFault: 1, crash: 1, refusal: 1, timeout: 1, death: 1 },
  },
  {
    ...slice,
    name: 'one lock, and a cloud that forgets our device',
    leavesOut: ['the vehicle and its queue', 'the account', 'more than one look at the record'],
    orders: [{ car: 'kona', command: LOCK }],
    budgets: { device: 3, expiry: 1, callFault: 1, crash: 1, race: 1 },
  },
  {
    ...slice,
    name: 'one lock, refused in a way that leaves open whether the car has it',
    leavesOut: ['the vehicle and its queue', 'the account', 'more than one look at the record'],
    orders: [{ car: 'kona', command: LOCK }],
    budgets: { doubt: 1, expiry: 1, busy: 1, device: 1, word: 1 },
  },
  {
    ...slice,
    name: 'one lock that is not wanted for long',
    mode: 'pair',
    leavesOut: ['the vehicle and its queue', 'the account', 'more than one look at the record'],
    orders: [{ car: 'kona', command: LOCK, expiresInMs: 1_000 }],
    budgets: { expiry: 1, busy: 1, device: 1, lost: 1, doubt: 1, hang: 1, race: 1 },
    atMost: 3,
  },
  {
    ...slice,
    name: 'a lock and a read, a fresh token that is refused, and a deadline that races',
    leavesOut: ['the vehicle and its queue', 'the account'],
    orders: [
      { car: 'kona', command: LOCK },
      { car: 'niro', command: READ },
    ],
    budgets: { expiry: 1, poison: 1, race: 1 },
  },
  {
    ...slice,
    name: 'one lock, asynchronous',
    mode: 'pair',
    leavesOut: ['the vehicle and its queue', 'the account'],
    orders: [{ car: 'kona', command: LOCK, expiresInMs: 1_000 }],
    budgets: { expiry: 1, lost: 1, race: 1, spuriousRefusal: 1 },
  },
];
