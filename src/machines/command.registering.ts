import * as calls from './command.calls.ts';
import * as words from './command.glossary.ts';
import { send, update } from './story.ts';

/** How a registration ends: transitions as the story that it stands in writes them. */
interface Ways<Unpermitted, Denied, Refused, Crashed, Hung, LateWaiting, LateCalling> {
  /** Registered: the state in which what was refused is asked once more. */
  readonly again: string;
  readonly unpermitted: Unpermitted;
  readonly denied: Denied;
  readonly refused: Refused;
  readonly crashed: Crashed;
  readonly hung: Hung;
  /** The story's own deadline, by its event: while a permit is waited for, and during the call. */
  readonly overTime: { readonly awaitingPermit: LateWaiting; readonly registering: LateCalling };
}

/**
 * The cloud knows our device no more: it is registered again, under a permit of its own. The same for a command's call and
 * for a look at what became of it; only the ways out differ.
 */
export const registering = <U, D extends object, R, C, H, W extends object, X extends object>(
  ways: Ways<U, D, R, C, H, W, X>,
) =>
  ({
    initial: 'awaitingPermit',
    states: {
      awaitingPermit: {
        entry: [update(words.countAsk), send(calls.requestRegistrationPermit)],
        after: { permitWait: ways.unpermitted },
        on: {
          PERMIT_GRANTED: {
            guard: { type: 'isOurs', params: words.answered },
            target: 'registering',
            actions: update(words.storeLookPermit),
          },
          PERMIT_DENIED: {
            guard: { type: 'isOurs', params: words.answered },
            ...ways.denied,
          },
          BREAKER_RESTARTED: { target: 'awaitingPermit', reenter: true, actions: send(words.cancelPermit) },
          ...ways.overTime.awaitingPermit,
        },
      },
      registering: {
        invoke: {
          src: 'registerDevice',
          input: calls.theDevice,
          onDone: { actions: calls.registered },
          onError: ways.crashed,
        },
        after: { registrationDeadline: ways.hung },
        on: {
          REGISTRATION_ENDED: [
            {
              guard: { type: 'hasRegistered', params: calls.hasRegistered },
              target: ways.again,
              actions: send(calls.reportRegistration),
            },
            ways.refused,
          ],
          ...ways.overTime.registering,
        },
      },
    },
  }) as const;
