import { Explorer, SUITES } from '../../test/model/suites.ts';
import { listenToALife } from './life.ts';
import type { Traffic } from './traffic.ts';

/** Explores the machines and runs the actors once, and writes down who said what to whom. Takes a minute. */
export async function observedTraffic(): Promise<Traffic> {
  const explorer = new Explorer();
  for (const slice of Object.values(SUITES).flat()) explorer.explore(slice);
  explorer.exploreClosing();
  await listenToALife(explorer.ear);
  return explorer.ear.traffic();
}
