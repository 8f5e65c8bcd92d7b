import { fromPromise } from 'xstate';
import { commandMachine } from '../machines/command.machine.ts';
import type { CallRequest, RegistrationRequest } from '../machines/command.setup.ts';
import type { CallOutcome, RegistrationOutcome } from '../machines/domain/outcome.ts';
import { logEffect, type Surroundings, sendEffect } from './effects.ts';
import type { CloudPort } from './ports.ts';

/** The commands of one account. A call is aborted when its state is left. */
export function createCommand(cloud: CloudPort, surroundings: Surroundings) {
  return commandMachine.provide({
    actions: { send: sendEffect(surroundings), log: logEffect(surroundings) },
    actors: {
      callCloud: fromPromise<CallOutcome, CallRequest>(({ input, signal }) => {
        const { call, commandId, attempt, purpose } = input;
        return cloud.call(call, { signal, commandId, attempt, purpose });
      }),
      registerDevice: fromPromise<RegistrationOutcome, RegistrationRequest>(({ input, signal }) =>
        cloud.registerDevice(input.device, signal),
      ),
    },
  });
}
