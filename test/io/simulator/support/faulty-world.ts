import type { FaultInput } from '../../../../src/io/simulator/faults/schema.ts';
import { PlainClient } from './plain-client.ts';
import { CAR, simulators } from './world.ts';

export const LIST = '/api/v1/spa/vehicles';
/** A path of a car. */
export const at = (rest: string, car = CAR.id) => `/api/v1/spa/vehicles/${car}/${rest}`;

/** Makes simulators with faults, each with a client that has logged in before they began. */
export function faultyWorlds() {
  const start = simulators();
  const world = async (...faults: FaultInput[]) => {
    const sim = await start();
    const client = await PlainClient.ready(sim.url);
    for (const fault of faults) sim.faults.add(fault);
    return { sim, client };
  };
  return { start, world };
}
