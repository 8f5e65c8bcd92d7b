import { assign, fromPromise } from 'xstate';
import type { CallOutcome } from '../machines/domain/outcome.ts';
import { type Renewal, renewalMs, retryMs } from '../machines/token.glossary.ts';
import { tokenMachine } from '../machines/token.machine.ts';
import { logEffect, type Surroundings, sendEffect } from './effects.ts';
import type { CloudPort, SessionOutcome } from './ports.ts';

/** So that accounts that began together do not renew together. */
const JITTER = 0.1;

/** The token of one account, with its calls to the cloud. An aborted call is ended; its outcome is heard by nobody. */
export function createToken(cloud: CloudPort, surroundings: Surroundings) {
  const { clock, randomness } = surroundings;
  const timed = async (outcome: Promise<SessionOutcome>): Promise<Renewal> => {
    const begunAt = clock.elapsed();
    return { ...(await outcome), tookMs: Math.round(clock.elapsed() - begunAt) };
  };
  return tokenMachine.provide({
    actions: {
      send: sendEffect(surroundings),
      log: logEffect(surroundings),
      dateFailure: assign({ failedAt: () => clock.now() }),
    },
    actors: {
      renewSession: fromPromise<Renewal, { readonly start: boolean }>(({ input, signal }) =>
        timed(input.start ? cloud.startSession(signal) : cloud.refreshSession(signal)),
      ),
      logIn: fromPromise<Renewal>(({ signal }) => timed(cloud.login(signal))),
      readList: createListReader(cloud),
    },
    delays: {
      renewal: ({ context }) => Math.floor(renewalMs(context) * (1 - JITTER * randomness.random())),
      retry: ({ context }) => Math.floor(retryMs(context) * (1 - JITTER * randomness.random())),
    },
  });
}

/** One read of the vehicle list that belongs to no command: a verification, or the probe. */
export function createListReader(cloud: CloudPort) {
  return fromPromise<CallOutcome>(({ signal }) =>
    cloud.call({ type: 'list' }, { signal, commandId: null, attempt: 1, purpose: 'needed' }),
  );
}
