import type { VehicleContext } from '../../../src/machines/vehicle.glossary.ts';
import { shortName } from '../addresses.ts';
import { contextOf, type Invariant } from './kit.ts';

/** Looked at when all messages have arrived: it has been told then. */
export const askedFirst: Invariant = {
  name: 'askedFirst',
  promise: 'What somebody asked for does not wait behind a read of the daemon whose call has not begun.',
  onState: ({ actors, channels }) => {
    if (channels.length > 0) return null;
    for (const [address, local] of actors) {
      if (local.kind !== 'vehicle' || local.done) continue;
      const { running, waiting } = contextOf<VehicleContext>(local).cached;
      if (running === null || running.wishes.some(({ id }) => id !== null)) continue;
      const isBehind = waiting?.wishes.some(({ id }) => id !== null) === true;
      const own = actors.get(`${address}/command/${running.n}`);
      if (isBehind && own !== undefined && !own.done && own.value !== 'calling') {
        return `${shortName(address)} lets a sender's read wait for its own, which is ${own.value}.`;
      }
    }
    return null;
  },
};
