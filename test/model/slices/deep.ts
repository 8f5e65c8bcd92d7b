import { FORCED_READ, LOCK, NOTHING, READ, type Slice } from '../slice.ts';

/** What `npm run test:deep` explores besides: messages that overtake each other, and more of everything. */
const slice: Slice = {
  ...NOTHING,
  mode: 'pair',
  leavesOut: ['the vehicle and its queue', 'the account', 'confirming'],
};
const twoReads = [
  { car: 'kona', command: READ },
  { car: 'niro', command: READ },
];
const threeReads = [...twoReads, { car: 'soul', command: READ }];

/** Two cars, and one each of everything that can go wrong in this slice. */
const everything: Slice = {
  ...slice,
  name: 'two reads, asynchronous: one each of eight disturbances',
  orders: twoReads,
  budgets: { expiry: 1, poison: 1, callFault: 1, refreshFault: 1, hang: 1, race: 1, renewal: 1, death: 1 },
};
export const ASYNCHRONOUS: readonly Slice[] = [{ ...everything, name: `${everything.name}, two at a time`, atMost: 2 }];

const cars = ['kona', 'niro', 'soul'];
const queues: Slice = { ...slice, mode: 'cascade', through: 'vehicle', leavesOut: ['the account', 'the bridge'] };
export const DEEP: readonly Slice[] = [
  { ...everything, name: `${everything.name}, four at a time`, atMost: 4 },
  {
    ...slice,
    name: 'three reads, asynchronous: expiry, outage, failed refresh',
    orders: threeReads,
    budgets: { expiry: 1, callFault: 1, refreshFault: 1 },
  },
  {
    ...slice,
    name: 'three reads, asynchronous: expiry, a fresh token that is refused',
    orders: threeReads,
    budgets: { expiry: 1, poison: 1 },
  },
  {
    ...queues,
    name: 'three cars with two reads each, through their queues, and an outage',
    orders: cars.flatMap((car) => [
      { car, command: READ },
      { car, command: FORCED_READ },
    ]),
    budgets: { callFault: 1 },
  },
  {
    ...queues,
    name: 'three cars with a read and a lock each, through their queues',
    orders: cars.flatMap((car) => [
      { car, command: READ },
      { car, command: LOCK },
    ]),
    budgets: {},
  },
];
