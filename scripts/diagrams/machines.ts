import type { AnyStateMachine } from 'xstate';
import { accountMachine } from '../../src/machines/account.machine.ts';
import { breakerMachine } from '../../src/machines/breaker.machine.ts';
import { bridgeMachine } from '../../src/machines/bridge.machine.ts';
import { commandMachine } from '../../src/machines/command.machine.ts';
import { fleetMachine } from '../../src/machines/fleet.machine.ts';
import { tokenMachine } from '../../src/machines/token.machine.ts';
import { vehicleMachine } from '../../src/machines/vehicle.machine.ts';

/** Every statechart of the system, in the order in which a reader meets them. */
export const MACHINES: readonly AnyStateMachine[] = [
  tokenMachine,
  breakerMachine,
  commandMachine,
  vehicleMachine,
  accountMachine,
  fleetMachine,
  bridgeMachine,
];
