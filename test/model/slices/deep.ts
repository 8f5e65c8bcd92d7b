import { FORCED_READ, LOCK, NOTHING, READ, type Slice, UNLOCK } from '../slice.ts';

/** What takes more than a moment: messages that overtake each other, and more of everything. */
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
  name: 'two reads, asynchronous: one each of eight disturbances, all together',
  orders: twoReads,
  budgets: { expiry: 1, poison: 1, callFault: 1, refreshFault: 1, hang: 1, race: 1, renewal: 1, death: 1 },
};
export const ASYNCHRONOUS: readonly Slice[] = [everything];

const cars = ['kona', 'niro', 'soul'];
const queues: Slice = { ...slice, mode: 'cascade', through: 'vehicle', leavesOut: ['the account', 'the bridge'] };
const each = (...commands: readonly Slice['orders'][number]['command'][]): Slice['orders'] =>
  cars.flatMap((car) => commands.map((command) => ({ car, command })));

/** What `npm run test:deep` explores besides. */
export const DEEP: readonly Slice[] = [
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
    ...slice,
    name: 'three reads, asynchronous: one of eight disturbances',
    orders: threeReads,
    budgets: everything.budgets,
    atMost: 1,
  },
  {
    ...queues,
    name: 'three cars with two reads each, through their queues: an expiry or an outage',
    orders: each(READ, FORCED_READ),
    budgets: { expiry: 1, callFault: 1 },
    atMost: 1,
  },
  {
    ...queues,
    name: 'three cars with a read and a lock each, through their queues: an expiry',
    orders: each(READ, LOCK),
    budgets: { expiry: 1 },
  },
  {
    ...queues,
    name: 'three cars with a lock and an unlock each, through their queues: an expiry or an outage',
    orders: each(LOCK, UNLOCK),
    budgets: { expiry: 1, callFault: 1 },
    atMost: 1,
  },
];
