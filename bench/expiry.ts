import { carId } from './support/cars.ts';
import { type Round, runRound } from './support/expiry-round.ts';
import { Report } from './support/report.ts';
import { Teardown } from './support/teardown.ts';
import type { Sent } from './support/verdicts.ts';

/**
 * Many commands at once, and every token taken back at the server while the daemon's clock still trusts it: exactly one
 * refresh, at most two calls per command, all succeeded. The daemon runs with its default settings; a daemon, a cloud and
 * a broker of their own for every round.
 */

/** No two of them replace each other while they wait. */
const MIXED: readonly (readonly [string, Sent['payload']])[] = [
  ['refresh', { action: 'cached' }],
  ['refresh', { action: 'force' }],
  ['lock', { action: 'lock' }],
  ['climate', { action: 'start_climate', set_temp: 21, duration: 10 }],
  ['charge', { action: 'stop' }],
  ['charge_port', { action: 'open' }],
  ['charge_limits', { ac: 80, dc: 90 }],
  ['windows', { front_left: 0, front_right: 0, back_left: 0, back_right: 0 }],
  ['hazard_lights', { action: 'on' }],
  ['horn', { action: 'on' }],
];

function command(car: number, name: string, payload: Sent['payload'], nth = 0): Sent {
  return { id: `${carId(car)}-${name}-${nth}`, car: carId(car), name, payload };
}

function times<T>(count: number, make: (n: number) => T): readonly T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}

const ROUNDS: readonly Round[] = [
  ...[10, 100, 1_000].map((cars) => ({
    name: `${cars} cars, one lock each`,
    cars,
    commands: times(cars, (n) => command(n, 'lock', { action: 'lock' })),
  })),
  {
    name: '10 cars, 10 different reads and controls each',
    cars: 10,
    commands: times(10, (n) => MIXED.map(([name, payload], nth) => command(n, name, payload, nth))).flat(),
  },
  {
    name: '1000 locks on one car',
    cars: 1,
    commands: times(1_000, (n) => ({ id: `crowd-${n}`, car: carId(0), name: 'lock', payload: { action: 'lock' } })),
    isCrowd: true,
  },
];

const only = process.argv[2];
const report = new Report('expiry');
for (const round of ROUNDS) {
  if (only !== undefined && !round.name.includes(only)) continue;
  const teardown = new Teardown();
  try {
    await runRound(round, report, teardown);
  } catch (error) {
    report.judge(`${round.name}: it comes to an end`, false, { error: String(error) });
  } finally {
    await teardown.run();
  }
}
report.finish();
