import type { Birth } from '../machines/vehicle.glossary.ts';
import { vehicleMachine } from '../machines/vehicle.machine.ts';
import { pollMs } from '../machines/vehicle.reads.ts';
import type { createCommand } from './command.ts';
import { buryEffect, logEffect, type Surroundings, sendEffect, spawnEffect } from './effects.ts';

/** So that cars that were read together are not polled together. */
const JITTER = 0.1;

/** The cars of one account. Their commands live under them. */
export function createVehicle(command: ReturnType<typeof createCommand>, surroundings: Surroundings) {
  const nameOf = (n: number) => `command/${n}`;
  return vehicleMachine.provide({
    actions: {
      send: sendEffect(surroundings),
      log: logEffect(surroundings),
      spawn: spawnEffect<Birth>(({ n, input }) => ({ id: nameOf(n), logic: command, input })),
      bury: buryEffect(nameOf),
    },
    delays: {
      pollInterval: ({ context }) => Math.floor(pollMs(context) * (1 - JITTER * surroundings.randomness.random())),
    },
  });
}
