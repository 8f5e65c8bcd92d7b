import type { AccountStatus, ProtocolEvent } from '../../machines/domain/events.ts';
import { vehicleAddress } from '../addresses.ts';
import type { Clock, Randomness } from '../ports.ts';
import type { Directory } from './directory.ts';
import type { Ledger } from './ledger.ts';
import type { Publisher } from './publisher.ts';

/** What `bridge/request/{verb}` needs. None of the verbs logs in, shows a secret or changes a setting. */
export interface Requests {
  readonly publisher: Publisher;
  readonly directory: Directory;
  readonly ledger: Ledger;
  readonly accounts: Map<string, AccountStatus>;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** ms by `Clock.elapsed`. */
  readonly startedAt: number;
  readonly version: string;
  /** Verbs that only the demo has, each with what it says when it is done. */
  readonly extra: Readonly<Record<string, () => Promise<string>>>;
}

type Deliver = (address: string, event: ProtocolEvent) => boolean;

export function answerRequest(verb: string, requests: Requests, deliver: Deliver): void {
  const { publisher, extra } = requests;
  const own = Object.hasOwn(extra, verb) ? extra[verb] : undefined;
  if (own !== undefined) {
    own().then(
      (message) => publisher.respond(verb, { status: 'ok', message }),
      () => publisher.respond(verb, { status: 'error', message: 'It could not be done.' }),
    );
    return;
  }
  switch (verb) {
    case 'health': {
      const health = healthOf(requests);
      publisher.health(health);
      publisher.respond(verb, { status: 'ok', ...health });
      return;
    }
    case 'refresh_accounts':
      publisher.respond(verb, { status: 'ok', cars: refreshAll(requests, deliver) });
      return;
    default:
      // The verb is a stranger's text: it must not choose the topic that we write to.
      publisher.respond('unknown', { status: 'error', message: 'There is no such request.' });
  }
}

/** One cached read of every car. @returns how many were asked for. */
function refreshAll({ directory, clock, randomness }: Requests, deliver: Deliver): number {
  const asked = directory.all().filter(({ account, car }) =>
    deliver(vehicleAddress(account, car.id), {
      type: 'COMMAND',
      id: randomness.id(),
      command: { name: 'refresh', mode: 'cached', maxAgeS: null },
      receivedAt: clock.now(),
      expiresInMs: null,
    }),
  );
  return asked.length;
}

function healthOf({ accounts, clock, startedAt, version, directory, ledger }: Requests) {
  return {
    version,
    uptime_s: Math.floor((clock.elapsed() - startedAt) / 1000),
    cars: directory.all().length,
    commands_open: ledger.openCount,
    accounts: Object.fromEntries(
      [...accounts].map(([name, { token, breaker }]) => [name, { token: token.state, breaker: breaker.state }]),
    ),
  };
}
