import { startSimulator } from '../../src/io/simulator/simulator.ts';
import type { Timings } from '../../src/io/simulator/timings.ts';
import { benchAccounts, manyAccounts } from './cars.ts';
import { nowMs } from './clock.ts';

/** What `cloud-process.ts` is told on its command line, as JSON. */
export interface CloudOrder {
  readonly cars: number;
  /** The cars are spread over so many accounts (`loginOf`); absent: one, and one for the floor program. */
  readonly accounts?: number;
  readonly timings: Partial<Timings>;
  /** Whether to tell the bench of every control at the moment of its arrival. */
  readonly tellControls: boolean;
}

const DAY_MS = 86_400_000;
const LOG_ENTRIES = 200_000;
const FLOOR_DEVICE = 'floor-device';

/** The simulated cloud as a program. Ends at SIGTERM. */
const order = JSON.parse(process.argv[2] ?? '') as CloudOrder;
const simulator = await startSimulator({
  accounts: order.accounts === undefined ? benchAccounts(order.cars) : manyAccounts(order.accounts, order.cars),
  timings: order.timings,
  limits: { logEntries: LOG_ENTRIES },
});

// How long at least one call was in the cloud: what a client of no cost at all would still have waited.
let inside = 0;
let since = 0;
let busyMs = 0;
simulator.onCall((call) => {
  const now = nowMs();
  if (call.outcome === 'pending') {
    if (inside === 0) since = now;
    inside += 1;
    if (order.tellControls && call.kind.startsWith('control.')) {
      process.send?.({ tell: 'control', car: call.car, at: now });
    }
    return;
  }
  inside -= 1;
  if (inside === 0) busyMs += now - since;
});

const answers: Readonly<Record<string, () => unknown>> = {
  busyMs: () => busyMs + (inside > 0 ? nowMs() - since : 0),
  /** A token and a device, so that the floor program needs no login. */
  ticket: () => {
    const { cloud } = simulator;
    const owner = cloud.accounts[1];
    if (owner === undefined) throw new Error('There is no account for the floor.');
    cloud.devices.set(FLOOR_DEVICE, { id: FLOOR_DEVICE, valid: true });
    return { token: cloud.tokens.issue('access', owner, DAY_MS).value, deviceId: FLOOR_DEVICE };
  },
};
process.on('message', (message: { readonly id: number; readonly ask: string }) => {
  const answer = answers[message.ask];
  if (answer !== undefined) process.send?.({ id: message.id, answer: answer() });
});
process.send?.({ tell: 'ready', url: simulator.url });
